//! Fuel card transactions of PetroApp. One call is one page; the cursor says where the next call continues, and a finished
//! period is read again a few days back, because bills arrive and change late.

mod bills;

use barq_plugin::http::{self, Request, Response};
use barq_plugin::time::{Date, Zone};
use barq_plugin::{CallContext, Failure, FuelPage, FuelSource, Health, Lifecycle, Result, log, settings};
use barq_plugin_common::login::with_token;
use barq_plugin_common::paging::{Cursor, Position};
use serde::Deserialize;

/// Names of the secrets in the manifest.
const API_KEY: &str = "api_key";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
const LOGIN_KEY: &str = "login_key";

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auth {
    Bearer,
    WsSk,
    Login,
}

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    auth: Auth,
    page_limit: u32,
    overlap_days: i64,
}

struct PetroApp;

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base_url.trim().trim_end_matches('/'))
    }

    fn login(&self) -> Result<()> {
        http::post(self.url("get_apiKey"))
            .header("ws-version", "v2.0")
            .form_secret("username", USERNAME)
            .form_secret("password", PASSWORD)
            .capture(LOGIN_KEY, "/data/api_key", None)
            .send()?
            .success()?;
        Ok(())
    }

    fn send(&self, request: impl Fn() -> Request) -> Result<Response> {
        let request = || {
            request()
                .header("ws-version", "v2.0")
                .header("accept", "application/json")
        };
        match self.auth {
            Auth::Bearer => request().bearer(API_KEY).send()?.success(),
            Auth::WsSk => request().header_secret("ws-sk", "", API_KEY).send()?.success(),
            Auth::Login => with_token(LOGIN_KEY, || self.login(), || request().bearer(LOGIN_KEY)),
        }
    }

    fn bills(&self, at: Position) -> Result<bills::Page> {
        let answer = self.send(|| {
            http::get(self.url("bills"))
                .query("from", at.from)
                .query("to", at.to)
                .query("lang", "en")
                .query("page", at.page)
        })?;
        bills::page(answer.bytes())
    }
}

fn day(instant_ms: i64) -> Result<Date> {
    let zone =
        Zone::named(bills::ZONE).ok_or_else(|| Failure::permanent("time_zone", "The zone of PetroApp is unknown."))?;
    Ok(Date::at(instant_ms, zone))
}

impl Lifecycle for PetroApp {
    fn check(_: &CallContext) -> Result<Health> {
        let settings = Settings::load()?;
        let answer = settings.send(|| http::get(settings.url("vehicles")).query("page", 1))?;
        Ok(match bills::vehicles(answer.bytes())? {
            0 => Health::Degraded("The key is good, but the account has no vehicles.".to_owned()),
            _ => Health::Ok,
        })
    }
}

impl FuelSource for PetroApp {
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage> {
        let settings = Settings::load()?;
        let today = day(ctx.now)?;
        let cursor = Cursor::resume(cursor, day(since)?, today, settings.overlap_days)?;
        let at = cursor.position();
        let page = settings.bills(at)?;
        log::info(
            "Read a page",
            &[
                ("from", &at.from),
                ("to", &at.to),
                ("page", &at.page),
                ("rows", &page.answer.rows),
            ],
        );
        let next = cursor.advance(&page.answer, 0, today, settings.page_limit)?;
        Ok(FuelPage {
            transactions: page.transactions,
            unreadable: page.unreadable,
            cursor: Some(next.cursor.to_text()),
            more: next.more,
        })
    }
}

barq_plugin::export!(PetroApp: lifecycle, fuel_source);
