//! What a courier did on a day, once for each courier and day: written every night from deliveries and attendance, or given
//! by whoever imports it from elsewhere.

use platform_resource::{
    Field, Record, Resource, Violation, choice, date, decimal, integer, long_text, money, reference,
};
use rust_decimal::Decimal;

/// Couriers' days.
pub static PERFORMANCE_DATA: Resource = Resource::new("analytics", "performance_data", FIELDS)
    .title(&["performed_on"])
    .sort("-performed_on")
    .check(check);

const MOST_ORDERS: i64 = 10_000;

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    date("performed_on").required().create_only().filter().list(),
    integer("orders_completed", 0, MOST_ORDERS)
        .required()
        .default("0")
        .list()
        .group("orders"),
    integer("orders_failed", 0, MOST_ORDERS)
        .required()
        .default("0")
        .list()
        .group("orders"),
    integer("on_time_deliveries", 0, MOST_ORDERS)
        .required()
        .default("0")
        .list()
        .group("orders"),
    integer("late_deliveries", 0, MOST_ORDERS)
        .required()
        .default("0")
        .example("0")
        .group("orders"),
    decimal("distance_km", 2).required().default("0").unit("km").list(),
    money("revenue").required().default("0").list().group("money"),
    money("cod_collected").required().default("0").group("money"),
    decimal("average_rating", 2).list().group("quality"),
    decimal("working_hours", 2).unit("h").list(),
    decimal("efficiency_score", 2).list().group("quality"),
    choice("source", &["manual", "computed", "imported"])
        .required()
        .default("manual")
        .filter(),
    long_text("notes", 2000),
];

/// Parts within their whole, figures within their scale.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut refuse = |broken: bool, field, code| {
        if broken {
            violations.push(Violation::new(field, code));
        }
    };
    let count = |field| after.integer(field).unwrap_or_default();
    let over = |field, most: i64| after.decimal(field).is_some_and(|figure| figure > Decimal::from(most));
    refuse(
        count("on_time_deliveries") + count("late_deliveries") > count("orders_completed"),
        "on_time_deliveries",
        "more_than_completed",
    );
    refuse(over("average_rating", 5), "average_rating", "over_scale");
    refuse(over("efficiency_score", 100), "efficiency_score", "over_scale");
    refuse(over("working_hours", 24), "working_hours", "over_a_day");
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_day_is_possible() {
        breaks(
            check,
            &[
                (
                    json!({"orders_completed": 10, "on_time_deliveries": 8, "late_deliveries": 2}),
                    "",
                ),
                (
                    json!({"orders_completed": 10, "on_time_deliveries": 9, "late_deliveries": 2}),
                    "on_time_deliveries more_than_completed",
                ),
                (json!({"average_rating": "5.01"}), "average_rating over_scale"),
                (json!({"efficiency_score": "100.01"}), "efficiency_score over_scale"),
                (json!({"working_hours": "24.5"}), "working_hours over_a_day"),
            ],
        );
    }
}
