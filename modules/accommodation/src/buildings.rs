//! Buildings in which couriers live. How many rooms and beds they have and how full they are is counted in `occupancy`.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, date, long_text, member, money, moved, phone, text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Buildings.
pub static BUILDINGS: Resource = Resource::new("accommodation", "buildings", FIELDS)
    .title(&["name"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Renovation,
    Closed,
}

const FIELDS: &[Field] = &[
    text("name", 200).required().unique().search().list().group("place"),
    text("address", 500).required().search().list().group("place"),
    text("city", 100).search().filter().list().group("place"),
    text("district", 100).search().filter().group("place"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list()
        .group("place"),
    money("monthly_rent").permission("read_cost").group("lease"),
    date("contract_starts_on").group("lease"),
    date("contract_ends_on").filter().group("lease"),
    text("landlord_name", 200).search().group("lease"),
    phone("landlord_phone").group("lease"),
    text("supervisor_name", 200).search().group("people"),
    phone("supervisor_phone").group("people"),
    member("supervised_by").filter().group("people"),
    long_text("facilities", 2000).group("place"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("renovate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Renovation),
            Status::Renovation | Status::Closed => None,
        })
    }),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Renovation | Status::Closed => Some(Status::Active),
            Status::Active => None,
        })
    }),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Renovation => Some(Status::Closed),
            Status::Closed => None,
        })
    })
    .danger(),
];

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let dates = after.date("contract_starts_on").zip(after.date("contract_ends_on"));
    match dates {
        Some((start, end)) if end < start => vec![Violation::new("contract_ends_on", "ends_before_start")],
        _ => Vec::new(),
    }
}

pub(crate) const RESIDENTS: &str = "SELECT count(*) FROM accommodation.allocation_facts f
    WHERE f.organization_id = $1 AND f.building_id = $2 AND f.status = 'active' AND f.deleted_at IS NULL";

/// Nobody is locked out of his room.
pub(crate) async fn closed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let residents: i64 = sqlx::query_scalar(RESIDENTS)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_one(cx.db())
        .await?;
    if residents == 0 {
        Ok(())
    } else {
        Err(Problem::refused("building_has_residents"))
    }
}
