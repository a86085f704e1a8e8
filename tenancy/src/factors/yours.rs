//! What a person has to show, set up by the person: the app, recovery codes, and what is linked.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::ids::random_bytes;
use platform_core::{Method, Operation, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entry::private;
use crate::factors::caller::{Caller, own};
use crate::factors::news::News;
use crate::factors::rows::{Key, REMOVE_TOTP};
use crate::factors::totp::{self, SECRET_BYTES};
use crate::factors::{Shown, tries};
use crate::oidc::rows::Linked;

/// What apps show above the codes.
const ISSUER: &str = "BARQ";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Everything that a person can sign in with.
#[derive(Serialize, JsonSchema)]
struct Yours {
    has_password: bool,
    /// Since when an app is asked for codes.
    totp_since: Option<DateTime<Utc>>,
    passkeys: Vec<ShownKey>,
    recovery_codes_left: i64,
    /// Identities at OpenID providers.
    identities: Vec<Linked>,
}

/// A passkey, for people.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ShownKey {
    id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Key> for ShownKey {
    fn from(key: Key) -> Self {
        Self {
            id: key.id,
            name: key.name,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A new secret, shown this once.
#[derive(Serialize, JsonSchema)]
struct Secret {
    /// For apps into which it is typed.
    secret: String,
    /// For the QR code: `otpauth://totp/…`.
    url: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// Six digits of the app.
    code: String,
}

/// New recovery codes, shown this once; none when there were some before.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Codes {
    pub recovery_codes: Vec<String>,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        own::<Nothing, Yours>(Method::Get, "/auth/factors", "auth.factors", 200, |visit| {
            Box::pin(yours(visit))
        })
        .summary("What the caller can sign in with"),
        own::<Nothing, Secret>(Method::Post, "/auth/factors/totp", "auth.totp.begin", 200, |visit| {
            Box::pin(begin(visit))
        })
        .step_up()
        .summary("A new secret for an app that shows codes; asked for from the first code on"),
        own::<Code, Codes>(
            Method::Post,
            "/auth/factors/totp/confirm",
            "auth.totp.confirm",
            200,
            |visit| Box::pin(confirm(visit)),
        )
        .step_up()
        .summary("The first code of a new secret; ends the caller's other sessions"),
        own::<Nothing, ()>(Method::Delete, "/auth/factors/totp", "auth.totp.remove", 204, |visit| {
            Box::pin(remove(visit))
        })
        .step_up()
        .summary("No more codes of an app; ends the caller's other sessions"),
        own::<Nothing, Codes>(
            Method::Post,
            "/auth/factors/recovery-codes",
            "auth.recovery_codes.renew",
            200,
            |visit| Box::pin(renew(visit)),
        )
        .step_up()
        .summary("Ten new recovery codes; those before are good no more"),
    ]
}

async fn yours(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let (store, user_id) = (&caller.tenancy.store, caller.user_id());
    let yours = Yours {
        has_password: store.password(user_id).await?.is_some(),
        totp_since: store.factors(user_id).await?.totp_since,
        passkeys: store.passkeys(user_id).await?.into_iter().map(ShownKey::from).collect(),
        recovery_codes_left: store.recovery_codes_left(user_id).await?,
        identities: store.identities(user_id).await?,
    };
    Ok(private(Reply::json(StatusCode::OK, &yours)))
}

async fn begin(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let _: Nothing = visit.request.body_as()?;
    let person = caller.tenancy.store.person(caller.user_id()).await?;
    let secret = random_bytes::<SECRET_BYTES>();
    if !caller.tenancy.set_totp(person.id, &secret, visit.now).await? {
        return Err(Problem::refused("totp_there"));
    }
    let secret = Secret {
        secret: totp::base32(&secret),
        url: totp::address(ISSUER, &person.email, &secret),
    };
    Ok(private(Reply::json(StatusCode::OK, &secret)))
}

async fn confirm(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let input: Code = visit.request.body_as()?;
    let (tenancy, user_id, now) = (&caller.tenancy, caller.user_id(), visit.now);
    tries::count(&tenancy.store.0, user_id, now).await?;
    if !tenancy.confirm_totp(user_id, &input.code, now).await? {
        return Err(Problem::field("code", "wrong_code"));
    }
    tries::forget(&tenancy.store.0, user_id).await?;
    let codes = added(&caller, visit, Shown::Totp).await?;
    News::TotpAdded.tell(visit, user_id).await?;
    Ok(private(Reply::json(StatusCode::OK, &codes)))
}

/// What follows a new factor: this session has shown it, the others have to come again, and the first one brings recovery codes.
pub(crate) async fn added(caller: &Caller, visit: &Visit, shown: Shown) -> Result<Codes, Problem> {
    let (store, user_id) = (&caller.tenancy.store, caller.user_id());
    store.prove(caller.identity.session_id, shown, visit.now).await?;
    caller.end_others(visit).await?;
    let recovery_codes = match store.recovery_codes_left(user_id).await? {
        0 => store.new_recovery_codes(user_id, visit.now).await?,
        _ => Vec::new(),
    };
    Ok(Codes { recovery_codes })
}

async fn remove(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let gone = sqlx::query(REMOVE_TOTP).bind(caller.user_id());
    if gone.execute(&caller.tenancy.store.0).await?.rows_affected() == 0 {
        return Err(Problem::not_found());
    }
    removed(&caller, visit, News::TotpRemoved).await
}

/// What follows a factor that is gone.
pub(crate) async fn removed(caller: &Caller, visit: &Visit, news: News) -> Result<Reply, Problem> {
    let (store, user_id) = (&caller.tenancy.store, caller.user_id());
    // Codes that recover nothing would be a second password.
    if store.factors(user_id).await?.is_empty() {
        store.clear_recovery_codes(user_id).await?;
    }
    caller.end_others(visit).await?;
    news.tell(visit, user_id).await?;
    Ok(Reply::empty())
}

async fn renew(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let _: Nothing = visit.request.body_as()?;
    let (store, user_id) = (&caller.tenancy.store, caller.user_id());
    if store.factors(user_id).await?.is_empty() {
        return Err(Problem::refused("no_factor"));
    }
    let recovery_codes = store.new_recovery_codes(user_id, visit.now).await?;
    News::RecoveryCodesRenewed.tell(visit, user_id).await?;
    Ok(private(Reply::json(StatusCode::OK, &Codes { recovery_codes })))
}
