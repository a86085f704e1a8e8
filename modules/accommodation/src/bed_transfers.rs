//! Moves from one bed to another: written by the stay's action `transfer`, never changed.

use platform_resource::{Field, Resource, Verb, date, long_text, reference};

/// Moves between beds.
pub static BED_TRANSFERS: Resource = Resource::new("accommodation", "bed_transfers", FIELDS)
    .title(&["transferred_on"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .read_only()
        .filter()
        .list(),
    reference("from_bed_id", "accommodation.beds")
        .required()
        .read_only()
        .filter()
        .list(),
    reference("to_bed_id", "accommodation.beds")
        .required()
        .read_only()
        .filter()
        .list(),
    reference("from_allocation_id", "accommodation.allocations")
        .required()
        .read_only(),
    reference("to_allocation_id", "accommodation.allocations")
        .required()
        .read_only(),
    date("transferred_on").required().read_only().filter().list(),
    long_text("reason", 500).read_only().list(),
];
