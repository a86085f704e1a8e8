//! Several writes in one transaction: all of them or none.

use axum::http::StatusCode;
use platform_core::{Cx, FieldError, Problem, Reply, Request};
use platform_resource::{Resource, Verb};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::values::Writer;
use crate::{scope, write};

/// Most operations of one request.
pub(crate) const MOST: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bulk {
    operations: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    op: Op,
    id: Option<Uuid>,
    version: Option<i64>,
    #[serde(default)]
    data: Map<String, Json>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Op {
    Create,
    Update,
    Delete,
}

/// `POST /bulk`. A refusal names the operation's position and undoes all.
pub(crate) async fn bulk(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let input: Bulk = request.body_as()?;
    if input.operations.len() > MOST {
        return Err(Problem::invalid(vec![
            FieldError::new("operations", "too_large").with(vec![("max", MOST.to_string())]),
        ]));
    }
    let mut data = Vec::with_capacity(input.operations.len());
    for (place, item) in input.operations.iter().enumerate() {
        let outcome = one(cx, resource, item).await;
        data.push(outcome.map_err(|problem| at(place, problem))?);
    }
    Ok(Reply::json(StatusCode::OK, &json!({"data": data})))
}

/// Says at which position a problem arose.
fn at(place: usize, mut problem: Problem) -> Problem {
    if problem.errors.is_empty() {
        problem
            .errors
            .push(FieldError::new("operations", problem.code).with(problem.params.clone()));
    }
    for error in &mut problem.errors {
        error.row = Some(place);
    }
    problem
}

async fn one(cx: &mut Cx, resource: &'static Resource, item: &Item) -> Result<Json, Problem> {
    let verb = match item.op {
        Op::Create => Verb::Create,
        Op::Update => Verb::Update,
        Op::Delete => Verb::Delete,
    };
    let permission = resource.permission(verb);
    cx.scope(&permission).ok_or_else(|| Problem::forbidden(&permission))?;
    if matches!(item.op, Op::Create) {
        scope::keep(cx, resource, &permission, None, &item.data).await?;
        let row = write::insert(cx, resource, &item.data, Writer::Create).await?;
        return Ok(json!({"id": row.id, "version": row.version}));
    }
    let id = item.id.ok_or_else(|| Problem::field("id", "required"))?;
    let row = scope::reached(cx, resource, &permission, id).await?;
    if item.version.is_some_and(|version| version != row.version) {
        return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "stale"));
    }
    if matches!(item.op, Op::Delete) {
        write::remove(cx, resource, &row).await?;
        return Ok(json!({"id": id}));
    }
    scope::keep(cx, resource, &permission, Some(&row), &item.data).await?;
    let row = write::update(cx, resource, row, "update", &item.data, Writer::Update).await?;
    Ok(json!({"id": id, "version": row.version}))
}
