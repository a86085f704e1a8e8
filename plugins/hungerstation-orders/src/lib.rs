//! Orders of HungerStation, and the answers to them.

mod messages;

use barq_plugin::http::Request;
use barq_plugin::{
    CallContext, Failure, Health, Inbound, Lifecycle, NoticeResult, OrderNews, OrderSource, Result, StatusNotice, http,
    settings,
};
use barq_plugin_common::login::with_token;
use barq_plugin_common::moments::rfc3339;
use barq_plugin_common::notices::{Word, tell_each};
use serde::Deserialize;
use serde_json::json;

use messages::Step;

/// Names of the secrets in the manifest.
const TOKEN: &str = "access_token";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
/// One call may make 32 requests; two are kept for a login in the middle.
const NOTICES_A_CALL: usize = 30;

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    reject_reason: String,
}

struct HungerStation;

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim().trim_end_matches('/'))
    }

    fn login(&self) -> Result<()> {
        http::post(self.url("/v2/login"))
            .form(&[("grant_type", "client_credentials")])
            .form_secret("username", USERNAME)
            .form_secret("password", PASSWORD)
            .capture(TOKEN, "/access_token", None)
            .send()?
            .success()?;
        Ok(())
    }

    /// The addresses an order names for its answers are not used: a message decides no address.
    fn request(&self, notice: &StatusNotice, step: Step) -> Request {
        let order = &notice.external_id;
        let request = match step {
            Step::Prepared => {
                http::post(self.url(&format!("/v2/orders/{order}/preparation-completed"))).json(&json!({}))
            }
            Step::Status(word) => {
                let mut body = json!({"status": word});
                match word {
                    "order_accepted" => {
                        body["acceptanceTime"] = json!(rfc3339(notice.at));
                        body["remoteOrderId"] = json!(order);
                    }
                    "order_rejected" => body["reason"] = json!(self.reject_reason),
                    _ => {}
                }
                http::post(self.url(&format!("/v2/order/status/{order}"))).json(&body)
            }
        };
        request.bearer(TOKEN)
    }

    fn tell(&self, notice: &StatusNotice, step: Step) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if notice.external_id.is_empty() || !notice.external_id.chars().all(plain) {
            return Err(Failure::permanent(
                "unknown_order",
                "The order's token cannot be part of an address.",
            ));
        }
        let answer = with_token(TOKEN, || self.login(), || self.request(notice, step));
        answer.map(|_| ()).map_err(|failure| match failure.code.as_str() {
            "provider_refused" => Failure::permanent(
                "order_refused",
                "HungerStation does not take this status of this order.",
            ),
            _ => failure,
        })
    }
}

impl Lifecycle for HungerStation {
    fn check(_: &CallContext) -> Result<Health> {
        Settings::load()?.login()?;
        Ok(Health::Ok)
    }
}

impl OrderSource for HungerStation {
    fn event(ctx: &CallContext, message: Inbound) -> Result<OrderNews> {
        messages::news(&message.body, message.received_at, &ctx.currency)
    }

    fn push_status(_: &CallContext, notices: Vec<StatusNotice>) -> Result<Vec<NoticeResult>> {
        let settings = Settings::load()?;
        let word = |notice: &StatusNotice| match messages::step(notice.status) {
            Some(step) => Word::Say(step),
            None => Word::Nothing("HungerStation takes accepted, ready, picked up and cancelled.".to_owned()),
        };
        tell_each(&notices, NOTICES_A_CALL, word, |notice, step| {
            settings.tell(notice, step)
        })
    }
}

barq_plugin::export!(HungerStation: lifecycle, order_source);
