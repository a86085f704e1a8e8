//! Beds. A bed is occupied exactly as long as a stay in it is open; `allocations` makes it so.

use platform_core::{Cx, Event, Problem};
use platform_resource::{Action, Field, Given, Resource, choice, date, long_text, moved, reference, text, transition};
use serde_json::{Map, Value as Json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::rooms;

/// Beds.
pub static BEDS: Resource = Resource::new("accommodation", "beds", FIELDS)
    .title(&["bed_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Available,
    Reserved,
    Occupied,
    Maintenance,
}

const FIELDS: &[Field] = &[
    reference("room_id", "accommodation.rooms")
        .required()
        .create_only()
        .filter()
        .list(),
    text("bed_number", 20).required().search().list(),
    choice("bed_type", &["single", "bunk_lower", "bunk_upper", "double"])
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("available")
        .filter()
        .list(),
    reference("reserved_courier_id", "fleet.couriers")
        .read_only()
        .filter()
        .list(),
    date("reserved_until").read_only().filter(),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition(
        "reserve",
        "status",
        &[
            reference("reserved_courier_id", "fleet.couriers"),
            date("reserved_until"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Available => Some(Status::Reserved),
                Status::Reserved | Status::Occupied | Status::Maintenance => None,
            })
        },
    ),
    transition("cancel_reservation", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Reserved => Some(Status::Available),
            Status::Available | Status::Occupied | Status::Maintenance => None,
        })
    })
    .decide(no_longer_reserved),
    transition("occupy", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Available | Status::Reserved => Some(Status::Occupied),
            Status::Occupied | Status::Maintenance => None,
        })
    })
    .internal()
    .decide(no_longer_reserved),
    transition("vacate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Occupied => Some(Status::Available),
            Status::Available | Status::Reserved | Status::Maintenance => None,
        })
    })
    .internal(),
    transition("send_to_maintenance", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Available => Some(Status::Maintenance),
            Status::Reserved | Status::Occupied | Status::Maintenance => None,
        })
    }),
    transition("return_to_service", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Maintenance => Some(Status::Available),
            Status::Available | Status::Reserved | Status::Occupied => None,
        })
    }),
];

/// A reservation does not outlive the state that it explained.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn no_longer_reserved(_: &Given<'_>) -> platform_resource::Decision {
    Ok(Map::from_iter([
        ("reserved_courier_id".to_owned(), Json::Null),
        ("reserved_until".to_owned(), Json::Null),
    ]))
}

/// A room has at most as many beds as it holds people. The room is locked while they are counted.
pub(crate) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let room_id = id(event.after("room_id")).ok_or_else(Problem::not_found)?;
    platform_engine::load(cx, &rooms::ROOMS, room_id).await?;
    if rooms::Counted::of(cx, room_id).await?.has_too_many_beds() {
        return Err(Problem::field("room_id", "room_full"));
    }
    Ok(())
}

pub(crate) const OPEN_STAY: &str = "SELECT EXISTS (SELECT FROM accommodation.allocations a
    WHERE a.organization_id = $1 AND a.bed_id = $2 AND a.status = 'active' AND a.deleted_at IS NULL)";

async fn has_open_stay(cx: &mut Cx, bed_id: Uuid) -> Result<bool, Problem> {
    let found = sqlx::query_scalar(OPEN_STAY).bind(cx.organization_id).bind(bed_id);
    Ok(found.fetch_one(cx.db()).await?)
}

async fn settle_room(cx: &mut Cx, bed_id: Uuid) -> Result<(), Problem> {
    let bed = platform_engine::load(cx, &BEDS, bed_id).await?;
    let room_id = bed.uuid("room_id").ok_or_else(Problem::not_found)?;
    rooms::settle(cx, room_id).await
}

/// Nobody says that a bed is occupied when nobody lives there.
pub(crate) async fn occupied(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !has_open_stay(cx, event.subject).await? {
        return Err(Problem::refused("bed_not_allocated"));
    }
    settle_room(cx, event.subject).await
}

/// Nobody says that a bed is free while somebody lives there.
pub(crate) async fn vacated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if has_open_stay(cx, event.subject).await? {
        return Err(Problem::refused("bed_still_allocated"));
    }
    settle_room(cx, event.subject).await
}

/// The id in an event's value.
pub(crate) fn id(value: &Json) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

pub(crate) const LAPSED: &str = "SELECT b.id FROM accommodation.beds b
    WHERE b.organization_id = $1 AND b.status = 'reserved' AND b.reserved_until < $2 AND b.deleted_at IS NULL
    ORDER BY b.id LIMIT 500";

/// Reservations whose last day has passed.
pub(crate) async fn lapse(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    let lapsed: Vec<Uuid> = sqlx::query_scalar(LAPSED)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    for bed_id in lapsed {
        platform_engine::act(cx, &BEDS, bed_id, "cancel_reservation", Map::new()).await?;
    }
    Ok(())
}
