//! Incidents in numbers: how many, how costly, of which kinds, more or fewer than before, and what to do about it.
#![expect(clippy::struct_field_names, reason = "fields are called as the answer calls them")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::period::Period;
use crate::rows::{amount, from_row};
use crate::score::{hundredths, percent};

pub(crate) const INCIDENTS: &str =
    "SELECT incident_type, severity, status, courier_id, vehicle_id, incident_on, cost, created_at,
    resolved_at FROM operations.incidents WHERE organization_id = $1 AND deleted_at IS NULL
    AND incident_on BETWEEN $2 AND $3";

/// Costs from here on are high: in minor units.
const HIGH_COST: i64 = 100_000;
/// A kind with at least this share recurs.
const RECURRING_PERCENT: i64 = 20;
/// More change than this is a trend.
const TREND_PERCENT: i64 = 10;
/// Who is in that many incidents is a risk.
const RISK_COUNT: i64 = 2;

#[derive(Clone, Debug)]
struct Incident {
    incident_type: String,
    severity: Option<String>,
    status: String,
    courier_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    incident_on: NaiveDate,
    cost: i64,
    created_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
}

from_row!(Incident {
    incident_type,
    severity,
    status,
    courier_id,
    vehicle_id,
    incident_on,
    cost,
    created_at,
    resolved_at,
});

/// The severity of a kind where nobody said another.
fn usual_severity(kind: &str) -> &'static str {
    match kind {
        "accident" | "theft" | "injury" | "fraud" | "harassment" => "critical",
        "damage" | "lost_package" => "high",
        "violation" | "vehicle_breakdown" | "customer_dispute" => "medium",
        _ => "low",
    }
}

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
}

/// Incidents of a period, beside as many days before it.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Trends {
    from: NaiveDate,
    to: NaiveDate,
    total: i64,
    /// In the days before.
    previous_total: i64,
    /// More or fewer than before, in percent; nothing when there were none before.
    #[schemars(with = "Option<String>")]
    change_percent: Option<Decimal>,
    /// `increasing` from +10 %, `decreasing` from -10 %, else `stable`.
    trend: &'static str,
    by_status: BTreeMap<String, i64>,
    by_severity: BTreeMap<String, i64>,
    /// Resolved and closed, in percent.
    #[schemars(with = "Option<String>")]
    resolution_percent: Option<Decimal>,
    /// From the day of the report to the solution.
    #[schemars(with = "Option<String>")]
    mean_days_to_resolve: Option<Decimal>,
    total_cost: String,
    mean_cost: Option<String>,
    /// Incidents that cost 1,000 or more.
    high_cost: i64,
    /// The most frequent first.
    types: Vec<Kind>,
    /// Couriers and vehicles with two incidents or more.
    risks: Vec<Risk>,
    /// What to do, as codes: driving_training, security_review, packaging_review, policy_review, vehicle_inspection,
    /// planning_review, customer_care.
    advice: Vec<&'static str>,
}

/// Incidents of a kind.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Kind {
    incident_type: String,
    count: i64,
    #[schemars(with = "Option<String>")]
    percent: Option<Decimal>,
    /// At least a fifth of all.
    is_recurring: bool,
}

/// Somebody or something in several incidents.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Risk {
    /// `courier` or `vehicle`.
    kind: &'static str,
    courier_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    count: i64,
}

fn change(now: i64, before: i64) -> Option<Decimal> {
    percent(now - before, before)
}

fn trend(change: Option<Decimal>) -> &'static str {
    match change {
        Some(change) if change > Decimal::from(TREND_PERCENT) => "increasing",
        Some(change) if change < Decimal::from(-TREND_PERCENT) => "decreasing",
        _ => "stable",
    }
}

fn advice(kinds: &[Kind]) -> Vec<&'static str> {
    let mut advice: Vec<&'static str> = kinds
        .iter()
        .filter(|kind| kind.is_recurring)
        .map(|kind| match kind.incident_type.as_str() {
            "accident" | "injury" => "driving_training",
            "theft" | "fraud" => "security_review",
            "damage" | "lost_package" => "packaging_review",
            "vehicle_breakdown" => "vehicle_inspection",
            "delivery_delay" => "planning_review",
            "customer_dispute" | "harassment" => "customer_care",
            _ => "policy_review",
        })
        .collect();
    advice.sort_unstable();
    advice.dedup();
    advice
}

fn risks(incidents: &[Incident]) -> Vec<Risk> {
    let mut counts: BTreeMap<(&'static str, Uuid), i64> = BTreeMap::new();
    for incident in incidents {
        for (kind, id) in [("courier", incident.courier_id), ("vehicle", incident.vehicle_id)] {
            if let Some(id) = id {
                *counts.entry((kind, id)).or_default() += 1;
            }
        }
    }
    let mut risks: Vec<Risk> = counts
        .into_iter()
        .filter(|(_, count)| *count >= RISK_COUNT)
        .map(|((kind, id), count)| Risk {
            kind,
            courier_id: (kind == "courier").then_some(id),
            vehicle_id: (kind == "vehicle").then_some(id),
            count,
        })
        .collect();
    risks.sort_by_key(|risk| -risk.count);
    risks
}

fn summed(period: Period, incidents: &[Incident], previous_total: i64) -> Trends {
    let count = |list: &[Incident]| i64::try_from(list.len()).unwrap_or(i64::MAX);
    let total = count(incidents);
    let (mut by_status, mut by_severity, mut by_type) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut cost, mut high_cost, mut resolved, mut days) = (0, 0, 0, Decimal::ZERO);
    for incident in incidents {
        *by_status.entry(incident.status.clone()).or_insert(0) += 1;
        let severity = incident
            .severity
            .clone()
            .unwrap_or_else(|| usual_severity(&incident.incident_type).into());
        *by_severity.entry(severity).or_insert(0) += 1;
        *by_type.entry(incident.incident_type.clone()).or_insert(0) += 1;
        cost += incident.cost;
        high_cost += i64::from(incident.cost >= HIGH_COST);
        if let Some(at) = incident.resolved_at {
            resolved += 1;
            days += Decimal::from((at - incident.created_at).num_seconds()) / Decimal::from(86_400);
        }
    }
    let done = ["resolved", "closed"]
        .iter()
        .filter_map(|status| by_status.get(*status))
        .sum();
    let mut types: Vec<Kind> = by_type
        .into_iter()
        .map(|(incident_type, count)| Kind {
            incident_type,
            count,
            percent: percent(count, total),
            is_recurring: count * 100 >= total * RECURRING_PERCENT,
        })
        .collect();
    types.sort_by_key(|kind| -kind.count);
    let change = change(total, previous_total);
    Trends {
        from: period.from,
        to: period.to,
        total,
        previous_total,
        change_percent: change,
        trend: trend(change),
        by_status,
        by_severity,
        resolution_percent: percent(done, total),
        mean_days_to_resolve: (resolved > 0).then(|| hundredths(days / Decimal::from(resolved))),
        total_cost: amount(cost),
        mean_cost: (total > 0).then(|| hundredths(Decimal::new(cost, 2) / Decimal::from(total)).to_string()),
        high_cost,
        advice: advice(&types),
        types,
        risks: risks(incidents),
    }
}

/// `GET /operations/incidents/trends`.
pub(crate) async fn trends(cx: &mut Cx, asked: Asked) -> Result<Trends, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let before = period.before();
    let organization_id = cx.organization_id;
    let all: Vec<Incident> = sqlx::query_as(INCIDENTS)
        .bind(organization_id)
        .bind(before.from)
        .bind(period.to)
        .fetch_all(cx.db())
        .await?;
    let (now, earlier): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|incident| incident.incident_on >= period.from);
    Ok(summed(period, &now, i64::try_from(earlier.len()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(kind: &str, courier: u128, status: &str) -> Incident {
        let at: DateTime<Utc> = "2026-01-10T09:00:00Z".parse().expect("an instant");
        Incident {
            incident_type: kind.into(),
            severity: None,
            status: status.into(),
            courier_id: Some(Uuid::from_u128(courier)),
            vehicle_id: None,
            incident_on: at.date_naive(),
            cost: 50_000,
            created_at: at,
            resolved_at: (status == "resolved").then(|| at + chrono::TimeDelta::hours(36)),
        }
    }

    #[test]
    fn twelve_after_ten_is_a_fifth_more_and_five_accidents_recur() {
        let mut incidents: Vec<Incident> = (0..5)
            .map(|number| incident("accident", number % 4, "resolved"))
            .collect();
        incidents.extend(
            (10..17).map(|number| incident(if number % 2 == 0 { "theft" } else { "other" }, number, "reported")),
        );
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let period = Period {
            from: day("2026-01-01"),
            to: day("2026-01-30"),
        };
        let trends = summed(period, &incidents, 10);
        let text = |number: Option<Decimal>| number.map(|number| number.to_string());
        assert_eq!(
            (text(trends.change_percent).as_deref(), trends.trend),
            (Some("20.0"), "increasing")
        );
        assert_eq!(
            (
                trends.types[0].incident_type.as_str(),
                text(trends.types[0].percent).as_deref()
            ),
            ("accident", Some("41.7"))
        );
        assert!(trends.types[0].is_recurring);
        assert_eq!(text(trends.resolution_percent).as_deref(), Some("41.7"));
        assert_eq!(text(trends.mean_days_to_resolve).as_deref(), Some("1.50"));
        assert_eq!(trends.by_severity["critical"], 9);
        assert_eq!(
            (trends.total_cost.as_str(), trends.mean_cost.as_deref()),
            ("6000.00", Some("500.00"))
        );
        assert_eq!(trends.risks.len(), 1);
        assert_eq!(trends.risks[0].count, 2);
        assert_eq!(trends.advice, ["driving_training", "policy_review", "security_review"]);
    }

    #[test]
    fn small_changes_are_no_trend() {
        assert_eq!(trend(change(11, 10)), "stable");
        assert_eq!(trend(change(8, 10)), "decreasing");
        assert_eq!(trend(change(8, 0)), "stable");
    }
}
