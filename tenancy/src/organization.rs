//! Settings of an organization: how it is called and looks, and in which language, calendar, zone and currency it works. They
//! act on the next request; what they were and who changed them stays readable.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use platform_core::{Cx, Doc, FieldError, Method, Operation, Permit, Problem, Reply, Request, schema_of};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{self, changes, read_name, record};
use crate::store::Offer;

pub(crate) const READ: &str =
    "SELECT name, status, currency, time_zone, locale, calendar, week_start, logo_file_id, plan,
        version, created_at, updated_at
    FROM platform.organizations WHERE organization_id = $1";
pub(crate) const UPDATE: &str =
    "UPDATE platform.organizations SET name = $2, currency = $3, time_zone = $4, locale = $5,
        calendar = $6, week_start = $7, logo_file_id = $8, updated_at = $9, version = version + 1
    WHERE organization_id = $1";
pub(crate) const IS_PICTURE: &str = "SELECT EXISTS (SELECT FROM platform.files WHERE organization_id = $1 AND id = $2
    AND media_type IN ('image/png', 'image/jpeg', 'image/webp') AND size_bytes <= 1048576)";
pub(crate) const HISTORY: &str = "SELECT at, actor_name, verb, changes FROM platform.history
    WHERE organization_id = $1 AND resource = 'tenancy.organization' AND record_id = $2 ORDER BY id DESC LIMIT 100";
/// The copy for choosing one at sign-in.
pub(crate) const RENAME: &str = "UPDATE identity.organizations SET name = $2 WHERE id = $1";
/// Organizations by a part of the name, for the operator.
pub(crate) const BY_NAME: &str = "SELECT id, name FROM identity.organizations
    WHERE strpos(lower(name), lower($1)) > 0 ORDER BY name, id LIMIT 100";

/// What the history of the settings is filed under.
pub(crate) const ORGANIZATION: &str = "tenancy.organization";
/// Currencies of a hundred parts, in which amounts are kept.
const CURRENCIES: [&str; 14] = [
    "AED", "CHF", "EGP", "EUR", "GBP", "INR", "MAD", "PHP", "PKR", "QAR", "SAR", "SYP", "TRY", "USD",
];
const LOCALES: [&str; 2] = ["en", "ar"];
const CALENDARS: [&str; 2] = ["gregorian", "umalqura"];
const WEEK_STARTS: [&str; 3] = ["saturday", "sunday", "monday"];

/// An organization's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Settings {
    id: Uuid,
    name: String,
    /// trial, active, suspended or cancelled; the operator's to change.
    status: String,
    /// free, basic, professional or enterprise; the operator's to change.
    plan: String,
    /// Three letters, as SAR.
    currency: String,
    /// As Asia/Riyadh: where its business days begin.
    time_zone: String,
    /// en or ar.
    locale: String,
    /// gregorian or umalqura.
    calendar: String,
    /// saturday, sunday or monday.
    week_start: String,
    /// A picture among its files.
    logo_file_id: Option<Uuid>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// What changes; everything else stays as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    /// Three letters, as SAR.
    currency: Option<String>,
    /// As Asia/Riyadh.
    time_zone: Option<String>,
    /// en or ar.
    locale: Option<String>,
    /// gregorian or umalqura.
    calendar: Option<String>,
    /// saturday, sunday or monday.
    week_start: Option<String>,
    /// A picture that was uploaded before; null takes the logo away.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<Uuid>")]
    #[expect(clippy::option_option, reason = "null is something else than nothing")]
    logo_file_id: Option<Option<Uuid>>,
}

/// Null is something else than nothing.
#[expect(clippy::option_option, reason = "see above")]
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Uuid>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// One time that the settings changed.
#[derive(Serialize, JsonSchema)]
struct Past {
    at: DateTime<Utc>,
    by_name: String,
    verb: String,
    /// By the setting's name: before and after.
    changes: Json,
}

#[derive(Serialize, JsonSchema)]
struct History {
    data: Vec<Past>,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let answer = || Some((200, "application/json", schema_of::<Settings>()));
    let mut one = Operation::raw(
        Method::Get,
        "/organization",
        "organization.read",
        Permit::needs("organization.read"),
        |cx, _| Box::pin(async move { Ok(shown(&read(cx).await?)) }),
    );
    one.doc = Doc {
        summary: "The organization's settings".into(),
        answer: answer(),
        ..Doc::default()
    };
    let mut update = Operation::raw(
        Method::Patch,
        "/organization",
        "organization.update",
        Permit::needs("organization.update"),
        |cx, request| Box::pin(update(cx, request)),
    );
    update.doc = Doc {
        summary: "Change the organization's settings; it acts on the next request".into(),
        request: Some(("application/json", schema_of::<Change>())),
        answer: answer(),
        versioned: true,
        ..Doc::default()
    };
    vec![
        one,
        update,
        Operation::get(
            "/organization/history",
            "organization.history",
            Permit::needs("organization.read"),
            |cx, _: Nothing| Box::pin(history(cx)),
        )
        .summary("Who changed which setting, and when"),
    ]
}

fn shown(settings: &Settings) -> Reply {
    Reply::json(StatusCode::OK, settings).header("etag", format!("\"{}\"", settings.version))
}

async fn read(cx: &mut Cx) -> Result<Settings, Problem> {
    let id = cx.organization_id;
    let row = sqlx::query(READ).bind(id).fetch_one(cx.db()).await?;
    Ok(Settings {
        id,
        name: row.try_get("name")?,
        status: row.try_get("status")?,
        plan: row.try_get("plan")?,
        currency: row.try_get("currency")?,
        time_zone: row.try_get("time_zone")?,
        locale: row.try_get("locale")?,
        calendar: row.try_get("calendar")?,
        week_start: row.try_get("week_start")?,
        logo_file_id: row.try_get("logo_file_id")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

impl Change {
    /// The settings after the change, or everything that is wrong with it.
    fn applied(self, before: &Settings) -> Result<Settings, Vec<FieldError>> {
        let mut after = before.clone();
        let mut errors = Vec::new();
        if let Some(name) = self.name {
            match read_name("name", &name) {
                Ok(name) => after.name = name,
                Err(error) => errors.push(error),
            }
        }
        if let Some(time_zone) = self.time_zone {
            match time_zone.parse::<Tz>() {
                Ok(zone) => zone.name().clone_into(&mut after.time_zone),
                Err(_) => errors.push(FieldError::new("time_zone", "not_a_time_zone")),
            }
        }
        for (field, choice, allowed, code, setting) in [
            (
                "currency",
                self.currency,
                CURRENCIES.as_slice(),
                "not_a_currency",
                &mut after.currency,
            ),
            (
                "locale",
                self.locale,
                LOCALES.as_slice(),
                "not_a_choice",
                &mut after.locale,
            ),
            (
                "calendar",
                self.calendar,
                CALENDARS.as_slice(),
                "not_a_choice",
                &mut after.calendar,
            ),
            (
                "week_start",
                self.week_start,
                WEEK_STARTS.as_slice(),
                "not_a_choice",
                &mut after.week_start,
            ),
        ] {
            match choice {
                Some(choice) if !allowed.contains(&choice.as_str()) => {
                    errors.push(FieldError::new(field, code).with(vec![("allowed", allowed.join(", "))]));
                }
                Some(choice) => *setting = choice,
                None => {}
            }
        }
        if let Some(logo) = self.logo_file_id {
            after.logo_file_id = logo;
        }
        if errors.is_empty() { Ok(after) } else { Err(errors) }
    }
}

async fn update(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let change: Change = request.body_as()?;
    account::lock(cx).await?;
    let before = read(cx).await?;
    let seen = request.header("if-match").map(str::trim);
    if seen.is_some_and(|seen| seen != "*" && seen != format!("\"{}\"", before.version)) {
        return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "stale"));
    }
    let after = change.applied(&before).map_err(Problem::invalid)?;
    if after == before {
        return Ok(shown(&before));
    }
    let organization_id = cx.organization_id;
    if let Some(logo) = after.logo_file_id.filter(|_| after.logo_file_id != before.logo_file_id) {
        let is_picture = sqlx::query_scalar(IS_PICTURE).bind(organization_id).bind(logo);
        if !is_picture.fetch_one(cx.db()).await? {
            return Err(Problem::field("logo_file_id", "not_an_image"));
        }
    }
    let update = sqlx::query(UPDATE)
        .bind(organization_id)
        .bind(&after.name)
        .bind(&after.currency)
        .bind(&after.time_zone)
        .bind(&after.locale)
        .bind(&after.calendar)
        .bind(&after.week_start)
        .bind(after.logo_file_id)
        .bind(cx.now);
    update.execute(cx.db()).await?;
    let changed = changes(&[
        ("name", json!(before.name), json!(after.name)),
        ("currency", json!(before.currency), json!(after.currency)),
        ("time_zone", json!(before.time_zone), json!(after.time_zone)),
        ("locale", json!(before.locale), json!(after.locale)),
        ("calendar", json!(before.calendar), json!(after.calendar)),
        ("week_start", json!(before.week_start), json!(after.week_start)),
        ("logo_file_id", json!(before.logo_file_id), json!(after.logo_file_id)),
    ]);
    record(cx, ORGANIZATION, organization_id, "update", changed).await?;
    // Members carry name, zone and currency with them.
    account::raise_all(cx).await?;
    if after.time_zone != before.time_zone {
        // What is due at six is due at another moment now.
        platform_jobs::wake_clock(cx).await?;
    }
    if after.name != before.name {
        let tenancy = cx.platform.service::<Tenancy>();
        let rename = sqlx::query(RENAME).bind(organization_id).bind(&after.name);
        rename.execute(&tenancy.store.0).await?;
    }
    Ok(shown(&read(cx).await?))
}

impl Tenancy {
    /// Organizations whose name has these letters, for the operator of the installation.
    pub async fn find_organizations(&self, part: &str) -> Result<Vec<Offer>, Problem> {
        let rows = sqlx::query(BY_NAME).bind(part).fetch_all(&self.store.0).await?;
        let offer = |row: &sqlx::postgres::PgRow| -> Result<Offer, sqlx::Error> {
            Ok(Offer {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
            })
        };
        Ok(rows.iter().map(offer).collect::<Result<_, _>>()?)
    }
}

async fn history(cx: &mut Cx) -> Result<History, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(HISTORY).bind(organization_id).bind(organization_id);
    let rows = rows.fetch_all(cx.db()).await?;
    let past = |row: &sqlx::postgres::PgRow| -> Result<Past, sqlx::Error> {
        Ok(Past {
            at: row.try_get("at")?,
            by_name: row.try_get("actor_name")?,
            verb: row.try_get("verb")?,
            changes: row.try_get("changes")?,
        })
    };
    let data = rows.iter().map(past).collect::<Result<_, _>>()?;
    Ok(History { data })
}
