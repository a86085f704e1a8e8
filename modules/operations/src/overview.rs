//! Operations at a glance, settings with their defaults, and the zone template that new zones begin with.

use std::collections::BTreeMap;

use platform_core::{Cx, Problem};
use platform_engine::{change, load};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ZONE_DEFAULTS;
use crate::rows::{amount, row};

/// One count for each thing that waits or runs. $2 is now.
pub(crate) const COUNTS: &str = "SELECT 'deliveries.' || d.status AS name, count(*) AS n FROM operations.deliveries d
        WHERE d.organization_id = $1 AND d.deleted_at IS NULL
        AND (d.status NOT IN ('delivered', 'returned', 'cancelled') OR d.updated_at >= $2::timestamptz - interval '24 hours')
        GROUP BY d.status
    UNION ALL SELECT 'dispatch.' || a.status, count(*) FROM operations.dispatch_assignments a
        WHERE a.organization_id = $1 AND a.deleted_at IS NULL
        AND a.status IN ('pending', 'assigned', 'accepted', 'in_progress') GROUP BY a.status
    UNION ALL SELECT 'sla.' || t.status, count(*) FROM operations.sla_tracking t
        WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND (t.status IN ('active', 'at_risk')
        OR (t.status = 'breached' AND t.completed_at IS NULL)) GROUP BY t.status
    UNION ALL SELECT 'queue.' || e.status, count(*) FROM operations.priority_queue_entries e
        WHERE e.organization_id = $1 AND e.deleted_at IS NULL AND e.status IN ('queued', 'processing') GROUP BY e.status
    UNION ALL SELECT 'incidents.' || i.status, count(*) FROM operations.incidents i
        WHERE i.organization_id = $1 AND i.deleted_at IS NULL AND i.status IN ('reported', 'investigating', 'escalated')
        GROUP BY i.status
    UNION ALL SELECT 'feedback.' || c.status, count(*) FROM operations.customer_feedbacks c
        WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status IN ('pending', 'reviewed', 'escalated')
        GROUP BY c.status
    UNION ALL SELECT 'handovers.' || h.status, count(*) FROM operations.handovers h
        WHERE h.organization_id = $1 AND h.deleted_at IS NULL AND h.status IN ('pending', 'approved') GROUP BY h.status
    UNION ALL SELECT 'cash.' || m.status, sum(m.amount)::bigint FROM operations.cod_transactions m
        WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.status IN ('pending', 'collected') GROUP BY m.status";

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Operations at a glance.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Overview {
    /// Open deliveries by state, and what ended in the last day.
    deliveries: BTreeMap<String, i64>,
    /// Open dispatches.
    dispatch: BTreeMap<String, i64>,
    /// Clocks that run, and breached ones whose delivery is still on its way.
    sla: BTreeMap<String, i64>,
    queue: BTreeMap<String, i64>,
    /// Open incidents.
    incidents: BTreeMap<String, i64>,
    /// Feedback that nobody answered yet.
    feedback: BTreeMap<String, i64>,
    handovers: BTreeMap<String, i64>,
    /// Cash with couriers (`pending`) and supervisors (`collected`); nothing for callers who may not see it.
    cash: Option<BTreeMap<String, String>>,
}

/// `GET /operations/overview`.
pub(crate) async fn overview(cx: &mut Cx, _: Nothing) -> Result<Overview, Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let rows = sqlx::query(COUNTS)
        .bind(organization_id)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    let mut overview = Overview::default();
    let mut cash = BTreeMap::new();
    for found in &rows {
        let (name, count): (String, i64) = (found.try_get("name")?, found.try_get("n")?);
        let Some((of, state)) = name.split_once('.') else {
            continue;
        };
        let counts = match of {
            "deliveries" => &mut overview.deliveries,
            "dispatch" => &mut overview.dispatch,
            "sla" => &mut overview.sla,
            "queue" => &mut overview.queue,
            "incidents" => &mut overview.incidents,
            "feedback" => &mut overview.feedback,
            "handovers" => &mut overview.handovers,
            _ => {
                cash.insert(state.to_owned(), amount(count));
                continue;
            }
        };
        counts.insert(state.to_owned(), count);
    }
    overview.cash = cx.may("cod_figures.read").then_some(cash);
    Ok(overview)
}

pub(crate) const SETTINGS: &str =
    "SELECT setting_key, value_type, string_value, number_value, boolean_value, json_value
    FROM operations.operations_settings WHERE organization_id = $1 AND is_active AND deleted_at IS NULL";

/// Settings that the product reads, and what holds where a company set nothing.
fn defaults() -> BTreeMap<String, Json> {
    let known = [
        ("auto_dispatch_enabled", json!(false)),
        ("auto_dispatch_algorithm", json!("load_balanced")),
        ("max_concurrent_deliveries", json!("10")),
        ("default_delivery_radius_km", json!("7")),
        ("working_hours_start", json!("08:00")),
        ("working_hours_end", json!("22:00")),
        (
            "business_days",
            json!(["sunday", "monday", "tuesday", "wednesday", "thursday"]),
        ),
        ("dispatch_accept_timeout_s", Json::Null),
        ("cod_cash_limit", Json::Null),
    ];
    known.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Values by key.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Settings {
    /// What the company set, and defaults for the rest; numbers as text.
    data: BTreeMap<String, Json>,
}

/// `GET /operations/operations_settings/values`.
pub(crate) async fn settings(cx: &mut Cx, _: Nothing) -> Result<Settings, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(SETTINGS).bind(organization_id).fetch_all(cx.db()).await?;
    let mut data = defaults();
    for found in &rows {
        let kind: String = found.try_get("value_type")?;
        let value = match kind.as_str() {
            "number" => found
                .try_get::<Option<Decimal>, _>("number_value")?
                .map(|number| json!(number.normalize().to_string())),
            "boolean" => found.try_get::<Option<bool>, _>("boolean_value")?.map(Json::Bool),
            "json" => found.try_get("json_value")?,
            _ => found.try_get::<Option<String>, _>("string_value")?.map(Json::String),
        };
        data.insert(found.try_get("setting_key")?, value.unwrap_or_default());
    }
    Ok(Settings { data })
}

pub(crate) const DEFAULTS: &str = "SELECT id FROM operations.zone_defaults WHERE organization_id = $1 AND is_default
    AND id <> $2 AND deleted_at IS NULL ORDER BY id";

/// Which template.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    /// The template that new zones begin with from now on.
    zone_default_id: Uuid,
}

/// The template that is the default now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Chosen {
    zone_default_id: Uuid,
    default_name: String,
}

/// `POST /operations/zone_defaults/make_default`: the one before is no longer.
pub(crate) async fn make_default(cx: &mut Cx, given: Template) -> Result<Chosen, Problem> {
    let id = given.zone_default_id;
    load(cx, &ZONE_DEFAULTS, id).await?;
    let organization_id = cx.organization_id;
    let others: Vec<Uuid> = sqlx::query_scalar(DEFAULTS)
        .bind(organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    for other in others {
        change(
            cx,
            &ZONE_DEFAULTS,
            other,
            "make_default",
            row(json!({"is_default": false})),
        )
        .await?;
    }
    let chosen = change(cx, &ZONE_DEFAULTS, id, "make_default", row(json!({"is_default": true}))).await?;
    Ok(Chosen {
        zone_default_id: id,
        default_name: chosen.text("default_name").unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn settings_have_defaults() {
        let defaults = super::defaults();
        assert_eq!(
            defaults["max_concurrent_deliveries"],
            crate::delivery_effects::USUAL_LOAD.to_string()
        );
        assert_eq!(
            defaults["default_delivery_radius_km"],
            crate::engine::RADIUS_KM.to_string()
        );
    }
}
