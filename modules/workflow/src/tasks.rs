//! A member's own desk, second drawer: steps that wait for him, and what became of his own requests.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::inbox::{AtMost, List};
use crate::people;

/// Workflows whose step waits for member $2 or one of the roles $3, the most urgent first; at most $4.
pub(crate) const TASKS: &str = "SELECT i.id, i.instance_number, i.subject, t.name AS template, i.status, i.priority, \
     i.current_step_name, i.step_started_at, i.step_due_at, i.started_at, i.completed_at \
     FROM workflow.workflow_instances i JOIN workflow.workflow_templates t \
     ON t.organization_id = i.organization_id AND t.id = i.template_id \
     WHERE i.organization_id = $1 AND i.status = 'in_progress' AND i.deleted_at IS NULL \
     AND (i.assigned_to = $2 OR (i.assigned_to IS NULL AND i.assigned_role = ANY($3))) \
     ORDER BY i.step_due_at NULLS LAST, i.id LIMIT $4";

/// Workflows that member $2 started, the newest first; at most $3.
pub(crate) const REQUESTS: &str = "SELECT i.id, i.instance_number, i.subject, t.name AS template, i.status, i.priority, \
     i.current_step_name, i.step_started_at, i.step_due_at, i.started_at, i.completed_at \
     FROM workflow.workflow_instances i JOIN workflow.workflow_templates t \
     ON t.organization_id = i.organization_id AND t.id = i.template_id \
     WHERE i.organization_id = $1 AND i.initiated_by = $2 AND i.deleted_at IS NULL ORDER BY i.id DESC LIMIT $3";

/// A workflow on somebody's desk.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Task {
    id: Uuid,
    instance_number: String,
    subject: Option<String>,
    template: String,
    status: String,
    priority: String,
    step: Option<String>,
    step_started_at: Option<DateTime<Utc>>,
    step_due_at: Option<DateTime<Utc>>,
    is_overdue: bool,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
}

fn list(rows: &[PgRow], now: DateTime<Utc>) -> Result<List<Task>, Problem> {
    let data = rows.iter().map(|row| {
        let step_due_at: Option<DateTime<Utc>> = row.try_get("step_due_at")?;
        let completed_at: Option<DateTime<Utc>> = row.try_get("completed_at")?;
        Ok(Task {
            id: row.try_get("id")?,
            instance_number: row.try_get("instance_number")?,
            subject: row.try_get("subject")?,
            template: row.try_get("template")?,
            status: row.try_get("status")?,
            priority: row.try_get("priority")?,
            step: row.try_get("current_step_name")?,
            step_started_at: row.try_get("step_started_at")?,
            is_overdue: completed_at.is_none() && step_due_at.is_some_and(|due| due < now),
            step_due_at,
            started_at: row.try_get("started_at")?,
            completed_at,
        })
    });
    Ok(List {
        data: data.collect::<Result<_, sqlx::Error>>()?,
    })
}

/// `GET /workflow/my_tasks`.
pub(crate) async fn tasks(cx: &mut Cx, asked: AtMost) -> Result<List<Task>, Problem> {
    let (limit, roles) = (asked.limit()?, people::roles(cx));
    let rows = sqlx::query(TASKS)
        .bind(cx.organization_id)
        .bind(cx.actor_id())
        .bind(roles)
        .bind(limit)
        .fetch_all(cx.db())
        .await?;
    list(&rows, cx.now)
}

/// `GET /workflow/my_requests`.
pub(crate) async fn requests(cx: &mut Cx, asked: AtMost) -> Result<List<Task>, Problem> {
    let limit = asked.limit()?;
    let rows = sqlx::query(REQUESTS)
        .bind(cx.organization_id)
        .bind(cx.actor_id())
        .bind(limit)
        .fetch_all(cx.db())
        .await?;
    list(&rows, cx.now)
}
