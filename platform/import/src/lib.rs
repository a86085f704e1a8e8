//! Files of rows into resources: uploaded once, mapped, tried without effect, then committed. A second commit changes nothing.

mod check;
mod mapping;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::{Cx, FieldError, Method, Operation, Problem, Reply, Request, ids};
use platform_documents::{CsvOptions, Encoding, ReadError, ReadOptions, Table, write_csv};
use platform_engine::{Builder, insert_rows, parameter};
use platform_resource::{Resource, Verb};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::check::{Checked, check_rows};
use crate::mapping::{Mapping, guess};

const STORE: &str =
    "INSERT INTO platform.imports (organization_id, id, resource, file_name, content, encoding, columns,
    mapping, header_key, state, created_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'uploaded', $10, $11, $11)";
const REMEMBERED: &str = "SELECT mapping FROM platform.import_mappings
    WHERE organization_id = $1 AND resource = $2 AND header_key = $3";
const LOAD: &str =
    "SELECT file_name, content, encoding, mapping, header_key, state, result, updated_at FROM platform.imports
    WHERE organization_id = $1 AND resource = $2 AND id = $3 FOR UPDATE";
const FETCH: &str =
    "SELECT file_name, content, encoding, mapping, header_key, state, result, updated_at FROM platform.imports
    WHERE organization_id = $1 AND resource = $2 AND id = $3";
const SAVE: &str = "UPDATE platform.imports SET mapping = $4, state = $5, result = $6, updated_at = $7
    WHERE organization_id = $1 AND resource = $2 AND id = $3";
const REMEMBER: &str =
    "INSERT INTO platform.import_mappings (organization_id, resource, header_key, mapping, updated_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, resource, header_key) DO UPDATE SET mapping = $4, updated_at = $5";

/// Hand-written statements of this crate, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[STORE, REMEMBERED, LOAD, FETCH, SAVE, REMEMBER];

/// Largest file.
const LIMIT_BYTES: usize = 20 * 1024 * 1024;

/// Errors that a dry run lists; the file of rejected rows has all of them.
const LISTED: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckInput {
    #[serde(rename = "id")]
    _id: String,
    mapping: Mapping,
}

/// An import as it is stored.
struct Import {
    id: Uuid,
    file_name: String,
    content: Vec<u8>,
    encoding: String,
    mapping: Mapping,
    header_key: String,
    state: String,
    result: Option<Json>,
    updated_at: DateTime<Utc>,
}

fn read_table(content: &[u8], file_name: &str, encoding: &str) -> Result<Table, Problem> {
    // The byte order mark or UTF-8 decides unless the person chose the old Arabic encoding.
    let chosen = Encoding::named(encoding).filter(|encoding| *encoding == Encoding::Windows1256);
    let options = ReadOptions {
        encoding: chosen,
        ..ReadOptions::default()
    };
    platform_documents::read(content, file_name, &options).map_err(|error| refused(&error))
}

fn refused(error: &ReadError) -> Problem {
    let code = match error {
        // These two say the same to a person: split the file.
        ReadError::TooManyCells { .. } | ReadError::TooLarge { .. } => "file_too_large",
        _ => error.code(),
    };
    let mut problem = Problem::field("file", code);
    let params = match error {
        ReadError::NotUtf8 { line } => vec![("line", line.to_string())],
        ReadError::UnsupportedFormat { found } => vec![("detail", (*found).to_owned())],
        ReadError::Damaged { detail } | ReadError::TooLarge { detail } => vec![("detail", detail.clone())],
        ReadError::TooManyRows { limit }
        | ReadError::TooManyCells { limit }
        | ReadError::TooManyColumns { limit, .. } => vec![("max", limit.to_string())],
        ReadError::Empty | ReadError::NoRows { .. } | ReadError::OldWorkbook => Vec::new(),
    };
    for error in &mut problem.errors {
        error.params.clone_from(&params);
    }
    problem
}

fn columns(table: &Table) -> Json {
    let samples = |place: usize| -> Vec<&str> {
        let mut seen: Vec<&str> = Vec::new();
        for row in &table.rows {
            let cell = row.cells[place].as_str();
            if !platform_documents::missing(cell) && !seen.contains(&cell) {
                seen.push(cell);
            }
            if seen.len() == 5 {
                break;
            }
        }
        seen
    };
    table
        .headers
        .iter()
        .enumerate()
        .map(|(place, name)| json!({"name": name, "samples": samples(place)}))
        .collect()
}

/// `POST /imports?file_name=&encoding=`: stores the file and proposes a mapping.
async fn upload(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let (mut file_name, mut encoding) = ("file".to_owned(), "utf-8".to_owned());
    for (name, value) in request.pairs()? {
        match name.as_str() {
            "file_name" => file_name = value.chars().filter(|c| !c.is_control()).take(200).collect(),
            "encoding" if matches!(value.as_str(), "utf-8" | "windows-1256") => encoding = value,
            "encoding" => return Err(Problem::field("encoding", "not_a_choice")),
            _ => return Err(Problem::field(name, "unknown_field")),
        }
    }
    let table = read_table(&request.body, &file_name, &encoding)?;
    let key = hex::encode(Sha256::digest(table.headers.join("\u{1f}").as_bytes()));
    let (organization_id, name) = (cx.organization_id, resource.full_name());
    let remembered = sqlx::query(REMEMBERED)
        .bind(organization_id)
        .bind(&name)
        .bind(&key)
        .fetch_optional(cx.db())
        .await?;
    let remembered = remembered.map(|row| row.try_get::<Json, _>(0)).transpose()?;
    let remembered = remembered.and_then(|json| serde_json::from_value::<Mapping>(json).ok());
    let mapping = remembered.unwrap_or_else(|| guess(cx, resource, &table));
    let (id, columns) = (ids::new_id(), columns(&table));
    sqlx::query(STORE)
        .bind(organization_id)
        .bind(id)
        .bind(&name)
        .bind(&file_name)
        .bind(request.body.as_ref())
        .bind(&encoding)
        .bind(&columns)
        .bind(json!(mapping))
        .bind(&key)
        .bind(cx.actor_id())
        .bind(cx.now)
        .execute(cx.db())
        .await?;
    let notes: Vec<Json> = table.notes.iter().map(|note| note.code().into()).collect();
    let answer = json!({
        "id": id, "file_name": file_name, "rows": table.rows.len(), "columns": columns, "mapping": mapping,
        "notes": notes, "state": "uploaded",
    });
    Ok(Reply::json(StatusCode::CREATED, &answer))
}

async fn find(cx: &mut Cx, resource: &Resource, request: &Request, sql: &'static str) -> Result<Import, Problem> {
    let id = request.id("id")?;
    let statement = sqlx::query(sql)
        .bind(cx.organization_id)
        .bind(resource.full_name())
        .bind(id);
    let row = statement
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Import {
        id,
        file_name: row.try_get("file_name")?,
        content: row.try_get("content")?,
        encoding: row.try_get("encoding")?,
        mapping: serde_json::from_value(row.try_get("mapping")?).unwrap_or_default(),
        header_key: row.try_get("header_key")?,
        state: row.try_get("state")?,
        result: row.try_get("result")?,
        updated_at: row.try_get("updated_at")?,
    })
}

async fn save(cx: &mut Cx, resource: &Resource, import: &Import, state: &str, result: &Json) -> Result<(), Problem> {
    sqlx::query(SAVE)
        .bind(cx.organization_id)
        .bind(resource.full_name())
        .bind(import.id)
        .bind(json!(import.mapping))
        .bind(state)
        .bind(result)
        .bind(cx.now)
        .execute(cx.db())
        .await?;
    Ok(())
}

fn summary(checked: &Checked, rows: usize, state: &str) -> Json {
    json!({
        "state": state, "rows": rows, "ready": checked.ready.len(), "bad": checked.bad.len(),
        "repeated": checked.repeated, "existing": checked.existing,
    })
}

/// `POST /imports/{id}/check`: the dry run.
async fn dry_run(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let input: CheckInput = request.body_as()?;
    let mut import = find(cx, resource, &request, LOAD).await?;
    if import.state == "committed" {
        return Err(Problem::refused("import_committed"));
    }
    let table = read_table(&import.content, &import.file_name, &import.encoding)?;
    import.mapping = input.mapping;
    let checked = check_rows(cx, resource, &table, &import.mapping, None).await?;
    let mut answer = summary(&checked, table.rows.len(), "checked");
    save(cx, resource, &import, "checked", &answer).await?;
    let errors = checked.bad.iter().flat_map(|bad| &bad.errors).take(LISTED);
    answer["errors"] = errors
        .map(|error| error.to_json(&cx.platform.catalogue, cx.locale))
        .collect();
    answer["unmatched"] = json!(checked.unmatched);
    answer["preview"] = checked.preview(resource).into();
    Ok(Reply::json(StatusCode::OK, &answer))
}

/// `POST /imports/{id}/commit`: stores the good rows and remembers the mapping, in one transaction.
async fn commit(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let unknown: Vec<FieldError> = request
        .object()?
        .keys()
        .map(|key| FieldError::new(key, "unknown_field"))
        .collect();
    if !unknown.is_empty() {
        return Err(Problem::invalid(unknown));
    }
    let import = find(cx, resource, &request, LOAD).await?;
    match (import.state.as_str(), &import.result) {
        ("committed", Some(result)) => return Ok(Reply::json(StatusCode::OK, result)),
        ("checked", _) => {}
        _ => return Err(Problem::refused("import_not_checked")),
    }
    let table = read_table(&import.content, &import.file_name, &import.encoding)?;
    let mut checked = check_rows(cx, resource, &table, &import.mapping, None).await?;
    let mut answer = summary(&checked, table.rows.len(), "committed");
    insert_rows(cx, resource, &mut checked.ready).await?;
    answer["created"] = checked.ready.len().into();
    save(cx, resource, &import, "committed", &answer).await?;
    sqlx::query(REMEMBER)
        .bind(cx.organization_id)
        .bind(resource.full_name())
        .bind(&import.header_key)
        .bind(json!(import.mapping))
        .bind(cx.now)
        .execute(cx.db())
        .await?;
    Ok(Reply::json(StatusCode::OK, &answer))
}

/// `GET /imports/{id}/rejected`: the bad rows as they were, with the reasons.
async fn rejected(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let import = find(cx, resource, &request, FETCH).await?;
    let table = read_table(&import.content, &import.file_name, &import.encoding)?;
    // The rows that the commit itself stored do not count: what was refused beside them stays refused.
    let committed_at = (import.state == "committed").then_some(import.updated_at);
    let mut checked = check_rows(cx, resource, &table, &import.mapping, committed_at).await?;
    checked.bad.sort_by_key(|bad| bad.place);
    let words = &cx.platform.catalogue;
    let full_name = resource.full_name();
    let mut headers = vec![
        words.problem(cx.locale, "column_row", &[]),
        words.problem(cx.locale, "column_reason", &[]),
    ];
    headers.extend(table.headers.iter().cloned());
    let lines = checked.bad.iter().map(|bad| {
        let row = &table.rows[bad.place];
        let reasons = bad.errors.iter().map(|error| {
            let label = words.label(cx.locale, &full_name, &error.field);
            format!("{label}: {}", words.problem(cx.locale, error.code, &error.params))
        });
        let mut cells = vec![row.number.to_string(), reasons.collect::<Vec<_>>().join(" ")];
        cells.extend(row.cells.iter().cloned());
        cells
    });
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &headers, lines, CsvOptions { byte_order_mark: true })
        .map_err(|error| Problem::internal(&error))?;
    let name = import.file_name.trim_end_matches(".csv");
    Ok(Reply::file(
        "text/csv; charset=utf-8",
        &format!("rejected-{name}.csv"),
        bytes,
    ))
}

/// The operations of importing into a resource; none when it takes no files.
pub fn operations(resource: &'static Resource) -> Vec<Operation> {
    const JSON: &str = "application/json";
    let mut builder = Builder::new(resource);
    if !resource.has(Verb::Import) {
        return builder.operations;
    }
    let count = || json!({"type": "integer", "minimum": 0});
    let counts = |more: Json| {
        let mut properties = json!({"state": {"type": "string"}, "rows": count(), "ready": count(), "bad": count(),
            "repeated": count(), "existing": count()});
        for (name, schema) in more.as_object().into_iter().flatten() {
            properties[name] = schema.clone();
        }
        json!({"type": "object", "required": ["state", "rows", "ready", "bad", "repeated", "existing"],
               "properties": properties})
    };
    let mapping = json!({"type": "object", "additionalProperties": {"type": "object", "additionalProperties": false,
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}}, "join": {"type": ["string", "null"]},
            "constant": {"type": ["string", "null"]},
            "values": {"type": "object", "additionalProperties": {"type": "string"}}}}});

    let run: platform_engine::Run = |cx, resource, request| Box::pin(upload(cx, resource, request));
    let operation = builder.verb(Method::Post, "/imports", "import_upload", Verb::Import, run);
    operation.body_limit_bytes = LIMIT_BYTES;
    operation.doc.query = vec![
        parameter("file_name", json!({"type": "string"})),
        parameter("encoding", json!({"type": "string", "enum": ["utf-8", "windows-1256"]})),
    ];
    operation.doc.request = Some((
        "application/octet-stream",
        json!({"type": "string", "format": "binary"}),
    ));
    let columns = json!({"type": "array", "items": {"type": "object", "required": ["name", "samples"], "properties": {
        "name": {"type": "string"}, "samples": {"type": "array", "items": {"type": "string"}}}}});
    let answer = json!({"type": "object", "required": ["id", "file_name", "rows", "columns", "mapping", "state"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "file_name": {"type": "string"}, "rows": count(),
            "columns": columns, "mapping": mapping, "state": {"type": "string"},
            "notes": {"type": "array", "items": {"type": "string"}}}});
    operation.doc.answer = Some((201, JSON, answer));

    let run: platform_engine::Run = |cx, resource, request| Box::pin(dry_run(cx, resource, request));
    let operation = builder.verb(Method::Post, "/imports/{id}/check", "import_check", Verb::Import, run);
    let body = json!({"type": "object", "required": ["mapping"], "additionalProperties": false,
        "properties": {"mapping": mapping}});
    operation.doc.request = Some((JSON, body));
    let errors = json!({"type": "array", "items": {"type": "object", "required": ["field", "code", "message"],
        "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"},
            "row": count(), "value": {"type": "string"}}}});
    let unmatched = json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}});
    let preview = json!({"type": "array", "items": {"type": "object"}});
    let answer = counts(json!({"errors": errors, "unmatched": unmatched, "preview": preview}));
    operation.doc.answer = Some((200, JSON, answer));

    let run: platform_engine::Run = |cx, resource, request| Box::pin(commit(cx, resource, request));
    let operation = builder.verb(Method::Post, "/imports/{id}/commit", "import_commit", Verb::Import, run);
    operation.doc.request = Some((JSON, json!({"type": "object"})));
    operation.doc.answer = Some((200, JSON, counts(json!({"created": count()}))));

    let run: platform_engine::Run = |cx, resource, request| Box::pin(rejected(cx, resource, request));
    let operation = builder.verb(
        Method::Get,
        "/imports/{id}/rejected",
        "import_rejected",
        Verb::Import,
        run,
    );
    operation.doc.answer = Some((200, "text/csv", json!({"type": "string"})));
    builder.operations
}
