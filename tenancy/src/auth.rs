//! Signing up, in, on and out.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use platform_core::{Authority, Boxed, Cx, Identity, Method, Mode, Operation, Permit, Problem, Reply, Visit};
use platform_resource::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{NewPerson, create_organization};
use crate::entry::{Entry, Session, end, kill, private, signed_out};
use crate::factors::Shown;
use crate::factors::second::SignedIn;
use crate::impersonation;
use crate::refresh::{Refresh, forget, same_site};
use crate::store::{OLDEST, Offer, Person, Turn, no_organization};
use crate::throttle::{self, Try};
use crate::verify;

/// Sign-up of a new organization.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    email: String,
    /// At least twelve characters.
    password: String,
    full_name: String,
    organization_name: String,
    /// What stands behind `#token=` in the link of the letter, where signing up begins with one.
    token: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    password: String,
    /// The organization to open; the one used last when absent.
    organization_id: Option<Uuid>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Switch {
    organization_id: Uuid,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The organization of a session, with what screens need of it.
#[derive(Serialize, JsonSchema)]
struct Organization {
    id: Uuid,
    name: String,
    currency: String,
    time_zone: String,
    locale: String,
    calendar: String,
    /// saturday, sunday or monday.
    week_start: String,
    /// A picture among its files.
    logo_file_id: Option<Uuid>,
}

#[derive(Serialize, JsonSchema)]
struct Me {
    user: Person,
    /// Whether the user has shown that he reads the mail of his address.
    email_verified: bool,
    organization: Organization,
    organizations: Vec<Offer>,
    membership: String,
    roles: Vec<String>,
    /// Names of everything the caller may do.
    permissions: Vec<String>,
    /// Of these, what he may do with some rows only: `own` or `team`.
    scopes: BTreeMap<String, &'static str>,
    /// The operator's support, while it acts in the caller's place.
    support: Option<impersonation::Banner>,
}

pub(crate) const ORGANIZATION: &str = "SELECT name, currency, time_zone, locale, calendar, week_start, logo_file_id
    FROM platform.organizations WHERE organization_id = $1";

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let mut switch = Operation::public::<Switch, Session>(Method::Post, "/auth/switch", "auth.switch", 200, |visit| {
        Box::pin(switch(visit))
    })
    .summary("Open another organization of the caller");
    // It looks at two organizations one after the other, so it opens its transactions itself; it is not for everybody.
    switch.permit = Permit::SignedIn;
    vec![
        Operation::public::<Register, Session>(Method::Post, "/auth/register", "auth.register", 201, |visit| {
            Box::pin(register(visit))
        })
        .summary("Sign up with a new organization"),
        Operation::public::<Login, SignedIn>(Method::Post, "/auth/login", "auth.login", 200, |visit| {
            Box::pin(login(visit))
        })
        .summary("Sign in"),
        Operation::public::<Nothing, Session>(Method::Post, "/auth/refresh", "auth.refresh", 200, |visit| {
            Box::pin(refresh(visit))
        })
        .summary("A new access token for the refresh cookie; needs the header X-Barq-Request: 1"),
        Operation::public::<Nothing, ()>(Method::Post, "/auth/logout", "auth.logout", 204, |visit| {
            Box::pin(logout(visit))
        })
        .summary("Sign out; needs the header X-Barq-Request: 1"),
        switch,
        Operation::get("/auth/me", "auth.me", Permit::SignedIn, me as MeFn)
            .summary("Who is signed in, and what they may do"),
    ]
}

type MeFn = for<'a> fn(&'a mut Cx, Nothing) -> Boxed<'a, Result<Me, Problem>>;

async fn register(visit: &Visit) -> Result<Reply, Problem> {
    let input: Register = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let network = throttle::network(&visit.request.address);
    Try::count(&tenancy.store.0, throttle::SIGN_UP, &[&network], visit.now).await?;
    let is_proven = verify::prove_sign_up(visit, &input.email, input.token.as_deref()).await?;
    let owner = NewPerson {
        email: input.email,
        full_name: input.full_name,
        password: input.password,
    };
    let (organization, person) = create_organization(&visit.platform, &input.organization_name, &owner).await?;
    verify::welcome(visit, &person, is_proven).await?;
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person,
    };
    let stored = entry.standing(organization.id).await?.ok_or_else(no_organization)?;
    entry
        .start(organization.id, stored, StatusCode::CREATED, Some(Shown::Password))
        .await
}

async fn login(visit: &Visit) -> Result<Reply, Problem> {
    let input: Login = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    // First of all: in a flood, those who will not be served cost next to nothing.
    let place = tenancy.hasher.place()?;
    let store = &tenancy.store;
    let email = input.email.trim().to_lowercase();
    let network = throttle::network(&visit.request.address);
    let by_address = Try::count(&store.0, throttle::ADDRESS, &[&network], visit.now).await?;
    let by_account = Try::count(&store.0, throttle::ACCOUNT, &[&email, &network], visit.now).await?;
    let by_strangers = throttle::count_stranger(&store.0, &email, &visit.request.address, visit.now).await?;

    // PostgreSQL takes no NUL; an address that has one belongs to nobody.
    let account = if email.contains('\0') {
        None
    } else {
        store.account(&email).await?
    };
    let stored_hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let fits = tenancy
        .hasher
        .verify_in(place, input.password.clone(), stored_hash.clone())
        .await?;
    let Some(account) = account.filter(|account| fits && account.is_active) else {
        // One answer for an unknown address, a wrong password and a closed account.
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials"));
    };
    by_account.forget(&store.0).await?;
    by_address.give_back(&store.0).await?;
    if let Some(by_strangers) = by_strangers {
        by_strangers.give_back(&store.0).await?;
    }
    if stored_hash.is_some_and(|hash| tenancy.hasher.is_outdated(&hash)) {
        let hash = tenancy.hasher.hash(input.password).await?;
        store.rehash(account.person.id, &hash).await?;
    }

    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: account.person,
    };
    entry.enter(input.organization_id, Shown::Password).await
}

async fn refresh(visit: &Visit) -> Result<Reply, Problem> {
    let token = Refresh::of(&visit.request)?;
    let tenancy = visit.platform.service::<Tenancy>();
    let Some(session) = tenancy
        .store
        .session(&token, visit.now)
        .await?
        .filter(|session| !session.is_over)
    else {
        return Ok(signed_out(visit));
    };
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: session.person.clone(),
    };
    let Some(stored) = entry.standing(session.organization_id).await? else {
        end(visit, &session, "no_access").await?;
        return Ok(signed_out(visit));
    };
    match tenancy.store.turn(session.id, &token, visit.now).await? {
        Turn::Next(next) => {
            let reply = entry
                .session(session.organization_id, session.id, stored, StatusCode::OK)
                .await?;
            Ok(next.put(reply, OLDEST.num_seconds()))
        }
        Turn::Reused => {
            tracing::warn!(session.id = %session.id, "A spent refresh token was shown; ended the session {}", session.id);
            end(visit, &session, "reused").await?;
            Ok(signed_out(visit))
        }
        Turn::Over => Ok(signed_out(visit)),
    }
}

async fn logout(visit: &Visit) -> Result<Reply, Problem> {
    same_site(&visit.request)?;
    let tenancy = visit.platform.service::<Tenancy>();
    if let Some(token) = Refresh::peek(&visit.request)
        && let Some(session) = tenancy.store.session(&token, visit.now).await?
    {
        end(visit, &session, "signed_out").await?;
    }
    if let Ok(identity) = tenancy.identify(&visit.request.headers, visit.now) {
        let Identity {
            user_id,
            organization_id,
            session_id,
            ..
        } = identity;
        kill(visit, session_id, organization_id, user_id, "signed_out").await?;
    }
    Ok(private(forget(Reply::empty())))
}

async fn switch(visit: &Visit) -> Result<Reply, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let identity = tenancy.identify(&visit.request.headers, visit.now)?;
    // The caller still has to be a member where the token is from.
    Cx::begin(&visit.platform, identity.clone(), Mode::Read)
        .await?
        .commit()
        .await?;
    let input: Switch = visit.request.body_as()?;
    let offered = tenancy.store.offered(identity.user_id).await?;
    if !offered.iter().any(|offer| offer.id == input.organization_id) {
        return Err(Problem::not_found());
    }
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: tenancy.store.person(identity.user_id).await?,
    };
    let stored = entry
        .standing(input.organization_id)
        .await?
        .ok_or_else(Problem::not_found)?;
    // It has shown nothing: who has an access token for a quarter of an hour gets no more out of it this way.
    let reply = entry.start(input.organization_id, stored, StatusCode::OK, None).await?;
    // Other rights are another session: the one before ends with all of its tokens.
    kill(
        visit,
        identity.session_id,
        identity.organization_id,
        identity.user_id,
        "switched",
    )
    .await?;
    Ok(reply)
}

fn me(cx: &mut Cx, _: Nothing) -> Boxed<'_, Result<Me, Problem>> {
    Box::pin(async move {
        let (identity, member) = cx.member()?;
        let (user_id, member) = (identity.user_id, member.clone());
        let organization_id = cx.organization_id;
        let row = sqlx::query(ORGANIZATION)
            .bind(organization_id)
            .fetch_one(cx.db())
            .await?;
        let tenancy = cx.platform.service::<Tenancy>();
        let narrower = member.permissions.iter().filter(|(_, scope)| *scope != Scope::All);
        let scopes = narrower.map(|(permission, scope)| (permission.to_owned(), scope.name()));
        Ok(Me {
            user: tenancy.store.person(user_id).await?,
            email_verified: verify::is_verified(cx, user_id).await?,
            organization: Organization {
                id: organization_id,
                name: row.try_get("name")?,
                currency: row.try_get("currency")?,
                time_zone: row.try_get("time_zone")?,
                locale: row.try_get("locale")?,
                calendar: row.try_get("calendar")?,
                week_start: row.try_get("week_start")?,
                logo_file_id: row.try_get("logo_file_id")?,
            },
            organizations: tenancy.store.offered(user_id).await?,
            membership: member.membership.clone(),
            roles: member.roles.clone(),
            permissions: member.permissions.names().into_iter().collect(),
            scopes: scopes.collect(),
            support: impersonation::shown(cx).await?,
        })
    })
}
