//! Zones: the areas that a company serves, how many couriers each can hold, and who is on each one's roster.
//! Area and centre follow from the boundaries (see `geometry`), the figures of a zone from its deliveries (see `zone_metrics`).

use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, date, decimal, integer, json, long_text, money, moved,
    reference, text, transition,
};
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::geometry;

/// Zones.
pub static ZONES: Resource = Resource::new("operations", "zones", FIELDS)
    .title(&["zone_name"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Inactive,
    Maintenance,
}

const FIELDS: &[Field] = &[
    text("zone_code", 50).required().unique().search().list().group("zone"),
    text("zone_name", 200).required().search().list().group("zone"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list()
        .group("zone"),
    text("city", 100).required().search().filter().list().group("zone"),
    text("district", 100).search().filter().group("zone"),
    text("postal_code", 20).group("zone"),
    integer("priority_level", 1, 5)
        .required()
        .default("1")
        .filter()
        .list()
        .group("zone"),
    long_text("description", 2000).group("zone"),
    json("boundaries")
        .example(r#"{"type":"Polygon","coordinates":[[[46.6,24.7],[46.7,24.7],[46.7,24.8],[46.6,24.8],[46.6,24.7]]]}"#)
        .group("place"),
    decimal("center_latitude", 7).signed().group("place"),
    decimal("center_longitude", 7).signed().group("place"),
    decimal("radius_km", 2).unit("km").group("place"),
    integer("estimated_population", 0, 100_000_000).group("place"),
    choice("business_density", &["low", "medium", "high"])
        .filter()
        .group("place"),
    integer("max_couriers", 1, 100)
        .required()
        .default("10")
        .example("10")
        .list()
        .group("capacity"),
    money("service_fee").required().default("0").list().group("price"),
    money("base_delivery_fee").required().default("0").group("price"),
    decimal("peak_hour_multiplier", 2)
        .required()
        .default("1")
        .group("price"),
    decimal("priority_multiplier", 2).required().default("1").group("price"),
    money("minimum_order_value").required().default("0").group("price"),
    long_text("special_instructions", 2000),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("activate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Inactive | Status::Maintenance => Some(Status::Active),
            Status::Active => None,
        })
    }),
    transition("deactivate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Maintenance => Some(Status::Inactive),
            Status::Inactive => None,
        })
    })
    .danger(),
    transition("start_maintenance", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Maintenance),
            Status::Inactive | Status::Maintenance => None,
        })
    }),
];

/// Boundaries are closed rings on the globe; peak hours cost at least as much as others and at most three times that.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.has("boundaries") && geometry::polygons(after.get("boundaries")).is_none() {
        violations.push(Violation::new("boundaries", "bad_boundaries"));
    }
    for (field, most) in [("center_latitude", 90), ("center_longitude", 180)] {
        if after
            .decimal(field)
            .is_some_and(|degrees| degrees.abs() > Decimal::from(most))
        {
            violations.push(Violation::new(field, "not_on_the_globe"));
        }
    }
    let outside = |factor: Decimal| factor < Decimal::ONE || factor > Decimal::from(3);
    for field in ["peak_hour_multiplier", "priority_multiplier"] {
        if after.decimal(field).is_some_and(outside) {
            violations.push(Violation::new(field, "multiplier_out_of_range"));
        }
    }
    violations
}

/// Which couriers a zone counts on.
pub static ZONE_COURIERS: Resource = Resource::new("operations", "zone_couriers", ROSTER)
    .title(&["started_on"])
    .check(check_roster)
    .actions(ROSTER_ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Place {
    Active,
    Ended,
}

const ROSTER: &[Field] = &[
    reference("zone_id", "operations.zones")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice("status", Place::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list(),
    date("started_on").required().filter().list(),
    date("ended_on").read_only().filter().list(),
    long_text("notes", 2000),
];

const ROSTER_ACTIONS: &[Action] = &[transition("end", "status", &[], |state| {
    moved(state, |place| match place {
        Place::Active => Some(Place::Ended),
        Place::Ended => None,
    })
})
.stamps(&["ended_on"])];

fn check_roster(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let days = after.date("started_on").zip(after.date("ended_on"));
    if days.is_some_and(|(start, end)| end < start) {
        return vec![Violation::new("ended_on", "ends_before_start")];
    }
    Vec::new()
}
