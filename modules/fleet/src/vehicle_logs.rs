//! Vehicle logs: what a vehicle did on a day, a trip or a round. Purchases of fuel that count in the fuel costs are in
//! `fuel_logs`; what a log says of fuel is for its own economics (`vehicle_log_economics`).

use platform_resource::{
    Field, Record, Resource, Violation, boolean, choice, date, decimal, file, instant, integer, json, long_text,
    member, money, reference, text, time,
};

/// Vehicle logs.
pub static VEHICLE_LOGS: Resource = Resource::new("fleet", "vehicle_logs", FIELDS)
    .title(&["logged_on"])
    .sort("-logged_on")
    .check(check);

const FIELDS: &[Field] = &[
    reference("vehicle_id", "fleet.vehicles")
        .required()
        .filter()
        .list()
        .group("log"),
    reference("courier_id", "fleet.couriers").filter().list().group("log"),
    choice("log_type", &["daily_log", "fuel_refill", "trip", "delivery"])
        .required()
        .default("daily_log")
        .filter()
        .list()
        .group("log"),
    date("logged_on").required().filter().list().group("log"),
    time("log_time").group("log"),
    instant("started_at").group("log"),
    instant("ended_at").group("log"),
    decimal("working_hours", 2).group("log"),
    decimal("start_odometer_km", 2).list().unit("km").group("distance"),
    decimal("end_odometer_km", 2).list().unit("km").group("distance"),
    text("start_location", 300).group("distance"),
    text("end_location", 300).group("distance"),
    long_text("route_description", 1000).group("distance"),
    decimal("fuel_l", 3).list().unit("l").group("fuel"),
    money("fuel_cost").group("fuel"),
    choice("fuel_provider", &["aramco", "adnoc", "petrol", "other"])
        .filter()
        .group("fuel"),
    text("fuel_station_location", 300).group("fuel"),
    text("fuel_receipt_number", 100).search().group("fuel"),
    file("receipt_file_id").group("fuel"),
    integer("deliveries_count", 0, 1_000_000)
        .required()
        .default("0")
        .list()
        .group("work"),
    integer("orders_count", 0, 1_000_000)
        .required()
        .default("0")
        .group("work"),
    money("revenue")
        .required()
        .default("0")
        .permission("read_revenue")
        .group("work"),
    text("vehicle_condition", 50).group("condition"),
    boolean("has_issues")
        .required()
        .default("false")
        .filter()
        .list()
        .group("condition"),
    long_text("issues_reported", 2000).group("condition"),
    text("weather_conditions", 100).group("condition"),
    text("traffic_conditions", 100).group("condition"),
    json("photos").group("condition"),
    member("recorded_by").group("log"),
    long_text("notes", 4000),
];

/// It ends after it began, and the odometer does not run backwards in between.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let odometers = after.decimal("start_odometer_km").zip(after.decimal("end_odometer_km"));
    if odometers.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("end_odometer_km", "odometer_falls"));
    }
    let times = after.instant("started_at").zip(after.instant("ended_at"));
    if times.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("ended_at", "ends_before_start"));
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
        let table = [
            (
                json!({"start_odometer_km": "46328.00", "end_odometer_km": "46210.00"}),
                "end_odometer_km odometer_falls",
            ),
            (
                json!({"start_odometer_km": "46210.00", "end_odometer_km": "46210.00"}),
                "",
            ),
            (
                json!({"started_at": "2026-03-02T08:00:00Z", "ended_at": "2026-03-02T07:59:59Z"}),
                "ended_at ends_before_start",
            ),
        ];
        breaks(check, None, &table);
    }
}
