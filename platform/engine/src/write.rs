//! Writes: one statement stores the row, its history and its event; rules are asked before.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use platform_core::{Cx, FieldError, Mode, Problem, Reply, Request, ids};
use platform_resource::{Action, Given, Kind, Record, Resource, Value, Verb};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::query::visible;
use crate::record::Stored;
use crate::scope;
use crate::sql::{self, Statement};
use crate::trail;
use crate::values::{self, Writer};

/// A row of the resource, locked for the rest of a transaction that may write; a problem when it is not there.
pub async fn load(cx: &mut Cx, resource: &'static Resource, id: Uuid) -> Result<Record, Problem> {
    Ok(stored(cx, resource, id).await?.record(resource))
}

pub(crate) async fn stored(cx: &mut Cx, resource: &'static Resource, id: Uuid) -> Result<Stored, Problem> {
    let mut statement = Statement::default();
    statement.push("SELECT ");
    Stored::select(&mut statement, resource);
    statement.push(&format!(" FROM {} t WHERE t.organization_id = ", sql::table(resource)));
    statement
        .bind(cx.organization_id)
        .push(" AND t.id = ")
        .bind(id)
        .push(" AND t.deleted_at IS NULL");
    if cx.mode() == Mode::Write {
        statement.push(" FOR NO KEY UPDATE");
    }
    let rows = statement.fetch(cx.db()).await?;
    Stored::of(resource, rows.first().ok_or_else(Problem::not_found)?)
}

/// Creates a row on behalf of an operation, which may also write read-only fields.
pub async fn create(cx: &mut Cx, resource: &'static Resource, given: Map<String, Json>) -> Result<Record, Problem> {
    insert(cx, resource, &given, Writer::Rule)
        .await
        .map(|stored| stored.record(resource))
}

pub(crate) async fn insert(
    cx: &mut Cx,
    resource: &'static Resource,
    given: &Map<String, Json>,
    writer: Writer,
) -> Result<Stored, Problem> {
    let mut values = values::for_create(cx, resource, given, writer).map_err(Problem::invalid)?;
    let ids = insert_rows(cx, resource, std::slice::from_mut(&mut values)).await?;
    let event = format!("{}.created", resource.full_name());
    if cx.platform.registry.effects(&event).next().is_some() {
        return stored(cx, resource, ids[0]).await;
    }
    let at = Value::Instant(cx.now);
    Ok(Stored {
        id: ids[0],
        version: 1,
        created_at: at.clone(),
        updated_at: at,
        values,
    })
}

/// Creates many rows with one statement on behalf of an operation. Rows are named by position when they are refused.
pub async fn create_many(
    cx: &mut Cx,
    resource: &'static Resource,
    rows: Vec<Map<String, Json>>,
) -> Result<Vec<Uuid>, Problem> {
    let mut checked = Vec::with_capacity(rows.len());
    let mut errors = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        match values::for_create(cx, resource, row, Writer::Rule) {
            Ok(values) => checked.push(values),
            Err(refused) => errors.extend(refused.into_iter().map(|error| FieldError {
                row: Some(place),
                ..error
            })),
        }
    }
    if errors.is_empty() {
        insert_rows(cx, resource, &mut checked).await
    } else {
        Err(Problem::invalid(errors))
    }
}

/// Rows of one statement: enough to amortize it, few enough to keep its parameters small.
const CHUNK: usize = 1000;

/// Stores checked rows, their histories and their events; numbered fields without a value get the next numbers.
pub async fn insert_rows(
    cx: &mut Cx,
    resource: &'static Resource,
    rows: &mut [Vec<Value>],
) -> Result<Vec<Uuid>, Problem> {
    crate::numbers::fill(cx, resource, rows).await?;
    let mut made = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|_| ids::new_id()).collect();
        let mut statement = Statement::default();
        statement.push("WITH ");
        let references = write_references(cx, resource, chunk, &mut statement);
        statement.push(&format!(
            "stored AS (INSERT INTO {} (organization_id, id, created_at, updated_at",
            sql::table(resource)
        ));
        for field in resource.fields {
            statement.push(&format!(", \"{}\"", field.name));
        }
        statement
            .push(") SELECT ")
            .bind(cx.organization_id)
            .push(", row.id, ")
            .bind(cx.now)
            .push(", ")
            .bind(cx.now);
        for place in 0..resource.fields.len() {
            statement.push(&format!(", row.c{place}"));
        }
        statement.push(" FROM unnest(").bind(&ids).push("::uuid[]");
        for (place, field) in resource.fields.iter().enumerate() {
            let column: Vec<&Value> = chunk.iter().map(|values| &values[place]).collect();
            statement
                .push(", ")
                .column(field.kind, &column)
                .push("::")
                .push(sql::array_type(field.kind));
        }
        statement.push(") AS row (id");
        for place in 0..resource.fields.len() {
            statement.push(&format!(", c{place}"));
        }
        statement.push(")");
        if !references.is_empty() {
            statement.push(" WHERE (SELECT missing FROM refs) IS NULL");
        }
        statement.push(" RETURNING id)");
        let changes: Vec<Json> = chunk.iter().map(|values| created(resource, values)).collect();
        let kept = cx.protect(resource, &ids, &changes).await?;
        trail::write(cx, resource, "create", &ids, (&changes, kept), &mut statement);
        statement.push(if references.is_empty() {
            " SELECT NULL::text"
        } else {
            " SELECT missing FROM refs"
        });
        let answer = statement
            .fetch(cx.db())
            .await
            .map_err(|error| sql::constraint(resource, error))?;
        refuse_missing(&answer)?;
        for (id, changes) in ids.iter().zip(changes) {
            trail::follow(cx, resource, "create", *id, changes).await?;
        }
        made.extend(ids);
    }
    Ok(made)
}

/// A problem that names the first field whose reference is not there.
fn refuse_missing(answer: &[sqlx::postgres::PgRow]) -> Result<(), Problem> {
    let missing = answer
        .first()
        .map(|row| row.try_get::<Option<String>, _>(0))
        .transpose()?
        .flatten();
    missing.map_or(Ok(()), |field| Err(Problem::field(field, "not_known")))
}

/// `refs AS (SELECT … missing)`: the name of the first reference field with an id that no live row of the organization has.
fn write_references(cx: &Cx, resource: &Resource, rows: &[Vec<Value>], statement: &mut Statement) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (place, field) in resource.fields.iter().enumerate() {
        let target = match field.kind {
            Kind::Reference { to } => (to, "id", " AND r.deleted_at IS NULL"),
            Kind::Member => ("platform.members", "user_id", " AND r.status <> 'removed'"),
            Kind::File => ("platform.files", "id", ""),
            _ => continue,
        };
        let (target, id, live) = target;
        let mut wanted: Vec<Uuid> = rows
            .iter()
            .filter_map(|values| {
                if let Value::Uuid(id) = values[place] {
                    Some(id)
                } else {
                    None
                }
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            continue;
        }
        statement.push(if names.is_empty() { "refs AS (SELECT CASE" } else { "" });
        statement.push(&format!(
            " WHEN (SELECT count(*) FROM {target} r WHERE r.organization_id = "
        ));
        statement
            .bind(cx.organization_id)
            .push(&format!(" AND r.{id} = ANY ("))
            .bind(&wanted)
            .push(&format!("){live}) < "));
        statement
            .bind(i64::try_from(wanted.len()).unwrap_or(i64::MAX))
            .push(&format!(" THEN '{}'", field.name));
        names.push(field.name);
    }
    if !names.is_empty() {
        statement.push(" END AS missing), ");
    }
    names
}

fn created(resource: &Resource, values: &[Value]) -> Json {
    let given = resource.fields.iter().zip(values).filter(|(_, value)| !value.is_null());
    given
        .map(|(field, value)| (field.name.to_owned(), json!({"after": value.to_json(field.kind)})))
        .collect::<Map<_, _>>()
        .into()
}

/// Changes fields of a row on behalf of an action or operation; `verb` names it in the history.
pub async fn change(
    cx: &mut Cx,
    resource: &'static Resource,
    id: Uuid,
    verb: &'static str,
    given: Map<String, Json>,
) -> Result<Record, Problem> {
    let before = stored(cx, resource, id).await?;
    update(cx, resource, before, verb, &given, Writer::Rule)
        .await
        .map(|stored| stored.record(resource))
}

/// Stores what differs; a change that changes nothing leaves the row and its version alone.
pub(crate) async fn update(
    cx: &mut Cx,
    resource: &'static Resource,
    mut row: Stored,
    verb: &'static str,
    given: &Map<String, Json>,
    writer: Writer,
) -> Result<Stored, Problem> {
    let values = values::for_update(cx, resource, &row.values, given, writer).map_err(Problem::invalid)?;
    let mut changes = BTreeMap::new();
    let mut changed = Vec::new();
    for (place, field) in resource.fields.iter().enumerate() {
        if row.values[place] != values[place] {
            let (before, after) = (row.values[place].to_json(field.kind), values[place].to_json(field.kind));
            changes.insert(field.name, json!({"before": before, "after": after}));
            changed.push(place);
        }
    }
    if changed.is_empty() {
        return Ok(row);
    }
    // Only references that change are looked up: others may point at rows that were deleted since.
    let moved: Vec<Value> = values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            if changed.contains(&place) {
                value.clone()
            } else {
                Value::Null
            }
        })
        .collect();
    let mut statement = Statement::default();
    statement.push("WITH ");
    let references = write_references(cx, resource, std::slice::from_ref(&moved), &mut statement);
    statement.push(&format!(
        "stored AS (UPDATE {} SET version = version + 1, updated_at = ",
        sql::table(resource)
    ));
    statement.bind(cx.now);
    for place in changed {
        let field = &resource.fields[place];
        statement
            .push(&format!(", \"{}\" = ", field.name))
            .value(field.kind, &values[place]);
    }
    statement
        .push(" WHERE organization_id = ")
        .bind(cx.organization_id)
        .push(" AND id = ")
        .bind(row.id);
    if !references.is_empty() {
        statement.push(" AND (SELECT missing FROM refs) IS NULL");
    }
    statement.push(" RETURNING id)");
    let (ids, changes) = ([row.id], json!(changes));
    let all = std::slice::from_ref(&changes);
    let kept = cx.protect(resource, &ids, all).await?;
    trail::write(cx, resource, verb, &ids, (all, kept), &mut statement);
    statement.push(if references.is_empty() {
        " SELECT NULL::text"
    } else {
        " SELECT missing FROM refs"
    });
    let answer = statement
        .fetch(cx.db())
        .await
        .map_err(|error| sql::constraint(resource, error))?;
    refuse_missing(&answer)?;
    row.version += 1;
    row.updated_at = Value::Instant(cx.now);
    row.values = values;
    if trail::follow(cx, resource, verb, row.id, changes).await? {
        return stored(cx, resource, row.id).await;
    }
    Ok(row)
}

/// Hides a row from then on; refused while live rows of any resource point at it.
pub(crate) async fn remove(cx: &mut Cx, resource: &'static Resource, row: &Stored) -> Result<(), Problem> {
    let platform = cx.platform.clone();
    let full_name = resource.full_name();
    let mut statement = Statement::default();
    statement.push("WITH used AS (SELECT array_remove(ARRAY[NULL");
    for user in platform.registry.resources() {
        for field in user.fields {
            if matches!(field.kind, Kind::Reference { to } if to == full_name) {
                statement.push(&format!(
                    ", CASE WHEN EXISTS (SELECT FROM {} u WHERE u.organization_id = ",
                    sql::table(user)
                ));
                statement
                    .bind(cx.organization_id)
                    .push(&format!(" AND u.\"{}\" = ", field.name))
                    .bind(row.id);
                statement.push(&format!(" AND u.deleted_at IS NULL) THEN '{}' END", user.full_name()));
            }
        }
    }
    statement.push("]::text[], NULL) AS names), ");
    statement
        .push(&format!("stored AS (UPDATE {} SET deleted_at = ", sql::table(resource)))
        .bind(cx.now);
    statement
        .push(", version = version + 1 WHERE organization_id = ")
        .bind(cx.organization_id);
    statement
        .push(" AND id = ")
        .bind(row.id)
        .push(" AND (SELECT names FROM used) = '{}' RETURNING id)");
    trail::write(cx, resource, "delete", &[row.id], (&[json!({})], None), &mut statement);
    statement.push(" SELECT names FROM used");
    let answer = statement
        .fetch(cx.db())
        .await
        .map_err(|error| sql::constraint(resource, error))?;
    let names: Vec<String> = answer
        .first()
        .map(|row| row.try_get(0))
        .transpose()?
        .unwrap_or_default();
    if names.is_empty() {
        return trail::follow(cx, resource, "delete", row.id, json!({})).await.map(drop);
    }
    let words = platform.catalogue.words(cx.locale);
    let labels: Vec<&str> = names
        .iter()
        .map(|name| words["resource"][name]["many"].as_str().unwrap_or(name))
        .collect();
    Err(Problem::refused("in_use").with("resources", labels.join(", ")))
}

/// The answer that shows a row as the caller may see it.
pub(crate) fn reply(cx: &Cx, resource: &Resource, status: StatusCode, row: &Stored) -> Reply {
    let mut record = row.record(resource);
    for field in resource.fields {
        if !visible(cx, resource, field) {
            record.0.remove(field.name);
        }
    }
    Reply::json(status, &record.0).header("etag", format!("\"{}\"", row.version))
}

/// Refuses when the caller saw another version.
pub(crate) fn match_version(request: &Request, row: &Stored) -> Result<(), Problem> {
    let Some(seen) = request.header("if-match") else {
        return Ok(());
    };
    let matches = seen
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag == format!("\"{}\"", row.version));
    if matches {
        Ok(())
    } else {
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, "stale"))
    }
}

/// `POST`.
pub(crate) async fn create_verb(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let given = request.object()?;
    scope::keep(cx, resource, &resource.permission(Verb::Create), None, &given).await?;
    let row = insert(cx, resource, &given, Writer::Create).await?;
    let reply = reply(cx, resource, StatusCode::CREATED, &row);
    Ok(reply.header("location", format!("{}/{}", resource.path(), row.id)))
}

/// `PATCH /{id}`.
pub(crate) async fn update_verb(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let permission = resource.permission(Verb::Update);
    let row = scope::reached(cx, resource, &permission, request.id("id")?).await?;
    match_version(&request, &row)?;
    let given = request.object()?;
    scope::keep(cx, resource, &permission, Some(&row), &given).await?;
    let row = update(cx, resource, row, "update", &given, Writer::Update).await?;
    Ok(reply(cx, resource, StatusCode::OK, &row))
}

/// `DELETE /{id}`.
pub(crate) async fn delete_verb(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let row = scope::reached(cx, resource, &resource.permission(Verb::Delete), request.id("id")?).await?;
    match_version(&request, &row)?;
    remove(cx, resource, &row).await?;
    Ok(Reply::empty())
}

/// `POST /{id}/<action>`.
pub(crate) async fn act_verb(
    cx: &mut Cx,
    resource: &'static Resource,
    action: &'static Action,
    request: Request,
) -> Result<Reply, Problem> {
    let permission = format!("{}.{}", resource.name, action.name);
    let row = scope::reached(cx, resource, &permission, request.id("id")?).await?;
    match_version(&request, &row)?;
    let row = take(cx, resource, action, row, &request.object()?).await?;
    Ok(reply(cx, resource, StatusCode::OK, &row))
}

/// Takes an action on a row on behalf of an operation, an effect or a job.
pub async fn act(
    cx: &mut Cx,
    resource: &'static Resource,
    id: Uuid,
    name: &str,
    inputs: Map<String, Json>,
) -> Result<Record, Problem> {
    let action = resource.actions.iter().find(|action| action.name == name);
    let action = action.ok_or_else(|| Problem::internal(&format!("{} has no action {name}", resource.full_name())))?;
    let row = stored(cx, resource, id).await?;
    take(cx, resource, action, row, &inputs)
        .await
        .map(|row| row.record(resource))
}

async fn take(
    cx: &mut Cx,
    resource: &'static Resource,
    action: &'static Action,
    row: Stored,
    inputs: &Map<String, Json>,
) -> Result<Stored, Problem> {
    let input = values::for_action(action.inputs, inputs)?;
    let record = row.record(resource);
    let given = Given {
        record: &record,
        input: &input,
        now: cx.now,
        today: cx.today(),
        actor_id: cx.actor_id(),
    };
    let changes = action.outcome(resource.fields, &given).map_err(|code| {
        let (catalogue, full_name) = (&cx.platform.catalogue, resource.full_name());
        let field = action
            .moves
            .map(|(field, _)| field)
            .or(action.when.map(|(field, _)| field));
        let state = field.and_then(|field| Some(catalogue.choice(cx.locale, &full_name, field, record.text(field)?)));
        let act = catalogue.words(cx.locale)["resource"][&full_name]["actions"][action.name].as_str();
        Problem::refused(code)
            .with("state", state.unwrap_or_default())
            .with("action", act.unwrap_or(action.name))
    })?;
    update(cx, resource, row, action.name, &changes, Writer::Rule).await
}
