//! How a member wants to see and hear things. The row without a member holds the organization's defaults.

use chrono_tz::Tz;
use platform_resource::{Field, Record, Resource, Violation, boolean, choice, integer, member, reference, text, time};

/// Preferences of members.
pub static USER_PREFERENCES: Resource = Resource::new("admin", "user_preferences", FIELDS)
    .title(&["display_name"])
    .check(check);

const FIELDS: &[Field] = &[
    text("display_name", 200).search().list(),
    member("member").unique().create_only().filter().list(),
    choice("language", &["en", "ar"])
        .required()
        .default("en")
        .filter()
        .list(),
    choice("theme", &["system", "light", "dark"])
        .required()
        .default("system")
        .list(),
    text("time_zone", 64).example("Asia/Riyadh").group("formats"),
    choice("date_format", &["iso", "day_first", "month_first"])
        .required()
        .default("iso")
        .group("formats"),
    choice("digits", &["latin", "arabic"])
        .required()
        .default("latin")
        .group("formats"),
    choice("calendar", &["gregorian", "umalqura"])
        .required()
        .default("gregorian")
        .group("formats"),
    integer("page_size", 10, 100).required().default("50").example("50"),
    reference("dashboard_id", "analytics.dashboards"),
    boolean("notify_in_app")
        .required()
        .default("true")
        .group("notifications"),
    boolean("notify_by_email")
        .required()
        .default("true")
        .group("notifications"),
    boolean("notify_by_sms")
        .required()
        .default("false")
        .group("notifications"),
    boolean("notify_by_push")
        .required()
        .default("true")
        .group("notifications"),
    time("quiet_from").group("notifications"),
    time("quiet_until").example("09:00").group("notifications"),
];

/// A time zone that exists, and quiet hours with both ends. They may pass midnight.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.text("time_zone").is_some_and(|name| name.parse::<Tz>().is_err()) {
        violations.push(Violation::new("time_zone", "unknown_time_zone"));
    }
    match (after.text("quiet_from"), after.text("quiet_until")) {
        (Some(from), Some(until)) if from == until => violations.push(Violation::new("quiet_until", "no_time_between")),
        (Some(_), None) => violations.push(Violation::new("quiet_until", "required")),
        (None, Some(_)) => violations.push(Violation::new("quiet_from", "required")),
        (Some(_), Some(_)) | (None, None) => {}
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn zones_and_quiet_hours() {
        breaks(
            check,
            &[
                (
                    json!({"time_zone": "Asia/Riyadh", "quiet_from": "22:00", "quiet_until": "06:00"}),
                    "",
                ),
                (json!({"time_zone": "Asia/Atlantis"}), "time_zone unknown_time_zone"),
                (json!({"quiet_from": "22:00"}), "quiet_until required"),
                (json!({"quiet_until": "06:00"}), "quiet_from required"),
                (
                    json!({"quiet_from": "06:00", "quiet_until": "06:00"}),
                    "quiet_until no_time_between",
                ),
            ],
        );
    }
}
