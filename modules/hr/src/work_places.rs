//! Places of work: who checks in stands within one of them.

use platform_core::{Cx, Problem};
use platform_resource::{Field, Record, Resource, Violation, boolean, decimal, integer, long_text, text};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sqlx::Row;

use crate::geofence::{Place, Point};

/// Places of work.
pub static WORK_PLACES: Resource = Resource::new("hr", "work_places", FIELDS)
    .title(&["name"])
    .check(check)
    .sort("name");

const FIELDS: &[Field] = &[
    text("name", 120).required().unique().search().list(),
    text("city", 100).filter().list(),
    decimal("latitude", 7).signed().required().example("24.7136"),
    decimal("longitude", 7).signed().required().example("46.6753"),
    integer("radius_m", 10, 20_000)
        .required()
        .default("150")
        .unit("m")
        .list(),
    integer("accuracy_limit_m", 5, 1_000)
        .required()
        .default("100")
        .unit("m")
        .list(),
    boolean("is_active").required().default("true").filter().list(),
    long_text("notes", 4000),
];

pub(crate) const ACTIVE: &str = "SELECT w.id, w.name, w.latitude, w.longitude, w.radius_m, w.accuracy_limit_m
FROM hr.work_places w
WHERE w.organization_id = $1 AND w.is_active AND w.deleted_at IS NULL
ORDER BY w.name
LIMIT 2000";

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (field, most) in [("latitude", 90), ("longitude", 180)] {
        if after
            .decimal(field)
            .is_some_and(|degrees| degrees.abs() > Decimal::from(most))
        {
            violations.push(Violation::new(field, "not_on_the_globe"));
        }
    }
    violations
}

/// Places of work that are in use.
pub(crate) async fn active(cx: &mut Cx) -> Result<Vec<Place>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ACTIVE).bind(organization_id).fetch_all(cx.db()).await?;
    let mut places = Vec::with_capacity(rows.len());
    for row in &rows {
        let degrees = |place: usize| -> Result<f64, sqlx::Error> {
            Ok(row.try_get::<Decimal, _>(place)?.to_f64().unwrap_or_default())
        };
        places.push(Place {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            at: Point {
                latitude: degrees(2)?,
                longitude: degrees(3)?,
            },
            radius_m: row.try_get(4)?,
            accuracy_limit_m: row.try_get(5)?,
        });
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_place_lies_on_the_globe() {
        let row = |latitude: &str, longitude: &str| json!({"latitude": latitude, "longitude": longitude});
        let table = [
            (row("90", "-180"), ""),
            (row("90.0000001", "0"), "latitude not_on_the_globe"),
            (row("0", "181"), "longitude not_on_the_globe"),
        ];
        breaks(check, None, &table);
    }
}
