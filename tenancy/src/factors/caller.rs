//! A person who acts for himself and not for an organization: on his factors, identities and sessions.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Identity, Method, Operation, Permit, Problem, Reply, Visit};
use schemars::JsonSchema;
use uuid::Uuid;

use crate::Tenancy;
use crate::factors::ticket::Beginner;
use crate::sessions;

/// How long a proof counts.
pub const RECENT: TimeDelta = TimeDelta::minutes(10);
/// What devices send is larger than what people type.
const CEREMONY_LIMIT_BYTES: usize = 64 * 1024;

/// Who is signed in, with a session that lives.
pub(crate) struct Caller {
    pub tenancy: Arc<Tenancy>,
    pub identity: Identity,
}

impl Caller {
    /// The person behind the request's access token.
    pub async fn of(visit: &Visit) -> Result<Self, Problem> {
        let tenancy = visit.platform.service::<Tenancy>();
        let identity = sessions::signed_in(visit).await?;
        let session = tenancy.store.proved(identity.session_id, identity.user_id, visit.now);
        session.await?.ok_or_else(Problem::not_signed_in)?;
        Ok(Self { tenancy, identity })
    }

    /// Whose.
    pub const fn user_id(&self) -> Uuid {
        self.identity.user_id
    }

    /// As the beginner of a ticket.
    pub const fn beginner(&self) -> Beginner {
        Beginner {
            user_id: Some(self.identity.user_id),
            session_id: Some(self.identity.session_id),
        }
    }

    /// Ends all other sessions of the person: whoever had come in with less has to come again.
    pub async fn end_others(&self, visit: &Visit) -> Result<(), Problem> {
        let (user_id, session_id) = (self.identity.user_id, self.identity.session_id);
        sessions::end_others(visit, user_id, session_id, "factors_changed").await?;
        Ok(())
    }
}

/// Whether a session proved a short while ago who is there, with what the person has.
pub(crate) async fn recent(tenancy: &Tenancy, identity: &Identity, now: DateTime<Utc>) -> Result<(), Problem> {
    // Somebody from support is not the person, whatever he has proved himself.
    if identity.support.is_some() {
        return Err(Problem::step_up_needed());
    }
    let (session_id, user_id) = (identity.session_id, identity.user_id);
    let proved = tenancy.store.proved(session_id, user_id, now).await?;
    let Some(proved) = proved.filter(|proved| proved.at.is_some_and(|at| now < at + RECENT)) else {
        return Err(Problem::step_up_needed());
    };
    // A password is enough for who has nothing better.
    if proved.is_enough || tenancy.store.factors(user_id).await?.is_empty() {
        Ok(())
    } else {
        Err(Problem::step_up_needed())
    }
}

type Run = for<'a> fn(&'a Visit) -> platform_core::Boxed<'a, Result<Reply, Problem>>;

/// An operation of a signed-in person on what is his own. It reaches no organization's rows, so it opens no transaction there.
pub(crate) fn own<In: JsonSchema, Out: JsonSchema>(
    method: Method,
    path: &'static str,
    id: &'static str,
    status: u16,
    run: Run,
) -> Operation {
    let mut operation = Operation::public::<In, Out>(method, path, id, status, run);
    operation.permit = Permit::SignedIn;
    operation.body_limit_bytes = CEREMONY_LIMIT_BYTES;
    operation
}

/// An operation of a stranger that carries what a device sent.
pub(crate) fn ceremony<In: JsonSchema, Out: JsonSchema>(path: &'static str, id: &'static str, run: Run) -> Operation {
    let mut operation = Operation::public::<In, Out>(Method::Post, path, id, 200, run);
    operation.body_limit_bytes = CEREMONY_LIMIT_BYTES;
    operation
}

/// Only one of several ways, and exactly one.
pub(crate) fn one_way() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "one_way")
}
