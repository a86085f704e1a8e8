//! The order of what waits: scores from the deadline, the customer and the base, computed at the moment of the question.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::rows::from_row;
use crate::score::{hundredths, percent};

/// What one place further ahead in the queue takes.
const MINUTES_PER_PLACE: i64 = 15;

pub(crate) const WAITING: &str = "SELECT e.id, e.queue_number, e.delivery_id, e.status, e.priority, e.base_priority_score,
    e.customer_tier, coalesce(e.queued_at, e.created_at) AS queued_at, e.sla_deadline_at, e.sla_buffer_minutes, e.is_escalated,
    d.delivery_number
    FROM operations.priority_queue_entries e
    JOIN operations.deliveries d ON d.organization_id = e.organization_id AND d.id = e.delivery_id
    WHERE e.organization_id = $1 AND e.status IN ('queued', 'processing') AND e.deleted_at IS NULL";

pub(crate) const SERVED: &str = "SELECT count(*) AS ended, count(*) FILTER (WHERE was_sla_met) AS met,
    count(*) FILTER (WHERE was_sla_met IS NOT NULL) AS judged, count(*) FILTER (WHERE is_escalated) AS escalated,
    avg(extract(epoch FROM processing_started_at - coalesce(queued_at, created_at)) / 60)::numeric AS mean_wait,
    avg(extract(epoch FROM completed_at - processing_started_at) / 60)::numeric AS mean_processing
    FROM operations.priority_queue_entries WHERE organization_id = $1 AND status IN ('completed', 'expired')
    AND deleted_at IS NULL";

/// What decides a place in the queue.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    id: Uuid,
    queue_number: String,
    delivery_id: Uuid,
    delivery_number: String,
    status: String,
    priority: String,
    base_priority_score: i64,
    customer_tier: String,
    queued_at: DateTime<Utc>,
    sla_deadline_at: DateTime<Utc>,
    sla_buffer_minutes: i64,
    is_escalated: bool,
}

from_row!(Waiting {
    id,
    queue_number,
    delivery_id,
    delivery_number,
    status,
    priority,
    base_priority_score,
    customer_tier,
    queued_at,
    sla_deadline_at,
    sla_buffer_minutes,
    is_escalated,
});

/// A score by its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Parts {
    /// 1 to 100, as given.
    base: i64,
    /// 0 to 50: how much of the time between entry and deadline is over.
    time: i64,
    /// 0 to 30: VIP 30, premium 20, standard 10, basic 0.
    tier: i64,
    /// 20 past the warning, 10 within two buffers of the deadline, else 0.
    sla: i64,
}

impl Parts {
    fn total(self) -> i64 {
        self.base + self.time + self.tier + self.sla
    }
}

impl Waiting {
    fn warning_at(&self) -> DateTime<Utc> {
        self.sla_deadline_at - TimeDelta::minutes(self.sla_buffer_minutes)
    }

    fn parts(&self, now: DateTime<Utc>) -> Parts {
        let window = (self.sla_deadline_at - self.queued_at).num_seconds();
        let remaining = (self.sla_deadline_at - now).num_seconds();
        // In thousandths of the window, so that nothing is lost before the one rounding.
        let over = if window <= 0 {
            1000
        } else {
            (1000 - remaining * 1000 / window).clamp(0, 1000)
        };
        let sla = if now >= self.warning_at() {
            20
        } else if now >= self.sla_deadline_at - TimeDelta::minutes(2 * self.sla_buffer_minutes) {
            10
        } else {
            0
        };
        Parts {
            base: self.base_priority_score,
            time: (over * 50 + 500) / 1000,
            tier: match self.customer_tier.as_str() {
                "vip" => 30,
                "premium" => 20,
                "standard" => 10,
                _ => 0,
            },
            sla,
        }
    }
}

/// The highest total first; of equal ones, who waits longer.
fn ordered(mut waiting: Vec<Waiting>, now: DateTime<Utc>) -> Vec<(Waiting, Parts)> {
    waiting.sort_by_key(|entry| (-entry.parts(now).total(), entry.queued_at, entry.id));
    waiting
        .into_iter()
        .map(|entry| (entry.parts(now), entry))
        .map(|(parts, entry)| (entry, parts))
        .collect()
}

/// Which part of the queue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// One delivery only: its place among all.
    delivery_id: Option<Uuid>,
    /// Only those past their warning.
    at_risk: Option<bool>,
}

/// The queue as it is now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Queue {
    /// In the order in which they are served.
    data: Vec<Place>,
    /// All that wait.
    waiting: usize,
    /// Past their warning.
    at_risk: usize,
    /// Ended so far.
    ended: i64,
    /// Met of those with a verdict, in percent.
    #[schemars(with = "Option<String>")]
    sla_percent: Option<Decimal>,
    /// Escalated of the ended, in percent.
    #[schemars(with = "Option<String>")]
    escalation_percent: Option<Decimal>,
    /// Mean minutes before somebody took it up.
    #[schemars(with = "Option<String>")]
    mean_wait_minutes: Option<Decimal>,
    /// Mean minutes from then to the end.
    #[schemars(with = "Option<String>")]
    mean_processing_minutes: Option<Decimal>,
}

/// A place in the queue.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Place {
    /// 1 is next.
    position: usize,
    priority_queue_entry_id: Uuid,
    queue_number: String,
    delivery_id: Uuid,
    delivery_title: String,
    status: String,
    priority: String,
    /// Sum of the parts.
    total: i64,
    parts: Parts,
    sla_deadline_at: DateTime<Utc>,
    /// The deadline less the buffer.
    warning_at: DateTime<Utc>,
    is_at_risk: bool,
    is_escalated: bool,
    /// Since it entered.
    waited_minutes: i64,
    /// Position times fifteen minutes.
    expected_wait_minutes: i64,
}

fn place(number: usize, entry: Waiting, parts: Parts, now: DateTime<Utc>) -> Place {
    let position = number + 1;
    Place {
        position,
        total: parts.total(),
        parts,
        warning_at: entry.warning_at(),
        is_at_risk: now >= entry.warning_at(),
        waited_minutes: (now - entry.queued_at).num_minutes().max(0),
        expected_wait_minutes: i64::try_from(position)
            .unwrap_or(i64::MAX)
            .saturating_mul(MINUTES_PER_PLACE),
        priority_queue_entry_id: entry.id,
        queue_number: entry.queue_number,
        delivery_id: entry.delivery_id,
        delivery_title: entry.delivery_number,
        status: entry.status,
        priority: entry.priority,
        sla_deadline_at: entry.sla_deadline_at,
        is_escalated: entry.is_escalated,
    }
}

/// Places shown at once.
const SHOWN: usize = 200;

/// `GET /operations/queue`.
pub(crate) async fn queue(cx: &mut Cx, asked: Asked) -> Result<Queue, Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let waiting: Vec<Waiting> = sqlx::query_as(WAITING).bind(organization_id).fetch_all(cx.db()).await?;
    let served = sqlx::query(SERVED).bind(organization_id).fetch_one(cx.db()).await?;
    let all: Vec<Place> = ordered(waiting, now)
        .into_iter()
        .enumerate()
        .map(|(number, (entry, parts))| place(number, entry, parts, now))
        .collect();
    let mean = |name: &str| {
        served
            .try_get::<Option<Decimal>, _>(name)
            .map(|mean| mean.map(hundredths))
    };
    Ok(Queue {
        waiting: all.len(),
        at_risk: all.iter().filter(|place| place.is_at_risk).count(),
        ended: served.try_get("ended")?,
        sla_percent: percent(served.try_get("met")?, served.try_get("judged")?),
        escalation_percent: percent(served.try_get("escalated")?, served.try_get("ended")?),
        mean_wait_minutes: mean("mean_wait")?,
        mean_processing_minutes: mean("mean_processing")?,
        data: all
            .into_iter()
            .filter(|place| asked.delivery_id.is_none_or(|id| id == place.delivery_id))
            .filter(|place| asked.at_risk.is_none_or(|wanted| wanted == place.is_at_risk))
            .take(SHOWN)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-01-15T{text}:00Z").parse().expect("an instant")
    }

    fn entry(number: u128, base: i64, tier: &str, queued: &str, deadline: &str) -> Waiting {
        Waiting {
            id: Uuid::from_u128(number),
            queue_number: format!("PQ-{number}"),
            delivery_id: Uuid::from_u128(number),
            delivery_number: String::new(),
            status: "queued".into(),
            priority: "normal".into(),
            base_priority_score: base,
            customer_tier: tier.into(),
            queued_at: at(queued),
            sla_deadline_at: at(deadline),
            sla_buffer_minutes: 30,
            is_escalated: false,
        }
    }

    #[test]
    fn parts_add_up_and_move_with_the_clock() {
        // 60 + 20 + 15 + 10 = 105.
        assert_eq!(
            Parts {
                base: 60,
                time: 20,
                tier: 15,
                sla: 10
            }
            .total(),
            105
        );
        let vip = entry(1, 60, "vip", "12:00", "14:00");
        assert_eq!(vip.warning_at(), at("13:30"));
        assert_eq!(
            vip.parts(at("12:00")),
            Parts {
                base: 60,
                time: 0,
                tier: 30,
                sla: 0
            }
        );
        assert_eq!(
            vip.parts(at("13:00")),
            Parts {
                base: 60,
                time: 25,
                tier: 30,
                sla: 10
            }
        );
        assert_eq!(
            vip.parts(at("13:30")),
            Parts {
                base: 60,
                time: 38,
                tier: 30,
                sla: 20
            }
        );
        assert_eq!(
            vip.parts(at("15:00")),
            Parts {
                base: 60,
                time: 50,
                tier: 30,
                sla: 20
            }
        );
    }

    #[test]
    fn the_higher_total_goes_first_and_then_who_waits_longer() {
        let now = at("12:30");
        let deadline = "23:00";
        let first = entry(1, 90, "basic", "12:20", deadline);
        let longer = entry(2, 80, "basic", "12:10", deadline);
        let shorter = entry(3, 80, "basic", "12:10", deadline);
        let order = ordered(vec![shorter, longer, first], now);
        let places: Vec<_> = order.iter().map(|(entry, _)| entry.queue_number.as_str()).collect();
        assert_eq!(places, ["PQ-1", "PQ-2", "PQ-3"]);
        let (third, parts) = order[2].clone();
        assert_eq!(place(2, third, parts, now).expected_wait_minutes, 45);
    }
}
