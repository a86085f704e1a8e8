//! Furniture, appliances and everything else that stands in a building.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Resource, action, choice, date, integer, long_text, member, money, reference, text,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::beds::id;

/// Things in buildings.
pub static HOUSING_INVENTORY: Resource = Resource::new("accommodation", "housing_inventory", FIELDS)
    .title(&["item_name"])
    .actions(ACTIONS);

const CONDITION: &[&str] = &["new", "good", "fair", "poor", "broken"];

const FIELDS: &[Field] = &[
    reference("building_id", "accommodation.buildings")
        .required()
        .filter()
        .list(),
    reference("room_id", "accommodation.rooms").filter().list(),
    text("item_name", 200).required().search().list(),
    choice(
        "category",
        &[
            "furniture",
            "appliance",
            "bedding",
            "kitchen",
            "electronics",
            "safety",
            "other",
        ],
    )
    .required()
    .filter()
    .list(),
    integer("quantity", 0, 100_000).required().default("1").list(),
    choice("condition", &["new", "good", "fair", "poor", "broken"])
        .required()
        .default("good")
        .filter()
        .list(),
    money("unit_cost").permission("read_cost"),
    text("serial_number", 100).search(),
    text("supplier", 200),
    date("purchased_on"),
    date("warranty_expires_on").filter(),
    date("counted_on").read_only().list(),
    member("counted_by").read_only(),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[action(
    "count",
    &[
        integer("quantity", 0, 100_000).required(),
        choice("condition", CONDITION),
    ],
    count,
)];

/// What was found, by whom and when. A condition that nobody looked at stays.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn count(given: &Given<'_>) -> Decision {
    let mut change = Map::from_iter([
        ("quantity".to_owned(), given.input.get("quantity").clone()),
        ("counted_on".to_owned(), json!(given.today)),
    ]);
    if given.input.has("condition") {
        change.insert("condition".into(), given.input.get("condition").clone());
    }
    if !given.actor_id.is_nil() {
        change.insert("counted_by".into(), Json::String(given.actor_id.to_string()));
    }
    Ok(change)
}

pub(crate) const ROOM_OF_BUILDING: &str = "SELECT EXISTS (SELECT FROM accommodation.rooms r
    WHERE r.organization_id = $1 AND r.id = $2 AND r.building_id = $3)";

/// The room that a row names is in the building that it names.
pub(crate) async fn same_building(cx: &mut Cx, room: &Json, building: &Json) -> Result<(), Problem> {
    let Some((room_id, building_id)) = id(room).zip(id(building)) else {
        return Ok(());
    };
    let fits: bool = sqlx::query_scalar(ROOM_OF_BUILDING)
        .bind(cx.organization_id)
        .bind(room_id)
        .bind(building_id)
        .fetch_one(cx.db())
        .await?;
    if fits {
        Ok(())
    } else {
        Err(Problem::field("room_id", "room_of_another_building"))
    }
}

async fn stored(cx: &mut Cx, item_id: Uuid) -> Result<(), Problem> {
    let item = platform_engine::load(cx, &HOUSING_INVENTORY, item_id).await?;
    same_building(cx, item.get("room_id"), item.get("building_id")).await
}

/// See [`same_building`].
pub(crate) async fn placed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.after("room_id").is_null() && event.after("building_id").is_null() {
        return Ok(());
    }
    stored(cx, event.subject).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    #[test]
    fn a_count_says_when_and_keeps_what_nobody_looked_at() {
        let counted = decide(
            &HOUSING_INVENTORY,
            "count",
            &json!({"condition": "fair"}),
            &json!({"quantity": 7}),
        );
        let change = Json::Object(counted.expect("allowed"));
        assert_eq!(change, json!({"quantity": 7, "counted_on": "2026-06-15"}));
    }
}
