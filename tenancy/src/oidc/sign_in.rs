//! Sign-in through a provider: the way there, the way back, and who that is here.

use axum::http::{StatusCode, header};
use platform_core::{Method, Operation, Problem, Reply, Request, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Tenancy;
use crate::entry::{Entry, private};
use crate::factors::Shown;
use crate::factors::second::SignedIn;
use crate::factors::ticket::{self, Beginner, Purpose, Ticket};
use crate::factors::yours::Nothing;
use crate::oidc::provider::{Visiting, Who, failed, random};
use crate::oidc::rows::{Choice, Provider, USED};
use crate::refresh::same_site;
use crate::throttle::{self, Try};

/// Binds the visit to the browser: who is lured into finishing somebody else's sign-in does not have it.
const COOKIE: &str = "__Host-barq_visit";
const COOKIE_LIFETIME_S: i64 = 600;

#[derive(Serialize, JsonSchema)]
struct Providers {
    data: Vec<Choice>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// As in `/auth/providers`.
    provider: String,
    /// The organization to open; the one used last when absent.
    organization_id: Option<Uuid>,
}

/// Where to send the browser.
#[derive(Serialize, JsonSchema)]
pub(crate) struct There {
    pub url: String,
}

/// What the provider sent back to `/sign-in/return`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Return {
    pub state: String,
    pub code: String,
    /// The issuer, from providers that say it.
    pub iss: Option<String>,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::public::<Nothing, Providers>(Method::Get, "/auth/providers", "auth.providers", 200, |visit| {
            Box::pin(providers(visit))
        })
        .summary("Where people may sign in besides here"),
        Operation::public::<Begin, There>(
            Method::Post,
            "/auth/providers/sign-in/begin",
            "auth.providers.sign_in_begin",
            200,
            |visit| Box::pin(begin(visit)),
        )
        .summary("Sign in through a provider: where to send the browser"),
        Operation::public::<Return, SignedIn>(
            Method::Post,
            "/auth/providers/sign-in",
            "auth.providers.sign_in",
            200,
            |visit| Box::pin(sign_in(visit)),
        )
        .summary(
            "Back from a provider; needs the header X-Barq-Request: 1 and the cookie of the browser that was sent",
        ),
    ]
}

async fn providers(visit: &Visit) -> Result<Reply, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let data = tenancy.store.providers().await?;
    Ok(Reply::json(StatusCode::OK, &Providers { data }))
}

/// What a visit is for.
#[derive(Clone, Copy)]
pub(crate) struct Errand {
    pub purpose: Purpose,
    pub by: Beginner,
    pub organization_id: Option<Uuid>,
}

/// Sends the browser to a provider.
pub(crate) async fn send(
    visit: &Visit,
    tenancy: &Tenancy,
    provider: &Provider,
    errand: Errand,
) -> Result<Reply, Problem> {
    let (cookie, browser) = ticket::secret();
    let visiting = Visiting {
        provider: provider.id.clone(),
        nonce: random(),
        verifier: random(),
        browser,
        organization_id: errand.organization_id,
        anew: errand.purpose == Purpose::ProviderStepUp,
    };
    let state = tenancy.begin(errand.purpose, errand.by, &visiting, visit.now).await?;
    let url = tenancy.send(provider, state, &visiting, visit.now).await?;
    let reply = private(Reply::json(StatusCode::OK, &There { url }));
    Ok(put(reply, &cookie, COOKIE_LIFETIME_S))
}

fn put(reply: Reply, value: &str, lifetime_s: i64) -> Reply {
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={lifetime_s}; HttpOnly; Secure; SameSite=Strict");
    reply.header("set-cookie", cookie)
}

fn cookie(request: &Request) -> Option<[u8; 32]> {
    let headers = request.headers.get_all(header::COOKIE).iter();
    let mut cookies = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let value = cookies.find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    ticket::hash(value)
}

/// Who came back, with what was begun. It ends here whether it is good or not.
pub(crate) async fn returned(
    visit: &Visit,
    tenancy: &Tenancy,
    purpose: Purpose,
    input: Return,
) -> Result<(Who, Provider, Ticket<Visiting>), Problem> {
    same_site(&visit.request)?;
    let begun = tenancy.take::<Visiting>(purpose, &input.state, visit.now).await;
    let begun = begun.map_err(|_| failed("nobody was sent with this state"))?;
    if cookie(&visit.request) != Some(begun.state.browser) {
        return Err(failed("another browser was sent"));
    }
    let provider = tenancy.provider(&begun.state.provider).await?;
    // Whoever names another issuer mixes two providers up (RFC 9207).
    if input.iss.is_some_and(|issuer| issuer != provider.issuer) {
        return Err(failed("another issuer answers"));
    }
    let (at, now) = (begun.created_at, visit.now);
    let who = tenancy.returned(&provider, &begun.state, input.code, at, now).await?;
    Ok((who, provider, begun))
}

async fn begin(visit: &Visit) -> Result<Reply, Problem> {
    let input: Begin = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let provider = tenancy.provider(&input.provider).await?;
    let errand = Errand {
        purpose: Purpose::ProviderSignIn,
        by: Beginner::default(),
        organization_id: input.organization_id,
    };
    send(visit, &tenancy, &provider, errand).await
}

async fn sign_in(visit: &Visit) -> Result<Reply, Problem> {
    let input: Return = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let network = throttle::network(&visit.request.address);
    let by_address = Try::count(&tenancy.store.0, throttle::ADDRESS, &[&network], visit.now).await?;
    let (who, provider, begun) = returned(visit, &tenancy, Purpose::ProviderSignIn, input).await?;
    by_address.give_back(&tenancy.store.0).await?;
    let person = match tenancy.store.identity(&who.issuer, &who.subject).await? {
        Some((identity_id, user_id)) => {
            let used = sqlx::query(USED).bind(identity_id).bind(visit.now);
            used.execute(&tenancy.store.0).await?;
            let person = tenancy.store.active(user_id).await?;
            person.ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "no_account"))?
        }
        None => tenancy.join(visit, &provider, &who).await?,
    };
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person,
    };
    let reply = entry.enter(begun.state.organization_id, Shown::Provider).await?;
    Ok(put(reply, "", 0))
}
