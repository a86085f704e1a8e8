//! Ready tickets: what a ticket of a kind usually says, and by when it is due.

use platform_core::{Cx, Problem};
use platform_resource::{Field, Kind, Resource, Value, boolean, choice, integer, json, long_text, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json as object};
use uuid::Uuid;

use crate::tickets::{CATEGORY, DEPARTMENT, PRIORITY, TICKETS, due};

/// Templates.
pub static TICKET_TEMPLATES: Resource = Resource::new("support", "ticket_templates", FIELDS).title(&["name"]);

const FIELDS: &[Field] = &[
    text("name", 100).required().unique().search().list(),
    long_text("description", 500),
    text("default_subject", 255).search().list(),
    long_text("default_description", 10_000),
    choice("default_category", CATEGORY).filter().list(),
    choice("default_priority", PRIORITY)
        .required()
        .default("medium")
        .filter()
        .list()
        .aliases(&[("normal", "medium"), ("critical", "urgent")]),
    choice("default_department", DEPARTMENT).filter(),
    text("default_tags", 500),
    json("default_custom_fields"),
    integer("sla_hours", 1, 8760).list().unit("hours"),
    boolean("is_active").required().default("true").filter().list(),
    boolean("is_public").required().default("true").filter(),
];

/// A ticket to open from a template; what is given stands before what the template says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FromTemplate {
    /// The template.
    template_id: Uuid,
    /// What it is about, in a line.
    subject: Option<String>,
    /// What it is about.
    description: Option<String>,
    /// Whose question it is.
    requested_by: Option<Uuid>,
    /// The courier it is about.
    courier_id: Option<Uuid>,
    /// The vehicle it is about.
    vehicle_id: Option<Uuid>,
}

/// A ticket that was opened.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Opened {
    /// The ticket.
    ticket_id: Uuid,
    /// Its number.
    pub(crate) ticket_number: String,
    /// By when it is due; nothing without a deadline.
    sla_due_at: Option<String>,
}

/// `POST /support/tickets/from_template`.
pub(crate) async fn open(cx: &mut Cx, given: FromTemplate) -> Result<Opened, Problem> {
    let template = platform_engine::load(cx, &TICKET_TEMPLATES, given.template_id).await;
    let template = template.map_err(|_| Problem::field("template_id", "not_known"))?;
    if template.get("is_active") != true {
        return Err(Problem::field("template_id", "template_not_in_use"));
    }
    let or = |given: Option<String>, field: &str| given.map_or_else(|| template.get(field).clone(), Json::String);
    let category = template.text("default_category").unwrap_or("other");
    let row = object!({
        "template_id": given.template_id, "subject": or(given.subject, "default_subject"),
        "description": or(given.description, "default_description"), "category": category,
        "priority": template.get("default_priority"), "department": template.get("default_department"),
        "tags": template.get("default_tags"), "custom_fields": template.get("default_custom_fields"),
        "requested_by": given.requested_by, "courier_id": given.courier_id, "vehicle_id": given.vehicle_id,
    });
    let mut row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    if let Some(hours) = template.integer("sla_hours") {
        row.extend(deadline(cx, hours));
    }
    open_ticket(cx, row).await
}

/// The fields of a deadline that begins now.
pub(crate) fn deadline(cx: &Cx, hours: i64) -> Map<String, Json> {
    let due = Value::Instant(due(cx.now, hours)).to_json(Kind::Instant);
    Map::from_iter([
        ("sla_hours".to_owned(), hours.into()),
        ("sla_due_at".to_owned(), due),
        ("sla_status".to_owned(), "on_track".into()),
    ])
}

/// Opens a ticket.
pub(crate) async fn open_ticket(cx: &mut Cx, row: Map<String, Json>) -> Result<Opened, Problem> {
    let ticket = platform_engine::create(cx, &TICKETS, row).await?;
    Ok(Opened {
        ticket_id: ticket.uuid("id").ok_or_else(Problem::not_found)?,
        ticket_number: ticket.text("ticket_number").unwrap_or_default().to_owned(),
        sla_due_at: ticket.text("sla_due_at").map(ToOwned::to_owned),
    })
}

impl Opened {
    pub(crate) const fn id(&self) -> Uuid {
        self.ticket_id
    }
}
