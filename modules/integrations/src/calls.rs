//! Calls of plugins as they were, and what installations used in a day.

use platform_resource::{Field, Resource, Verb, boolean, choice, date, instant, integer, long_text, reference, text};

const BY_CODE: &[Verb] = &[Verb::Create, Verb::Update, Verb::Delete, Verb::Import];
const MOST: i64 = 9_007_199_254_740_991;

/// Calls.
pub static PLUGIN_CALLS: Resource = Resource::new("integrations", "plugin_calls", CALL)
    .title(&["handler"])
    .without(BY_CODE);

/// Use by day.
pub static PLUGIN_USAGE_DAYS: Resource = Resource::new("integrations", "plugin_usage_days", USAGE)
    .title(&["used_on"])
    .sort("-used_on")
    .without(BY_CODE);

const fn count(name: &'static str) -> Field {
    integer(name, 0, MOST).required().read_only().default("0")
}

const CALL: &[Field] = &[
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .list(),
    reference("task_id", "integrations.plugin_tasks").read_only().filter(),
    reference("run_id", "integrations.runs").read_only().filter(),
    text("plugin", 60).required().read_only().search().list(),
    text("plugin_version", 20).required().read_only(),
    text("component_digest", 64).required().read_only(),
    text("handler", 160).required().read_only().search().list(),
    count("attempt"),
    choice("outcome", &["ok", "failure", "fault"])
        .required()
        .read_only()
        .filter()
        .list(),
    text("problem_code", 60).read_only().filter().list().group("problem"),
    long_text("problem_detail", 2000).read_only().group("problem"),
    instant("started_at").required().read_only().filter().list(),
    count("wall_us").unit("µs").list().group("usage"),
    count("guest_us").unit("µs").group("usage"),
    integer("fuel_used", 0, MOST).read_only().group("usage"),
    count("memory_peak_bytes").unit("B").group("usage"),
    count("host_calls").group("usage"),
    count("http_calls").list().group("usage"),
    count("records").list().group("usage"),
    text("output_digest", 64).read_only().group("replay"),
    instant("replayed_at").read_only().group("replay"),
    boolean("replay_equal").read_only().group("replay"),
];

const USAGE: &[Field] = &[
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .list(),
    date("used_on").required().read_only().filter().list(),
    count("calls").list(),
    count("failures").list(),
    count("throttled"),
    count("guest_us").unit("µs").list(),
    count("wall_us").unit("µs"),
    count("http_calls").list(),
    count("records").list(),
];
