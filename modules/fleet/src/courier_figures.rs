//! Couriers in numbers: how many of which kind, and how they compare over a period.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::asked::{Period, page};
use crate::figures::{percent, ratio, shown};
use crate::fuel_costs::currency;

/// One row for each fact: what is counted, by which word. $2 is the first day of this month.
pub(crate) const STATISTICS: &str = "WITH people AS (
    SELECT c.id, c.status, c.sponsorship_status, c.project_type, c.city, c.joined_on, c.last_working_day,
        c.performance_score, c.average_rating, c.total_deliveries
    FROM fleet.couriers c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL
)
SELECT 'status' AS about, status AS word, count(*) AS number, NULL::numeric AS figure FROM people GROUP BY status
UNION ALL
SELECT 'sponsorship_status', sponsorship_status, count(*), NULL FROM people WHERE status <> 'terminated'
    GROUP BY sponsorship_status
UNION ALL
SELECT 'project_type', project_type, count(*), NULL FROM people WHERE status <> 'terminated' GROUP BY project_type
UNION ALL
SELECT 'city', coalesce(city, ''), count(*), NULL FROM people WHERE status <> 'terminated' GROUP BY coalesce(city, '')
UNION ALL
SELECT 'with_vehicle', '', count(*), NULL FROM people p WHERE status = 'active' AND EXISTS (
    SELECT FROM fleet.vehicle_assignments a
    WHERE a.organization_id = $1 AND a.courier_id = p.id AND a.status = 'active' AND a.deleted_at IS NULL)
UNION ALL
SELECT 'joined', '', count(*), NULL FROM people WHERE joined_on >= $2
UNION ALL
SELECT 'left', '', count(*), NULL FROM people WHERE status = 'terminated' AND last_working_day >= $2
UNION ALL
SELECT 'score', '', count(*), avg(performance_score) FROM people WHERE status = 'active'
UNION ALL
SELECT 'rating', '', count(average_rating), avg(average_rating) FROM people WHERE status = 'active'
UNION ALL
SELECT 'deliveries', '', 0, coalesce(sum(total_deliveries), 0) FROM people";

/// Couriers who were not terminated before the period, with what they did in it.
pub(crate) const PERFORMANCE: &str = "WITH logs AS (
    SELECT l.courier_id, count(DISTINCT l.logged_on) AS days, sum(l.deliveries_count) AS deliveries, sum(l.orders_count) AS orders,
        sum(l.revenue) AS revenue, sum(l.end_odometer_km - l.start_odometer_km) AS distance_km,
        sum(l.working_hours) AS working_hours
    FROM fleet.vehicle_logs l
    WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.logged_on >= $2 AND l.logged_on <= $3
        AND l.courier_id IS NOT NULL
    GROUP BY l.courier_id
), planned AS (
    SELECT s.courier_id, count(*) FILTER (WHERE s.status = 'completed') AS completed,
        count(*) FILTER (WHERE s.status = 'missed') AS missed
    FROM fleet.shifts s
    WHERE s.organization_id = $1 AND s.deleted_at IS NULL AND s.works_on >= $2 AND s.works_on <= $3
    GROUP BY s.courier_id
), crashes AS (
    SELECT x.courier_id, count(*) AS accidents, count(*) FILTER (WHERE x.fault_status IN ('our_fault', 'shared')) AS at_fault
    FROM fleet.accident_logs x
    WHERE x.organization_id = $1 AND x.deleted_at IS NULL AND x.occurred_on >= $2 AND x.occurred_on <= $3
    GROUP BY x.courier_id
)
SELECT c.id, c.barq_id, c.full_name, c.status, c.city, c.performance_score, c.average_rating, c.total_deliveries,
    coalesce(l.days, 0) AS days, coalesce(l.deliveries, 0) AS deliveries, coalesce(l.orders, 0) AS orders,
    coalesce(l.revenue, 0) AS revenue, coalesce(l.distance_km, 0) AS distance_km,
    coalesce(l.working_hours, 0) AS working_hours, coalesce(p.completed, 0) AS completed, coalesce(p.missed, 0) AS missed,
    coalesce(x.accidents, 0) AS accidents, coalesce(x.at_fault, 0) AS at_fault
FROM fleet.couriers c
LEFT JOIN logs l ON l.courier_id = c.id
LEFT JOIN planned p ON p.courier_id = c.id
LEFT JOIN crashes x ON x.courier_id = c.id
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND (c.status <> 'terminated' OR c.last_working_day >= $2)
    AND ($4::text IS NULL OR c.city = $4)
ORDER BY c.full_name, c.id";

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedStatistics {}

/// Couriers in numbers.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Statistics {
    total: i64,
    by_status: BTreeMap<String, i64>,
    /// Of those who are not terminated, like the two below.
    by_sponsorship: BTreeMap<String, i64>,
    by_project: BTreeMap<String, i64>,
    /// Those without a city are under an empty name.
    by_city: BTreeMap<String, i64>,
    /// Active couriers with a vehicle, and without.
    with_vehicle: i64,
    without_vehicle: i64,
    /// Couriers who joined this month, and whose last working day lies in it or after.
    joined_this_month: i64,
    left_this_month: i64,
    /// Means over active couriers.
    average_performance_score: Option<String>,
    average_rating: Option<String>,
    /// Deliveries of all couriers ever.
    total_deliveries: String,
}

/// `GET /fleet/courier_statistics`.
pub(crate) async fn statistics(cx: &mut Cx, _: AskedStatistics) -> Result<Statistics, Problem> {
    let today = cx.today();
    let rows = sqlx::query(STATISTICS)
        .bind(cx.organization_id)
        .bind(today.with_day(1).unwrap_or(today))
        .fetch_all(cx.db())
        .await?;
    let mut told = Statistics::default();
    for row in &rows {
        let (word, number): (String, i64) = (row.try_get("word")?, row.try_get("number")?);
        let figure: Option<Decimal> = row.try_get("figure")?;
        match row.try_get("about")? {
            "status" => {
                told.total += number;
                told.by_status.insert(word, number);
            }
            "sponsorship_status" => drop(told.by_sponsorship.insert(word, number)),
            "project_type" => drop(told.by_project.insert(word, number)),
            "city" => drop(told.by_city.insert(word, number)),
            "with_vehicle" => told.with_vehicle = number,
            "joined" => told.joined_this_month = number,
            "left" => told.left_this_month = number,
            "score" => told.average_performance_score = shown(figure, 2),
            "rating" => told.average_rating = shown(figure, 2),
            _ => told.total_deliveries = shown(figure, 0).unwrap_or_default(),
        }
    }
    told.without_vehicle = told.by_status.get("active").copied().unwrap_or(0) - told.with_vehicle;
    Ok(told)
}

/// Which couriers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedPerformance {
    /// First day; 29 days before the last one unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One city only.
    city: Option<String>,
    /// What stands first; deliveries unless given.
    order: Option<Order>,
    /// Couriers of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What couriers are ordered by: the most first.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Deliveries of the period.
    #[default]
    Deliveries,
    /// Deliveries over working hours.
    DeliveriesPerHour,
    /// Takings of the period.
    Revenue,
    /// The rolling score.
    PerformanceScore,
}

/// Couriers compared over a period.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Performance {
    data: Vec<CourierPerformance>,
    from: NaiveDate,
    to: NaiveDate,
    currency: String,
    /// Couriers on all pages, and their means.
    couriers: usize,
    average_deliveries: Option<String>,
    average_performance_score: Option<String>,
    next: Option<String>,
}

/// A courier over a period: what the vehicle logs, the shifts and the accidents say.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CourierPerformance {
    /// Place among all couriers asked for, from 1; the same for equals.
    rank: usize,
    courier_id: Uuid,
    barq_id: String,
    courier_title: String,
    status: String,
    city: Option<String>,
    /// The rolling score, the mean rating and the lifetime count.
    performance_score: String,
    average_rating: Option<String>,
    total_deliveries: i64,
    /// Days with a log.
    days_worked: i64,
    deliveries: String,
    orders: String,
    /// Nothing for callers who may not see takings.
    revenue: Option<String>,
    distance_km: String,
    working_hours: String,
    deliveries_per_day: Option<String>,
    deliveries_per_hour: Option<String>,
    shifts_completed: i64,
    shifts_missed: i64,
    /// Completed among completed and missed shifts.
    shift_attendance_percent: Option<String>,
    accidents: i64,
    /// Of them by our fault or a shared one.
    accidents_at_fault: i64,
}

/// What couriers are compared by.
struct Compared {
    key: Decimal,
    deliveries: Decimal,
    score: Decimal,
    row: CourierPerformance,
}

/// `GET /fleet/courier_performance`.
pub(crate) async fn performance(cx: &mut Cx, asked: AskedPerformance) -> Result<Performance, Problem> {
    let period = Period::of(cx, asked.from, asked.to)?;
    if asked.city.as_ref().is_some_and(|city| city.contains(char::is_control)) {
        return Err(Problem::field("city", "bad_character"));
    }
    let sees_revenue = cx.may("vehicle_logs.read_revenue");
    let order = asked.order.unwrap_or_default();
    if matches!(order, Order::Revenue) && !sees_revenue {
        return Err(Problem::field("order", "field_forbidden"));
    }
    let rows = sqlx::query(PERFORMANCE)
        .bind(cx.organization_id)
        .bind(period.first)
        .bind(period.last)
        .bind(asked.city.as_deref())
        .fetch_all(cx.db())
        .await?;
    let mut couriers = rows
        .iter()
        .map(|row| compared(row, order, sees_revenue))
        .collect::<Result<Vec<_>, _>>()?;
    couriers.sort_by_key(|one| std::cmp::Reverse(one.key));
    for place in 0..couriers.len() {
        let is_equal = place > 0 && couriers[place].key == couriers[place - 1].key;
        couriers[place].row.rank = if is_equal {
            couriers[place - 1].row.rank
        } else {
            place + 1
        };
    }
    let number = Decimal::from(couriers.len());
    let mean = |figure: &dyn Fn(&Compared) -> Decimal| shown(ratio(couriers.iter().map(figure).sum(), number), 2);
    let (average_deliveries, average_score) = (mean(&|one| one.deliveries), mean(&|one| one.score));
    let total = couriers.len();
    let rows = couriers.into_iter().map(|one| one.row).collect();
    let (data, next) = page(rows, asked.limit, asked.after.as_deref())?;
    Ok(Performance {
        data,
        from: period.first,
        to: period.last,
        currency: currency(cx),
        couriers: total,
        average_deliveries,
        average_performance_score: average_score,
        next,
    })
}

fn compared(row: &PgRow, order: Order, sees_revenue: bool) -> Result<Compared, sqlx::Error> {
    let figure = |column: &str| row.try_get::<Decimal, _>(column);
    let text = |figure: Decimal, digits| shown(Some(figure), digits).unwrap_or_default();
    let (deliveries, hours, score) = (
        figure("deliveries")?,
        figure("working_hours")?,
        figure("performance_score")?,
    );
    let revenue = figure("revenue")? / Decimal::ONE_HUNDRED;
    let days: i64 = row.try_get("days")?;
    let (completed, missed): (i64, i64) = (row.try_get("completed")?, row.try_get("missed")?);
    let key = match order {
        Order::Deliveries => deliveries,
        Order::DeliveriesPerHour => ratio(deliveries, hours).unwrap_or_default(),
        Order::Revenue => revenue,
        Order::PerformanceScore => score,
    };
    let told = CourierPerformance {
        rank: 0,
        courier_id: row.try_get("id")?,
        barq_id: row.try_get("barq_id")?,
        courier_title: row.try_get("full_name")?,
        status: row.try_get("status")?,
        city: row.try_get("city")?,
        performance_score: text(score, 2),
        average_rating: shown(row.try_get("average_rating")?, 2),
        total_deliveries: row.try_get("total_deliveries")?,
        days_worked: days,
        deliveries: text(deliveries, 0),
        orders: text(figure("orders")?, 0),
        revenue: sees_revenue.then(|| text(revenue, 2)),
        distance_km: text(figure("distance_km")?, 2),
        working_hours: text(hours, 2),
        deliveries_per_day: shown(ratio(deliveries, Decimal::from(days)), 2),
        deliveries_per_hour: shown(ratio(deliveries, hours), 2),
        shifts_completed: completed,
        shifts_missed: missed,
        shift_attendance_percent: shown(percent(completed, completed + missed), 1),
        accidents: row.try_get("accidents")?,
        accidents_at_fault: row.try_get("at_fault")?,
    };
    Ok(Compared {
        key,
        deliveries,
        score,
        row: told,
    })
}
