//! Text messages through Twilio.

mod answers;

use barq_plugin::http::{self, Request};
use barq_plugin::secrets::{self, Mac};
use barq_plugin::{
    CallContext, DeliveryReport, Failure, Health, Inbound, Lifecycle, Result, SmsGateway, SmsMessage, SmsRef,
    SmsResult, settings,
};
use barq_plugin_common::sms::{Outgoing, send_each};
use barq_plugin_common::value::text;
use serde::Deserialize;
use serde_json::Value;

/// Names of the secrets in the manifest.
const KEY_SID: &str = "key_sid";
const KEY_SECRET: &str = "key_secret";
const AUTH_TOKEN: &str = "auth_token";
/// Requests of one call that may be under way at once.
const AT_ONCE: usize = 16;

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    account_sid: String,
    sender: String,
    max_parts: u32,
    #[serde(default)]
    status_callback: String,
}

struct Twilio;

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    fn url(&self, path: &str) -> String {
        let base = self.base_url.trim().trim_end_matches('/');
        format!("{base}/2010-04-01/Accounts/{}{path}.json", self.account_sid.trim())
    }

    fn request(&self, one: &Outgoing) -> Request {
        let sender = one.sender(&self.sender);
        // A messaging service has an id of its own kind.
        let from = if sender.starts_with("MG") && sender.len() == 34 {
            "MessagingServiceSid"
        } else {
            "From"
        };
        let request = http::post(self.url("/Messages")).basic(KEY_SID, KEY_SECRET).form(&[
            (from, sender),
            ("To", one.to.e164()),
            ("Body", &one.message.body),
        ]);
        match self.status_callback.trim() {
            "" => request,
            address => request.form(&[("StatusCallback", address)]),
        }
    }
}

impl Lifecycle for Twilio {
    fn check(_: &CallContext) -> Result<Health> {
        let answer: Value = http::get(Settings::load()?.url(""))
            .basic(KEY_SID, KEY_SECRET)
            .send_json()?;
        Ok(match text(&answer, &["status"]).as_deref() {
            Some("active") => Health::Ok,
            status => Health::Degraded(format!("The account is {}.", status.unwrap_or("of unknown status"))),
        })
    }
}

impl SmsGateway for Twilio {
    fn send(ctx: &CallContext, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>> {
        let settings = Settings::load()?;
        let read = |one: &Outgoing, status, body: &[u8]| {
            let result = answers::read(one.id(), status, body)?;
            Some(SmsResult {
                segments: result.segments.or(Some(one.parts)),
                ..result
            })
        };
        send_each(messages, ctx.now, settings.max_parts, |one| settings.request(one), read)
    }

    fn report(_: &CallContext, message: Inbound) -> Result<Vec<DeliveryReport>> {
        let fields = message.form()?;
        let tag = message.header("x-twilio-signature").and_then(answers::unbase64);
        let signed = answers::signed_text(&message.address, &fields);
        let good = match tag {
            Some(tag) => secrets::verify(AUTH_TOKEN, Mac::HmacSha1, signed.as_bytes(), &tag)?,
            None => false,
        };
        if !good {
            return Err(Inbound::bad_signature());
        }
        let report = answers::report(&fields);
        let report =
            report.ok_or_else(|| Failure::permanent("bad_message", "The callback names no message or no status."))?;
        Ok(vec![report])
    }

    fn query(_: &CallContext, messages: Vec<SmsRef>) -> Result<Vec<DeliveryReport>> {
        let settings = Settings::load()?;
        let known: Vec<_> = messages
            .iter()
            .filter_map(|one| Some((one, one.provider_ref.as_ref()?)))
            .take(AT_ONCE)
            .collect();
        let request = |(_, sid): &(&SmsRef, &String)| {
            http::get(settings.url(&format!("/Messages/{sid}"))).basic(KEY_SID, KEY_SECRET)
        };
        let answers = Request::send_all(known.iter().map(request).collect());
        let mut reports = Vec::new();
        for ((one, _), answer) in known.iter().zip(answers) {
            let answer = answer?;
            if answer.status() == 404 {
                continue;
            }
            reports.extend(answers::message(&one.message_id, answer.success()?.bytes()));
        }
        Ok(reports)
    }
}

barq_plugin::export!(Twilio: lifecycle, sms_gateway);
