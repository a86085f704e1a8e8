//! The contact form. What is sent becomes a ticket with the priority and the deadline that its urgency promises.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Field, Kind, Resource, Value, Verb, choice, email, instant, long_text, member, moved, number, phone,
    reference, text, transition,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::ticket_replies::actor;
use crate::ticket_templates::{deadline, open_ticket};
use crate::tickets::{DEPARTMENT, due};

/// Requests of the contact form.
pub static CONTACT_REQUESTS: Resource = Resource::new("support", "contact_requests", FIELDS)
    .title(&["request_number"])
    .actions(ACTIONS)
    .without(&[Verb::Create, Verb::Update, Verb::Import]);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Received,
    Answered,
    Closed,
    Spam,
}

/// How urgent the sender says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Urgency {
    Normal,
    Medium,
    High,
    Critical,
}

impl Urgency {
    const ALL: [Self; 4] = [Self::Normal, Self::Medium, Self::High, Self::Critical];

    /// The ticket's priority.
    const fn priority(self) -> &'static str {
        match self {
            Self::Normal | Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "urgent",
        }
    }

    /// Hours within which an answer is promised: earliest and latest.
    const fn promise_hours(self) -> (i64, i64) {
        match self {
            Self::Normal | Self::Medium => (24, 48),
            Self::High => (12, 24),
            Self::Critical => (2, 4),
        }
    }
}

const FIELDS: &[Field] = &[
    number("request_number", "REF", 4),
    text("name", 200).required().read_only().search().list(),
    email("email").read_only().search().list(),
    phone("phone").read_only().search(),
    text("subject", 255).required().read_only().search().list(),
    long_text("message", 10_000).required().read_only().search(),
    choice("department", DEPARTMENT)
        .required()
        .read_only()
        .default("support")
        .filter()
        .list(),
    choice("urgency", Urgency::VARIANTS)
        .required()
        .read_only()
        .default("normal")
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("received")
        .filter()
        .list(),
    reference("ticket_id", "support.tickets").read_only().filter().list(),
    instant("promised_at").read_only().filter(),
    member("sent_by").read_only().filter(),
    instant("answered_at").read_only(),
];

const ACTIONS: &[Action] = &[
    transition("answer", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Received => Some(Status::Answered),
            Status::Answered | Status::Closed | Status::Spam => None,
        })
    })
    .stamps(&["answered_at"]),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Received | Status::Answered => Some(Status::Closed),
            Status::Closed | Status::Spam => None,
        })
    }),
    transition("mark_spam", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Received => Some(Status::Spam),
            Status::Answered | Status::Closed | Status::Spam => None,
        })
    })
    .danger(),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Answered | Status::Closed | Status::Spam => Some(Status::Received),
            Status::Received => None,
        })
    }),
];

/// What somebody writes to support.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names are those of the request")]
pub(crate) struct Message {
    /// Who writes.
    pub(crate) name: String,
    /// Where an answer reaches him.
    pub(crate) email: Option<String>,
    /// Where a call reaches him.
    pub(crate) phone: Option<String>,
    /// In a line.
    pub(crate) subject: String,
    /// What he writes.
    pub(crate) message: String,
    /// A department, as `contact_info` lists them.
    pub(crate) department: Option<String>,
    /// normal, medium, high or critical.
    pub(crate) urgency: Option<String>,
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Received {
    contact_request_id: Uuid,
    request_number: String,
    ticket_id: Uuid,
    ticket_number: String,
    /// An answer is promised by then.
    promised_at: String,
}

/// `POST /support/contact`.
pub(crate) async fn submit(cx: &mut Cx, given: Message) -> Result<Received, Problem> {
    let word = given.urgency.as_deref().unwrap_or("normal");
    let urgency: Urgency = word.parse().map_err(|_| Problem::field("urgency", "not_one_of_ours"))?;
    let department = given.department.as_deref().unwrap_or("support");
    if !DEPARTMENT.contains(&department) {
        return Err(Problem::field("department", "not_one_of_ours"));
    }
    let (_, latest) = urgency.promise_hours();
    let ticket = json!({
        "subject": given.subject, "description": given.message, "category": "other", "priority": urgency.priority(),
        "department": department, "source": "contact_form", "requested_by": actor(cx), "contact_name": given.name,
        "contact_email": given.email, "contact_phone": given.phone,
    });
    let mut ticket: Map<String, Json> = ticket.as_object().cloned().unwrap_or_default();
    ticket.extend(deadline(cx, latest));
    let opened = open_ticket(cx, ticket).await.map_err(named_as_in_the_form)?;
    let promised = Value::Instant(due(cx.now, latest)).to_json(Kind::Instant);
    let row = json!({
        "name": given.name, "email": given.email, "phone": given.phone, "subject": given.subject,
        "message": given.message, "department": department, "urgency": <&str>::from(urgency),
        "ticket_id": opened.id(), "promised_at": promised, "sent_by": actor(cx),
    });
    let row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    let stored = platform_engine::create(cx, &CONTACT_REQUESTS, row).await?;
    Ok(Received {
        contact_request_id: stored.uuid("id").ok_or_else(Problem::not_found)?,
        request_number: stored.text("request_number").unwrap_or_default().to_owned(),
        ticket_id: opened.id(),
        ticket_number: opened.ticket_number,
        promised_at: stored.text("promised_at").unwrap_or_default().to_owned(),
    })
}

/// The sender knows the fields of the form, not those of the ticket.
fn named_as_in_the_form(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        let field = match error.field.as_str() {
            "description" => "message",
            "contact_name" => "name",
            "contact_email" => "email",
            "contact_phone" => "phone",
            _ => continue,
        };
        field.clone_into(&mut error.field);
    }
    problem
}

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// A word and what people call it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Named {
    name: String,
    label: String,
}

/// What an urgency promises.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Promise {
    urgency: String,
    label: String,
    /// Priority of the ticket.
    priority: String,
    from_hours: i64,
    to_hours: i64,
}

/// How to reach support.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Info {
    departments: Vec<Named>,
    urgencies: Vec<Promise>,
    /// Days on which people answer.
    working_days: Vec<&'static str>,
    opens_at: &'static str,
    closes_at: &'static str,
    time_zone: String,
}

/// `GET /support/contact_info`. Sunday to Thursday is the working week of Saudi offices.
pub(crate) fn info(cx: &Cx) -> Info {
    let (catalogue, locale) = (&cx.platform.catalogue, cx.locale);
    let label = |field, word| {
        let text = catalogue.choice(locale, "support.contact_requests", field, word);
        text.to_owned()
    };
    let departments = DEPARTMENT.iter().map(|word| Named {
        name: (*word).to_owned(),
        label: label("department", word),
    });
    let urgencies = Urgency::ALL.into_iter().map(|urgency| {
        let (word, (from_hours, to_hours)) = (<&str>::from(urgency), urgency.promise_hours());
        Promise {
            urgency: word.to_owned(),
            label: label("urgency", word),
            priority: urgency.priority().to_owned(),
            from_hours,
            to_hours,
        }
    });
    Info {
        departments: departments.collect(),
        urgencies: urgencies.collect(),
        working_days: vec!["sunday", "monday", "tuesday", "wednesday", "thursday"],
        opens_at: "08:00",
        closes_at: "18:00",
        time_zone: cx.time_zone().to_string(),
    }
}

pub(crate) const OF_TICKET: &str = "SELECT c.id FROM support.contact_requests c
    WHERE c.organization_id = $1 AND c.ticket_id = $2 AND c.status = 'received' AND c.deleted_at IS NULL";

/// A resolved ticket answers the request that it came from.
pub(crate) async fn ticket_resolved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let requests: Vec<Uuid> = sqlx::query_scalar(OF_TICKET)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_all(cx.db())
        .await?;
    for request in requests {
        platform_engine::act(cx, &CONTACT_REQUESTS, request, "answer", Map::new()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgency_promises_an_answer() {
        let table = [
            ("normal", "medium", (24, 48)),
            ("medium", "medium", (24, 48)),
            ("high", "high", (12, 24)),
            ("critical", "urgent", (2, 4)),
        ];
        for (word, priority, hours) in table {
            let urgency: Urgency = word.parse().expect("a word of ours");
            assert_eq!(
                (urgency.priority(), urgency.promise_hours()),
                (priority, hours),
                "{word}"
            );
        }
    }
}
