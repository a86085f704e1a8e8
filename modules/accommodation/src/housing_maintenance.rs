//! Repairs in buildings. Work that blocks a room takes it out of use from its start to its end.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Resource, boolean, choice, date, instant, long_text, member, money, moved, number,
    phone, reference, text, transition,
};
use serde_json::{Map, Value as Json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::housing_inventory::same_building;
use crate::rooms::ROOMS;

/// Repairs.
pub static HOUSING_MAINTENANCE: Resource = Resource::new("accommodation", "housing_maintenance", FIELDS)
    .title(&["request_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Reported,
    Assigned,
    InProgress,
    Completed,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("request_number", "HM", 4),
    reference("building_id", "accommodation.buildings")
        .required()
        .filter()
        .list(),
    reference("room_id", "accommodation.rooms").filter().list(),
    text("title", 200).required().search().list(),
    long_text("description", 4000).search(),
    choice(
        "category",
        &[
            "plumbing",
            "electrical",
            "air_conditioning",
            "furniture",
            "appliance",
            "cleaning",
            "pest_control",
            "structural",
            "other",
        ],
    )
    .required()
    .filter()
    .list(),
    choice("priority", &["low", "medium", "high", "urgent"])
        .required()
        .default("medium")
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("reported")
        .filter()
        .list(),
    boolean("blocks_room").required().default("false").filter(),
    reference("courier_id", "fleet.couriers").filter(),
    member("assigned_to").read_only().filter().list(),
    text("contractor_name", 200).read_only().search(),
    phone("contractor_phone").read_only(),
    date("scheduled_on").read_only().filter(),
    money("estimated_cost"),
    money("actual_cost").read_only().list(),
    instant("started_at").read_only(),
    instant("completed_at").read_only(),
    long_text("resolution", 2000).read_only(),
    long_text("cancel_reason", 500).read_only(),
];

const ACTIONS: &[Action] = &[
    transition(
        "assign",
        "status",
        &[
            member("assigned_to"),
            text("contractor_name", 200),
            phone("contractor_phone"),
            date("scheduled_on"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Reported | Status::Assigned => Some(Status::Assigned),
                Status::InProgress | Status::Completed | Status::Cancelled => None,
            })
        },
    ),
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Reported | Status::Assigned => Some(Status::InProgress),
            Status::InProgress | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["started_at"]),
    transition(
        "complete",
        "status",
        &[long_text("resolution", 2000).required(), money("actual_cost")],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Completed),
                Status::Reported | Status::Assigned | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["completed_at"]),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Reported | Status::Assigned | Status::InProgress => Some(Status::Cancelled),
                Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .danger(),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Completed | Status::Cancelled => Some(Status::Reported),
            Status::Reported | Status::Assigned | Status::InProgress => None,
        })
    })
    .decide(anew),
];

/// What was done did not help: it is reported anew. What it has cost so far stays.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn anew(_: &Given<'_>) -> Decision {
    let cleared = ["started_at", "completed_at", "resolution", "cancel_reason"];
    Ok(cleared
        .into_iter()
        .map(|field| (field.to_owned(), Json::Null))
        .collect())
}

pub(crate) const BLOCKING: &str = "SELECT count(*) FROM accommodation.housing_maintenance m
    WHERE m.organization_id = $1 AND m.room_id = $2 AND m.id <> $3 AND m.status = 'in_progress' AND m.blocks_room
        AND m.deleted_at IS NULL";

/// The room that the work blocks, with its state.
async fn blocked_room(cx: &mut Cx, request_id: Uuid) -> Result<Option<(Uuid, bool)>, Problem> {
    let request = platform_engine::load(cx, &HOUSING_MAINTENANCE, request_id).await?;
    let blocks = request.get("blocks_room").as_bool() == Some(true);
    let Some(room_id) = request.uuid("room_id").filter(|_| blocks) else {
        return Ok(None);
    };
    let room = platform_engine::load(cx, &ROOMS, room_id).await?;
    Ok(Some((room_id, room.is("status", "maintenance"))))
}

/// The room is out of use.
pub(crate) async fn started(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    match blocked_room(cx, event.subject).await? {
        Some((room_id, false)) => platform_engine::act(cx, &ROOMS, room_id, "send_to_maintenance", Map::new())
            .await
            .map(drop),
        Some((_, true)) | None => Ok(()),
    }
}

/// The room is of use again, unless other work still blocks it.
pub(crate) async fn finished(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.before("status") != "in_progress" {
        return Ok(());
    }
    let Some((room_id, true)) = blocked_room(cx, event.subject).await? else {
        return Ok(());
    };
    let others: i64 = sqlx::query_scalar(BLOCKING)
        .bind(cx.organization_id)
        .bind(room_id)
        .bind(event.subject)
        .fetch_one(cx.db())
        .await?;
    if others > 0 {
        return Ok(());
    }
    platform_engine::act(cx, &ROOMS, room_id, "return_to_service", Map::new())
        .await
        .map(drop)
}

/// The room is in the building, and is not swapped under work that blocks it.
pub(crate) async fn placed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.after("room_id").is_null() && event.after("building_id").is_null() {
        return Ok(());
    }
    let request = platform_engine::load(cx, &HOUSING_MAINTENANCE, event.subject).await?;
    same_building(cx, request.get("room_id"), request.get("building_id")).await
}
