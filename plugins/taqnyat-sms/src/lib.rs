//! Text messages through Taqnyat.

mod answers;

use barq_plugin::http::{self, Request};
use barq_plugin::{CallContext, Failure, Health, Lifecycle, Result, SmsGateway, SmsMessage, SmsResult, settings};
use barq_plugin_common::sms::{Outgoing, send_each};
use serde::Deserialize;
use serde_json::json;

/// The name of the secret in the manifest.
const TOKEN: &str = "token";

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    sender: String,
    max_parts: u32,
}

struct Taqnyat;

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim().trim_end_matches('/'))
    }

    fn request(&self, one: &Outgoing) -> Request {
        http::post(self.url("/v1/messages")).bearer(TOKEN).json(&json!({
            "sender": one.sender(&self.sender),
            "recipients": [one.to.digits()],
            "body": one.message.body,
        }))
    }
}

impl Lifecycle for Taqnyat {
    fn check(_: &CallContext) -> Result<Health> {
        let answer = http::get(Settings::load()?.url("/account/balance"))
            .bearer(TOKEN)
            .send()?
            .success()?;
        let health = answers::health(answer.bytes());
        health.ok_or_else(|| Failure::transient("bad_reply", "Taqnyat's answer cannot be read."))
    }
}

impl SmsGateway for Taqnyat {
    fn send(ctx: &CallContext, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>> {
        let settings = Settings::load()?;
        let read = |one: &Outgoing, status, body: &[u8]| {
            let result = answers::read(one, status, body)?;
            Some(SmsResult {
                segments: result.segments.or(Some(one.parts)),
                ..result
            })
        };
        send_each(messages, ctx.now, settings.max_parts, |one| settings.request(one), read)
    }
}

barq_plugin::export!(Taqnyat: lifecycle, sms_gateway);
