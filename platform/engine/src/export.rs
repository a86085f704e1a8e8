//! Files of what a list shows: the caller's filters, order and language.

use platform_core::{Cx, Locale, Problem, Reply, Request};
use platform_documents::{Cell, CsvOptions, write_csv, write_xlsx};
use platform_resource::{Kind, Resource, Value, Verb};
use rust_decimal::Decimal;
use sqlx::Row;

use crate::query::Query;
use crate::read::{Plan, page_statement};
use crate::record::decode;
use crate::rows::{Column, Form};

/// Most rows of a file: what a spreadsheet still opens well.
const MOST: i64 = 100_000;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What the files are, for the document.
pub const MEDIA: &str = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `GET /export?format=csv|xlsx` with the filters of a list.
pub(crate) async fn export(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let (mut pairs, mut format) = (request.pairs()?, "csv".to_owned());
    pairs.retain(|(name, value)| match name.as_str() {
        "format" => {
            format.clone_from(value);
            false
        }
        "titles" | "limit" | "after" | "total" => false,
        _ => true,
    });
    if !matches!(format.as_str(), "csv" | "xlsx") {
        return Err(Problem::field("format", "not_a_choice").with("allowed", "csv, xlsx"));
    }
    let query = Query {
        titles: true,
        ..Query::parse(cx, resource, &pairs)?
    };
    let mut plan = Plan::new(cx, resource, query.fields.as_deref(), true);
    let (statement, _) = page_statement(cx, resource, &query, &mut plan, Verb::Export, MOST + 1);
    let rows = statement.fetch(cx.db()).await?;
    if rows.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Err(Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "too_many_rows").with("max", MOST));
    }
    // A referenced row is named to people by its title; its id means nothing in a spreadsheet.
    let shown: Vec<(usize, &Column)> = plan
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| wanted(resource, column))
        .collect();
    let headers: Vec<String> = shown
        .iter()
        .map(|(_, column)| header(cx, resource, &column.key))
        .collect();
    let mut cells = Vec::with_capacity(rows.len());
    for row in &rows {
        let line: Result<Vec<Cell>, Problem> = shown
            .iter()
            .map(|(place, column)| match column.form {
                Form::Title => Ok(row
                    .try_get::<Option<String>, _>(*place)?
                    .map_or(Cell::Empty, Cell::Text)),
                Form::Field(kind) => Ok(cell(cx, resource, &column.key, kind, decode(row, *place, kind)?)),
            })
            .collect();
        cells.push(line?);
    }
    let name = cx.platform.catalogue.words(cx.locale)["resource"][resource.full_name()]["many"]
        .as_str()
        .unwrap_or(resource.name)
        .to_owned();
    let file_name = format!("{}-{}.{format}", resource.name, cx.today());
    let failed = |error: platform_documents::WriteError| Problem::internal(&error);
    if format == "xlsx" {
        let bytes = write_xlsx(&name, &headers, &cells, cx.locale == Locale::Ar).map_err(failed)?;
        return Ok(Reply::file(XLSX, &file_name, bytes));
    }
    let lines = cells.iter().map(|line| line.iter().map(text).collect::<Vec<_>>());
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &headers, lines, CsvOptions { byte_order_mark: true }).map_err(failed)?;
    Ok(Reply::file("text/csv; charset=utf-8", &file_name, bytes))
}

fn wanted(resource: &Resource, column: &Column) -> bool {
    let reference = resource
        .field(&column.key)
        .is_some_and(|field| matches!(field.kind, Kind::Reference { .. }));
    !reference && !matches!(&*column.key, "id" | "version")
}

fn header(cx: &Cx, resource: &Resource, key: &str) -> String {
    let name = key.strip_suffix("_title").map(|stem| format!("{stem}_id"));
    let name = name
        .filter(|name| resource.field(name).is_some())
        .unwrap_or_else(|| key.to_owned());
    cx.platform
        .catalogue
        .label(cx.locale, &resource.full_name(), &name)
        .to_owned()
}

fn cell(cx: &Cx, resource: &Resource, key: &str, kind: Kind, value: Value) -> Cell {
    let zone = cx.time_zone();
    match value {
        Value::Null => Cell::Empty,
        Value::Text(text) if matches!(kind, Kind::Choice { .. }) => Cell::Text(
            cx.platform
                .catalogue
                .choice(cx.locale, &resource.full_name(), key, &text)
                .to_owned(),
        ),
        Value::Text(text) => Cell::Text(text),
        Value::Integer(minor) if matches!(kind, Kind::Money { .. }) => Cell::Number(Decimal::new(minor, 2)),
        Value::Integer(number) => Cell::Number(number.into()),
        Value::Decimal(number) => Cell::Number(number),
        Value::Date(day) => Cell::Date(day),
        Value::Instant(at) => Cell::DateTime(at.with_timezone(&zone).naive_local()),
        Value::Boolean(yes) => Cell::Boolean(yes),
        Value::Uuid(id) => Cell::Text(id.to_string()),
        Value::Json(json) => Cell::Text(json.to_string()),
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Date(day) => day.to_string(),
        Cell::DateTime(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        Cell::Boolean(yes) => yes.to_string(),
    }
}
