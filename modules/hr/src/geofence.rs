//! Where somebody stands who checks in: in a place of work, or how far from the nearest one. What makes a position doubtful is kept
//! with it, so that a person looks at it.

use uuid::Uuid;

/// Mean radius of the earth.
const RADIUS_M: f64 = 6_371_000.0;

/// Degrees north and east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub latitude: f64,
    pub longitude: f64,
}

/// A place of work.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub id: Uuid,
    pub name: String,
    pub at: Point,
    pub radius_m: i64,
    /// A position that is less certain than this is doubtful.
    pub accuracy_limit_m: i64,
}

/// A position as a telephone reports it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fix {
    pub at: Point,
    /// How far off it may be; nothing where the telephone does not say.
    pub accuracy_m: Option<i64>,
    /// Whether the telephone says that another program invents its position.
    pub is_mock: bool,
}

/// Why somebody has to look at a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    None,
    /// The position may be too far off.
    Inaccurate,
    /// The telephone says that its position is invented.
    MockLocation,
    /// It was reported long after it happened.
    LateReport,
}

impl Doubt {
    /// The word of the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Inaccurate => "inaccurate",
            Self::MockLocation => "mock_location",
            Self::LateReport => "late_report",
        }
    }
}

/// What comes of a position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict<'a> {
    /// In a place.
    Within {
        place: &'a Place,
        distance_m: i64,
        doubt: Doubt,
    },
    /// In none; this one is the least far.
    Outside { place: &'a Place, distance_m: i64 },
    /// The organization has no places: there is nothing to be far from.
    Nowhere { doubt: Doubt },
}

/// The great circle's distance in whole metres.
pub(crate) fn distance_m(a: Point, b: Point) -> i64 {
    let (from, to) = (a.latitude.to_radians(), b.latitude.to_radians());
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let h = half(b.latitude - a.latitude) + from.cos() * to.cos() * half(b.longitude - a.longitude);
    let metres = 2.0 * RADIUS_M * h.sqrt().min(1.0).asin();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no two points of the earth are further apart than 20,016 km"
    )]
    let whole = metres.round() as i64;
    whole
}

fn doubt(fix: &Fix, limit_m: i64) -> Doubt {
    match (fix.is_mock, fix.accuracy_m) {
        (true, _) => Doubt::MockLocation,
        (false, Some(accuracy)) if accuracy <= limit_m => Doubt::None,
        (false, Some(_) | None) => Doubt::Inaccurate,
    }
}

/// Without places the strictest usual limit stands in for theirs.
const USUAL_LIMIT_M: i64 = 100;

/// The place that a position is in: of several the one whose middle is nearest.
pub(crate) fn judge<'a>(places: &'a [Place], fix: &Fix) -> Verdict<'a> {
    let apart = places.iter().map(|place| (place, distance_m(place.at, fix.at)));
    let within = apart.clone().filter(|(place, distance)| *distance <= place.radius_m);
    if let Some((place, distance_m)) = within.min_by_key(|(_, distance)| *distance) {
        return Verdict::Within {
            place,
            distance_m,
            doubt: doubt(fix, place.accuracy_limit_m),
        };
    }
    match apart.min_by_key(|(place, distance)| distance - place.radius_m) {
        Some((place, distance_m)) => Verdict::Outside { place, distance_m },
        None => Verdict::Nowhere {
            doubt: doubt(fix, USUAL_LIMIT_M),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, latitude: f64, longitude: f64, radius_m: i64) -> Place {
        Place {
            id: Uuid::nil(),
            name: name.to_owned(),
            at: Point { latitude, longitude },
            radius_m,
            accuracy_limit_m: 50,
        }
    }

    fn fix(latitude: f64, longitude: f64, accuracy_m: Option<i64>, is_mock: bool) -> Fix {
        Fix {
            at: Point { latitude, longitude },
            accuracy_m,
            is_mock,
        }
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let riyadh = Point {
            latitude: 24.7136,
            longitude: 46.6753,
        };
        let jeddah = Point {
            latitude: 21.4858,
            longitude: 39.1925,
        };
        assert_eq!(distance_m(riyadh, riyadh), 0);
        // 847 km by the published tables of great circles.
        assert!((840_000..855_000).contains(&distance_m(riyadh, jeddah)));
        let north = Point {
            latitude: riyadh.latitude + 0.001,
            ..riyadh
        };
        assert_eq!(distance_m(riyadh, north), 111);
    }

    #[test]
    fn the_nearest_place_takes_it_and_the_edge_belongs_to_the_place() {
        let places = [
            place("hub", 24.7136, 46.6753, 111),
            place("depot", 24.7156, 46.6753, 300),
        ];
        let of = |latitude: f64| judge(&places, &fix(latitude, 46.6753, Some(10), false));
        assert!(
            matches!(of(24.7146), Verdict::Within { place, distance_m: 111, doubt: Doubt::None } if place.name == "hub")
        );
        assert!(matches!(of(24.7150), Verdict::Within { place, .. } if place.name == "depot"));
        assert!(matches!(of(24.7120), Verdict::Outside { place, distance_m: 178 } if place.name == "hub"));
        assert!(matches!(
            judge(&[], &fix(0.0, 0.0, Some(10), false)),
            Verdict::Nowhere { doubt: Doubt::None }
        ));
    }

    #[test]
    fn a_position_that_is_invented_or_uncertain_is_never_simply_taken() {
        let places = [place("hub", 24.7136, 46.6753, 100)];
        let doubt = |accuracy, mock| match judge(&places, &fix(24.7136, 46.6753, accuracy, mock)) {
            Verdict::Within { doubt, .. } => doubt,
            Verdict::Outside { .. } | Verdict::Nowhere { .. } => panic!("inside"),
        };
        assert_eq!(doubt(Some(50), false), Doubt::None);
        assert_eq!(doubt(Some(51), false), Doubt::Inaccurate);
        assert_eq!(doubt(None, false), Doubt::Inaccurate);
        assert_eq!(doubt(Some(5), true), Doubt::MockLocation);
    }
}
