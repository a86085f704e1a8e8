//! Who may be given which vehicle: a vehicle that is in service, a courier who works, and papers that are good.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;

use crate::{COURIERS, VEHICLES};

/// Refuses an open assignment of a vehicle or a courier that is not fit for it.
pub(super) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let id = |field: &str| event.after(field).as_str().and_then(|id| id.parse().ok());
    let (Some(vehicle_id), Some(courier_id)) = (id("vehicle_id"), id("courier_id")) else {
        return Ok(());
    };
    if event.after("status") != "active" {
        return Ok(());
    }
    // Who begins later has to have good papers then.
    let first_day = event.after("started_on").as_str().and_then(|day| day.parse().ok());
    let day = first_day.map_or(cx.today(), |day: NaiveDate| day.max(cx.today()));
    let vehicle = platform_engine::load(cx, &VEHICLES, vehicle_id).await?;
    let courier = platform_engine::load(cx, &COURIERS, courier_id).await?;
    if let Some(code) = unfit_vehicle(&vehicle, day) {
        return Err(Problem::field("vehicle_id", code));
    }
    match unfit_courier(&courier, day) {
        Some(code) => Err(Problem::field("courier_id", code)),
        None => Ok(()),
    }
}

/// Why a vehicle cannot be given to anybody on a day. A day that nobody wrote down is not known, and refuses nothing.
fn unfit_vehicle(vehicle: &Record, day: NaiveDate) -> Option<&'static str> {
    if !vehicle.is("status", "active") {
        Some("vehicle_not_active")
    } else if expired(vehicle, &["registration_expires_on", "insurance_expires_on"], day) {
        Some("vehicle_papers_expired")
    } else {
        None
    }
}

/// Why a courier cannot be given a vehicle on a day. New couriers get theirs before they start.
fn unfit_courier(courier: &Record, day: NaiveDate) -> Option<&'static str> {
    if !courier.is("status", "active") && !courier.is("status", "onboarding") {
        Some("courier_not_active")
    } else if expired(courier, &["iqama_expires_on", "license_expires_on"], day) {
        Some("courier_papers_expired")
    } else {
        None
    }
}

fn expired(record: &Record, fields: &[&str], day: NaiveDate) -> bool {
    fields
        .iter()
        .any(|field| record.date(field).is_some_and(|expires| expires < day))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::record;

    #[test]
    fn who_is_fit() {
        let day = "2026-03-02".parse().expect("a day");
        let courier = |status: &str, field: &str, expires: &str| {
            unfit_courier(&record(&json!({"status": status, field: expires})), day)
        };
        assert_eq!(courier("active", "iqama_expires_on", "2026-03-02"), None);
        assert_eq!(courier("onboarding", "iqama_expires_on", "2026-03-02"), None);
        assert_eq!(
            courier("active", "license_expires_on", "2026-03-01"),
            Some("courier_papers_expired")
        );
        assert_eq!(courier("active", "passport_expires_on", "2026-03-01"), None);
        for status in ["on_leave", "suspended", "inactive", "terminated"] {
            assert_eq!(courier(status, "notes", ""), Some("courier_not_active"), "{status}");
        }
        let vehicle = |status: &str, field: &str, expires: &str| {
            unfit_vehicle(&record(&json!({"status": status, field: expires})), day)
        };
        assert_eq!(vehicle("active", "insurance_expires_on", "2026-03-02"), None);
        assert_eq!(
            vehicle("active", "insurance_expires_on", "2026-03-01"),
            Some("vehicle_papers_expired")
        );
        assert_eq!(vehicle("repair", "notes", ""), Some("vehicle_not_active"));
    }
}
