//! How much work there was at a moment.

use platform_resource::{Field, Resource, Verb, decimal, instant, integer, json, reference};

/// Performance snapshots.
pub static WORKFLOW_PERFORMANCE_SNAPSHOTS: Resource =
    Resource::new("workflow", "workflow_performance_snapshots", FIELDS)
        .title(&["snapshot_at"])
        .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
        .sort("-snapshot_at");

const FIELDS: &[Field] = &[
    reference("workflow_template_id", "workflow.workflow_templates")
        .filter()
        .list(),
    instant("snapshot_at").required().filter().list(),
    integer("active_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("pending_approvals", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("overdue_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("sla_at_risk", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("completed_last_24h", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    decimal("avg_minutes_24h", 2).unit("minutes").group("times"),
    decimal("success_rate_percent_24h", 2).unit("percent").group("rates"),
    decimal("throughput_per_hour", 2).group("rates"),
    decimal("expected_minutes", 2).unit("minutes").group("times"),
    integer("critical_alerts", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("warning_alerts", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    json("details"),
];
