//! Trackers, and places that matter: fences that vehicles enter and leave, and marks on the map.

use platform_resource::{
    Action, Field, Record, Resource, Violation, boolean, choice, date, decimal, instant, integer, json, long_text,
    moved, phone, reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Trackers in vehicles.
pub static GPS_DEVICES: Resource = Resource::new("integrations", "gps_devices", DEVICE_FIELDS)
    .title(&["device_number"])
    .sort("device_number")
    .actions(DEVICE_ACTIONS);

/// Areas on the map.
pub static GEOFENCES: Resource = Resource::new("integrations", "geofences", FENCE_FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check_fence);

/// Marks on the map.
pub static PLACEMARKS: Resource = Resource::new("integrations", "placemarks", MARK_FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check_mark);

/// A tracker's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Device {
    InStock,
    Installed,
    Faulty,
    Retired,
}

const DEVICE_FIELDS: &[Field] = &[
    text("device_number", 100).required().unique().search().list(),
    text("provider", 100).search().filter().list(),
    text("model", 100),
    text("imei", 20).unique().search(),
    phone("sim_number").search(),
    choice("status", Device::VARIANTS)
        .required()
        .read_only()
        .default("in_stock")
        .filter()
        .list(),
    reference("vehicle_id", "fleet.vehicles").read_only().filter().list(),
    integer("fms_asset_id", 1, 999_999_999_999).unique(),
    date("installed_on").read_only(),
    date("retired_on").read_only(),
    instant("last_seen_at").read_only().list(),
    text("firmware", 50),
    long_text("fault_description", 1000).read_only(),
    long_text("notes", 2000),
];

const DEVICE_ACTIONS: &[Action] = &[
    transition(
        "install",
        "status",
        &[reference("vehicle_id", "fleet.vehicles").required()],
        |state| {
            moved(state, |status| match status {
                Device::InStock | Device::Faulty => Some(Device::Installed),
                Device::Installed | Device::Retired => None,
            })
        },
    )
    .stamps(&["installed_on"]),
    transition("remove", "status", &[], |state| {
        moved(state, |status| match status {
            Device::Installed | Device::Faulty => Some(Device::InStock),
            Device::InStock | Device::Retired => None,
        })
    })
    .decide(|_| Ok([("vehicle_id".to_owned(), Json::Null)].into_iter().collect())),
    transition(
        "report_fault",
        "status",
        &[long_text("fault_description", 1000).required()],
        |state| {
            moved(state, |status| match status {
                Device::InStock | Device::Installed => Some(Device::Faulty),
                Device::Faulty | Device::Retired => None,
            })
        },
    ),
    transition("retire", "status", &[], |state| {
        moved(state, |status| match status {
            Device::InStock | Device::Faulty => Some(Device::Retired),
            Device::Installed | Device::Retired => None,
        })
    })
    .stamps(&["retired_on"])
    .decide(|_| Ok([("vehicle_id".to_owned(), Json::Null)].into_iter().collect()))
    .danger(),
];

const FENCE_FIELDS: &[Field] = &[
    text("name", 200).required().unique().search().list(),
    choice("shape", &["circle", "polygon"])
        .required()
        .default("circle")
        .filter()
        .list(),
    decimal("center_lat", 7)
        .signed()
        .required()
        .example("24.7136")
        .group("shape"),
    decimal("center_lon", 7)
        .signed()
        .required()
        .example("46.6753")
        .group("shape"),
    integer("radius_m", 10, 200_000).unit("m").example("500").group("shape"),
    json("points")
        .example("[[24.71, 46.67], [24.72, 46.67], [24.72, 46.68]]")
        .group("shape"),
    choice(
        "purpose",
        &[
            "depot",
            "customer",
            "restaurant",
            "housing",
            "forbidden",
            "city",
            "other",
        ],
    )
    .required()
    .default("other")
    .filter()
    .list(),
    text("colour", 7).example("#1f6feb"),
    boolean("alerts_on_enter").required().default("false").group("alerts"),
    boolean("alerts_on_exit").required().default("false").group("alerts"),
    integer("speed_limit_kmh", 5, 200).unit("km/h").group("alerts"),
    boolean("is_active").required().default("true").filter().list(),
    long_text("notes", 2000),
];

const MARK_FIELDS: &[Field] = &[
    text("name", 200).required().search().list(),
    choice(
        "category",
        &[
            "restaurant",
            "warehouse",
            "fuel_station",
            "workshop",
            "housing",
            "office",
            "customer",
            "other",
        ],
    )
    .required()
    .default("other")
    .filter()
    .list(),
    decimal("lat", 7).signed().required().example("24.7136"),
    decimal("lon", 7).signed().required().example("46.6753"),
    long_text("address", 1000).search(),
    text("city", 100).search().filter().list(),
    phone("contact_phone"),
    reference("geofence_id", "integrations.geofences").filter(),
    long_text("notes", 2000),
];

fn on_earth(latitude: Decimal, longitude: Decimal) -> bool {
    latitude.abs() <= Decimal::from(90) && longitude.abs() <= Decimal::from(180)
}

/// What is wrong with a place of two fields: one coordinate alone, or a place that is not on earth.
pub(crate) fn misplaced(row: &Record, lat: &'static str, lon: &'static str) -> Option<Violation> {
    match (row.decimal(lat), row.decimal(lon)) {
        (Some(latitude), Some(longitude)) => {
            (!on_earth(latitude, longitude)).then(|| Violation::new(lat, "not_on_earth"))
        }
        (Some(_), None) => Some(Violation::new(lon, "required")),
        (None, Some(_)) => Some(Violation::new(lat, "required")),
        (None, None) => None,
    }
}

fn check_mark(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    misplaced(after, "lat", "lon").into_iter().collect()
}

/// Most corners of an area.
const MOST_POINTS: usize = 500;

/// A circle has a radius; a polygon has at least three corners on earth.
fn check_fence(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations: Vec<Violation> = misplaced(after, "center_lat", "center_lon").into_iter().collect();
    if after.is("shape", "circle") && !after.has("radius_m") {
        violations.push(Violation::new("radius_m", "required"));
    }
    if after.is("shape", "polygon") && !after.has("points") {
        violations.push(Violation::new("points", "required"));
    }
    if after.has("points") && !is_polygon(after.get("points")) {
        violations.push(Violation::new("points", "not_a_polygon"));
    }
    let hex = |text: &str| {
        text.strip_prefix('#')
            .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    if after.text("colour").is_some_and(|text| !hex(text)) {
        violations.push(Violation::new("colour", "not_a_colour"));
    }
    violations
}

/// A list of `[latitude, longitude]`.
fn is_polygon(points: &Json) -> bool {
    let corner = |point: &Json| {
        point.as_array().is_some_and(|pair| {
            let numbers: Vec<f64> = pair.iter().filter_map(Json::as_f64).collect();
            matches!(numbers.as_slice(), [latitude, longitude] if latitude.abs() <= 90.0 && longitude.abs() <= 180.0)
        })
    };
    points
        .as_array()
        .is_some_and(|list| (3..=MOST_POINTS).contains(&list.len()) && list.iter().all(corner))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn codes(row: &Json) -> String {
        let found = check_fence(None, &Record(row.as_object().cloned().expect("an object")));
        let found: Vec<String> = found.iter().map(|one| format!("{} {}", one.field, one.code)).collect();
        found.join(", ")
    }

    #[test]
    fn a_fence_has_a_shape_on_earth() {
        let row = |more: Json| {
            let mut row = json!({"shape": "circle", "center_lat": "24.7", "center_lon": "46.6", "radius_m": 500});
            row.as_object_mut()
                .expect("an object")
                .extend(more.as_object().cloned().expect("an object"));
            row
        };
        let triangle = json!([[24.71, 46.67], [24.72, 46.67], [24.72, 46.68]]);
        for (more, expected) in [
            (json!({}), ""),
            (json!({"radius_m": null}), "radius_m required"),
            (json!({"center_lat": "91"}), "center_lat not_on_earth"),
            (json!({"shape": "polygon", "points": triangle}), ""),
            (json!({"shape": "polygon"}), "points required"),
            (
                json!({"shape": "polygon", "points": [[24.7, 46.6], [24.8, 46.6]]}),
                "points not_a_polygon",
            ),
            (
                json!({"points": [[24.7, 46.6], [24.8, 46.6], [24.8, 246.6]]}),
                "points not_a_polygon",
            ),
            (json!({"colour": "blue"}), "colour not_a_colour"),
        ] {
            assert_eq!(codes(&row(more.clone())), expected, "{more}");
        }
    }
}
