//! How workflows fare: how long they take, where they wait, what is approved and what is late. Everything is counted
//! from rows each time; nothing is remembered.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};
use uuid::Uuid;

/// By template, and for all of them: counts and minutes to completion from $2 to $3; $4 is one template or none; $5
/// is now.
pub(crate) const FLOWS: &str = "SELECT i.template_id, \
     count(*) FILTER (WHERE i.started_at >= $2 AND i.started_at < $3) AS started, \
     count(*) FILTER (WHERE i.status = 'completed' AND i.completed_at >= $2 AND i.completed_at < $3) AS completed, \
     count(*) FILTER (WHERE i.status = 'cancelled' AND i.completed_at >= $2 AND i.completed_at < $3) AS cancelled, \
     count(*) FILTER (WHERE i.status = 'rejected' AND i.updated_at >= $2 AND i.updated_at < $3) AS rejected, \
     count(*) FILTER (WHERE i.status IN ('in_progress', 'pending_approval', 'approved')) AS open, \
     count(*) FILTER (WHERE i.status = 'pending_approval') AS pending, \
     count(*) FILTER (WHERE i.status IN ('in_progress', 'pending_approval', 'approved') AND i.step_due_at < $5) AS \
     overdue, round(avg(d.minutes), 2) AS mean, round(min(d.minutes), 2) AS least, round(max(d.minutes), 2) AS most, \
     round((percentile_cont(0.5) WITHIN GROUP (ORDER BY d.minutes))::numeric, 2) AS median \
     FROM workflow.workflow_instances i LEFT JOIN LATERAL (SELECT \
     extract(epoch FROM i.completed_at - i.started_at)::numeric / 60 AS minutes \
     WHERE i.status = 'completed' AND i.completed_at >= $2 AND i.completed_at < $3) d ON true \
     WHERE i.organization_id = $1 AND ($4::uuid IS NULL OR i.template_id = $4) AND i.deleted_at IS NULL \
     GROUP BY GROUPING SETS ((i.template_id), ())";

/// Steps that ended from $2 to $3, by template and step.
pub(crate) const STEPS: &str = "SELECT i.template_id, h.step_index, h.step_name, count(*) AS runs, \
     count(*) FILTER (WHERE h.status = 'completed') AS completed, count(*) FILTER (WHERE h.status = 'failed') AS \
     failed, count(*) FILTER (WHERE h.status = 'skipped') AS skipped, \
     round(avg(h.duration_s) FILTER (WHERE h.status <> 'skipped') / 60, 2) AS mean, \
     round(min(h.duration_s) FILTER (WHERE h.status <> 'skipped')::numeric / 60, 2) AS least, \
     round(max(h.duration_s) FILTER (WHERE h.status <> 'skipped')::numeric / 60, 2) AS most, \
     round(avg(h.wait_time_s) FILTER (WHERE h.status <> 'skipped') / 60, 2) AS mean_wait, \
     round(max(h.wait_time_s) FILTER (WHERE h.status <> 'skipped')::numeric / 60, 2) AS most_wait \
     FROM workflow.workflow_step_history h JOIN workflow.workflow_instances i \
     ON i.organization_id = h.organization_id AND i.id = h.workflow_instance_id AND i.deleted_at IS NULL \
     WHERE h.organization_id = $1 AND h.completed_at >= $2 AND h.completed_at < $3 AND h.deleted_at IS NULL \
     AND ($4::uuid IS NULL OR i.template_id = $4) GROUP BY i.template_id, h.step_index, h.step_name \
     ORDER BY mean_wait DESC NULLS LAST, h.step_index";

/// Decisions from $2 to $3, by template and for all of them.
pub(crate) const DECISIONS: &str = "SELECT i.template_id, count(*) FILTER (WHERE r.status = 'approved') AS approved, \
     count(*) FILTER (WHERE r.status = 'rejected') AS rejected, \
     round(avg(extract(epoch FROM coalesce(r.approved_at, r.rejected_at) - r.created_at)::numeric / 60), 2) AS mean \
     FROM workflow.approval_requests r JOIN workflow.workflow_instances i \
     ON i.organization_id = r.organization_id AND i.id = r.workflow_instance_id AND i.deleted_at IS NULL \
     WHERE r.organization_id = $1 AND coalesce(r.approved_at, r.rejected_at) >= $2 \
     AND coalesce(r.approved_at, r.rejected_at) < $3 AND r.deleted_at IS NULL \
     AND ($4::uuid IS NULL OR i.template_id = $4) GROUP BY GROUPING SETS ((i.template_id), ())";

/// Deadlines that were met or missed from $2 to $3, by template and for all of them; those of cancelled workflows are
/// neither. At risk and running ones are those of now.
pub(crate) const DEADLINES: &str = "SELECT i.template_id, \
     count(*) FILTER (WHERE c.status = 'completed' AND c.breached_at IS NULL AND c.resolved_at >= $2 AND \
     c.resolved_at < $3) AS met, count(*) FILTER (WHERE c.breached_at >= $2 AND c.breached_at < $3) AS missed, \
     count(*) FILTER (WHERE c.status = 'warning') AS at_risk, count(*) FILTER (WHERE c.status = 'breached') AS late \
     FROM workflow.workflow_sla_instances c JOIN workflow.workflow_instances i \
     ON i.organization_id = c.organization_id AND i.id = c.workflow_instance_id AND i.deleted_at IS NULL \
     WHERE c.organization_id = $1 AND i.status <> 'cancelled' AND c.deleted_at IS NULL \
     AND ($4::uuid IS NULL OR i.template_id = $4) GROUP BY GROUPING SETS ((i.template_id), ())";

/// Workflows by state.
pub(crate) const STATES: &str = "SELECT i.status, count(*) AS n FROM workflow.workflow_instances i \
     WHERE i.organization_id = $1 AND ($2::uuid IS NULL OR i.template_id = $2) AND i.deleted_at IS NULL GROUP BY \
     i.status \
     ORDER BY i.status";

/// A share in percent, rounded half up; nothing of nothing.
pub(crate) fn percent(part: i64, whole: i64) -> Option<Decimal> {
    let share = Decimal::from(part * 100).checked_div(Decimal::from(whole))?;
    Some(share.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

/// An amount by the hour, rounded half up.
pub(crate) fn per_hour(count: i64, hours: i64) -> Option<Decimal> {
    let rate = Decimal::from(count).checked_div(Decimal::from(hours))?;
    Some(rate.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

pub(crate) fn text(amount: Option<Decimal>) -> Option<String> {
    amount.map(|amount| format!("{amount:.2}"))
}

/// A count, or zero where there is nothing to count.
pub(crate) fn count(row: Option<&PgRow>, column: &str) -> Result<i64, Error> {
    row.map_or(Ok(0), |row| row.try_get(column))
}

/// A column of minutes.
pub(crate) fn minutes(row: &PgRow, column: &str) -> Result<Option<String>, Error> {
    row.try_get::<Option<Decimal>, _>(column).map(text)
}

/// A time and a template.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; thirty days ago when not given.
    from: Option<NaiveDate>,
    /// Last day; today when not given.
    to: Option<NaiveDate>,
    template_id: Option<Uuid>,
}

/// Minutes from start to completion.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Minutes {
    mean: Option<String>,
    least: Option<String>,
    most: Option<String>,
    median: Option<String>,
}

/// A step and how long it waits for people.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct StepFigures {
    template_id: Uuid,
    step_index: i64,
    step_name: String,
    runs: i64,
    skipped: i64,
    mean_wait_minutes: Option<String>,
    longest_wait_minutes: Option<String>,
}

/// How many workflows are in a state.
#[derive(Serialize, JsonSchema)]
pub(crate) struct State {
    status: String,
    count: i64,
}

/// How workflows fare.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Figures {
    from: NaiveDate,
    to: NaiveDate,
    /// Started in the time.
    started: i64,
    completed: i64,
    rejected: i64,
    cancelled: i64,
    /// Under way now.
    open: i64,
    pending_approval: i64,
    /// Under way and past the time of the step.
    overdue: i64,
    completion_minutes: Minutes,
    /// Completed by hour of the time.
    throughput_per_hour: Option<String>,
    approvals: i64,
    rejections: i64,
    approval_rate_percent: Option<String>,
    mean_decision_minutes: Option<String>,
    deadlines_met: i64,
    deadlines_missed: i64,
    deadline_compliance_percent: Option<String>,
    steps: Vec<StepFigures>,
    /// The three steps with the longest mean wait.
    bottlenecks: Vec<StepFigures>,
    states: Vec<State>,
}

/// The longest time that is looked at.
const MOST_DAYS: i64 = 731;

/// `GET /workflow/analytics`.
pub(crate) async fn figures(cx: &mut Cx, asked: Asked) -> Result<Figures, Problem> {
    let to = asked.to.unwrap_or(cx.today());
    let from = asked.from.or(to.checked_sub_days(Days::new(30))).unwrap_or(to);
    let is_known = |day: NaiveDate| (1900..=2200).contains(&day.year());
    for (name, day) in [("from", from), ("to", to)] {
        if !is_known(day) {
            return Err(Problem::field(name, "date_out_of_range"));
        }
    }
    let days = (to - from).num_days() + 1;
    if days < 1 {
        return Err(Problem::field("to", "ends_before_start"));
    }
    if days > MOST_DAYS {
        return Err(Problem::field("from", "too_long_a_time"));
    }
    let (begin, end) = span(cx, from, to);
    let now = cx.now;
    let all = |rows: Vec<PgRow>| {
        rows.into_iter()
            .find(|row| matches!(row.try_get::<Option<Uuid>, _>("template_id"), Ok(None)))
    };
    macro_rules! rows {
        ($sql:expr) => {
            sqlx::query($sql)
                .bind(cx.organization_id)
                .bind(begin)
                .bind(end)
                .bind(asked.template_id)
        };
    }
    let flows = all(rows!(FLOWS).bind(now).fetch_all(cx.db()).await?);
    let decisions = all(rows!(DECISIONS).fetch_all(cx.db()).await?);
    let deadlines = all(rows!(DEADLINES).fetch_all(cx.db()).await?);
    let steps = rows!(STEPS).fetch_all(cx.db()).await?;
    let states = sqlx::query(STATES)
        .bind(cx.organization_id)
        .bind(asked.template_id)
        .fetch_all(cx.db())
        .await?;
    let (flows, decisions, deadlines) = (flows.as_ref(), decisions.as_ref(), deadlines.as_ref());
    let minutes_of = |row: Option<&PgRow>, column: &str| row.map_or(Ok(None), |row| minutes(row, column));
    let steps = steps.iter().map(|row| {
        Ok(StepFigures {
            template_id: row.try_get("template_id")?,
            step_index: row.try_get("step_index")?,
            step_name: row.try_get("step_name")?,
            runs: row.try_get("runs")?,
            skipped: row.try_get("skipped")?,
            mean_wait_minutes: minutes(row, "mean_wait")?,
            longest_wait_minutes: minutes(row, "most_wait")?,
        })
    });
    let steps = steps.collect::<Result<Vec<_>, Error>>()?;
    let states = states.iter().map(|row| {
        Ok(State {
            status: row.try_get("status")?,
            count: row.try_get("n")?,
        })
    });
    let (approvals, rejections) = (count(decisions, "approved")?, count(decisions, "rejected")?);
    let (met, missed) = (count(deadlines, "met")?, count(deadlines, "missed")?);
    let completed = count(flows, "completed")?;
    Ok(Figures {
        from,
        to,
        started: count(flows, "started")?,
        completed,
        rejected: count(flows, "rejected")?,
        cancelled: count(flows, "cancelled")?,
        open: count(flows, "open")?,
        pending_approval: count(flows, "pending")?,
        overdue: count(flows, "overdue")?,
        completion_minutes: Minutes {
            mean: minutes_of(flows, "mean")?,
            least: minutes_of(flows, "least")?,
            most: minutes_of(flows, "most")?,
            median: minutes_of(flows, "median")?,
        },
        throughput_per_hour: text(per_hour(completed, days * 24)),
        approvals,
        rejections,
        approval_rate_percent: text(percent(approvals, approvals + rejections)),
        mean_decision_minutes: minutes_of(decisions, "mean")?,
        deadlines_met: met,
        deadlines_missed: missed,
        deadline_compliance_percent: text(percent(met, met + missed)),
        bottlenecks: steps
            .iter()
            .filter(|step| step.mean_wait_minutes.is_some())
            .take(3)
            .cloned()
            .collect(),
        steps,
        states: states.collect::<Result<_, Error>>()?,
    })
}

/// From the first moment of a day to the first after another, on the organization's clocks.
pub(crate) fn span(cx: &Cx, from: NaiveDate, to: NaiveDate) -> (chrono::DateTime<Utc>, chrono::DateTime<Utc>) {
    let at = |day: NaiveDate| {
        let local = cx
            .time_zone()
            .from_local_datetime(&day.and_time(NaiveTime::MIN))
            .earliest();
        local.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |at| at.with_timezone(&Utc))
    };
    (at(from), at(to.checked_add_days(Days::new(1)).unwrap_or(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up() {
        let table = [
            (65, 80, Some("81.25")),
            (1, 3, Some("33.33")),
            (2, 3, Some("66.67")),
            (1, 800, Some("0.13")),
            (0, 5, Some("0.00")),
            (0, 0, None),
        ];
        for (part, whole, expected) in table {
            assert_eq!(text(percent(part, whole)).as_deref(), expected, "{part} of {whole}");
        }
        assert_eq!(text(per_hour(36, 24)).as_deref(), Some("1.50"));
    }
}
