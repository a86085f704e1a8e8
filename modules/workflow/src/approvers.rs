//! The places of an approval chain: a member, or anyone with a role.

use platform_resource::{Field, Record, Resource, Violation, boolean, integer, member, reference, text};

/// Approvers.
pub static APPROVAL_CHAIN_APPROVERS: Resource = Resource::new("workflow", "approval_chain_approvers", FIELDS)
    .title(&["approver_role", "approver"])
    .check(check)
    .sort("level");

const FIELDS: &[Field] = &[
    reference("approval_chain_id", "workflow.approval_chains")
        .required()
        .create_only()
        .filter()
        .list(),
    member("approver").filter().list(),
    text("approver_role", 63).filter().list(),
    integer("level", 1, 20).required().default("1").filter().list(),
    boolean("is_required").required().default("true").filter().list(),
    integer("sort_order", 0, 1000).required().default("0").list(),
];

/// A place is one member's or a role's.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    match (after.has("approver"), after.has("approver_role")) {
        (false, false) => vec![Violation::new("approver", "member_or_role")],
        (true, true) => vec![Violation::new("approver_role", "member_or_role")],
        (true, false) | (false, true) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_place_is_a_members_or_a_roles() {
        let one = uuid::Uuid::from_u128(1);
        let table = [
            (json!({"approver": one}), ""),
            (json!({"approver_role": "finance"}), ""),
            (json!({}), "approver member_or_role"),
            (
                json!({"approver": one, "approver_role": "finance"}),
                "approver_role member_or_role",
            ),
        ];
        breaks(check, None, &table);
    }
}
