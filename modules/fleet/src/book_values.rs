//! What vehicles are worth in the books: the price less its depreciation, year by year.

use chrono::{Months, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::asked::page;
use crate::economy::rounded;
use crate::fuel_costs::{amount, currency};

/// Own vehicles with a price and a day of purchase.
pub(crate) const PRICES: &str = "SELECT v.id, coalesce(v.plate_number, v.internal_number) AS title, v.purchase_price,
        v.purchased_on, coalesce(v.depreciation_rate_percent, 20) AS rate
    FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired' AND v.ownership_type = 'owned'
        AND v.purchase_price IS NOT NULL AND v.purchased_on IS NOT NULL AND ($2::uuid IS NULL OR v.id = $2)
    ORDER BY title, v.id";

/// Which vehicles.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// One vehicle only.
    vehicle_id: Option<Uuid>,
    /// Vehicles of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Book values of the company's own vehicles that are not retired.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BookValues {
    data: Vec<Worth>,
    currency: String,
    /// Sums over all pages.
    purchase_price: String,
    book_value: String,
    next: Option<String>,
}

/// What a vehicle is worth today: the price times (1 − rate) for each full year, and the share of the year that has passed of
/// the rate for the current one.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Worth {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    purchase_price: String,
    purchased_on: NaiveDate,
    depreciation_rate_percent: String,
    full_years: u32,
    book_value: String,
}

/// `GET /fleet/vehicle_book_values`.
pub(crate) async fn book_values(cx: &mut Cx, asked: Asked) -> Result<BookValues, Problem> {
    let today = cx.today();
    let rows = sqlx::query(PRICES)
        .bind(cx.organization_id)
        .bind(asked.vehicle_id)
        .fetch_all(cx.db())
        .await?;
    let (mut values, mut price, mut sum) = (Vec::with_capacity(rows.len()), Decimal::ZERO, Decimal::ZERO);
    for row in &rows {
        let price_minor: i64 = row.try_get("purchase_price")?;
        let purchased_on: NaiveDate = row.try_get("purchased_on")?;
        let rate: Decimal = row.try_get("rate")?;
        let (full_years, value) = book_value(Decimal::new(price_minor, 2), rate, purchased_on, today);
        price += Decimal::new(price_minor, 2);
        sum += value;
        values.push(Worth {
            vehicle_id: row.try_get("id")?,
            vehicle_title: row.try_get("title")?,
            purchase_price: amount(price_minor),
            purchased_on,
            depreciation_rate_percent: rate.to_string(),
            full_years,
            book_value: value.to_string(),
        });
    }
    let (data, next) = page(values, asked.limit, asked.after.as_deref())?;
    Ok(BookValues {
        data,
        currency: currency(cx),
        purchase_price: rounded(price, 2).to_string(),
        book_value: rounded(sum, 2).to_string(),
        next,
    })
}

/// Full years since the purchase, and the value.
fn book_value(price: Decimal, rate_percent: Decimal, purchased_on: NaiveDate, today: NaiveDate) -> (u32, Decimal) {
    let birthday = |years: u32| purchased_on.checked_add_months(Months::new(years * 12));
    let full_years = today.years_since(purchased_on).unwrap_or(0);
    let rate = rate_percent / Decimal::ONE_HUNDRED;
    let mut value = price;
    for _ in 0..full_years {
        value *= Decimal::ONE - rate;
    }
    let year = birthday(full_years).zip(birthday(full_years + 1));
    if let Some((start, end)) = year.filter(|(start, _)| *start < today) {
        let passed = Decimal::from((today - start).num_days()) / Decimal::from((end - start).num_days());
        value *= Decimal::ONE - rate * passed;
    }
    (full_years, rounded(value, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_less_each_year() {
        let bought: NaiveDate = "2024-01-01".parse().expect("a day");
        let value = |price: i64, rate: i64, today: &str| {
            let (years, value) = book_value(
                Decimal::from(price),
                Decimal::from(rate),
                bought,
                today.parse().expect("a day"),
            );
            (years, value.to_string())
        };
        assert_eq!(value(62_000, 20, "2024-01-01"), (0, "62000.00".into()));
        assert_eq!(value(62_000, 20, "2026-01-01"), (2, "39680.00".into()));
        // Half of 2025: 181 of 365 days of a fifth of 49,600.
        assert_eq!(value(62_000, 20, "2025-07-01"), (1, "44680.77".into()));
        assert_eq!(value(62_000, 0, "2030-07-01"), (6, "62000.00".into()));
        assert_eq!(value(62_000, 100, "2025-01-01"), (1, "0.00".into()));
        // Bought tomorrow.
        assert_eq!(value(62_000, 20, "2023-12-31"), (0, "62000.00".into()));
    }
}
