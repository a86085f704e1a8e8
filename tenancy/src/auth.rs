//! Signing up, in, on and out.

use axum::http::StatusCode;
use platform_core::{Authority, Boxed, Cx, Identity, Method, Mode, Operation, Permit, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::account::{NewPerson, create_organization};
use crate::member::{Stored, end_session};
use crate::refresh::{Refresh, forget, same_site};
use crate::store::{OLDEST, Offer, Person, Turn, no_organization};
use crate::throttle::{self, Try};
use crate::token::LIFETIME_S;
use crate::{Tenancy, store};

/// Sign-up of a new organization.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    email: String,
    /// At least twelve characters.
    password: String,
    full_name: String,
    organization_name: String,
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

/// Somebody is signed in.
#[derive(Serialize, JsonSchema)]
struct Session {
    /// For `Authorization: Bearer …`.
    access_token: String,
    token_type: &'static str,
    expires_in_s: i64,
    user: Person,
    organization: Offer,
    /// All organizations to switch between.
    organizations: Vec<Offer>,
    membership: String,
    roles: Vec<String>,
}

/// The organization of a session, with what screens need of it.
#[derive(Serialize, JsonSchema)]
struct Organization {
    id: Uuid,
    name: String,
    currency: String,
    time_zone: String,
    locale: String,
    calendar: String,
}

#[derive(Serialize, JsonSchema)]
struct Me {
    user: Person,
    organization: Organization,
    organizations: Vec<Offer>,
    membership: String,
    roles: Vec<String>,
    /// Names of everything the caller may do.
    permissions: Vec<String>,
}

pub(crate) const ORGANIZATION: &str = "SELECT name, currency, time_zone, locale, calendar FROM platform.organizations
    WHERE organization_id = $1";

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
        Operation::public::<Login, Session>(Method::Post, "/auth/login", "auth.login", 200, |visit| {
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

/// Signs a person in to an organization: tokens, cookie and what the console shows first.
struct Entry<'a> {
    visit: &'a Visit,
    tenancy: &'a Tenancy,
    person: Person,
}

impl Entry<'_> {
    /// The member of an open organization. One that no longer knows the person is not offered again.
    async fn standing(&self, organization_id: Uuid) -> Result<Option<Stored>, Problem> {
        let mut cx = Cx::begin_job(&self.visit.platform, organization_id, "sign_in", Mode::Read).await?;
        let stored = Stored::read(cx.db(), organization_id, self.person.id).await?;
        cx.commit().await?;
        if !stored.as_ref().is_some_and(|stored| stored.is_member) {
            self.tenancy.store.withdraw(self.person.id, organization_id).await?;
        }
        Ok(stored.filter(|stored| stored.is_open))
    }

    /// Starts a session; the answer carries the first refresh token.
    async fn start(self, organization_id: Uuid, stored: Stored, status: StatusCode) -> Result<Reply, Problem> {
        let store = &self.tenancy.store;
        let started = store.start(self.person.id, organization_id, &self.visit.request, self.visit.now);
        let (session_id, token) = started.await?;
        let reply = self.session(organization_id, session_id, stored, status).await?;
        Ok(token.put(reply, OLDEST.num_seconds()))
    }

    async fn session(
        self,
        organization_id: Uuid,
        session_id: Uuid,
        stored: Stored,
        status: StatusCode,
    ) -> Result<Reply, Problem> {
        let identity = Identity {
            user_id: self.person.id,
            organization_id,
            session_id,
            session_version: stored.session_version,
        };
        let session = Session {
            access_token: self.tenancy.tokens.issue(&identity, self.visit.now)?,
            token_type: "Bearer",
            expires_in_s: LIFETIME_S,
            organizations: self.tenancy.store.offered(self.person.id).await?,
            user: self.person,
            organization: Offer {
                id: organization_id,
                name: stored.organization_name,
            },
            membership: stored.membership,
            roles: stored.roles,
        };
        Ok(private(Reply::json(status, &session)))
    }
}

/// Tokens belong in no cache on the way.
fn private(reply: Reply) -> Reply {
    reply.header("cache-control", "no-store")
}

async fn register(visit: &Visit) -> Result<Reply, Problem> {
    let input: Register = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    Try::count(
        &tenancy.store.0,
        throttle::SIGN_UP,
        &[&visit.request.address],
        visit.now,
    )
    .await?;
    let owner = NewPerson {
        email: input.email,
        full_name: input.full_name,
        password: input.password,
    };
    let (organization, person) = create_organization(&visit.platform, &input.organization_name, &owner).await?;
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person,
    };
    let stored = entry.standing(organization.id).await?.ok_or_else(no_organization)?;
    entry.start(organization.id, stored, StatusCode::CREATED).await
}

async fn login(visit: &Visit) -> Result<Reply, Problem> {
    let input: Login = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let store = &tenancy.store;
    let (email, address) = (input.email.trim().to_lowercase(), visit.request.address.as_str());
    let by_address = Try::count(&store.0, throttle::ADDRESS, &[address], visit.now).await?;
    let by_account = Try::count(&store.0, throttle::ACCOUNT, &[&email, address], visit.now).await?;

    // PostgreSQL takes no NUL; an address that has one belongs to nobody.
    let account = if email.contains('\0') {
        None
    } else {
        store.account(&email).await?
    };
    let stored_hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let fits = tenancy
        .hasher
        .verify(input.password.clone(), stored_hash.clone())
        .await?;
    let Some(account) = account.filter(|account| fits && account.is_active) else {
        // One answer for an unknown address, a wrong password and a closed account.
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials"));
    };
    by_account.forget(&store.0).await?;
    by_address.give_back(&store.0).await?;
    if stored_hash.is_some_and(|hash| tenancy.hasher.is_outdated(&hash)) {
        let hash = tenancy.hasher.hash(input.password).await?;
        store.rehash(account.person.id, &hash).await?;
    }

    let offered = store.offered(account.person.id).await?;
    let mut candidates = offered.into_iter().map(|offer| offer.id).collect::<Vec<_>>();
    if let Some(wanted) = input.organization_id {
        candidates.retain(|id| *id == wanted);
        if candidates.is_empty() {
            return Err(Problem::not_found());
        }
    }
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: account.person,
    };
    for organization_id in candidates {
        if let Some(stored) = entry.standing(organization_id).await? {
            return entry.start(organization_id, stored, StatusCode::OK).await;
        }
    }
    Err(no_organization())
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

/// "Please sign in", and the cookie is taken away.
fn signed_out(visit: &Visit) -> Reply {
    forget(Problem::not_signed_in().reply(&visit.platform.catalogue, visit.locale))
}

/// Ends a session: its refresh tokens now, its access tokens with the next request.
async fn end(visit: &Visit, session: &store::Session, because: &'static str) -> Result<(), Problem> {
    kill(visit, session.id, session.organization_id, session.person.id, because).await
}

async fn kill(
    visit: &Visit,
    session_id: Uuid,
    organization_id: Uuid,
    user_id: Uuid,
    because: &'static str,
) -> Result<(), Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    tenancy.store.end(session_id, because, visit.now).await?;
    let mut cx = Cx::begin_job(&visit.platform, organization_id, "sign_out", Mode::Write).await?;
    end_session(&mut cx, user_id, session_id).await?;
    cx.commit().await
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
    let reply = entry.start(input.organization_id, stored, StatusCode::OK).await?;
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
        Ok(Me {
            user: tenancy.store.person(user_id).await?,
            organization: Organization {
                id: organization_id,
                name: row.try_get("name")?,
                currency: row.try_get("currency")?,
                time_zone: row.try_get("time_zone")?,
                locale: row.try_get("locale")?,
                calendar: row.try_get("calendar")?,
            },
            organizations: tenancy.store.offered(user_id).await?,
            membership: member.membership.clone(),
            roles: member.roles.clone(),
            permissions: member.permissions.iter().cloned().collect(),
        })
    })
}
