//! Orders of Jahez, and the answers to them.

mod messages;

use barq_plugin::{
    CallContext, Failure, Health, Inbound, Lifecycle, NoticeResult, OrderNews, OrderSource, Result, StatusNotice, http,
    settings,
};
use barq_plugin_common::login::with_token;
use barq_plugin_common::notices::{Word, tell_each};
use serde::Deserialize;
use serde_json::json;

/// Names of the secrets in the manifest.
const API_KEY: &str = "api_key";
const TOKEN: &str = "token";
/// One call may make 32 requests; two are kept for a login in the middle.
const NOTICES_A_CALL: usize = 30;

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    token_at: String,
}

struct Jahez;

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim().trim_end_matches('/'))
    }

    /// The platform keeps the token; nobody says how long it is good.
    fn login(&self) -> Result<()> {
        http::post(self.url("/token"))
            .header_secret("x-api-key", "", API_KEY)
            .json_template(&json!({"secret": "{{secret:secret}}"}))
            .capture(TOKEN, &self.token_at, None)
            .send()?
            .success()?;
        Ok(())
    }

    fn tell(&self, order: &str, letter: &str) -> Result<()> {
        let request = || {
            http::post(self.url("/webhooks/status_update"))
                .header_secret("x-api-key", "", API_KEY)
                .bearer(TOKEN)
                .json(&json!({"jahezOrderId": order, "status": letter}))
        };
        with_token(TOKEN, || self.login(), request)?;
        Ok(())
    }
}

impl Lifecycle for Jahez {
    fn check(_: &CallContext) -> Result<Health> {
        Settings::load()?.login()?;
        Ok(Health::Ok)
    }
}

impl OrderSource for Jahez {
    fn event(_: &CallContext, message: Inbound) -> Result<OrderNews> {
        messages::news(&message.body, message.received_at)
    }

    fn push_status(_: &CallContext, notices: Vec<StatusNotice>) -> Result<Vec<NoticeResult>> {
        let settings = Settings::load()?;
        let word = |notice: &StatusNotice| match messages::letter(notice.status) {
            Some(letter) => Word::Say(letter),
            None => {
                Word::Nothing("Jahez follows its own couriers: it takes accepted, rejected and cancelled.".to_owned())
            }
        };
        tell_each(&notices, NOTICES_A_CALL, word, |notice, letter| {
            settings
                .tell(&notice.external_id, letter)
                .map_err(|failure| match failure.code.as_str() {
                    "provider_refused" => {
                        Failure::permanent("order_refused", "Jahez does not take this status of this order.")
                    }
                    _ => failure,
                })
        })
    }
}

barq_plugin::export!(Jahez: lifecycle, order_source);
