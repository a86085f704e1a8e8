//! Figures of chat and knowledge base, and what support sees first.

use std::collections::BTreeMap;

use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::figures::{Asked, percent, rounded};

pub(crate) const CHATS: &str =
    "SELECT c.status, count(*) AS n, count(c.started_at) AS started, count(c.ended_at) AS ended,
        sum(date_part('epoch', c.started_at - c.created_at))::numeric AS waited_s,
        sum(date_part('epoch', c.ended_at - c.started_at))::numeric AS lasted_s,
        count(*) FILTER (WHERE c.started_at IS NOT NULL AND c.ended_at IS NOT NULL) AS lasted
    FROM support.chat_sessions c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.created_at >= $2 AND c.created_at < $3
    GROUP BY c.status";

/// Chats.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Chats {
    total: i64,
    by_status: BTreeMap<String, i64>,
    /// Mean seconds from opening until an agent takes the chat.
    mean_wait_s: Option<String>,
    /// Mean seconds from there to the end.
    mean_duration_s: Option<String>,
    /// Chats that ended before an agent took them.
    abandoned: i64,
}

/// `GET /support/analytics/chat`.
pub(crate) async fn chats(cx: &mut Cx, asked: Asked) -> Result<Chats, Problem> {
    let rows = asked.range(cx)?.rows(cx, CHATS).await?;
    let mut by_status: BTreeMap<String, i64> = BTreeMap::new();
    let [mut started, mut ended, mut lasted] = [0_i64; 3];
    let (mut waited_s, mut lasted_s) = (Decimal::ZERO, Decimal::ZERO);
    for row in rows {
        by_status.insert(row.try_get("status")?, row.try_get("n")?);
        started += row.try_get::<i64, _>("started")?;
        ended += row.try_get::<i64, _>("ended")?;
        lasted += row.try_get::<i64, _>("lasted")?;
        waited_s += row.try_get::<Option<Decimal>, _>("waited_s")?.unwrap_or_default();
        lasted_s += row.try_get::<Option<Decimal>, _>("lasted_s")?.unwrap_or_default();
    }
    let mean = |sum: Decimal, count: i64| (count > 0).then(|| rounded(sum / Decimal::from(count), 2));
    Ok(Chats {
        total: by_status.values().sum(),
        by_status,
        mean_wait_s: mean(waited_s, started),
        mean_duration_s: mean(lasted_s, lasted),
        abandoned: ended - lasted,
    })
}

pub(crate) const ARTICLES: &str = "SELECT a.status, count(*) AS n, sum(a.view_count)::bigint AS views,
        sum(a.helpful_count)::bigint AS helpful, sum(a.not_helpful_count)::bigint AS not_helpful,
        count(*) FILTER (WHERE a.helpful_count + a.not_helpful_count > 0) AS voted,
        sum(a.helpful_count::numeric / nullif(a.helpful_count + a.not_helpful_count, 0)) AS shares
    FROM support.kb_articles a WHERE a.organization_id = $1 AND a.deleted_at IS NULL GROUP BY a.status";
pub(crate) const TOP: &str = "SELECT a.id, a.title, a.view_count, a.helpful_count, a.not_helpful_count
    FROM support.kb_articles a WHERE a.organization_id = $1 AND a.status = 'published' AND a.deleted_at IS NULL
    ORDER BY a.view_count DESC, a.id LIMIT 10";

/// An article that is read.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Article {
    article_id: Uuid,
    title: String,
    views: i64,
    /// Helpful votes in per cent of all.
    helpful_percent: Option<String>,
}

/// The knowledge base.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Knowledge {
    articles: i64,
    by_status: BTreeMap<String, i64>,
    views: i64,
    helpful: i64,
    not_helpful: i64,
    /// Mean over articles with votes of helpful / (helpful + not helpful), in per cent: each article counts once.
    helpfulness_percent: Option<String>,
    /// The ten that are read most.
    top: Vec<Article>,
}

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// `GET /support/analytics/knowledge_base`.
pub(crate) async fn knowledge(cx: &mut Cx, _: Nothing) -> Result<Knowledge, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ARTICLES).bind(organization_id).fetch_all(cx.db()).await?;
    let top = sqlx::query(TOP).bind(organization_id).fetch_all(cx.db()).await?;
    let mut by_status: BTreeMap<String, i64> = BTreeMap::new();
    let [mut views, mut helpful, mut not_helpful, mut voted] = [0_i64; 4];
    let mut shares = Decimal::ZERO;
    for row in rows {
        by_status.insert(row.try_get("status")?, row.try_get("n")?);
        views += row.try_get::<i64, _>("views")?;
        helpful += row.try_get::<i64, _>("helpful")?;
        not_helpful += row.try_get::<i64, _>("not_helpful")?;
        voted += row.try_get::<i64, _>("voted")?;
        shares += row.try_get::<Option<Decimal>, _>("shares")?.unwrap_or_default();
    }
    let article = |row: &PgRow| {
        let (yes, no): (i64, i64) = (row.try_get("helpful_count")?, row.try_get("not_helpful_count")?);
        Ok(Article {
            article_id: row.try_get("id")?,
            title: row.try_get("title")?,
            views: row.try_get("view_count")?,
            helpful_percent: percent(yes, yes + no),
        })
    };
    Ok(Knowledge {
        articles: by_status.values().sum(),
        by_status,
        views,
        helpful,
        not_helpful,
        helpfulness_percent: (voted > 0).then(|| rounded(shares * Decimal::ONE_HUNDRED / Decimal::from(voted), 2)),
        top: top.iter().map(article).collect::<Result<_, sqlx::Error>>()?,
    })
}

/// Facts by what they are about and their name. $2 is now, $3 is when today began, $4 is who asks.
pub(crate) const OVERVIEW: &str = "SELECT 'ticket' AS about, t.status AS name, count(*) AS n FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status IN ('open', 'in_progress', 'pending') GROUP BY t.status
    UNION ALL
    SELECT 'priority', t.priority, count(*) FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status IN ('open', 'in_progress', 'pending') GROUP BY t.priority
    UNION ALL
    SELECT 'desk', fact.name, count(*) FROM support.tickets t
    CROSS JOIN LATERAL (VALUES
        ('unassigned', t.assigned_to IS NULL AND t.status IN ('open', 'in_progress', 'pending')),
        ('mine', t.assigned_to = $4 AND t.status IN ('open', 'in_progress', 'pending')),
        ('overdue', t.sla_due_at < $2 AND t.status IN ('open', 'in_progress', 'pending')),
        ('at_risk', t.sla_due_at >= $2 AND t.sla_due_at <= $2 + interval '2 hours'
            AND t.status IN ('open', 'in_progress', 'pending')),
        ('escalated', t.escalation_level <> 'none' AND t.status IN ('open', 'in_progress', 'pending')),
        ('opened_today', t.created_at >= $3), ('resolved_today', t.resolved_at >= $3)
    ) AS fact (name, holds)
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND fact.holds GROUP BY fact.name
    UNION ALL
    SELECT 'chat', c.status, count(*) FROM support.chat_sessions c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'ended' GROUP BY c.status
    UNION ALL
    SELECT 'contact', r.status, count(*) FROM support.contact_requests r
    WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND r.status = 'received' GROUP BY r.status
    UNION ALL
    SELECT 'feedback', f.status, count(*) FROM support.product_feedbacks f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status = 'new' GROUP BY f.status
    ORDER BY 1, 2";

/// Support at a glance.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Overview {
    /// Tickets that are not settled, by status.
    tickets: BTreeMap<String, i64>,
    /// The same by priority.
    by_priority: BTreeMap<String, i64>,
    /// Of those: nobody's.
    unassigned: i64,
    /// Of those: the caller's own.
    mine: i64,
    /// Of those: past their deadline.
    overdue: i64,
    /// Of those: due within two hours.
    at_risk: i64,
    /// Of those: escalated.
    escalated: i64,
    opened_today: i64,
    resolved_today: i64,
    /// Chats that have not ended, by status.
    chats: BTreeMap<String, i64>,
    /// Requests of the contact form that wait for an answer.
    contact_requests: i64,
    /// Opinions that nobody has looked at.
    new_feedback: i64,
}

/// `GET /support/overview`.
pub(crate) async fn overview(cx: &mut Cx, _: Nothing) -> Result<Overview, Problem> {
    let (now, actor) = (cx.now, cx.actor_id());
    let today = Asked::on(cx.today()).range(cx)?;
    let rows = sqlx::query(OVERVIEW)
        .bind(cx.organization_id)
        .bind(now)
        .bind(today.begins)
        .bind(actor)
        .fetch_all(cx.db())
        .await?;
    let mut overview = Overview::default();
    for row in rows {
        let (about, name): (String, String) = (row.try_get("about")?, row.try_get("name")?);
        let count: i64 = row.try_get("n")?;
        match (about.as_str(), name.as_str()) {
            ("ticket", _) => drop(overview.tickets.insert(name, count)),
            ("priority", _) => drop(overview.by_priority.insert(name, count)),
            ("chat", _) => drop(overview.chats.insert(name, count)),
            ("contact", _) => overview.contact_requests = count,
            ("feedback", _) => overview.new_feedback = count,
            (_, "unassigned") => overview.unassigned = count,
            (_, "mine") => overview.mine = count,
            (_, "overdue") => overview.overdue = count,
            (_, "at_risk") => overview.at_risk = count,
            (_, "escalated") => overview.escalated = count,
            (_, "opened_today") => overview.opened_today = count,
            _ => overview.resolved_today = count,
        }
    }
    Ok(overview)
}
