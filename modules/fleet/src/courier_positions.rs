//! Positions: where couriers were, as their phones and trackers report it. A report is never changed; the last one of each
//! courier is in `live_positions`.

use platform_resource::{Field, Record, Resource, Verb, Violation, choice, decimal, instant, integer, reference};

use crate::figures::off_the_map;

/// Position reports.
pub static COURIER_POSITIONS: Resource = Resource::new("fleet", "courier_positions", FIELDS)
    .title(&["recorded_at"])
    .sort("-recorded_at")
    .without(&[Verb::Update, Verb::Delete, Verb::Import])
    .check(check);

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("vehicle_id", "fleet.vehicles").create_only().filter().list(),
    instant("recorded_at").required().create_only().filter().list(),
    decimal("latitude", 7)
        .signed()
        .required()
        .create_only()
        .example("24.7135517")
        .list(),
    decimal("longitude", 7)
        .signed()
        .required()
        .create_only()
        .example("46.6752957")
        .list(),
    decimal("accuracy_m", 1).create_only(),
    decimal("speed_km_h", 1).create_only().list(),
    integer("heading_degrees", 0, 360).create_only(),
    decimal("altitude_m", 1).signed().create_only(),
    integer("battery_percent", 0, 100).create_only().unit("percent"),
    choice("source", &["app", "gps_device", "platform"])
        .required()
        .create_only()
        .default("app")
        .filter()
        .list(),
];

/// A place on the map.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    off_the_map(after)
}
