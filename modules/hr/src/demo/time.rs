//! Places of work, shifts, the roster of the coming days, and the ledger of leave.

use chrono::{Datelike, Days, Weekday};
use platform_core::{Cx, Problem};
use serde_json::json;
use uuid::Uuid;

use super::{Company, object};
use crate::{ROSTER_ENTRIES, WORK_PLACES, WORK_SHIFTS, leave_ledger};

/// Couriers who are planned, and days from today on.
const PLANNED: usize = 20;
const DAYS: u64 = 7;

pub(super) async fn seed(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    let places = [
        (
            company.pick("Olaya hub", "مركز العليا"),
            "24.6905000",
            "46.6853000",
            150,
        ),
        (
            company.pick("Malaz depot", "مستودع الملز"),
            "24.6650000",
            "46.7340000",
            250,
        ),
    ];
    for (name, latitude, longitude, radius_m) in places {
        let row = json!({"name": name, "city": company.pick("Riyadh", "الرياض"), "latitude": latitude,
            "longitude": longitude, "radius_m": radius_m});
        platform_engine::create(cx, &WORK_PLACES, object(&row)).await?;
    }
    let mut shifts: Vec<Uuid> = Vec::new();
    for (name, starts_at, ends_at, colour) in [
        (company.pick("Day", "صباحية"), "10:00", "18:30", "blue"),
        (company.pick("Evening", "مسائية"), "16:00", "00:30", "violet"),
    ] {
        let row =
            json!({"name": name, "starts_at": starts_at, "ends_at": ends_at, "break_minutes": 30, "colour": colour});
        let shift = platform_engine::create(cx, &WORK_SHIFTS, object(&row)).await?;
        shifts.extend(shift.uuid("id"));
    }
    let riders = company.couriers.iter().filter(|courier| courier.works());
    for courier in riders.take(PLANNED) {
        // As the attendance of the days before: odd ones ride in the evening.
        let shift = shifts.get(usize::from(!courier.number.is_multiple_of(2)));
        for ahead in 0..DAYS {
            let day = company.today + Days::new(ahead);
            if day.weekday() == Weekday::Fri || courier.joined_on > day {
                continue;
            }
            let row = json!({"courier_id": courier.id, "day": day, "shift_id": shift});
            platform_engine::create(cx, &ROSTER_ENTRIES, object(&row)).await?;
        }
    }
    leave_ledger::accrue(cx).await
}
