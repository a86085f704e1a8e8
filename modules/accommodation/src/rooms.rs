//! Rooms. A room is full when as many of its beds are occupied as it holds; who works on it decides about maintenance, and
//! a count of beds never ends that.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, integer, long_text, moved, reference, text, transition,
};
use serde_json::Map;
use sqlx::Row;
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

/// Rooms.
pub static ROOMS: Resource = Resource::new("accommodation", "rooms", FIELDS)
    .title(&["room_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Available,
    Occupied,
    Maintenance,
}

const FIELDS: &[Field] = &[
    reference("building_id", "accommodation.buildings")
        .required()
        .create_only()
        .filter()
        .list(),
    text("room_number", 20).required().search().list(),
    integer("floor", -5, 200).filter().list(),
    choice("room_type", &["single", "double", "triple", "quad", "dorm"])
        .filter()
        .list()
        .example("dorm"),
    integer("capacity", 1, 100).required().list().example("12"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("available")
        .filter()
        .list(),
    long_text("amenities", 2000),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("fill", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Available => Some(Status::Occupied),
            Status::Occupied | Status::Maintenance => None,
        })
    })
    .internal(),
    transition("free_up", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Occupied => Some(Status::Available),
            Status::Available | Status::Maintenance => None,
        })
    })
    .internal(),
    transition("send_to_maintenance", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Available | Status::Occupied => Some(Status::Maintenance),
            Status::Maintenance => None,
        })
    }),
    transition("return_to_service", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Maintenance => Some(Status::Available),
            Status::Available | Status::Occupied => None,
        })
    }),
];

/// A kind of room sleeps a number of people; a dormitory begins at six.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let fits = |capacity: i64| match after.text("room_type") {
        Some("single") => capacity == 1,
        Some("double") => capacity == 2,
        Some("triple") => capacity == 3,
        Some("quad") => capacity == 4,
        Some("dorm") => capacity >= 6,
        _ => true,
    };
    match after.integer("capacity") {
        Some(capacity) if !fits(capacity) => vec![Violation::new("room_type", "capacity_not_of_type")],
        _ => Vec::new(),
    }
}

/// Capacity, beds and occupied beds of a room.
pub(crate) const COUNTED: &str = "SELECT r.status, r.capacity, count(b.id) AS beds,
        count(b.id) FILTER (WHERE b.status = 'occupied') AS occupied
    FROM accommodation.rooms r
    LEFT JOIN accommodation.beds b
        ON b.organization_id = r.organization_id AND b.room_id = r.id AND b.deleted_at IS NULL
    WHERE r.organization_id = $1 AND r.id = $2
    GROUP BY r.status, r.capacity";

/// A room with its beds counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    status: String,
    capacity: i64,
    beds: i64,
    occupied: i64,
}

impl Counted {
    pub(crate) async fn of(cx: &mut Cx, room_id: Uuid) -> Result<Self, Problem> {
        let row = sqlx::query(COUNTED)
            .bind(cx.organization_id)
            .bind(room_id)
            .fetch_optional(cx.db())
            .await?
            .ok_or_else(Problem::not_found)?;
        Ok(Self {
            status: row.try_get("status")?,
            capacity: row.try_get("capacity")?,
            beds: row.try_get("beds")?,
            occupied: row.try_get("occupied")?,
        })
    }

    const fn is_full(&self) -> bool {
        self.occupied >= self.capacity
    }

    pub(crate) const fn has_too_many_beds(&self) -> bool {
        self.beds > self.capacity
    }

    /// The action that brings the state in line with the beds. Maintenance is nobody's but the workers' to end.
    fn due(&self) -> Option<&'static str> {
        match self.status.as_str() {
            "available" if self.is_full() => Some("fill"),
            "occupied" if !self.is_full() => Some("free_up"),
            _ => None,
        }
    }
}

/// Brings the room's state in line with its beds. The room stays locked, so that two stays at once are counted both.
pub(crate) async fn settle(cx: &mut Cx, room_id: Uuid) -> Result<(), Problem> {
    platform_engine::load(cx, &ROOMS, room_id).await?;
    match Counted::of(cx, room_id).await?.due() {
        Some(action) => platform_engine::act(cx, &ROOMS, room_id, action, Map::new())
            .await
            .map(drop),
        None => Ok(()),
    }
}

/// Full is what the beds say, also when a person says it.
pub(crate) async fn filled(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if Counted::of(cx, event.subject).await?.is_full() {
        Ok(())
    } else {
        Err(Problem::refused("room_not_full"))
    }
}

/// The opposite of [`filled`].
pub(crate) async fn freed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if Counted::of(cx, event.subject).await?.is_full() {
        Err(Problem::refused("room_is_full"))
    } else {
        Ok(())
    }
}

/// Couriers may have come and gone while the room was under maintenance.
pub(crate) async fn returned(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    settle(cx, event.subject).await
}

/// A room is never smaller than its beds are many.
pub(crate) async fn updated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.after("capacity").is_null() {
        return Ok(());
    }
    if Counted::of(cx, event.subject).await?.has_too_many_beds() {
        return Err(Problem::field("capacity", "room_has_more_beds"));
    }
    settle(cx, event.subject).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_kind_of_room_sleeps_a_number() {
        let room = |kind: &str, capacity: i64| json!({"room_type": kind, "capacity": capacity});
        let wrong = "room_type capacity_not_of_type";
        let table = [
            (room("single", 1), ""),
            (room("single", 2), wrong),
            (room("double", 2), ""),
            (room("triple", 3), ""),
            (room("quad", 4), ""),
            (room("quad", 6), wrong),
            (room("dorm", 5), wrong),
            (room("dorm", 6), ""),
            (json!({"capacity": 5}), ""),
        ];
        breaks(check, None, &table);
    }

    #[test]
    fn the_beds_decide_and_never_end_maintenance() {
        let due = |status: &str, capacity, occupied| {
            let room = Counted {
                status: status.into(),
                capacity,
                beds: capacity,
                occupied,
            };
            room.due()
        };
        assert_eq!(due("available", 4, 3), None);
        assert_eq!(due("available", 4, 4), Some("fill"));
        assert_eq!(due("occupied", 4, 3), Some("free_up"));
        assert_eq!(due("occupied", 4, 4), None);
        assert_eq!(due("maintenance", 4, 4), None);
        assert_eq!(due("maintenance", 4, 0), None);
    }
}
