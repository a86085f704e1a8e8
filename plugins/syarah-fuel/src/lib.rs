//! Fuel card transactions from PetroApp-shaped APIs, and from JSON or CSV of any provider through a mapping.
//!
//! One call is one page. The cursor says where the next call continues, so a run that was interrupted loses nothing; a
//! finished period is read again a few days back, because bills arrive and change late. What a page means is worked out
//! without I/O (`mapping`, `paging`, `reply`, `rows`), so it is tested without a host.

mod mapping;
mod reply;
mod rows;
mod settings;

use barq_plugin::http::{self, Request};
use barq_plugin::time::{Date, Zone};
use barq_plugin::{CallContext, FuelPage, FuelSource, Health, Lifecycle, Result, log};
use barq_plugin_common::paging::{Cursor, Position};

use reply::Reply;
use settings::{Auth, Mode, Settings};

/// The name of the secret in the manifest.
const API_KEY: &str = "api_key";
/// Rows of one answer: a larger file is returned in parts.
const ROWS_PER_CALL: usize = 2_000;

struct FuelCards;

impl Lifecycle for FuelCards {
    fn check(ctx: &CallContext) -> Result<Health> {
        let settings = Settings::load()?;
        let today = Date::at(ctx.now, settings.zone()?);
        let position = Position {
            from: today.plus_days(-settings.overlap_days),
            to: today,
            page: 1,
            row: 0,
        };
        let page = read(&settings, &fetch(&settings, position)?, 0)?;
        Ok(match page.unreadable.first() {
            Some(row) => Health::Degraded(format!(
                "{} of {} rows cannot be read: {} {}",
                page.unreadable.len(),
                page.rows,
                row.field,
                row.reason
            )),
            None => Health::Ok,
        })
    }
}

impl FuelSource for FuelCards {
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage> {
        let settings = Settings::load()?;
        let zone = settings.zone()?;
        let (since, today) = (Date::at(since, zone), Date::at(ctx.now, zone));
        let cursor = Cursor::resume(cursor, since, today, settings.overlap_days)?;
        let position = cursor.position();
        let reply = fetch(&settings, position)?;
        let page = read(&settings, &reply, position.row)?;
        log::info(
            "Read a page",
            &[
                ("from", &position.from),
                ("to", &position.to),
                ("page", &position.page),
                ("rows", &page.rows),
                ("unreadable", &page.unreadable.len()),
            ],
        );
        let next = cursor.advance(&reply.answer(), page.rest, today, settings.page_limit)?;
        Ok(FuelPage {
            transactions: page.transactions,
            unreadable: page.unreadable,
            cursor: Some(next.cursor.to_text()),
            more: next.more,
        })
    }
}

barq_plugin::export!(FuelCards: lifecycle, fuel_source);

/// Asks the provider for one page.
fn fetch(settings: &Settings, at: Position) -> Result<Reply> {
    // Settings are judged before anything is asked of the provider.
    let mapping = settings.mapping()?;
    let request = match settings.mode {
        Mode::Petroapp => http::get(format!("{}/bills", settings.base_url()))
            .header("ws-version", "v2.0")
            .query("from", at.from)
            .query("to", at.to)
            .query("lang", "en")
            .query("page", at.page),
        Mode::Json | Mode::Csv => http::get(settings.url(at)?),
    };
    let response = authorized(request, settings.auth)
        .header("accept", settings.mode.accepts())
        .send()?
        .success()?;
    Reply::parse(settings.mode, &mapping, response.bytes())
}

fn authorized(request: Request, auth: Auth) -> Request {
    match auth {
        Auth::Bearer => request.bearer(API_KEY),
        Auth::WsSk => request.header_secret("ws-sk", "", API_KEY),
        Auth::XApiKey => request.header_secret("x-api-key", "", API_KEY),
        Auth::None => request,
    }
}

fn read(settings: &Settings, reply: &Reply, from_row: usize) -> Result<rows::Page> {
    let zone: Zone = settings.zone()?;
    rows::read(
        &reply.rows,
        from_row,
        ROWS_PER_CALL,
        &settings.mapping()?,
        settings.separator,
        &settings.currency,
        zone,
    )
}
