//! Proving again that the person is there, for what an access token alone does not open.

use axum::http::StatusCode;
use platform_core::{Method, Operation, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use webauthn_rs::prelude::PasskeyAuthentication;

use crate::entry::private;
use crate::factors::caller::{Caller, RECENT, one_way, own};
use crate::factors::passkey::Ceremony;
use crate::factors::ticket::Purpose;
use crate::factors::yours::Nothing;
use crate::factors::{Shown, tries};

/// One of `password`, `code` and `credential`. A password only from somebody who has nothing better.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: Option<String>,
    /// Six digits of the app.
    code: Option<String>,
    /// What `navigator.credentials.get` gave.
    credential: Option<Map<String, Json>>,
    /// Of `/auth/step-up/passkey`, with the credential.
    ticket: Option<String>,
}

/// What this session may do now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Proven {
    shown: Shown,
    /// How long it counts.
    expires_in_s: i64,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        own::<Proof, Proven>(Method::Post, "/auth/step-up", "auth.step_up", 200, |visit| {
            Box::pin(step_up(visit))
        })
        .summary("Prove again who is there, for what asks for a recent proof (step_up_needed)"),
        own::<Nothing, Ceremony>(
            Method::Post,
            "/auth/step-up/passkey",
            "auth.step_up_passkey",
            200,
            |visit| Box::pin(ask(visit)),
        )
        .summary("What the browser needs to prove it with a passkey"),
    ]
}

async fn ask(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let _: Nothing = visit.request.body_as()?;
    let (options, state) = caller.tenancy.ask_passkey(caller.user_id()).await?;
    let ticket = caller
        .tenancy
        .begin(Purpose::PasskeyStepUp, caller.beginner(), &state, visit.now);
    let ticket = ticket.await?;
    Ok(private(Reply::json(StatusCode::OK, &Ceremony { ticket, options })))
}

async fn step_up(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let input: Proof = visit.request.body_as()?;
    let (tenancy, user_id, now) = (&caller.tenancy, caller.user_id(), visit.now);
    let shown = match (input.password, input.code, input.credential, input.ticket) {
        (Some(password), None, None, None) => {
            only_without_factor(&caller).await?;
            // Counted with the codes, for the person: whoever has an access token may not guess on.
            tries::count(&tenancy.store.0, user_id, now).await?;
            let stored = tenancy.store.password(user_id).await?;
            if !tenancy.hasher.verify(password, stored).await? {
                return Err(Problem::field("password", "wrong_password"));
            }
            tries::forget(&tenancy.store.0, user_id).await?;
            Shown::Password
        }
        (None, Some(code), None, None) => {
            tenancy.try_totp(user_id, &code, now).await?;
            Shown::Totp
        }
        (None, None, Some(credential), Some(ticket)) => {
            let asked = tenancy
                .take::<PasskeyAuthentication>(Purpose::PasskeyStepUp, &ticket, now)
                .await?;
            let asked = asked.of(caller.identity.session_id)?;
            tenancy.take_passkey(user_id, &asked.state, credential, now).await?;
            Shown::Passkey
        }
        _ => return Err(one_way()),
    };
    proven(&caller, visit, shown).await
}

/// A password or a provider is the weaker word of somebody who has a second factor.
pub(crate) async fn only_without_factor(caller: &Caller) -> Result<(), Problem> {
    if caller.tenancy.store.factors(caller.user_id()).await?.is_empty() {
        Ok(())
    } else {
        Err(Problem::refused("factor_needed"))
    }
}

/// Notes it for this session.
pub(crate) async fn proven(caller: &Caller, visit: &Visit, shown: Shown) -> Result<Reply, Problem> {
    caller
        .tenancy
        .store
        .prove(caller.identity.session_id, shown, visit.now)
        .await?;
    let proven = Proven {
        shown,
        expires_in_s: RECENT.num_seconds(),
    };
    Ok(private(Reply::json(StatusCode::OK, &proven)))
}
