//! Text messages through Unifonic.

mod answers;

use barq_plugin::http::{self, Request};
use barq_plugin::{
    CallContext, DeliveryReport, Failure, Health, Inbound, Lifecycle, Result, SmsGateway, SmsKind, SmsMessage,
    SmsResult, settings,
};
use barq_plugin_common::sms::{Outgoing, send_each};
use barq_plugin_common::value::text_of;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The name of the secret in the manifest.
const APP_SID: &str = "app_sid";

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    sender: String,
    max_parts: u32,
    /// Whether to name the class of traffic, as the Kingdom's rules want it for accounts that are set up so.
    message_types: bool,
}

struct Unifonic;

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    fn post(&self) -> Request {
        http::post(format!(
            "{}/rest/SMS/messages",
            self.base_url.trim().trim_end_matches('/')
        ))
        .header("accept", "application/json")
        .form_secret("AppSid", APP_SID)
        .form(&[("responseType", "JSON")])
    }

    fn request(&self, one: &Outgoing) -> Request {
        let request = self.post().form(&[
            ("SenderID", one.sender(&self.sender)),
            ("Recipient", one.to.digits()),
            ("Body", &one.message.body),
            ("CorrelationID", one.id()),
            ("async", "false"),
        ]);
        if !self.message_types {
            return request;
        }
        let class = match one.message.kind {
            SmsKind::Marketing => "5",
            SmsKind::OneTimePassword | SmsKind::Transactional | SmsKind::Other => "3",
        };
        request.form(&[("MessageType", class)])
    }
}

impl Lifecycle for Unifonic {
    /// There is no call that only proves the account: a message without number and text is refused for that reason, and for
    /// the account's if that is wrong. It is never sent.
    fn check(_: &CallContext) -> Result<Health> {
        let settings = Settings::load()?;
        let answer = settings.post().form(&[("SenderID", &settings.sender)]).send()?;
        match answers::read("", false, answer.status(), answer.bytes()).and_then(|result| result.failure) {
            Some(failure) if ["bad_number", "bad_text", "provider_refused"].contains(&failure.code.as_str()) => {
                Ok(Health::Ok)
            }
            Some(failure) if failure.code == "no_balance" => Ok(Health::Degraded(failure.message)),
            Some(failure) => Err(failure),
            None => answer.success().and(Err(Failure::transient(
                "bad_reply",
                "Unifonic's answer cannot be read.",
            ))),
        }
    }
}

impl SmsGateway for Unifonic {
    fn send(ctx: &CallContext, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>> {
        let settings = Settings::load()?;
        let read = |one: &Outgoing, status, body: &[u8]| {
            let result = answers::read(one.id(), ctx.attempt > 1, status, body)?;
            Some(SmsResult {
                segments: result.segments.or(Some(one.parts)),
                ..result
            })
        };
        send_each(messages, ctx.now, settings.max_parts, |one| settings.request(one), read)
    }

    fn report(_: &CallContext, message: Inbound) -> Result<Vec<DeliveryReport>> {
        let mut fields = message.query.clone();
        match message.json::<Map<String, Value>>() {
            Ok(object) => fields.extend(
                object
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), text_of(value)?))),
            ),
            Err(_) => fields.extend(message.form()?),
        }
        let report = answers::report(&fields);
        let report =
            report.ok_or_else(|| Failure::permanent("bad_message", "The report names no message or no status."))?;
        Ok(vec![report])
    }
}

barq_plugin::export!(Unifonic: lifecycle, sms_gateway);
