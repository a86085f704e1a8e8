//! What a company of a demonstration measures: key figures with targets, dashboards, templates, schedules and a month of
//! couriers' days computed from the deliveries that are there. Called after the modules whose rows it sums.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, SecondsFormat, TimeZone};
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::catalogue;
use crate::run::{Period, by_day};
use crate::{DASHBOARDS, KPI_TARGETS, KPIS, METRIC_SNAPSHOTS, REPORT_SCHEDULES, REPORT_TEMPLATES, REPORTS, measure};

/// Code, name, category, direction, period, figure, unit; target, warning and critical.
type Kpi = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 3],
);

const KEY_FIGURES: [Kpi; 12] = [
    (
        "delivery_success",
        "Delivery success",
        "operations",
        "higher",
        "monthly",
        "delivery_success.success_percent",
        ["95", "90", "85"],
    ),
    (
        "on_time",
        "On-time delivery",
        "operations",
        "higher",
        "monthly",
        "on_time_delivery.on_time_percent",
        ["95", "90", "85"],
    ),
    (
        "sla_compliance",
        "Service levels kept",
        "operations",
        "higher",
        "monthly",
        "sla_compliance.compliance_percent",
        ["98", "95", "90"],
    ),
    (
        "delivery_time",
        "Delivery time in minutes",
        "operations",
        "lower",
        "weekly",
        "delivery_time.average_minutes",
        ["40", "50", "60"],
    ),
    (
        "failed_deliveries",
        "Failed deliveries a month",
        "operations",
        "lower",
        "monthly",
        "delivery_success.failed",
        ["40", "80", "120"],
    ),
    (
        "fleet_utilization",
        "Fleet utilization",
        "fleet",
        "higher",
        "monthly",
        "fleet_utilization.utilization_percent",
        ["80", "70", "60"],
    ),
    (
        "fleet_availability",
        "Fleet availability",
        "fleet",
        "higher",
        "daily",
        "fleet_availability.availability_percent",
        ["95", "90", "80"],
    ),
    (
        "fuel_cost_per_km",
        "Fuel cost a kilometre",
        "fleet",
        "lower",
        "monthly",
        "fuel_efficiency.cost_per_km",
        ["0.30", "0.40", "0.50"],
    ),
    (
        "cost_per_delivery",
        "Cost of a delivery",
        "financial",
        "lower",
        "monthly",
        "cost_breakdown.cost_per_delivery",
        ["25", "30", "35"],
    ),
    (
        "cod_deposit",
        "Cash handed in",
        "financial",
        "higher",
        "monthly",
        "cod_collection.deposit_percent",
        ["99", "95", "90"],
    ),
    (
        "attendance",
        "Attendance",
        "hr",
        "higher",
        "monthly",
        "attendance.attendance_percent",
        ["96", "92", "88"],
    ),
    (
        "satisfaction",
        "Satisfied customers",
        "customer",
        "higher",
        "monthly",
        "customer_satisfaction.satisfied_percent",
        ["85", "75", "65"],
    ),
];

pub(crate) const OWNER: &str = "SELECT m.user_id FROM platform.members m
    WHERE m.organization_id = $1 AND m.membership = 'owner' AND m.status = 'active' ORDER BY m.user_id LIMIT 1";

fn row(json: Json) -> Map<String, Json> {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Stores it for the organization of the context; `scale` is the number of months of couriers' days.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let today = cx.today();
    let yesterday = today.pred_opt().unwrap_or(today);
    let since = today
        .checked_sub_days(Days::new(31 * u64::from(scale.clamp(1, 12))))
        .unwrap_or(today);
    measure::performance(cx, since, yesterday).await?;
    key_figures(cx, today).await?;
    series(cx, since, yesterday).await?;
    let owner: Option<Uuid> = sqlx::query_scalar(OWNER)
        .bind(cx.organization_id)
        .fetch_optional(cx.db())
        .await?;
    platform_engine::create_many(cx, &DASHBOARDS, dashboards(owner)).await?;
    reports(cx, today).await
}

async fn key_figures(cx: &mut Cx, today: NaiveDate) -> Result<(), Problem> {
    let kpi = |(code, name, category, direction, period, figure, [target, warning, critical]): &Kpi| {
        let unit = catalogue::figure(figure).map(|(_, figure)| figure.unit.name());
        row(
            json!({"code": code, "name": name, "category": category, "direction": direction, "period": period,
            "figure": figure, "unit": unit, "target_value": target, "warning_threshold": warning,
            "critical_threshold": critical}),
        )
    };
    let ids = platform_engine::create_many(cx, &KPIS, KEY_FIGURES.iter().map(kpi).collect()).await?;
    // The first two have a target of this quarter that is a little below the year's.
    let quarter = today
        .with_day(1)
        .and_then(|day| day.with_month0(today.month0() / 3 * 3))
        .unwrap_or(today);
    let target = |id: &Uuid| {
        row(
            json!({"kpi_id": id, "starts_on": quarter, "target_value": "93", "warning_threshold": "89",
            "critical_threshold": "84", "notes": "Until the new zones are staffed."}),
        )
    };
    platform_engine::create_many(cx, &KPI_TARGETS, ids.iter().take(2).map(target).collect()).await?;
    measure::metrics(cx).await
}

/// The past of three figures, day by day.
async fn series(cx: &mut Cx, from: NaiveDate, to: NaiveDate) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for name in [
        "delivery_success.deliveries",
        "delivery_success.success_percent",
        "revenue.revenue",
    ] {
        let Some((report, figure)) = catalogue::figure(name) else {
            continue;
        };
        for (day, value) in by_day(cx, report, figure, Period::new(from, to)?).await? {
            let end = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
            let Some(at) = cx.time_zone().from_local_datetime(&end).earliest() else {
                continue;
            };
            let at = at
                .with_timezone(&chrono::Utc)
                .to_rfc3339_opts(SecondsFormat::Millis, true);
            rows.push(row(
                json!({"metric_name": name, "metric_type": "gauge", "value": value.to_string(),
                "measured_at": at, "source": "analytics.metrics", "tags": ["daily"]}),
            ));
        }
    }
    if !rows.is_empty() {
        platform_engine::create_many(cx, &METRIC_SNAPSHOTS, rows).await?;
    }
    Ok(())
}

fn dashboards(owner: Option<Uuid>) -> Vec<Map<String, Json>> {
    let widget = |report: &str, figure: &str| json!({"report": report, "figure": figure});
    let dashboard = |name: &str, is_default: bool, widgets: Vec<Json>| {
        row(
            json!({"name": name, "owned_by": owner, "is_default": is_default, "is_shared": true, "widgets": widgets,
            "layout": {"columns": 3}, "filters": {"period": "last_30_days"}}),
        )
    };
    vec![
        dashboard(
            "Operations today",
            true,
            vec![
                widget("delivery_success", "success_percent"),
                widget("on_time_delivery", "on_time_percent"),
                widget("delivery_time", "median_minutes"),
                widget("peak_hours", "deliveries"),
            ],
        ),
        dashboard(
            "Fleet and fuel",
            false,
            vec![
                widget("fleet_utilization", "utilization_percent"),
                widget("fuel_efficiency", "km_per_l"),
                widget("maintenance_costs", "cost"),
                widget("fleet_downtime", "downtime_percent"),
            ],
        ),
        dashboard(
            "Money",
            false,
            vec![
                widget("revenue", "revenue"),
                widget("cost_breakdown", "cost"),
                widget("profit_margins", "net_margin_percent"),
                widget("cod_collection", "pending"),
            ],
        ),
    ]
}

async fn reports(cx: &mut Cx, today: NaiveDate) -> Result<(), Problem> {
    let templates = vec![
        row(
            json!({"name": "Daily operations summary", "report_type": "delivery_success", "is_public": true,
            "columns": ["deliveries", "delivered", "failed", "success_percent"]}),
        ),
        row(
            json!({"name": "Couriers of the week", "report_type": "courier_performance", "is_public": true,
            "columns": ["completed", "success_percent", "on_time_percent", "revenue"]}),
        ),
        row(json!({"name": "Costs of the month", "report_type": "cost_breakdown", "is_public": false})),
    ];
    let templates = platform_engine::create_many(cx, &REPORT_TEMPLATES, templates).await?;
    let schedules = vec![
        row(
            json!({"name": "Operations every morning", "report_type": "delivery_success", "template_id": templates[0],
            "frequency": "daily", "run_at": "06:00", "format": "xlsx", "recipients": ["operations@example.com"]}),
        ),
        row(
            json!({"name": "Couriers every Sunday", "report_type": "courier_performance", "template_id": templates[1],
            "frequency": "weekly", "weekday": "sunday", "run_at": "07:00", "format": "csv"}),
        ),
        row(
            json!({"name": "Costs every month", "report_type": "cost_breakdown", "template_id": templates[2],
            "frequency": "monthly", "day_of_month": 1, "run_at": "08:00", "format": "xlsx", "status": "paused"}),
        ),
    ];
    platform_engine::create_many(cx, &REPORT_SCHEDULES, schedules).await?;
    let from = today.checked_sub_days(Days::new(30)).unwrap_or(today);
    for (name, report) in [
        ("Summary of the last 30 days", "overview_summary"),
        ("Zones of the last 30 days", "zone_performance"),
        ("Margins of the last 30 days", "profit_margins"),
    ] {
        let report = row(
            json!({"name": name, "report_type": report, "format": "json", "period_starts_on": from,
            "period_ends_on": today}),
        );
        let stored = platform_engine::create(cx, &REPORTS, report).await?;
        if let Some(id) = stored.uuid("id") {
            platform_engine::act(cx, &REPORTS, id, "generate", Map::new()).await?;
        }
    }
    Ok(())
}
