//! The second step of a sign-in.

use axum::http::StatusCode;
use platform_core::{Method, Operation, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;
use webauthn_rs::prelude::PasskeyAuthentication;

use crate::Tenancy;
use crate::entry::{Entry, Session, private};
use crate::factors::caller::{ceremony, one_way};
use crate::factors::news::News;
use crate::factors::passkey::Ceremony;
use crate::factors::ticket::{Beginner, Purpose};
use crate::factors::{Shown, tries};
use crate::store::no_organization;

/// A good password or a good word of a provider, and more is needed: it goes to `/auth/second-factor`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Challenge {
    /// What may be shown: totp, passkey, recovery_code.
    second_factor: Vec<Shown>,
    /// To be sent along with it.
    ticket: String,
    expires_in_s: i64,
}

/// Somebody is signed in, or is asked for more.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it documents what one of two answers looks like")]
pub(crate) enum SignedIn {
    Session(Session),
    Challenge(Challenge),
}

/// A sign-in that waits.
#[derive(Serialize, Deserialize)]
struct Waiting {
    organization_id: Option<Uuid>,
}

/// The same, for a passkey that was asked for.
#[derive(Serialize, Deserialize)]
struct WaitingKey {
    first: String,
    asked: PasskeyAuthentication,
}

/// One of `code`, `recovery_code` and `credential`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Second {
    ticket: String,
    /// Six digits of the app.
    code: Option<String>,
    recovery_code: Option<String>,
    /// What `navigator.credentials.get` gave, with the ticket of `/auth/second-factor/passkey`.
    credential: Option<Map<String, Json>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// The ticket of the first step.
    ticket: String,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        ceremony::<Second, Session>("/auth/second-factor", "auth.second_factor", |visit| {
            Box::pin(second(visit))
        })
        .summary("The second step of a sign-in"),
        Operation::public::<Ask, Ceremony>(
            Method::Post,
            "/auth/second-factor/passkey",
            "auth.second_factor_passkey",
            200,
            |visit| Box::pin(ask(visit)),
        )
        .summary("Ask for a passkey as the second step of a sign-in"),
    ]
}

impl Entry<'_> {
    /// Lets the person in to the wanted organization, or to the one used last. Whoever has a second factor is asked for it
    /// first, whatever he came in with: a password, a new password after a letter, a provider.
    pub async fn enter(self, wanted: Option<Uuid>, shown: Shown) -> Result<Reply, Problem> {
        let factors = self.tenancy.store.factors(self.person.id).await?;
        if !shown.is_enough() && !factors.is_empty() {
            return self.challenge(wanted).await;
        }
        let offered = self.tenancy.store.offered(self.person.id).await?;
        let mut candidates = offered.into_iter().map(|offer| offer.id).collect::<Vec<_>>();
        if let Some(wanted) = wanted {
            candidates.retain(|id| *id == wanted);
            if candidates.is_empty() {
                return Err(Problem::not_found());
            }
        }
        for organization_id in candidates {
            if let Some(stored) = self.standing(organization_id).await? {
                return self.start(organization_id, stored, StatusCode::OK, Some(shown)).await;
            }
        }
        Err(no_organization())
    }

    async fn challenge(self, organization_id: Option<Uuid>) -> Result<Reply, Problem> {
        let (store, user_id, now) = (&self.tenancy.store, self.person.id, self.visit.now);
        let factors = store.factors(user_id).await?;
        let by = Beginner {
            user_id: Some(user_id),
            session_id: None,
        };
        let waiting = Waiting { organization_id };
        let ticket = self.tenancy.begin(Purpose::SecondFactor, by, &waiting, now).await?;
        let ways = [
            (factors.totp_since.is_some(), Shown::Totp),
            (factors.passkeys > 0, Shown::Passkey),
            (store.recovery_codes_left(user_id).await? > 0, Shown::RecoveryCode),
        ];
        let challenge = Challenge {
            second_factor: ways
                .iter()
                .filter(|(is_there, _)| *is_there)
                .map(|(_, way)| *way)
                .collect(),
            ticket,
            expires_in_s: Purpose::SecondFactor.lifetime().num_seconds(),
        };
        Ok(private(Reply::json(StatusCode::OK, &challenge)))
    }
}

async fn ask(visit: &Visit) -> Result<Reply, Problem> {
    let input: Ask = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let waiting = tenancy
        .peek::<Waiting>(Purpose::SecondFactor, &input.ticket, visit.now)
        .await?;
    let (options, asked) = tenancy.ask_passkey(waiting.user_id()?).await?;
    let state = WaitingKey {
        first: input.ticket,
        asked,
    };
    let ticket = tenancy
        .begin(Purpose::SecondPasskey, waiting.by, &state, visit.now)
        .await?;
    Ok(private(Reply::json(StatusCode::OK, &Ceremony { ticket, options })))
}

async fn second(visit: &Visit) -> Result<Reply, Problem> {
    let input: Second = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let (store, now) = (&tenancy.store, visit.now);
    let (first, shown) = match (input.code, input.recovery_code, input.credential) {
        (Some(code), None, None) => {
            let user_id = tenancy
                .peek::<Waiting>(Purpose::SecondFactor, &input.ticket, now)
                .await?
                .user_id()?;
            tenancy.try_totp(user_id, &code, now).await?;
            (input.ticket, Shown::Totp)
        }
        (None, Some(code), None) => {
            let user_id = tenancy
                .peek::<Waiting>(Purpose::SecondFactor, &input.ticket, now)
                .await?
                .user_id()?;
            tries::count(&store.0, user_id, now).await?;
            if !store.use_recovery_code(user_id, &code, now).await? {
                return Err(Problem::field("recovery_code", "wrong_code"));
            }
            tries::forget(&store.0, user_id).await?;
            News::RecoveryCodeUsed.tell(visit, user_id).await?;
            (input.ticket, Shown::RecoveryCode)
        }
        (None, None, Some(credential)) => {
            let asked = tenancy
                .take::<WaitingKey>(Purpose::SecondPasskey, &input.ticket, now)
                .await?;
            let state = &asked.state.asked;
            tenancy.take_passkey(asked.user_id()?, state, credential, now).await?;
            (asked.state.first, Shown::Passkey)
        }
        _ => return Err(one_way()),
    };
    let waiting = tenancy.take::<Waiting>(Purpose::SecondFactor, &first, now).await?;
    let person = store.active(waiting.user_id()?).await?;
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: person.ok_or_else(Problem::not_signed_in)?,
    };
    entry.enter(waiting.state.organization_id, shown).await
}
