//! Fuel logs: purchases of fuel that people write down. What providers of fuel cards report is in `fuel_transactions`; a log
//! that belongs to such a transaction names it and is then not counted twice.

use platform_resource::{
    Field, Record, Resource, Violation, boolean, choice, date, decimal, file, instant, long_text, money, reference,
    text,
};
use rust_decimal::Decimal;

use crate::PRODUCTS;

/// Fuel logs.
pub static FUEL_LOGS: Resource = Resource::new("fleet", "fuel_logs", FIELDS)
    .title(&["filled_on"])
    .sort("-filled_on")
    .check(check);

const FIELDS: &[Field] = &[
    reference("vehicle_id", "fleet.vehicles").required().filter().list(),
    reference("courier_id", "fleet.couriers").filter().list(),
    date("filled_on").required().filter().list(),
    instant("filled_at"),
    decimal("volume_l", 3).required().unit("l").list(),
    money("cost").required().list(),
    decimal("unit_price", 4),
    decimal("odometer_km", 2).unit("km").list(),
    boolean("is_full_tank").filter().list(),
    choice("product", PRODUCTS).filter(),
    text("station", 200).search().list(),
    choice(
        "payment_method",
        &["cash", "fuel_card", "bank_card", "company_account", "other"],
    )
    .filter(),
    text("receipt_number", 100).search(),
    file("receipt_file_id"),
    reference("fuel_transaction_id", "fleet.fuel_transactions").unique(),
    long_text("notes", 500),
];

/// Fuel was bought, and the time of day belongs to the day.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.decimal("volume_l").is_some_and(|volume| volume <= Decimal::ZERO) {
        violations.push(Violation::new("volume_l", "must_be_positive"));
    }
    let day = after.date("filled_on").zip(after.instant("filled_at"));
    // The zone is not known to a rule: a day's distance covers all of them.
    if day.is_some_and(|(day, at)| (at.date_naive() - day).num_days().abs() > 1) {
        violations.push(Violation::new("filled_at", "another_day"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn rules_of_a_row() {
        let second_of_march = |at: &str| json!({"filled_on": "2026-03-02", "filled_at": at});
        let table = [
            (json!({"volume_l": "0.000"}), "volume_l must_be_positive"),
            (json!({"volume_l": "0.001"}), ""),
            (second_of_march("2026-03-04T00:00:00Z"), "filled_at another_day"),
            (second_of_march("2026-03-01T21:30:00Z"), ""),
        ];
        breaks(check, None, &table);
    }
}
