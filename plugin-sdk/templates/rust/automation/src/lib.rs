//! Reacts to events, runs once a day, and takes requests from outside.

use barq_plugin::{
    CallContext, Effect, Event, Events, Handled, Health, Inbound, Lifecycle, Notice, Reply, Result, Schedule, Severity,
    Webhook, Words, kv,
};
use serde::Deserialize;
use serde_json::json;

/// Where the count of new vehicles is kept.
const ADDED: &str = "added";

struct Plugin;

impl Lifecycle for Plugin {
    fn check(_: &CallContext) -> Result<Health> {
        Ok(Health::Ok)
    }
}

impl Events for Plugin {
    /// An event may come twice with the same id; what is kept for a day tells whether it was counted.
    fn handle(_: &CallContext, event: Event) -> Result<Vec<Effect>> {
        let seen = format!("seen/{}", event.event_id);
        if kv::get::<bool>(&seen)?.is_none() {
            let added: u32 = kv::get(ADDED)?.unwrap_or(0);
            kv::set(ADDED, &(added + 1))?;
            kv::set_for(&seen, &true, 86_400)?;
        }
        Ok(Vec::new())
    }
}

impl Schedule for Plugin {
    fn run(_: &CallContext, _: &str, _: i64) -> Result<Vec<Effect>> {
        let added: u32 = kv::get(ADDED)?.unwrap_or(0);
        if added == 0 {
            return Ok(Vec::new());
        }
        kv::delete(ADDED)?;
        let title = Words::new("New vehicles", "مركبات جديدة");
        let body = Words::new(format!("{added} were added."), format!("أضيفت {added}."));
        Ok(vec![Notice::new(Severity::Info, title, body).into()])
    }
}

#[derive(Deserialize)]
struct Alert {
    text: String,
}

impl Webhook for Plugin {
    /// The signature was checked and the request stored before this is called.
    fn receive(_: &CallContext, request: Inbound) -> Result<Handled> {
        let alert: Alert = request.json()?;
        let title = Words::new("Alert", "تنبيه");
        let body = Words::new(&*alert.text, &*alert.text);
        Ok(Handled {
            reply: Some(Reply::json(200, &json!({ "received": true }))),
            effects: vec![Notice::new(Severity::Warning, title, body).into()],
        })
    }
}

barq_plugin::export!(Plugin: lifecycle, events, schedule, webhook);
