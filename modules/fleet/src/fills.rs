//! Purchases of fuel from both sources as one list: what people wrote down, and what providers reported and a vehicle was
//! found for. A log that names its transaction stands for both and is counted once.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};
use uuid::Uuid;

use crate::economy::Fill;

/// `fills`: $1 organization, $2 vehicle or null for all, $3 first day, $4 the day after the last one, $5 the
/// organization's currency (amounts in another one cannot be added).
///
/// Before a table is analysed for the first time (after an import, in a new installation) the planner takes an organization
/// for a handful of rows and joins two large tables in a nested loop. So the logs that name a transaction are read apart, and
/// their transactions by key.
macro_rules! fills {
    () => {
        "linked AS MATERIALIZED (
    SELECT l.fuel_transaction_id AS id
    FROM fleet.fuel_logs l
    WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.fuel_transaction_id IS NOT NULL
), fills AS (
    SELECT 'fuel_log'::text AS source, l.id, l.vehicle_id, l.filled_on AS day, l.filled_at AS at, l.station, l.volume_l,
        l.cost, l.odometer_km, l.is_full_tank, coalesce(l.product = 'electric', false) AS is_electric
    FROM fleet.fuel_logs l
    WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND ($2::uuid IS NULL OR l.vehicle_id = $2)
        AND l.filled_on >= $3::date AND l.filled_on < $4::date AND l.fuel_transaction_id IS NULL
    UNION ALL
    SELECT 'fuel_log', l.id, l.vehicle_id, l.filled_on, l.filled_at, l.station, l.volume_l, l.cost,
        coalesce(l.odometer_km, t.odometer_km), coalesce(l.is_full_tank, t.is_full_tank),
        coalesce(l.product, t.product, '') = 'electric'
    FROM fleet.fuel_logs l
    LEFT JOIN LATERAL (
        SELECT t.odometer_km, t.is_full_tank, t.product
        FROM fleet.fuel_transactions t
        WHERE t.organization_id = $1 AND t.id = l.fuel_transaction_id
        LIMIT 1
    ) t ON true
    WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND ($2::uuid IS NULL OR l.vehicle_id = $2)
        AND l.filled_on >= $3::date AND l.filled_on < $4::date AND l.fuel_transaction_id IS NOT NULL
    UNION ALL
    SELECT 'fuel_transaction', t.id, t.vehicle_id, t.local_date, CASE WHEN t.time_known THEN t.at END, t.station_name,
        t.volume_l, t.amount, t.odometer_km, t.is_full_tank, t.product = 'electric'
    FROM fleet.fuel_transactions t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.match_status IN ('matched', 'doubtful')
        AND t.vehicle_id IS NOT NULL AND ($2::uuid IS NULL OR t.vehicle_id = $2)
        AND t.local_date >= $3::date AND t.local_date < $4::date AND t.currency = $5::text
        AND NOT EXISTS (SELECT FROM linked WHERE linked.id = t.id)
)"
    };
}
pub(crate) use fills;

/// A fill as a row.
pub(crate) struct Filled {
    pub(crate) source: String,
    pub(crate) station: Option<String>,
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) id: Uuid,
    day: NaiveDate,
    volume_l: Decimal,
    cost_minor: i64,
    odometer_km: Option<Decimal>,
    is_full_tank: Option<bool>,
    is_electric: bool,
}

impl FromRow<'_, PgRow> for Filled {
    fn from_row(row: &PgRow) -> Result<Self, Error> {
        Ok(Self {
            source: row.try_get("source")?,
            id: row.try_get("id")?,
            day: row.try_get("day")?,
            at: row.try_get("at")?,
            station: row.try_get("station")?,
            volume_l: row.try_get("volume_l")?,
            cost_minor: row.try_get("cost")?,
            odometer_km: row.try_get("odometer_km")?,
            is_full_tank: row.try_get("is_full_tank")?,
            is_electric: row.try_get("is_electric")?,
        })
    }
}

impl Filled {
    /// What the rules look at. Fills of a day without a time are ordered as if at noon.
    pub(crate) fn fill(&self, time_zone: Tz) -> Fill {
        Fill {
            id: self.id,
            day: self.day,
            at: self.at.unwrap_or_else(|| noon(self.day, time_zone)),
            volume_l: self.volume_l,
            cost_minor: self.cost_minor,
            odometer_km: self.odometer_km,
            is_full_tank: self.is_full_tank,
            is_electric: self.is_electric,
        }
    }
}

/// Noon of a business day.
pub(crate) fn noon(day: NaiveDate, time_zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default());
    match time_zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
        LocalResult::None => local.and_utc(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noon_is_the_organizations() {
        let day: NaiveDate = "2026-01-31".parse().expect("a day");
        assert_eq!(noon(day, Tz::Asia__Riyadh).to_string(), "2026-01-31 09:00:00 UTC");
        assert_eq!(noon(day, Tz::Pacific__Auckland).to_string(), "2026-01-30 23:00:00 UTC");
    }
}
