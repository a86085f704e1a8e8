//! Makes reports: computes, writes the file or keeps the rows, in the transaction that asked for it.

use platform_core::{Cx, Event, Problem, ids};
use platform_documents::{Cell, CsvOptions, write_csv, write_xlsx};
use platform_resource::Record;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::catalogue;
use crate::report_schedules::{REPORT_SCHEDULES, Rhythm};
use crate::report_templates::REPORT_TEMPLATES;
use crate::reports::REPORTS;
use crate::run::{Compare, Period, ReportAnswer, answer};

/// Most rows of each section of a file.
const MOST_ROWS: usize = 10_000;

pub(crate) const STORE_FILE: &str = "INSERT INTO platform.files
    (organization_id, id, name, media_type, size_bytes, sha256, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// What follows `generate`: the report is complete when the transaction is. Whoever asks may see what it is about.
pub(crate) async fn generated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let row = platform_engine::load(cx, &REPORTS, event.subject).await?;
    let report = row.text("report_type").and_then(catalogue::report);
    let report = report.ok_or_else(|| Problem::refused("unknown_report"))?;
    cx.require(report.area.permission())?;
    let (Some(from), Some(to)) = (row.date("period_starts_on"), row.date("period_ends_on")) else {
        return Err(Problem::field("period_starts_on", "required"));
    };
    let period = Period::new(from, to)?;
    let mut computed = answer(cx, report, period, Compare::Preceding, MOST_ROWS).await?;
    choose(&mut computed, &columns(cx, &row).await?);
    let rows = computed
        .sections
        .iter()
        .map(|section| section.rows.len())
        .sum::<usize>()
        + 1;
    let mut done = Map::from_iter([("row_count".to_owned(), json!(rows))]);
    let name = format!("{} {from} {to}", report.name);
    let file = match row.text("format") {
        Some("csv") => Some((format!("{name}.csv"), "text/csv", csv(&computed)?)),
        Some("xlsx") => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            let right_to_left = cx.locale == platform_core::Locale::Ar;
            Some((format!("{name}.xlsx"), kind, xlsx(&computed, right_to_left)?))
        }
        _ => None,
    };
    if let Some((name, kind, bytes)) = file {
        done.insert("file_size_bytes".into(), json!(bytes.len()));
        done.insert("file_id".into(), json!(store(cx, &name, kind, &bytes).await?));
    } else {
        let result = serde_json::to_value(&computed).map_err(|error| Problem::internal(&error))?;
        done.insert("result".into(), result);
    }
    platform_engine::act(cx, &REPORTS, event.subject, "complete", done).await?;
    Ok(())
}

/// Names of the figures that the report or its template asks for; none for all.
async fn columns(cx: &mut Cx, row: &Record) -> Result<Vec<String>, Problem> {
    let named = |list: &Json| -> Vec<String> {
        let names = list.as_array().into_iter().flatten().filter_map(Json::as_str);
        names.map(ToOwned::to_owned).collect()
    };
    let own = named(&row.get("parameters")["columns"]);
    match row.uuid("template_id") {
        Some(template) if own.is_empty() => {
            let template = platform_engine::load(cx, &REPORT_TEMPLATES, template).await?;
            Ok(named(template.get("columns")))
        }
        Some(_) | None => Ok(own),
    }
}

fn choose(computed: &mut ReportAnswer, columns: &[String]) {
    if columns.is_empty() {
        return;
    }
    let wanted = |name: &str| columns.iter().any(|column| column == name);
    computed.figures.retain(|figure| wanted(figure.name));
    for row in computed.sections.iter_mut().flat_map(|section| &mut section.rows) {
        row.values.retain(|name, _| wanted(name));
    }
}

/// The report as a table: one line for the total, one for the period before, one for each row of each section.
fn table(computed: &ReportAnswer) -> (Vec<String>, Vec<Vec<String>>) {
    let figures = &computed.figures;
    let labels = figures.iter().map(|figure| match figure.unit {
        "money" => format!("{} ({})", figure.label, computed.currency),
        "percent" => format!("{} (%)", figure.label),
        _ => figure.label.to_owned(),
    });
    let headers = ["section", "key", "title"]
        .map(ToOwned::to_owned)
        .into_iter()
        .chain(labels)
        .collect();
    let line = |section: &str, key: &str, title: &str, values: Vec<Option<String>>| {
        let values = values.into_iter().map(Option::unwrap_or_default);
        let head = [section, key, title].map(ToOwned::to_owned);
        head.into_iter().chain(values).collect::<Vec<String>>()
    };
    let mut rows = vec![line(
        "total",
        &format!("{} – {}", computed.period.from, computed.period.to),
        computed.title,
        figures.iter().map(|figure| figure.value.clone()).collect(),
    )];
    if let Some(before) = computed.compared_with {
        rows.push(line(
            "compared_with",
            &format!("{} – {}", before.from, before.to),
            computed.title,
            figures.iter().map(|figure| figure.previous.clone()).collect(),
        ));
    }
    for section in &computed.sections {
        for row in &section.rows {
            let values = figures
                .iter()
                .map(|figure| row.values.get(figure.name).cloned().flatten());
            rows.push(line(
                &section.name,
                &row.key,
                row.title.as_deref().unwrap_or_default(),
                values.collect(),
            ));
        }
    }
    (headers, rows)
}

fn csv(computed: &ReportAnswer) -> Result<Vec<u8>, Problem> {
    let (headers, rows) = table(computed);
    let mut bytes = Vec::new();
    let options = CsvOptions { byte_order_mark: true };
    write_csv(&mut bytes, &headers, rows, options).map_err(|error| Problem::internal(&error))?;
    Ok(bytes)
}

fn xlsx(computed: &ReportAnswer, right_to_left: bool) -> Result<Vec<u8>, Problem> {
    let (headers, rows) = table(computed);
    // The first three columns are words, also where a word is made of digits.
    let cell = |(place, text): (usize, String)| match text.parse::<Decimal>() {
        _ if text.is_empty() => Cell::Empty,
        Ok(number) if place >= 3 => Cell::Number(number),
        Ok(_) | Err(_) => Cell::Text(text),
    };
    let rows = rows
        .into_iter()
        .map(|row| row.into_iter().enumerate().map(cell).collect::<Vec<Cell>>());
    write_xlsx(computed.title, &headers, rows, right_to_left).map_err(|error| Problem::internal(&error))
}

/// Keeps bytes as a file of the organization.
async fn store(cx: &mut Cx, name: &str, media_type: &str, bytes: &[u8]) -> Result<Uuid, Problem> {
    let id = ids::new_id();
    let author = Some(cx.actor_id()).filter(|id| !id.is_nil());
    sqlx::query(STORE_FILE)
        .bind(cx.organization_id)
        .bind(id)
        .bind(name)
        .bind(media_type)
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .bind(hex::encode(Sha256::digest(bytes)))
        .bind(author)
        .bind(cx.now)
        .execute(cx.db())
        .await?;
    // The bytes come before the commit: a row never lacks its file.
    let folder = cx.platform.data.join("files").join(cx.organization_id.to_string());
    let write = async {
        tokio::fs::create_dir_all(&folder).await?;
        tokio::fs::write(folder.join(id.to_string()), bytes).await
    };
    write.await.map_err(|error| Problem::internal(&error))?;
    Ok(id)
}

/// What follows `run_now` of a schedule.
pub(crate) async fn run_now(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let row = platform_engine::load(cx, &REPORT_SCHEDULES, event.subject).await?;
    make(cx, event.subject, &row).await
}

/// Makes the report of a schedule about what was over yesterday.
async fn make(cx: &mut Cx, schedule: Uuid, row: &Record) -> Result<(), Problem> {
    let today = cx.today();
    let period = Rhythm::of(row).and_then(|rhythm| rhythm.period(today));
    let (from, to) = period.ok_or_else(|| Problem::field("frequency", "required"))?;
    let report = Map::from_iter([
        ("name".to_owned(), row.get("name").clone()),
        ("report_type".to_owned(), row.get("report_type").clone()),
        ("format".to_owned(), row.get("format").clone()),
        ("template_id".to_owned(), row.get("template_id").clone()),
        ("parameters".to_owned(), row.get("parameters").clone()),
        ("schedule_id".to_owned(), json!(schedule)),
        ("status".to_owned(), json!("scheduled")),
        ("scheduled_at".to_owned(), row.get("next_run_at").clone()),
        ("period_starts_on".to_owned(), json!(from)),
        ("period_ends_on".to_owned(), json!(to)),
    ]);
    let report = report.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let report = platform_engine::create(cx, &REPORTS, report).await?;
    let id = report
        .uuid("id")
        .ok_or_else(|| Problem::internal(&"a row without an id"))?;
    platform_engine::act(cx, &REPORTS, id, "generate", Map::new()).await?;
    Ok(())
}

pub(crate) const SCHEDULED: &str = "SELECT s.id FROM analytics.report_schedules s
    WHERE s.organization_id = $1 AND s.deleted_at IS NULL AND s.status = 'active' ORDER BY s.id";

/// The schedule `analytics.reports_due`: makes what is due and says when the next one is. A schedule that was changed is
/// planned anew; one that was missed while nothing ran is made once.
pub(crate) async fn reports_due(cx: &mut Cx) -> Result<(), Problem> {
    let schedules: Vec<Uuid> = sqlx::query_scalar(SCHEDULED)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    for id in schedules {
        let row = platform_engine::load(cx, &REPORT_SCHEDULES, id).await?;
        let Some(next) = Rhythm::of(&row).and_then(|rhythm| rhythm.next(cx.now, cx.time_zone())) else {
            continue;
        };
        let planned = row.instant("next_run_at");
        let instant = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let mut change = Map::from_iter([("next_run_at".to_owned(), json!(instant(next)))]);
        if planned.is_some_and(|planned| planned <= cx.now) {
            make(cx, id, &row).await?;
            change.insert("last_run_at".into(), json!(instant(cx.now)));
        }
        // Nothing is stored where nothing changes.
        platform_engine::change(cx, &REPORT_SCHEDULES, id, "plan", change).await?;
    }
    Ok(())
}
