//! What vehicles bring and cost according to their logs: distance, litres, takings, and what they come to for a kilometre and a
//! delivery. What fuel really cost is in `fuel_costs`.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::asked::{Period, page};
use crate::figures::{ratio, shown};
use crate::fuel_costs::currency;

/// Sums of the logs of a period by vehicle.
pub(crate) const LOGS: &str =
    "SELECT l.vehicle_id, coalesce(v.plate_number, v.internal_number) AS title, count(*) AS logs,
        coalesce(sum(l.end_odometer_km - l.start_odometer_km), 0) AS distance_km, coalesce(sum(l.fuel_l), 0) AS fuel_l,
        coalesce(sum(l.fuel_cost), 0) AS fuel_cost, coalesce(sum(l.deliveries_count), 0) AS deliveries,
        coalesce(sum(l.orders_count), 0) AS orders, coalesce(sum(l.revenue), 0) AS revenue,
        coalesce(sum(l.working_hours), 0) AS working_hours, count(*) FILTER (WHERE l.has_issues) AS issues
    FROM fleet.vehicle_logs l
    JOIN fleet.vehicles v ON v.organization_id = $1 AND v.id = l.vehicle_id
    WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.logged_on >= $2 AND l.logged_on <= $3
        AND ($4::uuid IS NULL OR l.vehicle_id = $4) AND ($5::uuid IS NULL OR l.courier_id = $5)
    GROUP BY l.vehicle_id, v.plate_number, v.internal_number
    ORDER BY title, l.vehicle_id";

/// Which logs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; 29 days before the last one unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One vehicle only.
    vehicle_id: Option<Uuid>,
    /// One courier only.
    courier_id: Option<Uuid>,
    /// Vehicles of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Economics of vehicles by their logs.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LogEconomics {
    data: Vec<VehicleEconomics>,
    currency: String,
    /// Over all pages.
    totals: Economics,
    next: Option<String>,
}

/// Economics of a vehicle.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VehicleEconomics {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    #[serde(flatten)]
    figures: Economics,
}

/// Sums of logs and what they come to. Nothing stands where there is nothing to divide by.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Economics {
    logs: i64,
    /// Logs with something to report.
    issues: i64,
    distance_km: String,
    fuel_l: String,
    fuel_cost: String,
    deliveries: String,
    orders: String,
    working_hours: String,
    /// Nothing for callers who may not see takings.
    revenue: Option<String>,
    /// Distance over litres.
    km_per_l: Option<String>,
    /// Fuel cost over distance, with three digits.
    fuel_cost_per_km: Option<String>,
    /// Takings over deliveries.
    revenue_per_delivery: Option<String>,
    /// Deliveries over working hours.
    deliveries_per_hour: Option<String>,
}

/// Sums, amounts in major units.
#[derive(Clone, Copy, Default)]
struct Sums {
    logs: i64,
    issues: i64,
    distance_km: Decimal,
    fuel_l: Decimal,
    fuel_cost: Decimal,
    deliveries: Decimal,
    orders: Decimal,
    working_hours: Decimal,
    revenue: Decimal,
}

impl Sums {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            logs: row.try_get("logs")?,
            issues: row.try_get("issues")?,
            distance_km: row.try_get("distance_km")?,
            fuel_l: row.try_get("fuel_l")?,
            fuel_cost: row.try_get::<Decimal, _>("fuel_cost")? / Decimal::ONE_HUNDRED,
            deliveries: row.try_get("deliveries")?,
            orders: row.try_get("orders")?,
            working_hours: row.try_get("working_hours")?,
            revenue: row.try_get::<Decimal, _>("revenue")? / Decimal::ONE_HUNDRED,
        })
    }

    fn add(&mut self, other: &Self) {
        self.logs += other.logs;
        self.issues += other.issues;
        self.distance_km += other.distance_km;
        self.fuel_l += other.fuel_l;
        self.fuel_cost += other.fuel_cost;
        self.deliveries += other.deliveries;
        self.orders += other.orders;
        self.working_hours += other.working_hours;
        self.revenue += other.revenue;
    }

    fn told(&self, sees_revenue: bool) -> Economics {
        let text = |figure: Decimal, digits| shown(Some(figure), digits).unwrap_or_default();
        Economics {
            logs: self.logs,
            issues: self.issues,
            distance_km: text(self.distance_km, 2),
            fuel_l: text(self.fuel_l, 3),
            fuel_cost: text(self.fuel_cost, 2),
            deliveries: text(self.deliveries, 0),
            orders: text(self.orders, 0),
            working_hours: text(self.working_hours, 2),
            revenue: sees_revenue.then(|| text(self.revenue, 2)),
            km_per_l: shown(ratio(self.distance_km, self.fuel_l), 2),
            fuel_cost_per_km: shown(ratio(self.fuel_cost, self.distance_km), 3),
            revenue_per_delivery: shown(ratio(self.revenue, self.deliveries).filter(|_| sees_revenue), 2),
            deliveries_per_hour: shown(ratio(self.deliveries, self.working_hours), 2),
        }
    }
}

/// `GET /fleet/vehicle_log_economics`.
pub(crate) async fn log_economics(cx: &mut Cx, asked: Asked) -> Result<LogEconomics, Problem> {
    let period = Period::of(cx, asked.from, asked.to)?;
    let sees_revenue = cx.may("vehicle_logs.read_revenue");
    let rows = sqlx::query(LOGS)
        .bind(cx.organization_id)
        .bind(period.first)
        .bind(period.last)
        .bind(asked.vehicle_id)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let (mut vehicles, mut totals) = (Vec::with_capacity(rows.len()), Sums::default());
    for row in &rows {
        let sums = Sums::of(row)?;
        totals.add(&sums);
        vehicles.push(VehicleEconomics {
            vehicle_id: row.try_get("vehicle_id")?,
            vehicle_title: row.try_get("title")?,
            figures: sums.told(sees_revenue),
        });
    }
    let (data, next) = page(vehicles, asked.limit, asked.after.as_deref())?;
    Ok(LogEconomics {
        data,
        currency: currency(cx),
        totals: totals.told(sees_revenue),
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        let sums = Sums {
            logs: 1,
            distance_km: Decimal::from(46_328 - 46_210),
            fuel_l: Decimal::new(64, 1),
            fuel_cost: Decimal::new(1395, 2),
            deliveries: Decimal::from(22),
            revenue: Decimal::from(330),
            ..Sums::default()
        };
        let told = sums.told(true);
        assert_eq!(told.distance_km, "118.00");
        assert_eq!(told.km_per_l.as_deref(), Some("18.44"));
        assert_eq!(told.fuel_cost_per_km.as_deref(), Some("0.118"));
        assert_eq!(told.revenue_per_delivery.as_deref(), Some("15.00"));
        assert_eq!(told.deliveries_per_hour, None);
        let hidden = sums.told(false);
        assert_eq!((hidden.revenue, hidden.revenue_per_delivery), (None, None));
    }
}
