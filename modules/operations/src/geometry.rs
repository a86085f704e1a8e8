//! Shapes on the globe: boundaries of zones as GeoJSON, their areas and centres, and distances between points.

use platform_resource::{Record, Violation};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;

/// Mean radius of the earth.
const RADIUS_KM: f64 = 6371.0;

/// A place: degrees north and east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

impl Point {
    /// From two columns, where both have a value.
    pub(crate) fn of(latitude: Option<Decimal>, longitude: Option<Decimal>) -> Option<Self> {
        Some(Self {
            latitude: latitude?.to_f64()?,
            longitude: longitude?.to_f64()?,
        })
    }
}

/// The great circle's distance.
pub(crate) fn haversine_km(a: Point, b: Point) -> f64 {
    let (from, to) = (a.latitude.to_radians(), b.latitude.to_radians());
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let h = half(b.latitude - a.latitude) + from.cos() * to.cos() * half(b.longitude - a.longitude);
    2.0 * RADIUS_KM * h.sqrt().min(1.0).asin()
}

/// A closed ring, and the polygon that it bounds with its holes.
type Ring = Vec<Point>;

/// One outer ring and its holes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Polygon {
    outer: Ring,
    holes: Vec<Ring>,
}

/// Deepest nesting of features that is read.
const DEPTH: u8 = 4;

/// The polygons of a geometry, feature or collection; nothing when it is not one with closed rings on the globe.
pub(crate) fn polygons(json: &Json) -> Option<Vec<Polygon>> {
    let mut found = Vec::new();
    read(json, DEPTH, &mut found)?;
    (!found.is_empty()).then_some(found)
}

fn read(json: &Json, depth: u8, found: &mut Vec<Polygon>) -> Option<()> {
    let deeper = depth.checked_sub(1)?;
    match json["type"].as_str()? {
        "Polygon" => found.push(polygon(&json["coordinates"])?),
        "MultiPolygon" => {
            for coordinates in json["coordinates"].as_array()? {
                found.push(polygon(coordinates)?);
            }
        }
        "Feature" => read(&json["geometry"], deeper, found)?,
        "FeatureCollection" => {
            for feature in json["features"].as_array()? {
                read(feature, deeper, found)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn polygon(coordinates: &Json) -> Option<Polygon> {
    let mut rings = coordinates.as_array()?.iter().map(ring);
    let outer = rings.next()??;
    Some(Polygon {
        outer,
        holes: rings.collect::<Option<_>>()?,
    })
}

fn ring(json: &Json) -> Option<Ring> {
    let points = json.as_array()?.iter().map(point).collect::<Option<Ring>>()?;
    (points.len() >= 4 && points.first() == points.last()).then_some(points)
}

fn point(json: &Json) -> Option<Point> {
    let (longitude, latitude) = (json.get(0)?.as_f64()?, json.get(1)?.as_f64()?);
    let on_globe = (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
    on_globe.then_some(Point { latitude, longitude })
}

/// Area by the shoelace formula on a plane that fits at the ring's mean latitude (of its vertices as listed).
fn ring_km2(ring: &Ring) -> f64 {
    let count = f64::from(u32::try_from(ring.len()).unwrap_or(u32::MAX));
    let mean = ring.iter().map(|point| point.latitude).sum::<f64>() / count;
    let x = |point: &Point| RADIUS_KM * point.longitude.to_radians() * mean.to_radians().cos();
    let y = |point: &Point| RADIUS_KM * point.latitude.to_radians();
    let twice: f64 = ring
        .windows(2)
        .map(|pair| x(&pair[0]) * y(&pair[1]) - x(&pair[1]) * y(&pair[0]))
        .sum();
    twice.abs() / 2.0
}

/// Area without its holes.
pub(crate) fn area_km2(polygons: &[Polygon]) -> f64 {
    let area = |polygon: &Polygon| ring_km2(&polygon.outer) - polygon.holes.iter().map(ring_km2).sum::<f64>();
    polygons.iter().map(area).sum::<f64>().max(0.0)
}

/// The middle of the area: outer rings weighed by their size.
pub(crate) fn center(polygons: &[Polygon]) -> Option<Point> {
    let (mut weight, mut latitude, mut longitude) = (0.0, 0.0, 0.0);
    for Polygon { outer, .. } in polygons {
        let middle = centroid(outer)?;
        let area = ring_km2(outer).max(f64::EPSILON);
        weight += area;
        latitude += middle.latitude * area;
        longitude += middle.longitude * area;
    }
    (weight > 0.0).then(|| Point {
        latitude: latitude / weight,
        longitude: longitude / weight,
    })
}

/// Measured from its first corner, which keeps the numbers small; a ring without area has the mean of its corners.
fn centroid(ring: &Ring) -> Option<Point> {
    let origin = *ring.first()?;
    let (mut twice, mut x, mut y) = (0.0, 0.0, 0.0);
    for pair in ring.windows(2) {
        let (ax, ay) = (pair[0].longitude - origin.longitude, pair[0].latitude - origin.latitude);
        let (bx, by) = (pair[1].longitude - origin.longitude, pair[1].latitude - origin.latitude);
        let cross = ax * by - bx * ay;
        twice += cross;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
    }
    if twice.abs() < f64::EPSILON {
        return Some(origin);
    }
    Some(Point {
        latitude: origin.latitude + y / (3.0 * twice),
        longitude: origin.longitude + x / (3.0 * twice),
    })
}

/// To this many digits after the point.
pub(crate) fn rounded(number: f64, digits: u32) -> Decimal {
    let mut rounded = Decimal::from_f64_retain(number)
        .unwrap_or_default()
        .round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(digits);
    rounded
}

/// Fields with degrees that no place has.
pub(crate) fn off_the_globe(
    row: &Record,
    latitudes: &[&'static str],
    longitudes: &[&'static str],
) -> impl Iterator<Item = Violation> + use<> {
    let beyond =
        |field: &&&'static str, most: i64| row.decimal(field).is_some_and(|degrees| degrees.abs() > most.into());
    let mut found: Vec<&'static str> = latitudes.iter().filter(|field| beyond(field, 90)).copied().collect();
    found.extend(longitudes.iter().filter(|field| beyond(field, 180)).copied());
    found.into_iter().map(|field| Violation::new(field, "not_on_the_globe"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn square(west: f64, south: f64, east: f64, north: f64) -> Json {
        json!([
            [west, south],
            [east, south],
            [east, north],
            [west, north],
            [west, south]
        ])
    }

    #[test]
    fn a_tenth_of_a_degree_in_riyadh_is_112_29_km2() {
        let zone = json!({"type": "Polygon", "coordinates": [square(46.6, 24.7, 46.7, 24.8)]});
        let polygons = polygons(&zone).expect("a polygon");
        assert_eq!(rounded(area_km2(&polygons), 2).to_string(), "112.29");
        let middle = center(&polygons).expect("a centre");
        assert_eq!(
            (
                rounded(middle.latitude, 4).to_string(),
                rounded(middle.longitude, 4).to_string()
            ),
            ("24.7500".into(), "46.6500".into())
        );
    }

    #[test]
    fn holes_are_not_served() {
        let with_hole = json!({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates":
            [[square(46.6, 24.7, 46.7, 24.8), square(46.6, 24.7, 46.65, 24.8)]]}});
        let area = area_km2(&polygons(&with_hole).expect("polygons"));
        assert_eq!(rounded(area, 1).to_string(), "56.1");
    }

    #[test]
    fn what_is_not_a_shape_is_refused() {
        let open = json!([[46.6, 24.7], [46.7, 24.7], [46.7, 24.8], [46.6, 24.8]]);
        for bad in [
            json!({"type": "Polygon", "coordinates": [open]}),
            json!({"type": "Polygon", "coordinates": [square(46.6, 24.7, 181.0, 24.8)]}),
            json!({"type": "Polygon", "coordinates": []}),
            json!({"type": "Point", "coordinates": [46.6, 24.7]}),
            json!({"type": "FeatureCollection", "features": []}),
            json!({"a": [1, "b"]}),
        ] {
            assert_eq!(polygons(&bad), None, "{bad}");
        }
    }

    #[test]
    fn distances() {
        let riyadh = Point {
            latitude: 24.7136,
            longitude: 46.6753,
        };
        let jeddah = Point {
            latitude: 21.4858,
            longitude: 39.1925,
        };
        assert_eq!(rounded(haversine_km(riyadh, jeddah), 0).to_string(), "845");
        assert!(haversine_km(riyadh, riyadh) < 1e-9);
    }
}
