//! Stays: who sleeps in which bed from when to when. At most one open stay for a bed and one for a courier: two partial unique
//! indexes keep that also between requests at once. A stay occupies its bed and its end frees it, in the same transaction.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, long_text, money, moved, reference,
    transition,
};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::bed_transfers::BED_TRANSFERS;
use crate::beds::{BEDS, id};

/// Stays.
pub static ALLOCATIONS: Resource = Resource::new("accommodation", "allocations", FIELDS)
    .title(&["started_on"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Ended,
}

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("bed_id", "accommodation.beds")
        .required()
        .create_only()
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list(),
    date("started_on").required().filter().list(),
    date("ended_on").read_only().filter().list(),
    money("monthly_deduction")
        .required()
        .default("500")
        .list()
        .permission("read_deduction"),
    long_text("allocation_reason", 500),
    long_text("termination_reason", 500).read_only(),
    reference("moved_to_bed_id", "accommodation.beds").read_only(),
    long_text("notes", 4000),
];

const ENDED_ON: Field = date("ended_on");
const REASON: Field = long_text("termination_reason", 500);

const ACTIONS: &[Action] = &[
    transition("release", "status", &[ENDED_ON, REASON], ended)
        .decide(last_day)
        .danger(),
    transition(
        "transfer",
        "status",
        &[
            reference("moved_to_bed_id", "accommodation.beds").required(),
            ENDED_ON,
            REASON,
        ],
        ended,
    )
    .decide(to_another_bed),
];

fn ended(state: &str) -> Option<&'static str> {
    moved(state, |status| match status {
        Status::Active => Some(Status::Ended),
        Status::Ended => None,
    })
}

/// Today, unless somebody says otherwise.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn last_day(given: &Given<'_>) -> Decision {
    let day = given.input.date("ended_on").unwrap_or(given.today);
    Ok(Map::from_iter([("ended_on".to_owned(), json!(day))]))
}

fn to_another_bed(given: &Given<'_>) -> Decision {
    if given.input.uuid("moved_to_bed_id") == given.record.uuid("bed_id") {
        return Err("same_bed");
    }
    last_day(given)
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let days = after.date("started_on").zip(after.date("ended_on"));
    if days.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("ended_on", "ends_before_start"));
    }
    if after.is("status", "ended") != after.has("ended_on") {
        violations.push(Violation::new("ended_on", "must_match_state"));
    }
    violations
}

/// What decides whether a courier may move into a bed.
pub(crate) const PLACE: &str = "SELECT b.status AS bed_status, b.reserved_courier_id, r.status AS room_status,
        h.status AS building_status, c.status AS courier_status
    FROM accommodation.beds b
    JOIN accommodation.rooms r ON r.organization_id = b.organization_id AND r.id = b.room_id
    JOIN accommodation.buildings h ON h.organization_id = r.organization_id AND h.id = r.building_id
    JOIN fleet.courier_facts c ON c.organization_id = b.organization_id AND c.id = $3
    WHERE b.organization_id = $1 AND b.id = $2";

/// A bed with what is around it, and who wants to move in.
#[derive(Clone, Debug, Default)]
struct Place {
    bed_status: String,
    reserved_courier_id: Option<Uuid>,
    room_status: String,
    building_status: String,
    courier_status: String,
}

/// Why a courier may not move in, with the field that is to blame. That the bed is free, its own state machine tells.
fn refusal(place: &Place, courier_id: Uuid) -> Option<(&'static str, &'static str)> {
    let somebody_else = place.reserved_courier_id.is_some_and(|reserved| reserved != courier_id);
    if place.courier_status == "terminated" {
        Some(("courier_id", "courier_has_left"))
    } else if place.building_status != "active" {
        Some(("bed_id", "building_not_in_use"))
    } else if place.room_status == "maintenance" {
        Some(("bed_id", "room_in_maintenance"))
    } else if place.bed_status == "reserved" && somebody_else {
        Some(("bed_id", "bed_of_somebody_else"))
    } else {
        None
    }
}

/// Moves a courier in: only into a free bed, or into one that is reserved for him.
pub(crate) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    // Rows that were stored as past hold no bed.
    if event.after("status") != "active" {
        return Ok(());
    }
    let bed_id = id(event.after("bed_id")).ok_or_else(Problem::not_found)?;
    let courier_id = id(event.after("courier_id")).ok_or_else(Problem::not_found)?;
    // Locked first, so that nobody reserves it between the look and the change.
    platform_engine::load(cx, &BEDS, bed_id).await?;
    let row = sqlx::query(PLACE)
        .bind(cx.organization_id)
        .bind(bed_id)
        .bind(courier_id)
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    let place = Place {
        bed_status: row.try_get("bed_status")?,
        reserved_courier_id: row.try_get("reserved_courier_id")?,
        room_status: row.try_get("room_status")?,
        building_status: row.try_get("building_status")?,
        courier_status: row.try_get("courier_status")?,
    };
    if let Some((field, code)) = refusal(&place, courier_id) {
        return Err(Problem::field(field, code));
    }
    platform_engine::act(cx, &BEDS, bed_id, "occupy", Map::new())
        .await
        .map(drop)
}

async fn vacate(cx: &mut Cx, bed_id: Uuid) -> Result<(), Problem> {
    platform_engine::act(cx, &BEDS, bed_id, "vacate", Map::new())
        .await
        .map(drop)
}

/// The bed of a stay that has ended is free.
pub(crate) async fn released(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let stay = platform_engine::load(cx, &ALLOCATIONS, event.subject).await?;
    vacate(cx, stay.uuid("bed_id").ok_or_else(Problem::not_found)?).await
}

/// Out of one bed and into the other, with a row that remembers it. If the other one is not free, nobody moves.
pub(crate) async fn transferred(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    released(cx, event).await?;
    let old = platform_engine::load(cx, &ALLOCATIONS, event.subject).await?;
    let mut stay = Map::new();
    for field in ["courier_id", "monthly_deduction"] {
        stay.insert(field.into(), old.get(field).clone());
    }
    stay.insert("bed_id".into(), old.get("moved_to_bed_id").clone());
    stay.insert("started_on".into(), old.get("ended_on").clone());
    stay.insert("allocation_reason".into(), old.get("termination_reason").clone());
    let new = platform_engine::create(cx, &ALLOCATIONS, stay).await?;
    let row = json!({
        "courier_id": old.get("courier_id"), "from_bed_id": old.get("bed_id"), "to_bed_id": new.get("bed_id"),
        "from_allocation_id": event.subject, "to_allocation_id": new.get("id"),
        "transferred_on": old.get("ended_on"), "reason": old.get("termination_reason"),
    });
    let row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    platform_engine::create(cx, &BED_TRANSFERS, row).await.map(drop)
}

pub(crate) const DELETED: &str = "SELECT a.bed_id FROM accommodation.allocations a WHERE a.organization_id = $1 AND a.id = $2 AND a.status = 'active'";

/// A stay that was recorded by mistake does not keep its bed.
pub(crate) async fn deleted(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let bed_id: Option<Uuid> = sqlx::query_scalar(DELETED)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    match bed_id {
        Some(bed_id) => vacate(cx, bed_id).await,
        None => Ok(()),
    }
}

pub(crate) const OF_COURIER: &str = "SELECT a.id, a.started_on FROM accommodation.allocations a
    WHERE a.organization_id = $1 AND a.courier_id = $2 AND a.status = 'active' AND a.deleted_at IS NULL";
pub(crate) const RESERVED_FOR: &str = "SELECT b.id FROM accommodation.beds b
    WHERE b.organization_id = $1 AND b.reserved_courier_id = $2 AND b.status = 'reserved' AND b.deleted_at IS NULL";

/// Who leaves the company leaves his bed, on his last working day but not later than now. Heard twice, it does nothing more.
pub(crate) async fn courier_terminated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let today = cx.today();
    let courier_id = event.subject;
    let last = event
        .after("last_working_day")
        .as_str()
        .and_then(|day| day.parse().ok());
    let stays = sqlx::query(OF_COURIER)
        .bind(cx.organization_id)
        .bind(courier_id)
        .fetch_all(cx.db())
        .await?;
    for stay in stays {
        let started: chrono::NaiveDate = stay.try_get("started_on")?;
        let ended = last.unwrap_or(today).min(today).max(started);
        let input = Map::from_iter([("ended_on".to_owned(), json!(ended))]);
        platform_engine::act(cx, &ALLOCATIONS, stay.try_get("id")?, "release", input).await?;
    }
    let reserved: Vec<Uuid> = sqlx::query_scalar(RESERVED_FOR)
        .bind(cx.organization_id)
        .bind(courier_id)
        .fetch_all(cx.db())
        .await?;
    for bed_id in reserved {
        platform_engine::act(cx, &BEDS, bed_id, "cancel_reservation", Map::new()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn rules_of_a_row() {
        let stay = |status: &str, start: &str, end: Option<&str>| json!({"status": status, "started_on": start, "ended_on": end});
        let table = [
            (stay("active", "2026-03-02", None), ""),
            (stay("ended", "2026-03-02", Some("2026-03-02")), ""),
            (
                stay("ended", "2026-03-02", Some("2026-03-01")),
                "ended_on ends_before_start",
            ),
            (stay("ended", "2026-03-02", None), "ended_on must_match_state"),
            (
                stay("active", "2026-03-02", Some("2026-03-03")),
                "ended_on must_match_state",
            ),
        ];
        breaks(check, None, &table);
    }

    #[test]
    fn a_stay_ends_today_unless_somebody_says_otherwise() {
        let active = json!({"status": "active"});
        let today = decide(&ALLOCATIONS, "release", &active, &json!({})).expect("allowed");
        assert_eq!(today["ended_on"], "2026-06-15");
        let said = json!({"ended_on": "2026-06-10", "termination_reason": "Left"});
        let change = decide(&ALLOCATIONS, "release", &active, &said).expect("allowed");
        assert_eq!(
            Json::Object(change),
            json!({"status": "ended", "ended_on": "2026-06-10", "termination_reason": "Left"})
        );
    }

    #[test]
    fn nobody_moves_into_his_own_bed() {
        let bed = "0198b2a0-0000-7000-8000-000000000001";
        let active = json!({"status": "active", "bed_id": bed});
        let same = decide(&ALLOCATIONS, "transfer", &active, &json!({"moved_to_bed_id": bed}));
        assert_eq!(same, Err("same_bed"));
    }

    #[test]
    fn who_may_move_in() {
        let courier = Uuid::from_u128(1);
        let free = Place {
            bed_status: "available".into(),
            reserved_courier_id: None,
            room_status: "available".into(),
            building_status: "active".into(),
            courier_status: "active".into(),
        };
        assert_eq!(refusal(&free, courier), None);
        let reserved = |by: Uuid| Place {
            bed_status: "reserved".into(),
            reserved_courier_id: Some(by),
            ..free.clone()
        };
        assert_eq!(refusal(&reserved(courier), courier), None);
        let other = refusal(&reserved(Uuid::from_u128(2)), courier);
        assert_eq!(other, Some(("bed_id", "bed_of_somebody_else")));
        let left = Place {
            courier_status: "terminated".into(),
            ..free.clone()
        };
        assert_eq!(refusal(&left, courier), Some(("courier_id", "courier_has_left")));
        let closed = Place {
            building_status: "closed".into(),
            ..free.clone()
        };
        assert_eq!(refusal(&closed, courier), Some(("bed_id", "building_not_in_use")));
        let works = Place {
            room_status: "maintenance".into(),
            ..free
        };
        assert_eq!(refusal(&works, courier), Some(("bed_id", "room_in_maintenance")));
    }
}
