//! Approval chains: who has to agree, level by level or all at once.

use platform_resource::{Field, Resource, boolean, integer, long_text, reference, text};

/// Approval chains.
pub static APPROVAL_CHAINS: Resource = Resource::new("workflow", "approval_chains", FIELDS);

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list(),
    long_text("description", 2000),
    reference("workflow_template_id", "workflow.workflow_templates")
        .filter()
        .list(),
    integer("levels", 1, 20).required().default("1").list(),
    boolean("is_sequential").required().default("true").filter().list(),
    boolean("allow_delegation").required().default("false").filter().list(),
    boolean("auto_escalate").required().default("true").group("escalation"),
    integer("escalation_hours", 1, 8760)
        .required()
        .default("24")
        .unit("h")
        .list()
        .group("escalation"),
    reference("escalation_chain_id", "workflow.approval_chains").group("escalation"),
    boolean("is_active").required().default("true").filter().list(),
];
