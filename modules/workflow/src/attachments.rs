//! Files of a workflow.

use platform_resource::{
    Field, Resource, Verb, boolean, choice, file, instant, integer, long_text, member, reference, text,
};

use crate::words::SCANS;

/// Workflow attachments.
pub static WORKFLOW_ATTACHMENTS: Resource = Resource::new("workflow", "workflow_attachments", FIELDS)
    .title(&["file_name"])
    .without(&[Verb::Create, Verb::Update, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances")
        .required()
        .create_only()
        .filter()
        .list(),
    text("file_name", 255).required().search().list(),
    file("file_id"),
    member("uploaded_by").required().filter().list(),
    text("attachment_type", 50).filter().list(),
    long_text("description", 1000),
    boolean("is_public").required().default("false").filter(),
    integer("download_count", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0"),
    boolean("is_scanned")
        .required()
        .read_only()
        .default("false")
        .filter()
        .list()
        .group("scan"),
    choice("scan_result", SCANS).read_only().filter().list().group("scan"),
    instant("scanned_at").read_only().group("scan"),
];
