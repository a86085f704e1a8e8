//! Rows that a plugin may read: asked of the product's own lists, as the API answers them. Which resources and fields, the host
//! has looked at before it asks here.

use std::sync::Arc;

use platform_core::{Body, Cx, Handler, Mode, Platform, Problem, Request};
use platform_plugin_host::{
    BoxFuture, Directory, DirectoryError, DirectoryPage, DirectoryQuery, DirectoryRow, Operator,
};
use serde_json::Value as Json;
use uuid::Uuid;

/// Reads of one organization, each in a short transaction of its own: none is open while the guest runs.
pub(crate) struct Rows {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
}

/// What lists call a comparison.
fn parameter(field: &str, operator: Operator) -> String {
    match operator {
        Operator::Equals => field.to_owned(),
        Operator::AnyOf => format!("{field}.in"),
        Operator::AtLeast => format!("{field}.gte"),
        Operator::AtMost => format!("{field}.lte"),
        Operator::Contains => format!("{field}.contains"),
    }
}

fn refused(problem: &Problem) -> DirectoryError {
    if problem.status.is_server_error() {
        DirectoryError::Unavailable(problem.to_string())
    } else {
        DirectoryError::Invalid(problem.to_string())
    }
}

impl Rows {
    async fn ask(&self, source: &str, verb: &str, request: Request) -> Result<Json, DirectoryError> {
        let resource = self.platform.registry.resource(source);
        let resource = resource.ok_or_else(|| DirectoryError::Invalid(format!("nothing is called {source}")))?;
        let id = format!("{source}.{verb}");
        let operations = platform_engine::resource_operations(resource);
        let operation = operations.into_iter().find(|operation| operation.id == id);
        let Some(Handler::Tenant(run)) = operation.map(|operation| operation.handler) else {
            return Err(DirectoryError::Invalid(format!("{source} cannot be read")));
        };
        let begun = Cx::begin_job(&self.platform, self.organization_id, crate::tasks::JOB, Mode::Read).await;
        let mut cx = begun.map_err(|problem| refused(&problem))?;
        if !cx.has_module(resource.module) {
            return Err(DirectoryError::Invalid(format!("{source} is switched off")));
        }
        let reply = run(&mut cx, request).await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(problem) if problem.code == "not_found" => return Ok(Json::Null),
            Err(problem) => return Err(refused(&problem)),
        };
        cx.commit().await.map_err(|problem| refused(&problem))?;
        match reply.body {
            Body::Bytes(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| DirectoryError::Unavailable(error.to_string()))
            }
            Body::Empty => Ok(Json::Null),
        }
    }

    async fn list(&self, query: &DirectoryQuery) -> Result<DirectoryPage, DirectoryError> {
        let mut pairs = vec![
            ("fields".to_owned(), query.fields.join(",")),
            // What one page of a list has.
            ("limit".to_owned(), query.limit.clamp(1, 100).to_string()),
        ];
        for condition in &query.conditions {
            let name = parameter(&condition.field, condition.operator);
            pairs.push((name, condition.values.join(",")));
        }
        pairs.extend(query.cursor.clone().map(|cursor| ("after".to_owned(), cursor)));
        let request = Request {
            query: serde_urlencoded::to_string(&pairs).map_err(|error| DirectoryError::Invalid(error.to_string()))?,
            ..Request::default()
        };
        let answer = self.ask(&query.source, "list", request).await?;
        let rows = answer["data"].as_array().into_iter().flatten();
        Ok(DirectoryPage {
            rows: rows.map(|row| shown(row, &query.fields)).collect(),
            cursor: answer["next"].as_str().map(ToOwned::to_owned),
        })
    }
}

/// A row with the fields that were asked for and nothing else.
fn shown(row: &Json, fields: &[String]) -> DirectoryRow {
    let kept = row.as_object().into_iter().flatten();
    let kept: serde_json::Map<String, Json> = kept
        .filter(|(name, _)| fields.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    DirectoryRow {
        id: row["id"].as_str().unwrap_or_default().to_owned(),
        json: Json::Object(kept).to_string(),
    }
}

impl Directory for Rows {
    fn read<'a>(&'a self, query: &'a DirectoryQuery) -> BoxFuture<'a, Result<DirectoryPage, DirectoryError>> {
        Box::pin(self.list(query))
    }

    fn get<'a>(
        &'a self,
        source: &'a str,
        id: &'a str,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Option<DirectoryRow>, DirectoryError>> {
        Box::pin(async move {
            let request = Request {
                path: vec![("id".to_owned(), id.to_owned())],
                ..Request::default()
            };
            let row = self.ask(source, "read", request).await?;
            Ok((!row.is_null()).then(|| shown(&row, fields)))
        })
    }
}
