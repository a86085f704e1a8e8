//! Figures of the ticket desk: how many, how fast, by whom, within which deadline. Tickets count by the day on which they were
//! opened. A median is the true one: of an even count, the mean of the two in the middle.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::figures::{Asked, Satisfaction, in_units_of, percent, rounded};

const HOUR_S: i64 = 3600;
const MINUTE_S: i64 = 60;

pub(crate) const COUNTS: &str = "SELECT t.status, t.priority, t.category, count(*) AS n,
        count(*) FILTER (WHERE t.assigned_to IS NULL AND t.status IN ('open', 'in_progress', 'pending')) AS unassigned,
        count(*) FILTER (WHERE t.merged_into_id IS NOT NULL) AS merged
    FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $2 AND t.created_at < $3
    GROUP BY t.status, t.priority, t.category";

/// Tickets by what they are.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Counts {
    total: i64,
    by_status: BTreeMap<String, i64>,
    by_priority: BTreeMap<String, i64>,
    by_category: BTreeMap<String, i64>,
    /// Not settled, and nobody's.
    unassigned: i64,
    /// Closed because they go on in another one.
    merged: i64,
    /// Resolved or closed in per cent of all.
    settled_percent: Option<String>,
}

/// `GET /support/analytics/tickets`.
pub(crate) async fn tickets(cx: &mut Cx, asked: Asked) -> Result<Counts, Problem> {
    let rows = asked.range(cx)?.rows(cx, COUNTS).await?;
    let mut counts = Counts::default();
    for row in rows {
        let count: i64 = row.try_get("n")?;
        counts.total += count;
        counts.unassigned += row.try_get::<i64, _>("unassigned")?;
        counts.merged += row.try_get::<i64, _>("merged")?;
        for (column, by) in [
            ("status", &mut counts.by_status),
            ("priority", &mut counts.by_priority),
            ("category", &mut counts.by_category),
        ] {
            *by.entry(row.try_get(column)?).or_default() += count;
        }
    }
    let settled = |status| counts.by_status.get(status).copied().unwrap_or_default();
    counts.settled_percent = percent(settled("resolved") + settled("closed"), counts.total);
    Ok(counts)
}

/// One row for each priority and one for all, whose priority is null.
pub(crate) const SPEEDS: &str = "WITH measured AS (
        SELECT t.priority, date_part('epoch', t.first_response_at - t.created_at) AS first_s,
            date_part('epoch', t.resolved_at - t.created_at) AS resolved_s
        FROM support.tickets t
        WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $2 AND t.created_at < $3
    )
    SELECT m.priority, count(m.first_s) AS answered, avg(m.first_s)::numeric AS first_mean,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY m.first_s)::numeric AS first_median, count(m.resolved_s) AS resolved,
        avg(m.resolved_s)::numeric AS resolved_mean,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY m.resolved_s)::numeric AS resolved_median
    FROM measured m GROUP BY GROUPING SETS ((), (m.priority))";

/// How fast.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Speed {
    /// Tickets with a first answer.
    answered: i64,
    first_response_mean_minutes: Option<String>,
    first_response_median_minutes: Option<String>,
    /// Tickets that are resolved.
    resolved: i64,
    resolution_mean_hours: Option<String>,
    resolution_median_hours: Option<String>,
}

impl Speed {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            answered: row.try_get("answered")?,
            first_response_mean_minutes: in_units_of(row.try_get("first_mean")?, MINUTE_S),
            first_response_median_minutes: in_units_of(row.try_get("first_median")?, MINUTE_S),
            resolved: row.try_get("resolved")?,
            resolution_mean_hours: in_units_of(row.try_get("resolved_mean")?, HOUR_S),
            resolution_median_hours: in_units_of(row.try_get("resolved_median")?, HOUR_S),
        })
    }
}

/// How fast tickets are answered and resolved.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Speeds {
    all: Speed,
    by_priority: BTreeMap<String, Speed>,
}

/// `GET /support/analytics/response_times`.
pub(crate) async fn response_times(cx: &mut Cx, asked: Asked) -> Result<Speeds, Problem> {
    let rows = asked.range(cx)?.rows(cx, SPEEDS).await?;
    let mut speeds = Speeds::default();
    for row in &rows {
        match row.try_get::<Option<String>, _>("priority")? {
            Some(priority) => drop(speeds.by_priority.insert(priority, Speed::of(row)?)),
            None => speeds.all = Speed::of(row)?,
        }
    }
    Ok(speeds)
}

pub(crate) const AGENTS: &str = "SELECT t.assigned_to, m.full_name, count(*) AS assigned,
        count(*) FILTER (WHERE t.status IN ('resolved', 'closed')) AS resolved,
        avg(date_part('epoch', t.resolved_at - t.created_at))::numeric AS resolution_s,
        avg(date_part('epoch', t.first_response_at - t.created_at))::numeric AS first_s,
        avg(t.satisfaction_rating)::numeric AS rating, count(t.satisfaction_rating) AS rated,
        count(*) FILTER (WHERE t.sla_breached) AS breached
    FROM support.tickets t
    JOIN platform.members m ON m.organization_id = t.organization_id AND m.user_id = t.assigned_to
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $2 AND t.created_at < $3
    GROUP BY t.assigned_to, m.full_name ORDER BY count(*) DESC, t.assigned_to LIMIT 500";

/// One agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Agent {
    user_id: Uuid,
    name: String,
    assigned: i64,
    resolved: i64,
    first_response_mean_minutes: Option<String>,
    resolution_mean_hours: Option<String>,
    /// Mean of the ratings of his tickets.
    rating_mean: Option<String>,
    rated: i64,
    breached: i64,
}

/// Agents, the busiest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Agents {
    data: Vec<Agent>,
}

/// `GET /support/analytics/agents`.
pub(crate) async fn agents(cx: &mut Cx, asked: Asked) -> Result<Agents, Problem> {
    let rows = asked.range(cx)?.rows(cx, AGENTS).await?;
    let agent = |row: &PgRow| {
        Ok(Agent {
            user_id: row.try_get("assigned_to")?,
            name: row.try_get("full_name")?,
            assigned: row.try_get("assigned")?,
            resolved: row.try_get("resolved")?,
            first_response_mean_minutes: in_units_of(row.try_get("first_s")?, MINUTE_S),
            resolution_mean_hours: in_units_of(row.try_get("resolution_s")?, HOUR_S),
            rating_mean: row
                .try_get::<Option<Decimal>, _>("rating")?
                .map(|mean| rounded(mean, 2)),
            rated: row.try_get("rated")?,
            breached: row.try_get("breached")?,
        })
    };
    let data = rows.iter().map(agent).collect::<Result<_, sqlx::Error>>()?;
    Ok(Agents { data })
}

pub(crate) const RATINGS: &str = "SELECT 'ticket' AS source, t.satisfaction_rating AS rating, count(*) AS n
    FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $2 AND t.created_at < $3
        AND t.satisfaction_rating IS NOT NULL
    GROUP BY t.satisfaction_rating
    UNION ALL
    SELECT 'product', f.rating, count(*) FROM support.product_feedbacks f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.created_at >= $2 AND f.created_at < $3
        AND f.rating IS NOT NULL
    GROUP BY f.rating
    UNION ALL
    SELECT 'chat', c.rating, count(*) FROM support.chat_sessions c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.created_at >= $2 AND c.created_at < $3
        AND c.rating IS NOT NULL
    GROUP BY c.rating";

/// How content people are, by what they rated.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Satisfied {
    tickets: Satisfaction,
    chats: Satisfaction,
    product: Satisfaction,
}

/// `GET /support/analytics/satisfaction`.
pub(crate) async fn satisfaction(cx: &mut Cx, asked: Asked) -> Result<Satisfied, Problem> {
    let rows = asked.range(cx)?.rows(cx, RATINGS).await?;
    let (mut tickets, mut chats, mut product) = ([0; 5], [0; 5], [0; 5]);
    for row in rows {
        let counts = match row.try_get("source")? {
            "ticket" => &mut tickets,
            "chat" => &mut chats,
            _ => &mut product,
        };
        let place = usize::try_from(row.try_get::<i64, _>("rating")? - 1).unwrap_or_default();
        if let Some(count) = counts.get_mut(place) {
            *count = row.try_get("n")?;
        }
    }
    Ok(Satisfied {
        tickets: Satisfaction::of(tickets),
        chats: Satisfaction::of(chats),
        product: Satisfaction::of(product),
    })
}

/// $2 to $3 are the days, $5 and $6 the points in time between which they lie: those use the indexes.
pub(crate) const TREND: &str = "WITH opened AS (
        SELECT (t.created_at AT TIME ZONE $4)::date AS day, count(*) AS n FROM support.tickets t
        WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $5 AND t.created_at < $6 GROUP BY 1
    ), settled AS (
        SELECT (t.resolved_at AT TIME ZONE $4)::date AS day, count(*) AS n FROM support.tickets t
        WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.resolved_at >= $5 AND t.resolved_at < $6 GROUP BY 1
    )
    SELECT d.day::date AS day, coalesce(o.n, 0) AS created, coalesce(s.n, 0) AS resolved
    FROM generate_series($2::date, $3::date, interval '1 day') AS d (day)
    LEFT JOIN opened o ON o.day = d.day::date LEFT JOIN settled s ON s.day = d.day::date
    ORDER BY d.day";

/// One day.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Day {
    day: NaiveDate,
    created: i64,
    resolved: i64,
}

/// Tickets by day; days without any are there too.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Trend {
    data: Vec<Day>,
    created: i64,
    resolved: i64,
}

/// `GET /support/analytics/trends`.
pub(crate) async fn trends(cx: &mut Cx, asked: Asked) -> Result<Trend, Problem> {
    let range = asked.range(cx)?;
    let zone = cx.time_zone().to_string();
    let rows = sqlx::query(TREND)
        .bind(cx.organization_id)
        .bind(range.first)
        .bind(range.last)
        .bind(zone)
        .bind(range.begins)
        .bind(range.ends)
        .fetch_all(cx.db())
        .await?;
    let day = |row: &PgRow| {
        Ok(Day {
            day: row.try_get("day")?,
            created: row.try_get("created")?,
            resolved: row.try_get("resolved")?,
        })
    };
    let data = rows.iter().map(day).collect::<Result<Vec<Day>, sqlx::Error>>()?;
    Ok(Trend {
        created: data.iter().map(|day| day.created).sum(),
        resolved: data.iter().map(|day| day.resolved).sum(),
        data,
    })
}

pub(crate) const DEADLINES: &str = "SELECT t.priority, count(*) AS with_deadline,
        count(*) FILTER (WHERE t.sla_breached OR (t.sla_due_at < $4 AND t.sla_status IN ('on_track', 'at_risk'))) AS breached
    FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.sla_due_at IS NOT NULL AND t.created_at >= $2
        AND t.created_at < $3
    GROUP BY t.priority ORDER BY t.priority";

/// Deadlines that were kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Tickets with a deadline.
    with_deadline: i64,
    breached: i64,
    /// (with a deadline − breached) in per cent of those with a deadline.
    compliance_percent: Option<String>,
}

impl Kept {
    fn of(with_deadline: i64, breached: i64) -> Self {
        Self {
            with_deadline,
            breached,
            compliance_percent: percent(with_deadline - breached, with_deadline),
        }
    }
}

/// Deadlines, all and by priority.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Deadlines {
    all: Kept,
    by_priority: BTreeMap<String, Kept>,
}

/// `GET /support/analytics/sla`.
pub(crate) async fn sla(cx: &mut Cx, asked: Asked) -> Result<Deadlines, Problem> {
    let range = asked.range(cx)?;
    let now = cx.now;
    let rows = sqlx::query(DEADLINES)
        .bind(cx.organization_id)
        .bind(range.begins)
        .bind(range.ends)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    let (mut with_deadline, mut breached) = (0, 0);
    let mut by_priority = BTreeMap::new();
    for row in rows {
        let (some, late): (i64, i64) = (row.try_get("with_deadline")?, row.try_get("breached")?);
        with_deadline += some;
        breached += late;
        by_priority.insert(row.try_get("priority")?, Kept::of(some, late));
    }
    Ok(Deadlines {
        all: Kept::of(with_deadline, breached),
        by_priority,
    })
}

pub(crate) const LEVELS: &str = "SELECT t.escalation_level, count(*) AS n,
        sum(date_part('epoch', t.escalated_at - t.created_at))::numeric AS waited_s, count(t.escalated_at) AS escalated
    FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $2 AND t.created_at < $3
    GROUP BY t.escalation_level";
pub(crate) const REASONS: &str = "SELECT t.escalation_reason, count(*) AS n FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.created_at >= $2 AND t.created_at < $3
        AND t.escalation_level <> 'none' AND t.escalation_reason IS NOT NULL
    GROUP BY t.escalation_reason ORDER BY count(*) DESC, t.escalation_reason LIMIT 10";

/// A reason and how often it was given.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reason {
    reason: String,
    tickets: i64,
}

/// Tickets that were escalated.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Escalations {
    tickets: i64,
    escalated: i64,
    /// Escalated in per cent of all.
    escalated_percent: Option<String>,
    /// Mean hours from opening to escalation.
    mean_hours_to_escalate: Option<String>,
    by_level: BTreeMap<String, i64>,
    /// The ten commonest.
    reasons: Vec<Reason>,
}

/// `GET /support/analytics/escalations`.
pub(crate) async fn escalations(cx: &mut Cx, asked: Asked) -> Result<Escalations, Problem> {
    let range = asked.range(cx)?;
    let levels = range.rows(cx, LEVELS).await?;
    let reasons = range.rows(cx, REASONS).await?;
    let mut by_level: BTreeMap<String, i64> = BTreeMap::new();
    let (mut waited_s, mut timed) = (Decimal::ZERO, 0_i64);
    for row in levels {
        by_level.insert(row.try_get("escalation_level")?, row.try_get("n")?);
        waited_s += row.try_get::<Option<Decimal>, _>("waited_s")?.unwrap_or_default();
        timed += row.try_get::<i64, _>("escalated")?;
    }
    let tickets: i64 = by_level.values().sum();
    let escalated = tickets - by_level.get("none").copied().unwrap_or_default();
    let reason = |row: &PgRow| {
        Ok(Reason {
            reason: row.try_get("escalation_reason")?,
            tickets: row.try_get("n")?,
        })
    };
    Ok(Escalations {
        tickets,
        escalated,
        escalated_percent: percent(escalated, tickets),
        mean_hours_to_escalate: (timed > 0)
            .then(|| waited_s / Decimal::from(timed))
            .and_then(|mean_s| in_units_of(Some(mean_s), HOUR_S)),
        by_level,
        reasons: reasons.iter().map(reason).collect::<Result<_, sqlx::Error>>()?,
    })
}
