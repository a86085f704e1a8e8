//! Text messages through a gateway that takes one at a time as JSON, with a key in `Authorization: Bearer`.

mod gateway;

use barq_plugin::{
    CallContext, Failure, Health, Lifecycle, Phone, Result, SmsGateway, SmsMessage, SmsResult, http, log, settings,
};
use serde::Deserialize;

/// The secret of `plugin.toml`. The plugin names it; the platform puts the value into the request.
const API_KEY: &str = "api_key";
/// Requests one call may make. Messages without a result are handed over again.
const REQUESTS: usize = 32;

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    sender: String,
}

impl Settings {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim_end_matches('/'))
    }
}

struct Plugin;

impl Lifecycle for Plugin {
    fn check(_: &CallContext) -> Result<Health> {
        let settings: Settings = settings::all()?;
        http::get(settings.url(gateway::ACCOUNT)).bearer(API_KEY).send()?.success()?;
        Ok(Health::Ok)
    }
}

impl SmsGateway for Plugin {
    fn send(ctx: &CallContext, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>> {
        let settings: Settings = settings::all()?;
        let results: Vec<_> = messages.iter().take(REQUESTS).map(|message| send(ctx, &settings, message)).collect();
        log::info("Sent messages", &[("messages", &results.len())]);
        Ok(results)
    }
}

/// A failure of one message leaves the others alone.
fn send(ctx: &CallContext, settings: &Settings, message: &SmsMessage) -> SmsResult {
    let id = &message.message_id;
    let Some(to) = Phone::parse(&message.to) else {
        return SmsResult::refused(id, Failure::permanent("bad_number", "The number cannot receive messages."));
    };
    let sender = message.sender_name.as_deref().unwrap_or(&settings.sender);
    let answer = http::post(settings.url(gateway::SEND))
        .bearer(API_KEY)
        .idempotent(ctx, id)
        .json(&gateway::request(message, &to, sender))
        .send()
        .and_then(http::Response::success);
    match answer {
        Ok(answer) => gateway::result(message, answer.bytes()),
        Err(failure) => SmsResult::refused(id, failure),
    }
}

barq_plugin::export!(Plugin: lifecycle, sms_gateway);
