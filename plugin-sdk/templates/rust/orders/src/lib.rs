//! Orders of a delivery platform that sends signed messages and wants to be told of progress.

mod messages;

use barq_plugin::time::Zone;
use barq_plugin::{
    CallContext, Failure, Health, Inbound, Lifecycle, NoticeResult, OrderNews, OrderSource, Result, StatusNotice, http,
    secrets, settings,
};
use serde::Deserialize;
use serde_json::json;

use messages::Message;

/// The secret of `plugin.toml`. The plugin names it; the platform puts the value into the request.
const API_KEY: &str = "api_key";
/// Requests one call may make. Notices without a result are handed over again.
const REQUESTS: usize = 32;

#[derive(Deserialize)]
struct Settings {
    base_url: String,
}

struct Plugin;

impl Lifecycle for Plugin {
    fn check(_: &CallContext) -> Result<Health> {
        Ok(match secrets::is_set("webhook_key") {
            true => Health::Ok,
            false => Health::Degraded("Messages are refused until their key is set.".to_owned()),
        })
    }
}

impl OrderSource for Plugin {
    /// The platform's signature was checked before this is called.
    fn event(ctx: &CallContext, message: Inbound) -> Result<OrderNews> {
        let zone = Zone::named(&ctx.time_zone)
            .ok_or_else(|| Failure::config("time_zone", "The organization's time zone is not known here."))?;
        Ok(message.json::<Message>()?.read(zone)?.into())
    }

    fn push_status(ctx: &CallContext, notices: Vec<StatusNotice>) -> Result<Vec<NoticeResult>> {
        let settings: Settings = settings::all()?;
        let base_url = settings.base_url.trim_end_matches('/');
        Ok(notices.iter().take(REQUESTS).map(|notice| tell(ctx, base_url, notice)).collect())
    }
}

fn tell(ctx: &CallContext, base_url: &str, notice: &StatusNotice) -> NoticeResult {
    let id = &notice.notice_id;
    let Some(word) = messages::word(notice.status) else {
        return NoticeResult::skipped(id, "The platform has no word for this status.");
    };
    let told = http::post(format!("{base_url}/orders/{}/status", notice.external_id))
        .bearer(API_KEY)
        .idempotent(ctx, id)
        .json(&json!({ "status": word }))
        .send()
        .and_then(http::Response::success);
    match told {
        Ok(_) => NoticeResult::done(id),
        Err(failure) => NoticeResult::failed(id, failure),
    }
}

barq_plugin::export!(Plugin: lifecycle, order_source);
