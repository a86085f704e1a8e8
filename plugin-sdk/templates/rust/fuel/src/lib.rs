//! Fuel transactions of a provider that answers pages of JSON.

mod rows;

use barq_plugin::time::Zone;
use barq_plugin::{CallContext, Failure, FuelPage, FuelSource, Health, Lifecycle, Result, http, log, settings};
use serde::Deserialize;

use rows::Page;

/// The secret of `plugin.toml`. The plugin names it; the platform puts the value into the request.
const API_KEY: &str = "api_key";

#[derive(Deserialize)]
struct Settings {
    base_url: String,
}

struct Plugin;

fn request(path: &str) -> Result<http::Request> {
    let settings: Settings = settings::all()?;
    Ok(http::get(format!("{}{path}", settings.base_url.trim_end_matches('/'))).bearer(API_KEY))
}

impl Lifecycle for Plugin {
    fn check(_: &CallContext) -> Result<Health> {
        request("/account")?.send()?.success()?;
        Ok(Health::Ok)
    }
}

impl FuelSource for Plugin {
    /// One page. The platform stores it together with the cursor and calls again while `more` is true.
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage> {
        let zone = Zone::named(&ctx.time_zone)
            .ok_or_else(|| Failure::config("time_zone", "The organization's time zone is not known here."))?;
        let request = request("/transactions")?;
        let request = match cursor {
            Some(cursor) => request.query("after", cursor),
            None => request.query("since_ms", since),
        };
        let page: Page = request.send_json()?;
        let (mut transactions, mut unreadable) = (Vec::new(), Vec::new());
        for row in page.rows {
            match row.read(zone) {
                Ok(transaction) => transactions.push(transaction),
                Err(row) => unreadable.push(row),
            }
        }
        log::info("Read a page", &[("rows", &transactions.len()), ("unreadable", &unreadable.len())]);
        Ok(FuelPage {
            transactions,
            unreadable,
            more: page.next.is_some(),
            cursor: page.next.or_else(|| cursor.map(str::to_owned)),
        })
    }
}

barq_plugin::export!(Plugin: lifecycle, fuel_source);
