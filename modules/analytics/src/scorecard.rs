//! Key figures beside their targets: how far each is, in which colour, and how each part of the company does.

use std::collections::BTreeMap;

use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row;
use uuid::Uuid;

use crate::formulas::{Colour, Direction, Thresholds, achievement_percent, band, colour, mean, rounded};
use crate::operations::Nothing;

/// Active key figures, with the target that is valid on $2 where there is one, and else their own.
pub(crate) const SCORECARD: &str =
    "SELECT k.id, k.code, k.name, k.category, k.direction, k.unit, k.current_value, k.trend,
    k.trend_percent, k.period_starts_on, k.period_ends_on,
    coalesce(t.target_value, k.target_value) AS target_value,
    CASE WHEN t.target_value IS NULL THEN k.warning_threshold ELSE t.warning_threshold END AS warning_threshold,
    CASE WHEN t.target_value IS NULL THEN k.critical_threshold ELSE t.critical_threshold END AS critical_threshold
FROM analytics.kpis k
LEFT JOIN LATERAL (
    SELECT x.target_value, x.warning_threshold, x.critical_threshold
    FROM analytics.kpi_targets x
    WHERE x.organization_id = $1 AND x.kpi_id = k.id AND x.deleted_at IS NULL AND x.starts_on <= $2::date
        AND (x.ends_on IS NULL OR x.ends_on >= $2::date)
    ORDER BY x.starts_on DESC
    LIMIT 1
) t ON true
WHERE k.organization_id = $1 AND k.deleted_at IS NULL AND k.is_active
ORDER BY k.category, k.code";

/// A key figure on the scorecard.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Score {
    id: Uuid,
    code: String,
    name: String,
    category: String,
    unit: Option<String>,
    /// `higher` or `lower` is better.
    direction: String,
    value: Option<String>,
    target: Option<String>,
    /// Percent of the target: 100 at the target, more beyond it, whichever way is better.
    achievement_percent: Option<String>,
    /// `grey` without a value; `red` at the critical threshold or worse, `yellow` at the warning threshold or worse,
    /// `green` at the target or better, else `blue`.
    colour: &'static str,
    trend: Option<String>,
    trend_percent: Option<String>,
}

/// A part of the company.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CategoryScore {
    category: String,
    /// Mean achievement of its key figures, none above 100: what is better than its target does not hide what is not.
    score: Option<String>,
    /// `excellent` from 90, `good` from 75, `average` from 60, else `poor`.
    band: Option<&'static str>,
}

/// The scorecard.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Scorecard {
    /// Mean of the categories' scores.
    overall_score: Option<String>,
    categories: Vec<CategoryScore>,
    kpis: Vec<Score>,
    /// Codes of key figures that are red or yellow, the worst first.
    alerts: Vec<String>,
}

fn written(value: Decimal) -> String {
    format!("{:.2}", rounded(value, 2))
}

/// `GET /analytics/kpi_scorecard`.
pub(crate) async fn scorecard(cx: &mut Cx, _: Nothing) -> Result<Scorecard, Problem> {
    let today = cx.today();
    let rows = sqlx::query(SCORECARD)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    let mut kpis = Vec::new();
    let mut reached: BTreeMap<String, Vec<Decimal>> = BTreeMap::new();
    let mut alerts: Vec<(Colour, String)> = Vec::new();
    for row in rows {
        let direction: String = row.try_get("direction")?;
        let way = direction.parse().unwrap_or(Direction::Higher);
        let value: Option<Decimal> = row.try_get("current_value")?;
        let thresholds = Thresholds {
            target: row.try_get("target_value")?,
            warning: row.try_get("warning_threshold")?,
            critical: row.try_get("critical_threshold")?,
        };
        let achieved = value
            .zip(thresholds.target)
            .and_then(|(value, target)| achievement_percent(value, target, way));
        let (category, code): (String, String) = (row.try_get("category")?, row.try_get("code")?);
        let list = reached.entry(category.clone()).or_default();
        list.extend(achieved.map(|percent| percent.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED)));
        let shade = colour(value, thresholds, way);
        if shade <= Colour::Yellow {
            alerts.push((shade, code.clone()));
        }
        kpis.push(Score {
            id: row.try_get("id")?,
            code,
            name: row.try_get("name")?,
            category,
            unit: row.try_get("unit")?,
            direction,
            value: value.map(written),
            target: thresholds.target.map(written),
            achievement_percent: achieved.map(written),
            colour: shade.into(),
            trend: row.try_get("trend")?,
            trend_percent: row.try_get::<Option<Decimal>, _>("trend_percent")?.map(written),
        });
    }
    alerts.sort();
    let scores: Vec<Decimal> = reached.values().filter_map(|list| mean(list)).collect();
    let category = |(category, list): (String, Vec<Decimal>)| {
        let score = mean(&list);
        CategoryScore {
            category,
            score: score.map(written),
            band: score.map(band),
        }
    };
    Ok(Scorecard {
        overall_score: mean(&scores).map(written),
        categories: reached.into_iter().map(category).collect(),
        kpis,
        alerts: alerts.into_iter().map(|(_, code)| code).collect(),
    })
}
