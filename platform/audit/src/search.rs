//! Search in the histories of an organization. Values that are sealed are shown to whom they concern, but a text is not looked
//! for in them.

use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, Utc};
use platform_core::{Cx, Doc, Method, Operation, Permit, Problem, Reply, Request};
use platform_documents::{CsvOptions, write_csv};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

pub(crate) const PAGE: &str = "SELECT h.id, h.at, h.actor_id, h.actor_name, h.on_behalf_of, h.verb, h.resource, h.record_id,
        h.request_id, h.changes, c.seq, c.hash
    FROM platform.history h
    LEFT JOIN platform.audit_chain c ON c.organization_id = $1 AND c.history_id = h.id
    WHERE h.organization_id = $1 AND h.id < $2
        AND ($3::uuid IS NULL OR h.actor_id = $3) AND ($4::text IS NULL OR h.verb = $4)
        AND ($5::text IS NULL OR h.resource = $5) AND ($6::uuid IS NULL OR h.record_id = $6)
        AND ($7::timestamptz IS NULL OR h.at >= $7) AND ($8::timestamptz IS NULL OR h.at < $8)
        AND ($9::text IS NULL OR strpos(lower(concat_ws(' ', h.actor_name, h.request_id, h.changes::text)), lower($9)) > 0)
    ORDER BY h.id DESC LIMIT $10";

/// Most entries of a page, and how many there are when nothing is said.
const MOST: i64 = 100;
const USUAL: i64 = 50;
/// Most entries of a file.
const FILE: usize = 50_000;

/// What is looked for; what is absent does not count.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// User id of who acted.
    actor: Option<Uuid>,
    /// As `create`, `update`, `delete` or the name of an action.
    verb: Option<String>,
    /// As `fleet.vehicles`.
    resource: Option<String>,
    /// Id of the record.
    record: Option<Uuid>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    to: Option<DateTime<Utc>>,
    /// Anywhere in the values, the actor's name or the request's id.
    text: Option<String>,
    /// 1 to 100.
    limit: Option<i64>,
    /// The page mark of the page before.
    after: Option<Uuid>,
    /// Of a file; a page does not look at it.
    format: Option<Format>,
}

/// How a file is written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// A line for each field that changed, for people.
    #[default]
    Csv,
    /// A line for each entry, as a page has it, for programs.
    Ndjson,
}

#[derive(Serialize, JsonSchema)]
struct Actor {
    id: Option<Uuid>,
    name: Option<String>,
}

/// One thing that happened.
#[derive(Serialize, JsonSchema)]
struct Entry {
    id: Uuid,
    at: DateTime<Utc>,
    actor: Actor,
    /// For whom the actor did it, when not for himself.
    on_behalf_of: Option<Uuid>,
    verb: String,
    resource: String,
    record_id: Uuid,
    request_id: Option<String>,
    /// By field, its value before and after.
    changes: Map<String, Json>,
    /// Its number in the chain.
    seq: Option<i64>,
    /// Its hash in the chain.
    hash: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Page {
    data: Vec<Entry>,
    next: Option<Uuid>,
}

pub(crate) fn operations() -> Vec<Operation> {
    let list = Operation::get(
        "/audit",
        "audit.list",
        Permit::needs("audit.read"),
        |cx, search: Search| Box::pin(list(cx, search)),
    )
    .summary("What happened in the organization, newest first");
    let mut export = Operation::raw(
        Method::Get,
        "/audit/export",
        "audit.export",
        Permit::needs("audit.read"),
        |cx, request| Box::pin(export(cx, request)),
    );
    export.doc = Doc {
        summary:
            "The same as a file: CSV with a line for each field that changed, or NDJSON with a line for each entry"
                .into(),
        tag: "audit".into(),
        query: list.doc.query.clone(),
        answer: Some((200, "text/csv", json!({"type": "string", "format": "binary"}))),
        ..Doc::default()
    };
    vec![list, export]
}

/// One page, as the caller may see it.
async fn page(cx: &mut Cx, search: &Search, most: i64) -> Result<Vec<Entry>, Problem> {
    let rows = sqlx::query(PAGE)
        .bind(cx.organization_id)
        .bind(search.after.unwrap_or(Uuid::max()))
        .bind(search.actor)
        .bind(&search.verb)
        .bind(&search.resource)
        .bind(search.record)
        .bind(search.from)
        .bind(search.to)
        .bind(search.text.as_deref().map(str::trim).filter(|text| !text.is_empty()))
        .bind(most);
    let rows = rows.fetch_all(cx.db()).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        shown.push((row.try_get("record_id")?, changes(cx, row)?));
    }
    cx.reveal(&mut shown).await?;
    let entry = |(row, (record_id, changes)): (&PgRow, (Uuid, Map<String, Json>))| -> Result<Entry, sqlx::Error> {
        Ok(Entry {
            id: row.try_get("id")?,
            at: row.try_get("at")?,
            actor: Actor {
                id: row.try_get("actor_id")?,
                name: row.try_get("actor_name")?,
            },
            on_behalf_of: row.try_get("on_behalf_of")?,
            verb: row.try_get("verb")?,
            resource: row.try_get("resource")?,
            record_id,
            request_id: row
                .try_get::<Option<String>, _>("request_id")?
                .filter(|id| !id.is_empty()),
            changes,
            seq: row.try_get("seq")?,
            hash: row.try_get::<Option<Vec<u8>>, _>("hash")?.map(hex::encode),
        })
    };
    Ok(rows.iter().zip(shown).map(entry).collect::<Result<_, _>>()?)
}

/// What changed, without the fields that the caller may not see.
fn changes(cx: &Cx, row: &PgRow) -> Result<Map<String, Json>, sqlx::Error> {
    let mut changes = match row.try_get("changes")? {
        Json::Object(changes) => changes,
        _ => Map::new(),
    };
    if let Some(resource) = cx.platform.registry.resource(row.try_get("resource")?) {
        changes.retain(|name, _| {
            let permission = resource.field(name).and_then(|field| field.permission);
            permission.is_none_or(|permission| cx.may(&format!("{}.{permission}", resource.name)))
        });
    }
    Ok(changes)
}

async fn list(cx: &mut Cx, search: Search) -> Result<Page, Problem> {
    let limit = search.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::field("limit", "bad_limit").with("max", MOST));
    }
    let mut data = page(cx, &search, limit + 1).await?;
    let is_more = data.len() > usize::try_from(limit).unwrap_or_default();
    if is_more {
        data.pop();
    }
    let next = data.last().filter(|_| is_more).map(|last| last.id);
    Ok(Page { data, next })
}

async fn export(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let mut search: Search = request.query_as()?;
    let is_csv = search.format.unwrap_or_default() == Format::Csv;
    let mut lines: Vec<[String; 9]> = Vec::new();
    let mut objects = Vec::new();
    let mut entries = 0;
    loop {
        let found = page(cx, &search, 2_000).await?;
        let Some(last) = found.last() else { break };
        search.after = Some(last.id);
        entries += found.len();
        if entries > FILE {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rows").with("max", FILE));
        }
        if is_csv {
            lines.extend(found.iter().flat_map(|entry| written(cx, entry)));
            continue;
        }
        for entry in &found {
            serde_json::to_writer(&mut objects, entry).map_err(|error| Problem::internal(&error))?;
            objects.push(b'\n');
        }
    }
    if !is_csv {
        let name = format!("audit-{}.ndjson", cx.today());
        return Ok(Reply::file("application/x-ndjson", &name, objects));
    }
    let word = |name: &str| {
        let words = cx.platform.catalogue.words(cx.locale);
        words["audit"][name].as_str().unwrap_or(name).to_owned()
    };
    let headers = [
        "at",
        "actor",
        "on_behalf_of",
        "verb",
        "resource",
        "record",
        "field",
        "before",
        "after",
    ]
    .map(word);
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &headers, lines, CsvOptions { byte_order_mark: true })
        .map_err(|error| Problem::internal(&error))?;
    let name = format!("audit-{}.csv", cx.today());
    Ok(Reply::file("text/csv; charset=utf-8", &name, bytes))
}

/// The lines of an entry: one for each field, or one alone.
fn written(cx: &Cx, entry: &Entry) -> Vec<[String; 9]> {
    let catalogue = &cx.platform.catalogue;
    let at = entry
        .at
        .with_timezone(&cx.time_zone())
        .to_rfc3339_opts(SecondsFormat::Secs, false);
    let resource = catalogue.words(cx.locale)["resource"][&entry.resource]["many"]
        .as_str()
        .unwrap_or(&entry.resource)
        .to_owned();
    let text = |value: &Json| match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line = |field: String, change: &Json| {
        [
            at.clone(),
            entry.actor.name.clone().unwrap_or_default(),
            entry.on_behalf_of.map(|id| id.to_string()).unwrap_or_default(),
            entry.verb.clone(),
            resource.clone(),
            entry.record_id.to_string(),
            field,
            text(&change["before"]),
            text(&change["after"]),
        ]
    };
    if entry.changes.is_empty() {
        return vec![line(String::new(), &Json::Null)];
    }
    let label = |name: &str| catalogue.label(cx.locale, &entry.resource, name).to_owned();
    entry
        .changes
        .iter()
        .map(|(name, change)| line(label(name), change))
        .collect()
}
