//! Figures that are kept: those of each day, and how much work there is by the hour.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeDelta};
use platform_core::{Cx, Problem};
use platform_resource::Resource;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::analytics::{DEADLINES, DECISIONS, FLOWS, STEPS, count, minutes, per_hour, percent, span, text};
use crate::ledger::object;
use crate::{
    WORKFLOW_METRICS, WORKFLOW_PERFORMANCE_SNAPSHOTS, WORKFLOW_STEP_METRICS, WORKFLOW_USER_METRICS, instant_json,
};

/// Rows of day $2 that are there already: kind, template, step, member, id.
pub(crate) const KEPT: &str = "SELECT 'flow' AS kind, f.workflow_template_id AS template, 0::bigint AS step, \
     NULL::uuid AS member, f.id FROM workflow.workflow_metrics f \
     WHERE f.organization_id = $1 AND f.measured_on = $2 AND f.deleted_at IS NULL \
     UNION ALL SELECT 'step', s.workflow_template_id, s.step_index, NULL, s.id FROM workflow.workflow_step_metrics s \
     WHERE s.organization_id = $1 AND s.measured_on = $2 AND s.deleted_at IS NULL \
     UNION ALL SELECT 'member', NULL, 0, m.member, m.id FROM workflow.workflow_user_metrics m \
     WHERE m.organization_id = $1 AND m.measured_on = $2 AND m.deleted_at IS NULL";

/// What members did from $2 to $3, and what waits for them by then.
pub(crate) const MEMBERS: &str = "SELECT m.user_id, started.n AS started, \
     decided.n AS decided, decided.approved, decided.mean AS decision_mean, decided.in_time, \
     done.n AS done, done.mean AS task_mean, waiting.n AS waiting, waiting.late \
     FROM platform.members m \
     CROSS JOIN LATERAL (SELECT count(*) AS n FROM workflow.workflow_instances i \
     WHERE i.organization_id = m.organization_id AND i.initiated_by = m.user_id AND i.started_at >= $2 \
     AND i.started_at < $3 AND i.deleted_at IS NULL) started \
     CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE r.status = 'approved') AS approved, \
     count(*) FILTER (WHERE r.expires_at IS NULL OR coalesce(r.approved_at, r.rejected_at) <= r.expires_at) AS \
     in_time, round(avg(extract(epoch FROM coalesce(r.approved_at, r.rejected_at) - r.created_at)::numeric / 60), 2) \
     AS mean \
     FROM workflow.approval_requests r WHERE r.organization_id = m.organization_id AND r.decided_by = m.user_id \
     AND coalesce(r.approved_at, r.rejected_at) >= $2 AND coalesce(r.approved_at, r.rejected_at) < $3 \
     AND r.deleted_at IS NULL) decided \
     CROSS JOIN LATERAL (SELECT count(*) AS n, round(avg(h.duration_s) / 60, 2) AS mean \
     FROM workflow.workflow_step_history h WHERE h.organization_id = m.organization_id AND h.executed_by = m.user_id \
     AND h.status = 'completed' AND h.completed_at >= $2 AND h.completed_at < $3 AND h.deleted_at IS NULL) done \
     CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE w.expires_at < $3) AS late \
     FROM workflow.approval_requests w WHERE w.organization_id = m.organization_id \
     AND coalesce(w.delegated_to, w.approver) = m.user_id AND w.status IN ('pending', 'delegated') \
     AND w.created_at < $3 AND w.deleted_at IS NULL) waiting \
     WHERE m.organization_id = $1 AND started.n + decided.n + done.n + waiting.n > 0 ORDER BY m.user_id";

/// Snapshots since $2.
pub(crate) const SNAPSHOTS: &str = "SELECT id FROM workflow.workflow_performance_snapshots WHERE organization_id = $1 \
     AND snapshot_at > $2 AND deleted_at IS NULL ORDER BY snapshot_at DESC LIMIT 1";

type Kept = BTreeMap<(String, Option<Uuid>, i64, Option<Uuid>), Uuid>;

/// `workflow.metrics`: yesterday's figures. What is there already is brought up to date.
pub(crate) async fn metrics(cx: &mut Cx) -> Result<(), Problem> {
    let yesterday = cx.today().checked_sub_days(Days::new(1)).unwrap_or(cx.today());
    day(cx, yesterday).await
}

/// The figures of a day.
pub(crate) async fn day(cx: &mut Cx, day: NaiveDate) -> Result<(), Problem> {
    let rows = sqlx::query(KEPT)
        .bind(cx.organization_id)
        .bind(day)
        .fetch_all(cx.db())
        .await?;
    let kept = rows.iter().map(|row| {
        let key = (
            row.try_get("kind")?,
            row.try_get("template")?,
            row.try_get("step")?,
            row.try_get("member")?,
        );
        Ok((key, row.try_get("id")?))
    });
    let kept = kept.collect::<Result<Kept, sqlx::Error>>()?;
    flows(cx, day, &kept).await?;
    steps(cx, day, &kept).await?;
    members(cx, day, &kept).await
}

async fn keep(
    cx: &mut Cx,
    resource: &'static Resource,
    there: Option<&Uuid>,
    row: Map<String, Json>,
) -> Result<(), Problem> {
    match there {
        Some(id) => platform_engine::change(cx, resource, *id, "measure", row)
            .await
            .map(drop),
        None => platform_engine::create(cx, resource, row).await.map(drop),
    }
}

fn by_template(rows: Vec<PgRow>) -> Result<BTreeMap<Uuid, PgRow>, sqlx::Error> {
    let named = rows
        .into_iter()
        .map(|row| Ok((row.try_get::<Option<Uuid>, _>("template_id")?, row)));
    let named = named.collect::<Result<Vec<_>, sqlx::Error>>()?;
    Ok(named.into_iter().filter_map(|(id, row)| Some((id?, row))).collect())
}

async fn flows(cx: &mut Cx, day: NaiveDate, kept: &Kept) -> Result<(), Problem> {
    let (begin, end) = span(cx, day, day);
    let none = None::<Uuid>;
    macro_rules! rows {
        ($sql:expr) => {
            sqlx::query($sql)
                .bind(cx.organization_id)
                .bind(begin)
                .bind(end)
                .bind(none)
        };
    }
    let now = cx.now;
    let flows = by_template(rows!(FLOWS).bind(now).fetch_all(cx.db()).await?)?;
    let decisions = by_template(rows!(DECISIONS).fetch_all(cx.db()).await?)?;
    let deadlines = by_template(rows!(DEADLINES).fetch_all(cx.db()).await?)?;
    let steps = rows!(STEPS).fetch_all(cx.db()).await?;
    for (template, flow) in &flows {
        let (decision, deadline) = (decisions.get(template), deadlines.get(template));
        let mut slowest = Vec::new();
        let mut executed = 0_i64;
        for step in &steps {
            if step.try_get::<Uuid, _>("template_id")? != *template {
                continue;
            }
            executed += step.try_get::<i64, _>("completed")?;
            let wait = minutes(step, "mean_wait")?;
            if wait.is_some() && slowest.len() < 3 {
                let name: String = step.try_get("step_name")?;
                slowest.push(json!({"step": name, "mean_wait_minutes": wait}));
            }
        }
        let (met, missed) = (count(deadline, "met")?, count(deadline, "missed")?);
        let completed = count(Some(flow), "completed")?;
        let steps_each = Decimal::from(executed)
            .checked_div(Decimal::from(completed))
            .map(|each| each.round_dp(2));
        let row = json!({
            "workflow_template_id": template, "measured_on": day.to_string(),
            "total_instances": count(Some(flow), "started")?, "completed_instances": completed,
            "rejected_instances": count(Some(flow), "rejected")?, "cancelled_instances": count(Some(flow),
                "cancelled")?,
            "in_progress_instances": count(Some(flow), "open")?,
            "avg_completion_minutes": minutes(flow, "mean")?, "min_completion_minutes": minutes(flow, "least")?,
            "max_completion_minutes": minutes(flow, "most")?, "median_completion_minutes": minutes(flow, "median")?,
            "avg_steps_completed": text(steps_each), "total_steps_executed": executed,
            "avg_approval_minutes": decision.map(|row| minutes(row, "mean")).transpose()?.flatten(),
            "total_approvals": count(decision, "approved")?, "total_rejections": count(decision, "rejected")?,
            "sla_met_count": met, "sla_breached_count": missed,
            "sla_compliance_percent": text(percent(met, met + missed)), "bottleneck_steps": slowest,
        });
        let there = kept.get(&("flow".into(), Some(*template), 0, None));
        keep(cx, &WORKFLOW_METRICS, there, object(row)).await?;
    }
    Ok(())
}

async fn steps(cx: &mut Cx, day: NaiveDate, kept: &Kept) -> Result<(), Problem> {
    let (begin, end) = span(cx, day, day);
    let rows = sqlx::query(STEPS)
        .bind(cx.organization_id)
        .bind(begin)
        .bind(end)
        .bind(None::<Uuid>)
        .fetch_all(cx.db())
        .await?;
    // A step that was renamed during the day is kept under the name under which it waited longest.
    let mut seen = BTreeSet::new();
    for step in rows {
        let (template, index): (Uuid, i64) = (step.try_get("template_id")?, step.try_get("step_index")?);
        if !seen.insert((template, index)) {
            continue;
        }
        let (runs, failed) = (count(Some(&step), "runs")?, count(Some(&step), "failed")?);
        let row = json!({
            "workflow_template_id": template, "step_index": index, "step_name": step.try_get::<String, _>("step_name")?,
            "measured_on": day.to_string(), "total_executions": runs,
            "successful_executions": count(Some(&step), "completed")?, "failed_executions": failed,
            "skipped_executions": count(Some(&step), "skipped")?, "avg_execution_minutes": minutes(&step, "mean")?,
            "min_execution_minutes": minutes(&step, "least")?, "max_execution_minutes": minutes(&step, "most")?,
            "avg_wait_minutes": minutes(&step, "mean_wait")?, "max_wait_minutes": minutes(&step, "most_wait")?,
            "error_rate_percent": text(percent(failed, runs)),
        });
        let there = kept.get(&("step".into(), Some(template), index, None));
        keep(cx, &WORKFLOW_STEP_METRICS, there, object(row)).await?;
    }
    Ok(())
}

async fn members(cx: &mut Cx, day: NaiveDate, kept: &Kept) -> Result<(), Problem> {
    let (begin, end) = span(cx, day, day);
    let rows = sqlx::query(MEMBERS)
        .bind(cx.organization_id)
        .bind(begin)
        .bind(end)
        .fetch_all(cx.db())
        .await?;
    for person in rows {
        let member: Uuid = person.try_get("user_id")?;
        let decided = count(Some(&person), "decided")?;
        let row = json!({
            "member": member, "measured_on": day.to_string(), "workflows_initiated": count(Some(&person), "started")?,
            "approvals_completed": decided, "approvals_pending": count(Some(&person), "waiting")?,
            "avg_approval_minutes": minutes(&person, "decision_mean")?,
            "approval_rate_percent": text(percent(count(Some(&person), "approved")?, decided)),
            "tasks_completed": count(Some(&person), "done")?, "avg_task_minutes": minutes(&person, "task_mean")?,
            "on_time_percent": text(percent(count(Some(&person), "in_time")?, decided)),
            "overdue_tasks": count(Some(&person), "late")?,
        });
        let there = kept.get(&("member".into(), None, 0, Some(member)));
        keep(cx, &WORKFLOW_USER_METRICS, there, object(row)).await?;
    }
    Ok(())
}

/// `workflow.snapshot`: how much work there is, once an hour.
pub(crate) async fn snapshot(cx: &mut Cx) -> Result<(), Problem> {
    let recently = cx.now - TimeDelta::minutes(55);
    let there = sqlx::query(SNAPSHOTS)
        .bind(cx.organization_id)
        .bind(recently)
        .fetch_optional(cx.db())
        .await?;
    if there.is_some() {
        return Ok(());
    }
    let (now, before) = (cx.now, cx.now - TimeDelta::hours(24));
    macro_rules! rows {
        ($sql:expr) => {
            sqlx::query($sql)
                .bind(cx.organization_id)
                .bind(before)
                .bind(now)
                .bind(None::<Uuid>)
        };
    }
    let flows = rows!(FLOWS).bind(now).fetch_all(cx.db()).await?;
    let deadlines = rows!(DEADLINES).fetch_all(cx.db()).await?;
    let of = |rows: &[PgRow], template: Option<Uuid>| {
        rows.iter()
            .position(|row| matches!(row.try_get::<Option<Uuid>, _>("template_id"), Ok(id) if id == template))
    };
    let mut snapshots = Vec::new();
    for flow in &flows {
        let template: Option<Uuid> = flow.try_get("template_id")?;
        let open = count(Some(flow), "open")?;
        let ended = count(Some(flow), "completed")?;
        // Nothing to say of a template that rests; of all together there always is.
        if template.is_some() && open + ended == 0 {
            continue;
        }
        let deadline = of(&deadlines, template).and_then(|place| deadlines.get(place));
        let failed = count(Some(flow), "rejected")? + count(Some(flow), "cancelled")?;
        let (at_risk, late) = (count(deadline, "at_risk")?, count(deadline, "late")?);
        let row = json!({
            "workflow_template_id": template, "snapshot_at": instant_json(now), "active_instances": open,
            "pending_approvals": count(Some(flow), "pending")?, "overdue_instances": count(Some(flow), "overdue")?,
            "sla_at_risk": at_risk, "completed_last_24h": ended, "avg_minutes_24h": minutes(flow, "mean")?,
            "success_rate_percent_24h": text(percent(ended, ended + failed)),
            "throughput_per_hour": text(per_hour(ended, 24)), "expected_minutes": minutes(flow, "median")?,
            "critical_alerts": late, "warning_alerts": at_risk,
        });
        snapshots.push(object(row));
    }
    if !snapshots.is_empty() {
        platform_engine::create_many(cx, &WORKFLOW_PERFORMANCE_SNAPSHOTS, snapshots).await?;
    }
    Ok(())
}
