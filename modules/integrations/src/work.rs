//! What of a plugin can be called, where the outside world knocks, and the pieces of work that follow.

use platform_resource::{
    Action, Decision, Field, Given, Resource, Verb, boolean, choice, instant, integer, long_text, moved, reference,
    text, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

const BY_CODE: &[Verb] = &[Verb::Create, Verb::Update, Verb::Delete, Verb::Import];
const MOST: i64 = 9_007_199_254_740_991;

/// What of an installed plugin can be called, when it is due, and whether it is left alone for a while.
pub static PLUGIN_HANDLERS: Resource = Resource::new("integrations", "plugin_handlers", HANDLER)
    .title(&["handler"])
    .sort("handler")
    .actions(HANDLER_ACTIONS)
    .without(BY_CODE);

/// Addresses that installations have in the outside world.
pub static PLUGIN_ENDPOINTS: Resource = Resource::new("integrations", "plugin_endpoints", ENDPOINT)
    .title(&["name"])
    .actions(ENDPOINT_ACTIONS)
    .without(BY_CODE);

/// Pieces of work for plugins; those that nobody could do are the dead ones.
pub static PLUGIN_TASKS: Resource = Resource::new("integrations", "plugin_tasks", TASK)
    .title(&["handler"])
    .actions(TASK_ACTIONS)
    .without(BY_CODE);

/// Whether a handler is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum CircuitState {
    /// Calls go through.
    Closed,
    /// It failed again and again: nothing goes through until a time.
    Open,
    /// One call tries whether it works again.
    Probing,
}

const fn count(name: &'static str) -> Field {
    integer(name, 0, MOST).required().read_only().default("0")
}

const HANDLER: &[Field] = &[
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .list(),
    text("handler", 160).required().read_only().search().list(),
    choice(
        "kind",
        &["pull", "event", "schedule", "job", "webhook", "send", "manual"],
    )
    .required()
    .read_only()
    .filter()
    .list(),
    boolean("is_enabled").required().read_only().default("true").filter(),
    text("runs", 100).read_only().list(),
    instant("next_at").read_only().list(),
    instant("last_at").read_only().list(),
    choice("last_outcome", &["ok", "failure", "fault"]).read_only().list(),
    choice("circuit", CircuitState::VARIANTS)
        .required()
        .read_only()
        .default("closed")
        .filter()
        .list(),
    count("failures"),
    count("openings"),
    instant("open_until").read_only(),
];

const HANDLER_ACTIONS: &[Action] = &[
    transition("trip", "circuit", &[instant("open_until").required()], |state| {
        moved(state, |circuit| match circuit {
            CircuitState::Closed | CircuitState::Probing => Some(CircuitState::Open),
            CircuitState::Open => None,
        })
    })
    .internal()
    .decide(tripped),
    transition("probe", "circuit", &[], |state| {
        moved(state, |circuit| match circuit {
            CircuitState::Open => Some(CircuitState::Probing),
            CircuitState::Closed | CircuitState::Probing => None,
        })
    })
    .internal(),
    transition("close", "circuit", &[], |state| {
        moved(state, |circuit| match circuit {
            CircuitState::Open | CircuitState::Probing => Some(CircuitState::Closed),
            CircuitState::Closed => None,
        })
    })
    .decide(closed),
];

#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn tripped(given: &Given<'_>) -> Decision {
    let openings = given.record.integer("openings").unwrap_or_default();
    Ok(Map::from_iter([("openings".to_owned(), json!(openings + 1))]))
}

#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn closed(_: &Given<'_>) -> Decision {
    Ok(Map::from_iter([
        ("openings".to_owned(), json!(0)),
        ("failures".to_owned(), json!(0)),
        ("open_until".to_owned(), Json::Null),
    ]))
}

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum EndpointStatus {
    Open,
    Closed,
}

const ENDPOINT: &[Field] = &[
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .list(),
    text("name", 60).required().read_only().search().list(),
    choice("status", EndpointStatus::VARIANTS)
        .required()
        .read_only()
        .default("open")
        .filter()
        .list(),
    count("rotation"),
    instant("last_received_at").read_only().list(),
];

const ENDPOINT_ACTIONS: &[Action] = &[
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            EndpointStatus::Open => Some(EndpointStatus::Closed),
            EndpointStatus::Closed => None,
        })
    })
    .danger(),
    transition("open", "status", &[], |state| {
        moved(state, |status| match status {
            EndpointStatus::Closed => Some(EndpointStatus::Open),
            EndpointStatus::Open => None,
        })
    }),
    // Another address; whoever still knocks at the old one is not heard.
    transition("rotate", "status", &[], |state| {
        moved(state, |status| match status {
            EndpointStatus::Open | EndpointStatus::Closed => Some(EndpointStatus::Open),
        })
    })
    .decide(rotated)
    .danger(),
];

#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn rotated(given: &Given<'_>) -> Decision {
    let rotation = given.record.integer("rotation").unwrap_or_default();
    Ok(Map::from_iter([("rotation".to_owned(), json!(rotation + 1))]))
}

/// Where a piece of work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum TaskStatus {
    /// Waits: for its turn, for its next try, or for the installation to work again.
    Queued,
    /// The plugin is called.
    Running,
    /// What came of it is stored.
    Done,
    /// Trying again cannot help, or did not.
    Dead,
    /// Somebody decided that it is not needed.
    Discarded,
}

const TASK: &[Field] = &[
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .list(),
    text("plugin", 60).required().read_only().search().list(),
    text("handler", 160).required().read_only().search().list(),
    text("task_key", 300).required().read_only(),
    choice("status", TaskStatus::VARIANTS)
        .required()
        .read_only()
        .default("queued")
        .filter()
        .list(),
    choice(
        "origin",
        &[
            "event", "schedule", "job", "webhook", "message", "payout", "order", "manual",
        ],
    )
    .required()
    .read_only()
    .filter()
    .list(),
    reference("endpoint_id", "integrations.plugin_endpoints")
        .read_only()
        .filter(),
    text("subject", 160).read_only().list(),
    count("attempts"),
    count("throttled"),
    instant("next_at").read_only().list(),
    instant("finished_at").read_only().list(),
    text("problem_code", 60).read_only().filter().list().group("problem"),
    long_text("problem_detail", 2000).read_only().group("problem"),
];

const PROBLEM: [Field; 2] = [text("problem_code", 60), long_text("problem_detail", 2000)];

const TASK_ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            // One that runs already belongs to a process that died: whoever holds its job goes on.
            TaskStatus::Queued | TaskStatus::Running => Some(TaskStatus::Running),
            TaskStatus::Done | TaskStatus::Dead | TaskStatus::Discarded => None,
        })
    })
    .internal()
    .decide(started),
    transition("finish", "status", &PROBLEM, |state| {
        moved(state, |status| match status {
            TaskStatus::Running => Some(TaskStatus::Done),
            TaskStatus::Queued | TaskStatus::Done | TaskStatus::Dead | TaskStatus::Discarded => None,
        })
    })
    .internal()
    .stamps(&["finished_at"])
    .decide(not_waiting),
    transition(
        "wait",
        "status",
        &[
            PROBLEM[0],
            PROBLEM[1],
            instant("next_at"),
            integer("attempts", 0, MOST),
            integer("throttled", 0, MOST),
        ],
        |state| {
            moved(state, |status| match status {
                TaskStatus::Queued | TaskStatus::Running => Some(TaskStatus::Queued),
                TaskStatus::Done | TaskStatus::Dead | TaskStatus::Discarded => None,
            })
        },
    )
    .internal()
    .decide(waiting),
    transition("give_up", "status", &PROBLEM, |state| {
        moved(state, |status| match status {
            TaskStatus::Queued | TaskStatus::Running => Some(TaskStatus::Dead),
            TaskStatus::Done | TaskStatus::Dead | TaskStatus::Discarded => None,
        })
    })
    .internal()
    .stamps(&["finished_at"])
    .decide(not_waiting),
    transition("resend", "status", &[], |state| {
        moved(state, |status| match status {
            TaskStatus::Dead | TaskStatus::Discarded => Some(TaskStatus::Queued),
            TaskStatus::Queued | TaskStatus::Running | TaskStatus::Done => None,
        })
    })
    .decide(anew)
    .stamps(&["next_at"]),
    transition("discard", "status", &[], |state| {
        moved(state, |status| match status {
            TaskStatus::Queued | TaskStatus::Dead => Some(TaskStatus::Discarded),
            TaskStatus::Running | TaskStatus::Done | TaskStatus::Discarded => None,
        })
    })
    .stamps(&["finished_at"])
    .decide(dropped)
    .danger(),
];

#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn started(given: &Given<'_>) -> Decision {
    let attempts = given.record.integer("attempts").unwrap_or_default();
    Ok(Map::from_iter([("attempts".to_owned(), json!(attempts + 1))]))
}

/// What was wrong is what is said now, or nothing.
fn said(given: &Given<'_>) -> Map<String, Json> {
    let fields = ["problem_code", "problem_detail"];
    let said = fields.map(|field| (field.to_owned(), given.input.get(field).clone()));
    said.into_iter().collect()
}

#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn not_waiting(given: &Given<'_>) -> Decision {
    let mut change = said(given);
    change.insert("next_at".to_owned(), Json::Null);
    Ok(change)
}

/// Until a time, or without one for a person.
#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn waiting(given: &Given<'_>) -> Decision {
    let mut change = said(given);
    change.insert("next_at".to_owned(), given.input.get("next_at").clone());
    Ok(change)
}

/// Somebody decided so; what was wrong stays to be read.
#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn dropped(_: &Given<'_>) -> Decision {
    Ok(Map::from_iter([("next_at".to_owned(), Json::Null)]))
}

/// All tries are there again.
#[expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]
fn anew(_: &Given<'_>) -> Decision {
    Ok(Map::from_iter([
        ("attempts".to_owned(), json!(0)),
        ("throttled".to_owned(), json!(0)),
        ("finished_at".to_owned(), Json::Null),
        ("problem_code".to_owned(), Json::Null),
        ("problem_detail".to_owned(), Json::Null),
    ]))
}
