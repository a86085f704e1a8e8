//! How well the fleet is: four shares and their weighted sum, what the vehicles do now, and what asks for attention.

use chrono::{Datelike, Days, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::economy::rounded;
use crate::figures::{percent, shown};

/// More active couriers than this without a vehicle are worth a word.
const TOLERATED_WITHOUT_VEHICLE: i64 = 3;
/// Days before an expiry at which it is worth a word.
const SOON_DAYS: u64 = 30;

/// $2 is today, $3 the last day that counts as soon, $4 the first day of this week, $5 of the week before.
pub(crate) const HEALTH: &str = "WITH open AS (
    SELECT a.vehicle_id, a.courier_id
    FROM fleet.vehicle_assignments a
    WHERE a.organization_id = $1 AND a.status = 'active' AND a.deleted_at IS NULL
), people AS (
    SELECT c.status, c.joined_on, EXISTS (SELECT FROM open o WHERE o.courier_id = c.id) AS drives,
        coalesce(least(c.iqama_expires_on, c.license_expires_on) < $2, false) AS expired,
        coalesce(least(c.iqama_expires_on, c.license_expires_on) BETWEEN $2 AND $3, false) AS soon,
        c.license_expires_on IS NULL OR (c.iqama_expires_on IS NULL AND coalesce(c.national_id, '') NOT LIKE '1%'
            AND lower(coalesce(c.nationality, '')) NOT IN ('saudi', 'saudi arabia', 'sa', 'ksa', 'سعودي', 'سعودية')) AS unknown
    FROM fleet.couriers c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL
), machines AS (
    SELECT v.status, EXISTS (SELECT FROM open o WHERE o.vehicle_id = v.id) AS driven
    FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL
)
SELECT p.couriers, p.active_couriers, p.valid, p.unknown, p.expired, p.soon, p.driving, p.joined, p.joined_before,
    m.vehicles, m.active_vehicles, m.assigned, m.workshop, m.out_of_service
FROM (
    SELECT count(*) AS couriers, count(*) FILTER (WHERE status = 'active') AS active_couriers,
        count(*) FILTER (WHERE status = 'active' AND NOT expired AND NOT unknown) AS valid,
        count(*) FILTER (WHERE status = 'active' AND NOT expired AND unknown) AS unknown,
        count(*) FILTER (WHERE status = 'active' AND expired) AS expired,
        count(*) FILTER (WHERE status = 'active' AND NOT expired AND soon) AS soon,
        count(*) FILTER (WHERE status = 'active' AND drives) AS driving,
        count(*) FILTER (WHERE joined_on >= $4 AND joined_on <= $2) AS joined,
        count(*) FILTER (WHERE joined_on >= $5 AND joined_on < $4) AS joined_before
    FROM people
) p, (
    SELECT count(*) AS vehicles, count(*) FILTER (WHERE status = 'active') AS active_vehicles,
        count(*) FILTER (WHERE status = 'active' AND driven) AS assigned,
        count(*) FILTER (WHERE status IN ('maintenance', 'repair')) AS workshop,
        count(*) FILTER (WHERE status IN ('inactive', 'retired')) AS out_of_service
    FROM machines
) m";

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// How well the fleet is.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// The business day it is about.
    today: NaiveDate,
    /// 0 to 100, one digit: 0.30 active couriers + 0.25 active vehicles + 0.25 good papers + 0.20 couriers with a vehicle, each
    /// in percent. A share of which nothing is known is left out and the others weigh more.
    score: String,
    /// `excellent` from 80, `good` from 60, `fair` from 40, `needs_attention` below.
    rating: &'static str,
    shares: Shares,
    vehicles: VehicleUse,
    /// Active couriers.
    active_couriers: i64,
    /// Active couriers of whom an expiry is not written down: they count neither as good nor as bad.
    couriers_with_unknown_papers: i64,
    /// What asks for attention, the gravest first.
    alerts: Vec<Alert>,
    insights: Insights,
}

/// The shares that the score is made of, in percent with three digits.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "names carry their unit")]
pub(crate) struct Shares {
    /// Active couriers among all.
    active_couriers_percent: Option<String>,
    /// Active vehicles among all.
    active_vehicles_percent: Option<String>,
    /// Active couriers whose iqama and licence are good among those of whom it is known. Citizens need no iqama.
    good_papers_percent: Option<String>,
    /// Active couriers with a vehicle among active couriers.
    couriers_with_vehicle_percent: Option<String>,
}

/// What the vehicles do now.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct VehicleUse {
    total: i64,
    /// Active, with nobody.
    available: i64,
    /// Active, with a courier.
    assigned: i64,
    /// In maintenance or repair.
    workshop: i64,
    /// Inactive or retired.
    out_of_service: i64,
}

/// Something that asks for attention.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Alert {
    /// `papers_expired`, `papers_expire_soon` or `couriers_without_vehicle`.
    code: &'static str,
    /// `critical` or `warning`.
    severity: &'static str,
    /// How many couriers.
    count: i64,
}

/// What the figures say.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Insights {
    /// Assigned among active vehicles, in percent.
    utilisation_percent: Option<String>,
    /// Whether more than half of the active vehicles are used.
    is_well_used: bool,
    /// Active vehicles without a courier among active vehicles: `high` above 70 %, `moderate` above 40 %, else `low`.
    availability: &'static str,
    /// Couriers who joined since Sunday, and in the week before.
    joined_this_week: i64,
    joined_last_week: i64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    couriers: i64,
    active_couriers: i64,
    valid: i64,
    unknown: i64,
    expired: i64,
    soon: i64,
    driving: i64,
    joined: i64,
    joined_before: i64,
    vehicles: i64,
    active_vehicles: i64,
    assigned: i64,
    workshop: i64,
    out_of_service: i64,
}

/// `GET /fleet/health`.
pub(crate) async fn health(cx: &mut Cx, _: Asked) -> Result<Health, Problem> {
    let today = cx.today();
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let since_sunday = u64::from(today.weekday().num_days_from_sunday());
    let row = sqlx::query(HEALTH)
        .bind(cx.organization_id)
        .bind(today)
        .bind(today.checked_add_days(Days::new(SOON_DAYS)).unwrap_or(today))
        .bind(back(since_sunday))
        .bind(back(since_sunday + 7))
        .fetch_one(cx.db())
        .await?;
    let counts = Counts {
        couriers: row.try_get("couriers")?,
        active_couriers: row.try_get("active_couriers")?,
        valid: row.try_get("valid")?,
        unknown: row.try_get("unknown")?,
        expired: row.try_get("expired")?,
        soon: row.try_get("soon")?,
        driving: row.try_get("driving")?,
        joined: row.try_get("joined")?,
        joined_before: row.try_get("joined_before")?,
        vehicles: row.try_get("vehicles")?,
        active_vehicles: row.try_get("active_vehicles")?,
        assigned: row.try_get("assigned")?,
        workshop: row.try_get("workshop")?,
        out_of_service: row.try_get("out_of_service")?,
    };
    Ok(told(today, counts))
}

fn told(today: NaiveDate, counts: Counts) -> Health {
    let papers = if counts.active_couriers == 0 {
        Some(Decimal::ONE_HUNDRED)
    } else {
        percent(counts.valid, counts.valid + counts.expired)
    };
    let shares = [
        (30, percent(counts.active_couriers, counts.couriers)),
        (25, percent(counts.active_vehicles, counts.vehicles)),
        (25, papers),
        (20, percent(counts.driving, counts.active_couriers)),
    ];
    let score = score(&shares);
    let rating = match score {
        score if score >= Decimal::from(80) => "excellent",
        score if score >= Decimal::from(60) => "good",
        score if score >= Decimal::from(40) => "fair",
        _ => "needs_attention",
    };
    let without_vehicle = counts.active_couriers - counts.driving;
    let alerts = [
        ("papers_expired", "critical", counts.expired, 0),
        ("papers_expire_soon", "warning", counts.soon, 0),
        (
            "couriers_without_vehicle",
            "warning",
            without_vehicle,
            TOLERATED_WITHOUT_VEHICLE,
        ),
    ];
    let alerts = alerts.into_iter().filter(|(_, _, count, tolerated)| count > tolerated);
    let available = counts.active_vehicles - counts.assigned;
    let utilisation = percent(counts.assigned, counts.active_vehicles);
    let availability = match percent(available, counts.active_vehicles) {
        Some(share) if share > Decimal::from(70) => "high",
        Some(share) if share > Decimal::from(40) => "moderate",
        Some(_) | None => "low",
    };
    let [active_couriers, active_vehicles, good_papers, with_vehicle] = shares.map(|(_, share)| shown(share, 3));
    Health {
        today,
        score: score.to_string(),
        rating,
        shares: Shares {
            active_couriers_percent: active_couriers,
            active_vehicles_percent: active_vehicles,
            good_papers_percent: good_papers,
            couriers_with_vehicle_percent: with_vehicle,
        },
        vehicles: VehicleUse {
            total: counts.vehicles,
            available,
            assigned: counts.assigned,
            workshop: counts.workshop,
            out_of_service: counts.out_of_service,
        },
        active_couriers: counts.active_couriers,
        couriers_with_unknown_papers: counts.unknown,
        alerts: alerts
            .map(|(code, severity, count, _)| Alert { code, severity, count })
            .collect(),
        insights: Insights {
            utilisation_percent: shown(utilisation, 1),
            is_well_used: utilisation.is_some_and(|share| share > Decimal::from(50)),
            availability,
            joined_this_week: counts.joined,
            joined_last_week: counts.joined_before,
        },
    }
}

/// The weighted mean of the shares that are known, with one digit.
fn score(shares: &[(i64, Option<Decimal>)]) -> Decimal {
    let known = shares
        .iter()
        .filter_map(|(weight, share)| Some((Decimal::from(*weight), (*share)?)));
    let (sum, weights) = known.fold((Decimal::ZERO, Decimal::ZERO), |(sum, weights), (weight, share)| {
        (sum + weight * share, weights + weight)
    });
    rounded(crate::figures::ratio(sum, weights).unwrap_or_default(), 1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn tell(counts: Counts) -> Json {
        serde_json::to_value(told(NaiveDate::default(), counts)).expect("JSON")
    }

    const EXAMPLE: Counts = Counts {
        couriers: 50,
        active_couriers: 42,
        valid: 38,
        unknown: 0,
        expired: 4,
        soon: 0,
        driving: 36,
        joined: 2,
        joined_before: 1,
        vehicles: 40,
        active_vehicles: 34,
        assigned: 30,
        workshop: 4,
        out_of_service: 2,
    };

    #[test]
    fn the_worked_example() {
        let health = tell(EXAMPLE);
        assert_eq!(
            (&health["score"], &health["rating"]),
            (&json!("86.2"), &json!("excellent"))
        );
        assert_eq!(
            health["shares"],
            json!({"active_couriers_percent": "84.000", "active_vehicles_percent": "85.000",
                   "good_papers_percent": "90.476", "couriers_with_vehicle_percent": "85.714"})
        );
        assert_eq!(
            health["vehicles"],
            json!({"total": 40, "available": 4, "assigned": 30, "workshop": 4, "out_of_service": 2})
        );
        let codes: Vec<_> = health["alerts"]
            .as_array()
            .expect("alerts")
            .iter()
            .map(|alert| &alert["code"])
            .collect();
        assert_eq!(codes, ["papers_expired", "couriers_without_vehicle"]);
    }

    #[test]
    fn unknown_papers_count_neither_way() {
        let health = tell(Counts {
            valid: 34,
            unknown: 4,
            ..EXAMPLE
        });
        assert_eq!(health["shares"]["good_papers_percent"], "89.474");
        assert_eq!(health["couriers_with_unknown_papers"], 4);
        // Nothing is known of any: the other three shares make the score.
        let health = tell(Counts {
            valid: 0,
            expired: 0,
            unknown: 42,
            ..EXAMPLE
        });
        assert_eq!(health["shares"]["good_papers_percent"], json!(null));
        assert_eq!(health["score"], "84.8");
    }

    #[test]
    fn boundaries_of_the_rating() {
        let rating = |active: i64| {
            let counts = Counts {
                couriers: 1000,
                active_couriers: active,
                valid: active,
                driving: active,
                ..Counts::default()
            };
            tell(counts)
        };
        // Three shares of weight 75: two of them are full.
        assert_eq!(
            (&rating(500)["score"], &rating(500)["rating"]),
            (&json!("80.0"), &json!("excellent"))
        );
        assert_eq!(
            (&rating(499)["score"], &rating(498)["rating"]),
            (&json!("80.0"), &json!("good"))
        );
        assert_eq!(
            (&rating(0)["score"], &rating(0)["rating"]),
            (&json!("45.5"), &json!("fair"))
        );
    }
}
