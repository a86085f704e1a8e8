//! Passkeys: registering, naming and removing them, and signing in with one alone.

use axum::http::StatusCode;
use platform_core::{Method, Operation, Problem, Reply, Visit};
use platform_resource::{Kind, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use crate::Tenancy;
use crate::entry::{Entry, Session, private};
use crate::factors::Shown;
use crate::factors::caller::{Caller, ceremony, own};
use crate::factors::news::News;
use crate::factors::passkey::Ceremony;
use crate::factors::rows::{REMOVE_PASSKEY, RENAME_PASSKEY};
use crate::factors::ticket::{Beginner, Purpose};
use crate::factors::yours::{Nothing, added, removed};
use crate::throttle::{self, Try};

/// More than anybody has devices.
const MOST: i64 = 20;
const NAME: Kind = Kind::Text { max: 100 };

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct New {
    ticket: String,
    /// As the person calls it: the telephone, the key on the ring.
    name: String,
    /// What `navigator.credentials.create` gave.
    credential: Map<String, Json>,
}

/// A passkey that was registered.
#[derive(Serialize, JsonSchema)]
struct Registered {
    id: Uuid,
    name: String,
    /// With the first factor: shown this once.
    recovery_codes: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    id: Uuid,
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it documents the path")]
struct One {
    id: Uuid,
}

#[derive(Serialize, JsonSchema)]
struct Renamed {
    id: Uuid,
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    ticket: String,
    /// What `navigator.credentials.get` gave.
    credential: Map<String, Json>,
    /// The organization to open; the one used last when absent.
    organization_id: Option<Uuid>,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        own::<Nothing, Ceremony>(
            Method::Post,
            "/auth/passkeys/begin",
            "auth.passkeys.begin",
            200,
            |visit| Box::pin(begin(visit)),
        )
        .step_up()
        .summary("What the browser needs to make a passkey"),
        own::<New, Registered>(Method::Post, "/auth/passkeys", "auth.passkeys.create", 201, |visit| {
            Box::pin(create(visit))
        })
        .step_up()
        .summary("Register a passkey; ends the caller's other sessions"),
        own::<Rename, Renamed>(
            Method::Patch,
            "/auth/passkeys/{id}",
            "auth.passkeys.rename",
            200,
            |visit| Box::pin(rename(visit)),
        )
        .summary("Give a passkey another name"),
        own::<One, ()>(
            Method::Delete,
            "/auth/passkeys/{id}",
            "auth.passkeys.remove",
            204,
            |visit| Box::pin(remove(visit)),
        )
        .step_up()
        .summary("Remove a passkey; ends the caller's other sessions"),
        Operation::public::<Nothing, Ceremony>(
            Method::Post,
            "/auth/passkeys/sign-in/begin",
            "auth.passkeys.sign_in_begin",
            200,
            |visit| Box::pin(ask(visit)),
        )
        .summary("What the browser needs to sign in with a passkey, whoever is there"),
        ceremony::<SignIn, Session>("/auth/passkeys/sign-in", "auth.passkeys.sign_in", |visit| {
            Box::pin(sign_in(visit))
        })
        .summary("Sign in with a passkey alone"),
    ]
}

fn name(given: &str) -> Result<String, Problem> {
    match NAME.parse_text(given.trim()) {
        Ok(Value::Text(name)) => Ok(name),
        Ok(_) => Err(Problem::field("name", "required")),
        Err(refusal) => Err(Problem::field("name", refusal.code)),
    }
}

async fn begin(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let _: Nothing = visit.request.body_as()?;
    let store = &caller.tenancy.store;
    if store.factors(caller.user_id()).await?.passkeys >= MOST {
        return Err(Problem::refused("too_many_passkeys"));
    }
    let person = store.person(caller.user_id()).await?;
    let (options, state) = caller.tenancy.begin_passkey(&person).await?;
    let ticket = caller
        .tenancy
        .begin(Purpose::PasskeyNew, caller.beginner(), &state, visit.now);
    let ticket = ticket.await?;
    Ok(private(Reply::json(StatusCode::OK, &Ceremony { ticket, options })))
}

async fn create(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let input: New = visit.request.body_as()?;
    let name = name(&input.name)?;
    let (tenancy, user_id, now) = (&caller.tenancy, caller.user_id(), visit.now);
    let begun = tenancy
        .take::<PasskeyRegistration>(Purpose::PasskeyNew, &input.ticket, now)
        .await?;
    let begun = begun.of(caller.identity.session_id)?;
    let passkey = tenancy.registered(&begun.state, input.credential)?;
    let Some(id) = tenancy.store.add_passkey(user_id, &name, &passkey, now).await? else {
        return Err(Problem::field("credential", "taken"));
    };
    let codes = added(&caller, visit, Shown::Passkey).await?;
    News::PasskeyAdded.tell(visit, user_id).await?;
    let registered = Registered {
        id,
        name,
        recovery_codes: codes.recovery_codes,
    };
    Ok(private(Reply::json(StatusCode::CREATED, &registered)))
}

async fn rename(visit: &Visit) -> Result<Reply, Problem> {
    let id = visit.request.id("id")?;
    let caller = Caller::of(visit).await?;
    let input: Rename = visit.request.body_as()?;
    let name = name(&input.name)?;
    let rename = sqlx::query(RENAME_PASSKEY).bind(id).bind(caller.user_id()).bind(&name);
    if rename.execute(&caller.tenancy.store.0).await?.rows_affected() == 0 {
        return Err(Problem::not_found());
    }
    Ok(Reply::json(StatusCode::OK, &Renamed { id: input.id, name }))
}

async fn remove(visit: &Visit) -> Result<Reply, Problem> {
    let id = visit.request.id("id")?;
    let caller = Caller::of(visit).await?;
    let (store, user_id) = (&caller.tenancy.store, caller.user_id());
    let keys = store.passkeys(user_id).await?;
    let is_last = keys.len() == 1 && keys.iter().any(|key| key.id == id);
    if is_last && store.password(user_id).await?.is_none() && store.identities(user_id).await?.is_empty() {
        return Err(Problem::refused("last_way_in"));
    }
    let gone = sqlx::query(REMOVE_PASSKEY).bind(id).bind(user_id);
    if gone.execute(&store.0).await?.rows_affected() == 0 {
        return Err(Problem::not_found());
    }
    removed(&caller, visit, News::PasskeyRemoved).await
}

async fn ask(visit: &Visit) -> Result<Reply, Problem> {
    let _: Nothing = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let (options, state) = tenancy.ask_anybody()?;
    let ticket = tenancy
        .begin(Purpose::PasskeySignIn, Beginner::default(), &state, visit.now)
        .await?;
    Ok(private(Reply::json(StatusCode::OK, &Ceremony { ticket, options })))
}

async fn sign_in(visit: &Visit) -> Result<Reply, Problem> {
    let input: SignIn = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let network = throttle::network(&visit.request.address);
    let by_address = Try::count(&tenancy.store.0, throttle::ADDRESS, &[&network], visit.now).await?;
    let asked = tenancy.take::<DiscoverableAuthentication>(Purpose::PasskeySignIn, &input.ticket, visit.now);
    let asked = asked.await?;
    let user_id = tenancy.take_anybody(asked.state, input.credential, visit.now).await?;
    by_address.give_back(&tenancy.store.0).await?;
    let person = tenancy.store.active(user_id).await?;
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: person.ok_or_else(Problem::not_signed_in)?,
    };
    entry.enter(input.organization_id, Shown::Passkey).await
}
