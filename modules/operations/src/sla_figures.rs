//! How service levels are kept, and which threshold is for a delivery.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::delivery_effects::THRESHOLD_OF;
use crate::period::Period;
use crate::rows::{amount, word};
use crate::score::{hundredths, percent};

pub(crate) const REPORT: &str = "SELECT coalesce(s.sla_name, h.threshold_name) AS name, count(*) AS tracked,
    count(*) FILTER (WHERE t.status = 'met') AS met, count(*) FILTER (WHERE t.status = 'breached') AS breached,
    count(*) FILTER (WHERE t.status = 'at_risk') AS at_risk, count(*) FILTER (WHERE t.status = 'active') AS active,
    coalesce(sum(t.variance), 0) AS variance, count(t.variance) AS measured, coalesce(sum(t.compliance_score), 0) AS compliance,
    coalesce(sum(t.penalty_applied), 0)::bigint AS penalties
    FROM operations.sla_tracking t
    LEFT JOIN operations.sla_definitions s ON s.organization_id = t.organization_id AND s.id = t.sla_definition_id
    LEFT JOIN operations.sla_thresholds h ON h.organization_id = t.organization_id AND h.id = t.sla_threshold_id
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status <> 'expired'
    AND t.started_at >= $2::date::timestamp AT TIME ZONE $4 AND t.started_at < ($3::date + 1)::timestamp AT TIME ZONE $4
    GROUP BY 1 ORDER BY 1 NULLS LAST";

pub(crate) const REASONS: &str = "SELECT t.breach_reason, count(*) AS breaches FROM operations.sla_tracking t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status = 'breached' AND t.breach_reason IS NOT NULL
    AND t.started_at >= $2::date::timestamp AT TIME ZONE $4 AND t.started_at < ($3::date + 1)::timestamp AT TIME ZONE $4
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10";

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day on which clocks were started; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
}

/// How service levels were kept.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report {
    from: NaiveDate,
    to: NaiveDate,
    /// All of them together.
    total: Level,
    /// One by one, by name.
    levels: Vec<Level>,
    /// Reasons that people gave for breaches, the most frequent first.
    reasons: Vec<Reason>,
}

/// How one level was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Level {
    /// Nothing for clocks without a promise, and for the total.
    name: Option<String>,
    tracked: i64,
    met: i64,
    breached: i64,
    at_risk: i64,
    active: i64,
    /// Met of met and breached, in percent.
    #[schemars(with = "Option<String>")]
    compliance_percent: Option<Decimal>,
    /// Mean distance from the target, in the unit of the level.
    #[schemars(with = "Option<String>")]
    mean_variance: Option<Decimal>,
    /// Mean of the scores of what was measured.
    #[schemars(with = "Option<String>")]
    mean_compliance_score: Option<Decimal>,
    penalties: String,
}

/// A reason and how often it was given.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reason {
    reason: String,
    breaches: i64,
}

#[derive(Default)]
struct Sums {
    counts: [i64; 5],
    measured: i64,
    variance: Decimal,
    compliance: Decimal,
    penalties: i64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum += count;
        }
        self.measured += other.measured;
        self.variance += other.variance;
        self.compliance += other.compliance;
        self.penalties += other.penalties;
    }

    fn level(&self, name: Option<String>) -> Level {
        let [tracked, met, breached, at_risk, active] = self.counts;
        let mean = |sum: Decimal| (self.measured > 0).then(|| hundredths(sum / Decimal::from(self.measured)));
        Level {
            name,
            tracked,
            met,
            breached,
            at_risk,
            active,
            compliance_percent: percent(met, met + breached),
            mean_variance: mean(self.variance),
            mean_compliance_score: mean(self.compliance),
            penalties: amount(self.penalties),
        }
    }
}

/// `GET /operations/sla/compliance`.
pub(crate) async fn report(cx: &mut Cx, asked: Asked) -> Result<Report, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let (organization_id, zone) = (cx.organization_id, cx.time_zone().name());
    let mut answers = Vec::new();
    for sql in [REPORT, REASONS] {
        let rows = sqlx::query(sql)
            .bind(organization_id)
            .bind(period.from)
            .bind(period.to)
            .bind(zone)
            .fetch_all(cx.db())
            .await?;
        answers.push(rows);
    }
    let (mut total, mut levels, mut reasons) = (Sums::default(), Vec::new(), Vec::new());
    for row in &answers[0] {
        let sums = Sums {
            counts: [
                row.try_get("tracked")?,
                row.try_get("met")?,
                row.try_get("breached")?,
                row.try_get("at_risk")?,
                row.try_get("active")?,
            ],
            measured: row.try_get("measured")?,
            variance: row.try_get("variance")?,
            compliance: row.try_get("compliance")?,
            penalties: row.try_get("penalties")?,
        };
        total.add(&sums);
        levels.push(sums.level(row.try_get("name")?));
    }
    for row in &answers[1] {
        reasons.push(Reason {
            reason: row.try_get("breach_reason")?,
            breaches: row.try_get("breaches")?,
        });
    }
    Ok(Report {
        from: period.from,
        to: period.to,
        total: total.level(None),
        levels,
        reasons,
    })
}

/// For what a threshold is looked up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lookup {
    /// `delivery_time` unless given.
    sla_type: Option<String>,
    /// Where.
    zone_id: Option<Uuid>,
    /// `standard` unless given.
    service_type: Option<String>,
}

/// The threshold that is taken: of the zone, else of the service in all zones, else any for all zones.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Nothing when none fits.
    sla_threshold_id: Option<Uuid>,
    target_minutes: Option<i64>,
    warning_minutes: Option<i64>,
    critical_minutes: Option<i64>,
    penalty_amount: Option<String>,
}

/// `GET /operations/sla/threshold`.
pub(crate) async fn lookup(cx: &mut Cx, asked: Lookup) -> Result<Found, Problem> {
    let kinds = ["delivery_time", "response_time", "pickup_time", "resolution_time"];
    let kind = word("sla_type", asked.sla_type.as_deref(), &kinds, Some("delivery_time"))?;
    let service = word(
        "service_type",
        asked.service_type.as_deref(),
        crate::sla::SERVICES,
        Some("standard"),
    )?;
    let organization_id = cx.organization_id;
    let found = sqlx::query(THRESHOLD_OF)
        .bind(organization_id)
        .bind(kind)
        .bind(asked.zone_id)
        .bind(service)
        .fetch_optional(cx.db())
        .await?;
    let number = |name: &str| found.as_ref().map(|row| row.try_get::<i64, _>(name)).transpose();
    Ok(Found {
        sla_threshold_id: found.as_ref().map(|row| row.try_get("id")).transpose()?,
        target_minutes: number("target_minutes")?,
        warning_minutes: number("warning_minutes")?,
        critical_minutes: number("critical_minutes")?,
        penalty_amount: number("penalty_amount")?.map(amount),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_run_are_not_judged_yet() {
        let sums = Sums {
            counts: [10, 6, 2, 1, 1],
            measured: 8,
            variance: Decimal::from(-12),
            compliance: Decimal::from(760),
            penalties: 12_500,
        };
        let level = sums.level(None);
        assert_eq!(
            level.compliance_percent.map(|share| share.to_string()).as_deref(),
            Some("75.0")
        );
        assert_eq!(
            level.mean_variance.map(|mean| mean.to_string()).as_deref(),
            Some("-1.50")
        );
        assert_eq!(
            level.mean_compliance_score.map(|mean| mean.to_string()).as_deref(),
            Some("95.00")
        );
        assert_eq!(level.penalties, "125.00");
        assert_eq!(Sums::default().level(None).compliance_percent, None);
    }
}
