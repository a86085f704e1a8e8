//! Who may be given which vehicle: a vehicle that is in service, a courier who works, and papers that are good.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use sqlx::Row;
use uuid::Uuid;

/// A vehicle's state and the nearest expiry of its papers. Locked against other writers, not against rows that name it: two of
/// those at once would wait for each other.
pub(crate) const VEHICLE: &str =
    "SELECT v.status, least(v.registration_expires_on, v.insurance_expires_on) AS expires_on
    FROM fleet.vehicles v WHERE v.organization_id = $1 AND v.id = $2 AND v.deleted_at IS NULL FOR NO KEY UPDATE";

/// The same of a courier.
pub(crate) const COURIER: &str = "SELECT c.status, least(c.iqama_expires_on, c.license_expires_on) AS expires_on
    FROM fleet.couriers c WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL FOR NO KEY UPDATE";

/// What decides who is fit: a state, and the day until which the papers are good, as far as it is written down.
struct Fitness {
    status: String,
    expires_on: Option<NaiveDate>,
}

async fn fitness(cx: &mut Cx, statement: &'static str, id: Uuid) -> Result<Fitness, Problem> {
    let row = sqlx::query(statement)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_optional(cx.db())
        .await?;
    let row = row.ok_or_else(Problem::not_found)?;
    Ok(Fitness {
        status: row.try_get("status")?,
        expires_on: row.try_get("expires_on")?,
    })
}

/// Refuses an open assignment of a vehicle or a courier that is not fit for it.
pub(super) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let id = |field: &str| event.after(field).as_str().and_then(|id| id.parse().ok());
    let (Some(vehicle_id), Some(courier_id)) = (id("vehicle_id"), id("courier_id")) else {
        return Ok(());
    };
    if event.after("status") != "active" {
        return Ok(());
    }
    let first_day = event.after("started_on").as_str().and_then(|day| day.parse().ok());
    match refusal(cx, vehicle_id, courier_id, first_day).await? {
        Some((field, code)) => Err(Problem::field(field, code)),
        None => Ok(()),
    }
}

/// Why a vehicle cannot be given to a courier, and which of the two it is because of.
pub(crate) async fn refusal(
    cx: &mut Cx,
    vehicle_id: Uuid,
    courier_id: Uuid,
    first_day: Option<NaiveDate>,
) -> Result<Option<(&'static str, &'static str)>, Problem> {
    // Who begins later has to have good papers then.
    let day = first_day.map_or(cx.today(), |day| day.max(cx.today()));
    let vehicle = fitness(cx, VEHICLE, vehicle_id).await?;
    let courier = fitness(cx, COURIER, courier_id).await?;
    let of_vehicle = unfit_vehicle(&vehicle, day).map(|code| ("vehicle_id", code));
    Ok(of_vehicle.or_else(|| unfit_courier(&courier, day).map(|code| ("courier_id", code))))
}

/// Why a vehicle cannot be given to anybody on a day. A day that nobody wrote down is not known, and refuses nothing.
fn unfit_vehicle(vehicle: &Fitness, day: NaiveDate) -> Option<&'static str> {
    if vehicle.status != "active" {
        Some("vehicle_not_active")
    } else if vehicle.expires_on.is_some_and(|expires_on| expires_on < day) {
        Some("vehicle_papers_expired")
    } else {
        None
    }
}

/// Why a courier cannot be given a vehicle on a day. New couriers get theirs before they start.
fn unfit_courier(courier: &Fitness, day: NaiveDate) -> Option<&'static str> {
    if !matches!(courier.status.as_str(), "active" | "onboarding") {
        Some("courier_not_active")
    } else if courier.expires_on.is_some_and(|expires_on| expires_on < day) {
        Some("courier_papers_expired")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_fit() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let fitness = |status: &str, expires_on: Option<&str>| Fitness {
            status: status.into(),
            expires_on: expires_on.map(day),
        };
        let courier = |status, expires| unfit_courier(&fitness(status, expires), day("2026-03-02"));
        assert_eq!(courier("active", Some("2026-03-02")), None);
        assert_eq!(courier("onboarding", None), None);
        assert_eq!(courier("active", Some("2026-03-01")), Some("courier_papers_expired"));
        for status in ["on_leave", "suspended", "inactive", "terminated"] {
            assert_eq!(courier(status, None), Some("courier_not_active"), "{status}");
        }
        let vehicle = |status, expires| unfit_vehicle(&fitness(status, expires), day("2026-03-02"));
        assert_eq!(vehicle("active", Some("2026-03-02")), None);
        assert_eq!(vehicle("active", Some("2026-03-01")), Some("vehicle_papers_expired"));
        assert_eq!(vehicle("repair", None), Some("vehicle_not_active"));
    }
}
