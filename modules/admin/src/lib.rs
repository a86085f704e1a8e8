//! What an organization's administrators keep: settings, connections, webhooks, records of backups, words of mails,
//! preferences, notifications, announcements and the subscription.

mod backups;
mod connections;
pub mod demo;
mod email_templates;
mod notifications;
mod plugin_notices;
mod subscriptions;
mod system_settings;
#[cfg(test)]
mod testing;
mod trial;
mod user_preferences;
mod webhooks;

pub use backups::BACKUPS;
pub use connections::CONNECTIONS;
pub use email_templates::EMAIL_TEMPLATES;
pub use notifications::{ANNOUNCEMENTS, NOTIFICATIONS};
use platform_core::{Effect, Module, Schedule, Sink, When};
use platform_resource::Resource;
pub use subscriptions::SUBSCRIPTIONS;
pub use system_settings::SYSTEM_SETTINGS;
pub use user_preferences::USER_PREFERENCES;
pub use webhooks::{WEBHOOK_DELIVERIES, WEBHOOKS};

static RESOURCES: &[&Resource] = &[
    &SYSTEM_SETTINGS,
    &CONNECTIONS,
    &BACKUPS,
    &WEBHOOKS,
    &WEBHOOK_DELIVERIES,
    &EMAIL_TEMPLATES,
    &USER_PREFERENCES,
    &NOTIFICATIONS,
    &ANNOUNCEMENTS,
    &SUBSCRIPTIONS,
];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    backups::PINNED,
    trial::TRIALS,
    trial::TO_TELL,
    demo::MEMBERS,
    plugin_notices::TO_TELL,
];

static EFFECTS: &[Effect] = &[Effect {
    on: "admin.backups.deleted",
    run: |cx, event| Box::pin(backups::deleted(cx, event)),
}];

static SCHEDULES: &[Schedule] = &[Schedule {
    name: "admin.trial_end",
    when: When::Daily("06:00"),
    run: |cx| Box::pin(trial::trial_end(cx)),
}];

/// Announcements are for everybody to read; the rest is for administrators.
const GRANTS: &[(&str, &[&str])] = &[
    ("fleet_manager", &["announcements.read"]),
    ("hr_manager", &["announcements.*"]),
    (
        "finance",
        &["announcements.read", "subscriptions.read", "subscriptions.read_price"],
    ),
    ("dispatcher", &["announcements.read"]),
    ("support_agent", &["announcements.read", "email_templates.read"]),
    ("courier", &["announcements.read"]),
];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "admin",
        resources: RESOURCES,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        effects: EFFECTS,
        schedules: SCHEDULES,
        sinks: vec![Sink {
            effect: "notices",
            store: |cx, source| Box::pin(plugin_notices::store(cx, source)),
        }],
        ..Module::default()
    }
}
