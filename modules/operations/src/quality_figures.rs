//! Judging inspections by the scores of their metrics, and quality over a period.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use platform_engine::{act, load};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::QUALITY_INSPECTIONS;
use crate::handover_effects::nothing;
use crate::period::Period;
use crate::rows::{from_row, row};
use crate::score::{hundredths, percent};

pub(crate) const SCORES: &str =
    "SELECT m.metric_name, m.weight, m.is_critical, m.min_acceptable, s.score, s.is_violation
    FROM operations.quality_inspection_scores s
    JOIN operations.quality_metrics m ON m.organization_id = s.organization_id AND m.id = s.quality_metric_id
    WHERE s.organization_id = $1 AND s.quality_inspection_id = $2 AND s.deleted_at IS NULL ORDER BY m.metric_code";

pub(crate) const REPORT: &str = "SELECT count(*) AS total, count(*) FILTER (WHERE status = 'passed') AS passed,
    count(*) FILTER (WHERE status = 'failed') AS failed, avg(overall_score) AS score,
    coalesce(sum(violations_count), 0)::bigint AS violations,
    count(*) FILTER (WHERE requires_followup AND NOT followup_completed) AS followups
    FROM operations.quality_inspections WHERE organization_id = $1 AND deleted_at IS NULL AND scheduled_on BETWEEN $2 AND $3";

pub(crate) const VIOLATIONS: &str = "SELECT m.metric_name, m.is_critical, count(*) AS violations
    FROM operations.quality_inspection_scores s
    JOIN operations.quality_metrics m ON m.organization_id = s.organization_id AND m.id = s.quality_metric_id
    JOIN operations.quality_inspections i ON i.organization_id = s.organization_id AND i.id = s.quality_inspection_id
    WHERE s.organization_id = $1 AND s.is_violation AND s.deleted_at IS NULL AND i.deleted_at IS NULL
    AND i.scheduled_on BETWEEN $2 AND $3 GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 20";

/// What is enough where a metric does not say.
const ENOUGH: i64 = 70;

/// One metric's score in an inspection.
#[derive(Clone, Debug)]
struct Scored {
    metric_name: String,
    weight: Decimal,
    is_critical: bool,
    min_acceptable: Option<Decimal>,
    score: Decimal,
    is_violation: bool,
}

from_row!(Scored {
    metric_name,
    weight,
    is_critical,
    min_acceptable,
    score,
    is_violation,
});

impl Scored {
    fn enough(&self) -> Decimal {
        self.min_acceptable.unwrap_or_else(|| Decimal::from(ENOUGH))
    }
}

/// What follows from the scores.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    score: Decimal,
    needed: Decimal,
    critical: Vec<String>,
    violations: i64,
}

impl Verdict {
    fn is_passed(&self) -> bool {
        self.critical.is_empty() && self.score >= self.needed
    }
}

/// Scores and what is needed, both by weight; a critical metric below its own minimum decides alone.
fn verdict(scores: &[Scored]) -> Option<Verdict> {
    let weights: Decimal = scores.iter().map(|score| score.weight).sum();
    if weights.is_zero() {
        return None;
    }
    let mean = |of: fn(&Scored) -> Decimal| {
        hundredths(scores.iter().map(|one| one.weight * of(one)).sum::<Decimal>() / weights)
    };
    let critical = scores.iter().filter(|one| one.is_critical && one.score < one.enough());
    Some(Verdict {
        score: mean(|one| one.score),
        needed: mean(Scored::enough),
        critical: critical.map(|one| one.metric_name.clone()).collect(),
        violations: i64::try_from(scores.iter().filter(|one| one.is_violation).count()).unwrap_or(i64::MAX),
    })
}

/// Which inspection.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judging {
    /// An inspection in progress, with scores.
    quality_inspection_id: Uuid,
}

/// How an inspection ended.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Judged {
    quality_inspection_id: Uuid,
    /// `passed` or `failed`.
    status: String,
    /// Mean of the scores by weight.
    #[schemars(with = "String")]
    overall_score: Decimal,
    /// Mean of the least acceptable scores by weight; 70 for metrics without one.
    #[schemars(with = "String")]
    needed_score: Decimal,
    /// Critical metrics that failed: one is enough to fail the inspection.
    critical_failures: Vec<String>,
    violations: i64,
}

/// Judges one inspection.
pub(crate) async fn judge_one(cx: &mut Cx, id: Uuid) -> Result<Judged, Problem> {
    let asked = Judging {
        quality_inspection_id: id,
    };
    judge(cx, asked).await
}

/// `POST /operations/quality/judge`.
pub(crate) async fn judge(cx: &mut Cx, asked: Judging) -> Result<Judged, Problem> {
    let id = asked.quality_inspection_id;
    let inspection = load(cx, &QUALITY_INSPECTIONS, id).await?;
    let organization_id = cx.organization_id;
    let scores: Vec<Scored> = sqlx::query_as(SCORES)
        .bind(organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    let verdict = verdict(&scores).ok_or_else(|| Problem::refused("no_scores"))?;
    if inspection.is("status", "scheduled") {
        act(cx, &QUALITY_INSPECTIONS, id, "start", nothing()).await?;
    }
    let inputs = json!({"overall_score": verdict.score.to_string(), "violations_count": verdict.violations});
    act(cx, &QUALITY_INSPECTIONS, id, "complete", row(inputs)).await?;
    let verb = if verdict.is_passed() { "pass" } else { "fail" };
    let ended = act(cx, &QUALITY_INSPECTIONS, id, verb, nothing()).await?;
    Ok(Judged {
        quality_inspection_id: id,
        status: ended.text("status").unwrap_or_default().to_owned(),
        overall_score: verdict.score,
        needed_score: verdict.needed,
        critical_failures: verdict.critical,
        violations: verdict.violations,
    })
}

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First planned day; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last planned day; today unless given.
    to: Option<NaiveDate>,
}

/// Quality over a period.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report {
    from: NaiveDate,
    to: NaiveDate,
    inspections: i64,
    passed: i64,
    failed: i64,
    /// Passed of passed and failed, in percent.
    #[schemars(with = "Option<String>")]
    pass_percent: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    mean_score: Option<Decimal>,
    violations: i64,
    /// Violations of critical metrics.
    critical_violations: i64,
    /// Follow-ups that wait.
    pending_followups: i64,
    /// The most frequent first.
    top_violations: Vec<Violated>,
}

/// A metric and how often it was violated.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Violated {
    metric: String,
    is_critical: bool,
    violations: i64,
}

/// `GET /operations/quality/report`.
pub(crate) async fn report(cx: &mut Cx, asked: Asked) -> Result<Report, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let organization_id = cx.organization_id;
    let sums = sqlx::query(REPORT)
        .bind(organization_id)
        .bind(period.from)
        .bind(period.to)
        .fetch_one(cx.db())
        .await?;
    let rows = sqlx::query(VIOLATIONS)
        .bind(organization_id)
        .bind(period.from)
        .bind(period.to)
        .fetch_all(cx.db())
        .await?;
    let violated = |row: &sqlx::postgres::PgRow| -> Result<Violated, sqlx::Error> {
        Ok(Violated {
            metric: row.try_get("metric_name")?,
            is_critical: row.try_get("is_critical")?,
            violations: row.try_get("violations")?,
        })
    };
    let top: Vec<Violated> = rows.iter().map(violated).collect::<Result<_, _>>()?;
    let (passed, failed): (i64, i64) = (sums.try_get("passed")?, sums.try_get("failed")?);
    Ok(Report {
        from: period.from,
        to: period.to,
        inspections: sums.try_get("total")?,
        passed,
        failed,
        pass_percent: percent(passed, passed + failed),
        mean_score: sums.try_get::<Option<Decimal>, _>("score")?.map(hundredths),
        violations: sums.try_get("violations")?,
        critical_violations: top.iter().filter(|one| one.is_critical).map(|one| one.violations).sum(),
        pending_followups: sums.try_get("followups")?,
        top_violations: top,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(weight: i64, score: i64, is_critical: bool) -> Scored {
        Scored {
            metric_name: format!("M{weight}"),
            weight: Decimal::from(weight),
            is_critical,
            min_acceptable: None,
            score: Decimal::from(score),
            is_violation: score < ENOUGH,
        }
    }

    #[test]
    fn scores_weigh_and_critical_ones_decide() {
        let good = verdict(&[scored(3, 90, false), scored(1, 50, false)]).expect("scores");
        assert_eq!(
            (good.score.to_string(), good.is_passed(), good.violations),
            ("80.00".into(), true, 1)
        );
        let poor = verdict(&[scored(1, 90, false), scored(3, 50, false)]).expect("scores");
        assert_eq!((poor.score.to_string(), poor.is_passed()), ("60.00".into(), false));
        let critical = verdict(&[scored(9, 100, false), scored(1, 69, true)]).expect("scores");
        assert_eq!(
            (critical.is_passed(), critical.critical.as_slice()),
            (false, ["M1".to_owned()].as_slice())
        );
        assert_eq!(verdict(&[]), None);
    }
}
