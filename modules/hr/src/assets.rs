//! What couriers carry that belongs to the company: phones, uniforms, bags. Who had a thing before is in its history.

use platform_resource::{
    Action, Decision, Field, Given, Resource, choice, date, instant, long_text, money, moved, number, reference, text,
    transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Assets.
pub static ASSETS: Resource = Resource::new("hr", "assets", FIELDS)
    .owned_by("courier_id")
    .title(&["name"])
    .actions(ACTIONS);

const FIELDS: &[Field] = &[
    number("asset_number", "ASSET", 5).continuous(),
    text("name", 200).required().search().list(),
    choice(
        "asset_type",
        &[
            "uniform",
            "phone",
            "tablet",
            "bag",
            "helmet",
            "power_bank",
            "sim_card",
            "equipment",
            "tools",
            "other",
        ],
    )
    .required()
    .aliases(&[("mobile_device", "phone")])
    .filter()
    .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("available")
        .aliases(&[("returned", "available")])
        .filter()
        .list(),
    reference("courier_id", "fleet.couriers").read_only().filter().list(),
    choice("condition", &["new", "good", "fair", "poor"])
        .required()
        .default("good")
        .filter()
        .list(),
    text("serial_number", 100).search().list(),
    text("make", 100),
    text("model", 100),
    date("purchased_on"),
    money("purchase_price").permission("read_cost"),
    date("warranty_expires_on").filter(),
    date("issued_on").read_only().list(),
    instant("acknowledged_at").read_only(),
    date("returned_on").read_only(),
    long_text("status_reason", 500).read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Available,
    Assigned,
    Damaged,
    Maintenance,
    Lost,
    Retired,
}

const REASON: &[Field] = &[long_text("status_reason", 500)];

const ACTIONS: &[Action] = &[
    transition(
        "assign",
        "status",
        &[reference("courier_id", "fleet.couriers").required(), date("issued_on")],
        |state| {
            moved(state, |status| match status {
                Status::Available => Some(Status::Assigned),
                Status::Assigned | Status::Damaged | Status::Maintenance | Status::Lost | Status::Retired => None,
            })
        },
    )
    .decide(hand_out),
    transition("acknowledge", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Assigned => Some(Status::Assigned),
            Status::Available | Status::Damaged | Status::Maintenance | Status::Lost | Status::Retired => None,
        })
    })
    .stamps(&["acknowledged_at"])
    .decide(|given| {
        if given.record.has("acknowledged_at") {
            Err("already_acknowledged")
        } else {
            Ok(Map::new())
        }
    }),
    transition(
        "give_back",
        "status",
        &[
            date("returned_on"),
            choice("condition", &["new", "good", "fair", "poor"]),
            long_text("status_reason", 500),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Assigned => Some(Status::Available),
                Status::Available | Status::Damaged | Status::Maintenance | Status::Lost | Status::Retired => None,
            })
        },
    )
    .decide(take_back),
    transition("mark_damaged", "status", REASON, |state| {
        moved(state, |status| match status {
            Status::Available | Status::Assigned => Some(Status::Damaged),
            Status::Damaged | Status::Maintenance | Status::Lost | Status::Retired => None,
        })
    })
    .danger(),
    transition("mark_lost", "status", REASON, |state| {
        moved(state, |status| match status {
            Status::Available | Status::Assigned | Status::Damaged | Status::Maintenance => Some(Status::Lost),
            Status::Lost | Status::Retired => None,
        })
    })
    .danger(),
    transition("send_to_repair", "status", REASON, |state| {
        moved(state, |status| match status {
            Status::Available | Status::Damaged => Some(Status::Maintenance),
            Status::Assigned | Status::Maintenance | Status::Lost | Status::Retired => None,
        })
    }),
    transition("finish_repair", "status", REASON, |state| {
        moved(state, |status| match status {
            Status::Maintenance => Some(Status::Available),
            Status::Available | Status::Assigned | Status::Damaged | Status::Lost | Status::Retired => None,
        })
    })
    .decide(free),
    transition("find", "status", REASON, |state| {
        moved(state, |status| match status {
            Status::Lost => Some(Status::Available),
            Status::Available | Status::Assigned | Status::Damaged | Status::Maintenance | Status::Retired => None,
        })
    })
    .decide(free),
    transition("retire", "status", REASON, |state| {
        moved(state, |status| match status {
            Status::Available | Status::Damaged | Status::Maintenance | Status::Lost => Some(Status::Retired),
            Status::Assigned | Status::Retired => None,
        })
    })
    .danger(),
];

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn hand_out(given: &Given<'_>) -> Decision {
    let issued_on = given.input.date("issued_on").unwrap_or(given.today);
    Ok(Map::from_iter([
        ("issued_on".to_owned(), json!(issued_on)),
        ("acknowledged_at".to_owned(), Json::Null),
        ("returned_on".to_owned(), Json::Null),
        ("status_reason".to_owned(), Json::Null),
    ]))
}

fn take_back(given: &Given<'_>) -> Decision {
    let returned_on = given.input.date("returned_on").unwrap_or(given.today);
    if given
        .record
        .date("issued_on")
        .is_some_and(|issued| returned_on < issued)
    {
        return Err("returned_before_issued");
    }
    let mut change = free(given)?;
    change.insert("returned_on".to_owned(), json!(returned_on));
    Ok(change)
}

/// With nobody. What is damaged or lost keeps the name of who had it until it is settled.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn free(_: &Given<'_>) -> Decision {
    Ok(Map::from_iter([("courier_id".to_owned(), Json::Null)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    #[test]
    fn a_thing_comes_back_after_it_went_out() {
        let row = json!({"status": "assigned", "issued_on": "2026-03-01"});
        let back = |day: &str| decide(ACTIONS, "give_back", &row, &json!({"returned_on": day}));
        assert_eq!(back("2026-02-28"), Err("returned_before_issued"));
        let change = back("2026-03-01").expect("allowed");
        assert_eq!(
            (&change["courier_id"], &change["returned_on"]),
            (&Json::Null, &json!("2026-03-01"))
        );
    }

    #[test]
    fn nobody_signs_twice() {
        let row = json!({"status": "assigned", "acknowledged_at": "2026-03-01T08:00:00Z"});
        assert_eq!(
            decide(ACTIONS, "acknowledge", &row, &json!({})),
            Err("already_acknowledged")
        );
    }
}
