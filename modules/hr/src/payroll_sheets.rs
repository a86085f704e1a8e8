//! A sheet of work as the inputs of a draft run: CSV or XLSX, by the columns of `barq payroll calculate` and one that says who it
//! is. A bad row is named with its column and reason, and refuses its courier in the run; the others are stored. The same bytes again
//! are the same answer.

use std::collections::HashMap;

use axum::http::StatusCode;
use hr_pay::sheet::{SheetError as Unusable, WorkRow, work_rows};
use platform_core::{Cx, Method, Operation, Permit, Problem, Reply, Request};
use platform_resource::{Field, Record, Resource, Verb, integer, json, reference, text};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::run::month_of;
use crate::run_facts::{RunMonth, SheetError};
use crate::run_pay::fields;
use crate::{COURIER_TARGETS, PAYROLL_INPUTS, PAYROLL_RUNS};

/// Sheets of runs.
pub static PAYROLL_SHEETS: Resource = Resource::new("hr", "payroll_sheets", FIELDS)
    .title(&["file_name"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-created_at");

const FIELDS: &[Field] = &[
    reference("run_id", "hr.payroll_runs").required().filter().list(),
    text("file_name", 200).required().list(),
    text("checksum", 64).required().list(),
    integer("row_count", 0, 1_000_000).required().list(),
    integer("stored_count", 0, 1_000_000).required().list(),
    integer("error_count", 0, 1_000_000).required().list(),
    json("errors"),
];

/// Couriers by everything that a sheet may call them.
pub(crate) const KNOWN: &str =
    "SELECT c.id, c.barq_id, c.national_id, c.iqama_number, t.id, t.category, t.period_target, i.id
FROM fleet.courier_facts c
LEFT JOIN hr.courier_targets t ON t.organization_id = c.organization_id AND t.courier_id = c.id AND t.year = $2
    AND t.month = $3 AND t.deleted_at IS NULL
LEFT JOIN hr.payroll_inputs i ON i.organization_id = c.organization_id AND i.courier_id = c.id AND i.year = $2
    AND i.month = $3 AND i.deleted_at IS NULL
WHERE c.organization_id = $1 AND c.deleted_at IS NULL
ORDER BY c.id";

/// The sheet that counts: the last one of the run.
pub(crate) const LAST: &str = "SELECT h.errors
FROM hr.payroll_sheets h
WHERE h.organization_id = $1 AND h.run_id = $2 AND h.deleted_at IS NULL
ORDER BY h.created_at DESC, h.id DESC
LIMIT 1";

pub(crate) const SAME: &str = "SELECT h.id, h.file_name, h.row_count, h.stored_count, h.errors
FROM hr.payroll_sheets h
WHERE h.organization_id = $1 AND h.run_id = $2 AND h.checksum = $3 AND h.deleted_at IS NULL";

/// What the last sheet of a run has wrong, by courier.
pub(crate) async fn errors(cx: &mut Cx, run_id: Uuid) -> Result<HashMap<Uuid, SheetError>, Problem> {
    let organization_id = cx.organization_id;
    let last: Option<Option<Json>> = sqlx::query_scalar(LAST)
        .bind(organization_id)
        .bind(run_id)
        .fetch_optional(cx.db())
        .await?;
    let mut found = HashMap::new();
    for error in last.flatten().as_ref().and_then(Json::as_array).into_iter().flatten() {
        let text = |name: &str| error[name].as_str().map(ToOwned::to_owned);
        let courier_id = error["courier_id"].as_str().and_then(|id| id.parse().ok());
        // The row that was taken stands; a second one of the same courier says only that it was not.
        if let Some((courier_id, code)) = courier_id.zip(text("code")).filter(|(_, code)| code != "taken") {
            let error = SheetError {
                code,
                field: text("column"),
                found: text("found"),
            };
            found.entry(courier_id).or_insert(error);
        }
    }
    Ok(found)
}

/// Largest sheet.
const LIMIT_BYTES: usize = 20 * 1024 * 1024;

/// `POST /hr/payroll_runs/{id}/sheet?file_name=`.
pub(crate) fn operation() -> Operation {
    let permit = Permit::needs("payroll_inputs.create");
    let path = "/hr/payroll_runs/{id}/sheet";
    let mut operation = Operation::raw(Method::Post, path, "hr.payroll_runs.sheet", permit, |cx, request| {
        Box::pin(upload(cx, request))
    });
    operation.body_limit_bytes = LIMIT_BYTES;
    operation.doc.tag = PAYROLL_RUNS.full_name();
    operation.doc.query = vec![platform_engine::parameter("file_name", json!({"type": "string"}))];
    operation.doc.request = Some((
        "application/octet-stream",
        json!({"type": "string", "format": "binary"}),
    ));
    let text = || json!({"type": ["string", "null"]});
    let count = || json!({"type": "integer", "minimum": 0});
    let error = json!({"type": "object", "required": ["row", "column", "courier", "code", "message"], "properties": {
        "row": count(), "column": text(), "courier": text(), "code": {"type": "string"}, "message": {"type": "string"}}});
    let answer = json!({"type": "object", "required": ["sheet_id", "checksum", "file_name", "rows", "stored", "errors"],
        "properties": {"sheet_id": {"type": "string", "format": "uuid"}, "checksum": {"type": "string"},
            "file_name": {"type": "string"}, "rows": count(), "stored": count(),
            "errors": {"type": "array", "items": error}}});
    operation.doc.answer = Some((200, "application/json", answer));
    operation.summary(
        "Take a sheet of work (CSV or XLSX) as the inputs of a draft run; bad rows are named, the others are stored",
    )
}

async fn upload(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let mut file_name = "sheet".to_owned();
    for (name, value) in request.pairs()? {
        match name.as_str() {
            "file_name" => file_name = value.chars().filter(|c| !c.is_control()).take(200).collect(),
            _ => return Err(Problem::field(name, "unknown_field")),
        }
    }
    let run = platform_engine::load(cx, &PAYROLL_RUNS, request.id("id")?).await?;
    let month = month_of(&run)?;
    let checksum = hex::encode(Sha256::digest(&request.body));
    let organization_id = cx.organization_id;
    let same = sqlx::query(SAME)
        .bind(organization_id)
        .bind(month.run_id)
        .bind(&checksum)
        .fetch_optional(cx.db())
        .await?;
    if let Some(row) = same {
        let sheet = Sheet {
            id: row.try_get(0)?,
            checksum,
            file_name: row.try_get(1)?,
            rows: row.try_get(2)?,
            stored: row.try_get(3)?,
            errors: row.try_get::<Option<Json>, _>(4)?.unwrap_or_else(|| json!([])),
        };
        return Ok(sheet.reply(cx));
    }
    if !run.is("status", "draft") {
        return Err(Problem::refused("not_a_draft"));
    }
    let read = work_rows(&request.body).map_err(|error| unusable(&error))?;
    let (rows, (stored, errors)) = (read.len(), take(cx, month, read).await?);
    let row = fields(json!({
        "run_id": month.run_id, "file_name": file_name, "checksum": checksum, "row_count": rows, "stored_count": stored,
        "error_count": errors.len(), "errors": errors,
    }));
    let kept = platform_engine::create(cx, &PAYROLL_SHEETS, row).await?;
    Ok(Sheet::of(&kept).reply(cx))
}

fn unusable(error: &Unusable) -> Problem {
    let (code, detail) = match error {
        Unusable::Read(read) => (read.code(), read.to_string()),
        Unusable::NoColumn(column) => ("no_column", (*column).to_owned()),
        Unusable::Write(detail) => ("damaged", detail.clone()),
    };
    let mut problem = Problem::field("file", code);
    for error in &mut problem.errors {
        error.params = vec![("detail", detail.clone()), ("column", detail.clone())];
    }
    problem
}

/// A sheet that was taken, as it is answered: in the caller's language, whenever he asks.
struct Sheet {
    id: Uuid,
    checksum: String,
    file_name: String,
    rows: i64,
    stored: i64,
    errors: Json,
}

impl Sheet {
    fn of(kept: &Record) -> Self {
        let text = |field: &str| kept.text(field).unwrap_or_default().to_owned();
        Self {
            id: kept.uuid("id").unwrap_or_default(),
            checksum: text("checksum"),
            file_name: text("file_name"),
            rows: kept.integer("row_count").unwrap_or_default(),
            stored: kept.integer("stored_count").unwrap_or_default(),
            errors: kept.get("errors").clone(),
        }
    }

    fn reply(&self, cx: &Cx) -> Reply {
        let told = |error: &Json| {
            let code = error["code"].as_str().unwrap_or_default();
            let sentence = format!("sheet_{code}");
            let params = [("found", error["found"].as_str().unwrap_or_default().to_owned())];
            json!({"row": error["row"], "column": error["column"], "courier": error["courier"], "code": code,
                   "message": cx.platform.catalogue.problem(cx.locale, &sentence, &params)})
        };
        let errors = self.errors.as_array().into_iter().flatten().map(told);
        let answer = json!({"sheet_id": self.id, "checksum": self.checksum, "file_name": self.file_name, "rows": self.rows,
                            "stored": self.stored, "errors": errors.collect::<Vec<_>>()});
        Reply::json(StatusCode::OK, &answer)
    }
}

/// Errors with a sentence of their own: `sheet_` and the word.
const SENTENCES: &[&str] = &[
    "unknown_courier",
    "taken",
    "required",
    "negative",
    "not_positive",
    "not_a_number",
    "not_whole",
    "above_most",
    "too_large",
    "unknown_category",
    "not_paid_here",
];

/// What is known of a courier whom a sheet may name.
struct Known {
    id: Uuid,
    target: Option<(Uuid, String, Option<rust_decimal::Decimal>)>,
    input: Option<Uuid>,
}

/// Stores the good rows; the others, as they are told and kept.
async fn take(cx: &mut Cx, month: RunMonth, rows: Vec<WorkRow>) -> Result<(usize, Vec<Json>), Problem> {
    let (known, names) = known(cx, month).await?;
    let (mut targets, mut inputs, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: HashMap<Uuid, usize> = HashMap::new();
    let mut stored = 0;
    for row in rows {
        let name = row.courier.clone().unwrap_or_default();
        let courier = names.get(&name.to_lowercase()).map(|place| &known[*place]);
        let wrong = |column: Option<&str>, code: &str, found: Option<String>| {
            let known = SENTENCES
                .iter()
                .find(|known| **known == code)
                .copied()
                .unwrap_or("bad_row");
            json!({"row": row.row, "column": column, "courier": row.courier, "code": known, "found": found,
                   "courier_id": courier.map(|courier| courier.id)})
        };
        let Some(courier) = courier else {
            let code = if row.courier.is_some() {
                "unknown_courier"
            } else {
                "required"
            };
            errors.push(wrong(Some("courier"), code, row.courier.clone()));
            continue;
        };
        if let Some(before) = seen.insert(courier.id, row.row) {
            errors.push(wrong(Some("courier"), "taken", Some(before.to_string())));
            seen.insert(courier.id, before);
            continue;
        }
        let work = match row.work {
            Ok(work) => work,
            Err(error) => {
                errors.push(wrong(Some(&error.column), error.code, error.found));
                continue;
            }
        };
        stored += 1;
        let of = json!({"courier_id": courier.id, "year": month.year, "month": month.month});
        let target = fields(json!({"category": work.category, "period_target": work.target.to_string()}));
        let input = fields(json!({
            "total_orders": work.orders, "total_revenue": work.revenue.to_string(), "gas_usage": work.gas_usage.to_string(),
            "days_since_joining": work.days, "source": "sheet",
        }));
        match &courier.target {
            None => targets.push(joined(&of, target)),
            Some((_, category, before)) if *category == work.category && *before == Some(work.target) => {}
            Some((id, ..)) => {
                platform_engine::change(cx, &COURIER_TARGETS, *id, "update", target).await?;
            }
        }
        match courier.input {
            None => inputs.push(joined(&of, input)),
            Some(id) => {
                platform_engine::change(cx, &PAYROLL_INPUTS, id, "update", input).await?;
            }
        }
    }
    platform_engine::create_many(cx, &COURIER_TARGETS, targets).await?;
    platform_engine::create_many(cx, &PAYROLL_INPUTS, inputs).await?;
    Ok((stored, errors))
}

fn joined(of: &Json, more: Map<String, Json>) -> Map<String, Json> {
    let mut row = fields(of.clone());
    row.extend(more);
    row
}

/// Couriers, and the place of each by every name that he has.
async fn known(cx: &mut Cx, month: RunMonth) -> Result<(Vec<Known>, HashMap<String, usize>), Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(KNOWN)
        .bind(organization_id)
        .bind(month.year)
        .bind(month.month)
        .fetch_all(cx.db())
        .await?;
    let (mut known, mut names) = (Vec::with_capacity(rows.len()), HashMap::new());
    for row in &rows {
        let id: Uuid = row.try_get(0)?;
        names.insert(id.to_string(), known.len());
        for place in 1..4 {
            if let Some(name) = row.try_get::<Option<String>, _>(place)? {
                names.entry(name.to_lowercase()).or_insert(known.len());
            }
        }
        let target = match row.try_get::<Option<Uuid>, _>(4)? {
            Some(target) => Some((target, row.try_get(5)?, row.try_get(6)?)),
            None => None,
        };
        known.push(Known {
            id,
            target,
            input: row.try_get(7)?,
        });
    }
    Ok((known, names))
}
