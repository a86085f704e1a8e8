//! Reads: pages of rows, one row, options for pickers.

use std::fmt::Write;

use axum::http::StatusCode;
use platform_core::{Cx, Problem, Reply, Request};
use platform_resource::{Kind, Resource, Verb};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::query::{self, Query, visible};
use crate::record::decode;
use crate::rows::{Column, Form, kind_of, standard_columns, write_row};
use crate::scope;
use crate::sql::{self, Statement};

/// What a read selects, and how it is written.
pub(crate) struct Plan {
    /// Columns that are answered, in order.
    pub columns: Vec<Column>,
    /// The select list, which begins with them.
    select: String,
    /// Joins that bring titles of referenced rows.
    joins: String,
}

impl Plan {
    /// The plan for what the caller may see of a resource and asks for.
    pub fn new(cx: &Cx, resource: &Resource, fields: Option<&[String]>, titles: bool) -> Self {
        let asked = |name: &str| fields.is_none_or(|fields| fields.iter().any(|field| field == name));
        let mut plan = Self {
            columns: Vec::new(),
            select: String::new(),
            joins: String::new(),
        };
        for column in standard_columns() {
            // Without its id and version a row cannot be opened or changed.
            if matches!(&*column.key, "id" | "version") || asked(&column.key) {
                plan.add(column);
            }
        }
        for (place, field) in resource.fields.iter().enumerate() {
            if !asked(field.name) || !visible(cx, resource, field) {
                continue;
            }
            plan.add(Column::new(field.name, Form::Field(field.kind)));
            let alias = format!("r{place}");
            let target = match field.kind {
                Kind::Reference { to } if titles => cx.platform.registry.resource(to),
                _ => None,
            };
            let (title, table, id) = match target {
                Some(target) => (sql::title(target, &alias), sql::table(target), "id"),
                None if titles && field.kind == Kind::Member => {
                    (format!("{alias}.full_name"), "platform.members".to_owned(), "user_id")
                }
                None => continue,
            };
            let stem = field.name.strip_suffix("_id").unwrap_or(field.name);
            let _ = write!(plan.select, ", {title}");
            plan.columns.push(Column::new(format!("{stem}_title"), Form::Title));
            let _ = write!(
                plan.joins,
                " LEFT JOIN {table} {alias} ON {alias}.organization_id = t.organization_id AND {alias}.{id} = t.\"{}\"",
                field.name
            );
        }
        plan
    }

    fn add(&mut self, column: Column) {
        self.select
            .push_str(if self.columns.is_empty() { "t.\"" } else { ", t.\"" });
        self.select.push_str(&column.key);
        self.select.push('"');
        self.columns.push(column);
    }

    /// Where a column stands in the select list; it is added behind the answered ones when it is not there.
    fn place(&mut self, name: &str, extra: &mut usize) -> usize {
        if let Some(place) = self.columns.iter().position(|column| column.key == name) {
            return place;
        }
        let _ = write!(self.select, ", t.\"{name}\"");
        *extra += 1;
        self.columns.len() + *extra - 1
    }
}

/// The statement of a page, and where its rows carry the sort values.
pub(crate) fn page_statement(
    cx: &Cx,
    resource: &Resource,
    query: &Query,
    plan: &mut Plan,
    verb: Verb,
    limit: i64,
) -> (Statement, Vec<usize>) {
    let mut extra = 0;
    let places = query
        .sort
        .iter()
        .map(|sort| plan.place(&sort.field, &mut extra))
        .collect();
    let mut statement = Statement::default();
    statement.push("SELECT ").push(&plan.select);
    scope::living(cx, resource, &resource.permission(verb), &plan.joins, &mut statement);
    query.conditions(&mut statement, resource);
    query.page(&mut statement);
    query.order(&mut statement);
    // As text: of a bound limit the planner assumes a tenth of the table, and would plan anew for every call to know better.
    statement.push(&format!(" LIMIT {limit}"));
    (statement, places)
}

/// `GET`.
pub(crate) async fn list(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let query = Query::parse(cx, resource, &request.pairs()?)?;
    let mut plan = Plan::new(cx, resource, query.fields.as_deref(), query.titles);
    let limit = query.limit as usize;
    let (statement, places) = page_statement(cx, resource, &query, &mut plan, Verb::Read, i64::from(query.limit) + 1);
    let rows = statement.fetch(cx.db()).await?;
    let page = &rows[..rows.len().min(limit)];
    let mut out = Vec::with_capacity(page.len() * plan.columns.len() * 32 + 64);
    out.extend_from_slice(b"{\"data\":[");
    for (place, row) in page.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_row(&mut out, row, &plan.columns)?;
    }
    out.extend_from_slice(b"],\"next\":");
    match page.last().filter(|_| rows.len() > limit) {
        Some(last) => {
            let cursor = query::cursor(&query.sort, &sort_values(last, &query, &places)?);
            out.extend_from_slice(format!("\"{cursor}\"").as_bytes());
        }
        None => out.extend_from_slice(b"null"),
    }
    if query.total {
        let total = count(cx, resource, &query).await?;
        out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
    }
    out.push(b'}');
    Ok(Reply::json_bytes(StatusCode::OK, out))
}

fn sort_values(row: &PgRow, query: &Query, places: &[usize]) -> Result<Vec<platform_resource::Value>, Problem> {
    query
        .sort
        .iter()
        .zip(places)
        .map(|(sort, place)| decode(row, *place, sort.kind))
        .collect()
}

async fn count(cx: &mut Cx, resource: &Resource, query: &Query) -> Result<i64, Problem> {
    let mut statement = Statement::default();
    statement.push("SELECT count(*)");
    scope::living(cx, resource, &resource.permission(Verb::Read), "", &mut statement);
    query.conditions(&mut statement, resource);
    let rows = statement.fetch(cx.db()).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default())
}

/// `GET /{id}`.
pub(crate) async fn read(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let mut titles = false;
    let mut fields = None;
    for (name, value) in request.pairs()? {
        match name.as_str() {
            "titles" if value == "true" || value == "false" => titles = value == "true",
            "titles" => return Err(Problem::field("titles", "not_a_boolean")),
            "fields" => {
                let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
                if let Some(name) = names.iter().find(|name| kind_of(resource, name).is_none()) {
                    return Err(Problem::field(name, "unknown_field"));
                }
                fields = Some(names);
            }
            _ => return Err(Problem::field(name, "unknown_field")),
        }
    }
    let plan = Plan::new(cx, resource, fields.as_deref(), titles);
    let mut statement = Statement::default();
    statement.push("SELECT ").push(&plan.select);
    scope::living(
        cx,
        resource,
        &resource.permission(Verb::Read),
        &plan.joins,
        &mut statement,
    );
    statement.push(" AND t.id = ").bind(id);
    let rows = statement.fetch(cx.db()).await?;
    let row = rows.first().ok_or_else(Problem::not_found)?;
    let mut out = Vec::with_capacity(plan.columns.len() * 32);
    write_row(&mut out, row, &plan.columns)?;
    // The version is the second standard column.
    let version: i64 = row.try_get(1)?;
    Ok(Reply::json_bytes(StatusCode::OK, out).header("etag", format!("\"{version}\"")))
}

/// `GET /options`: ids and titles for pickers.
pub(crate) async fn options(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let query = Query::parse(cx, resource, &request.pairs()?)?;
    let mut statement = Statement::default();
    statement.push(&format!("SELECT t.id, {} AS title", sql::title(resource, "t")));
    scope::living(cx, resource, &resource.permission(Verb::Read), "", &mut statement);
    query.conditions(&mut statement, resource);
    statement.push(" ORDER BY 2, 1 LIMIT ").bind(i64::from(query.limit));
    let rows = statement.fetch(cx.db()).await?;
    let columns = [
        Column::new("id", Form::Field(Kind::Reference { to: "" })),
        Column::new("title", Form::Title),
    ];
    let mut out = b"{\"data\":[".to_vec();
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_row(&mut out, row, &columns)?;
    }
    out.extend_from_slice(b"]}");
    Ok(Reply::json_bytes(StatusCode::OK, out))
}
