//! How a person comes into an organization and out again: what all operations of sign-in share.

use axum::http::StatusCode;
use platform_core::{Cx, Identity, Mode, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::Tenancy;
use crate::factors::Shown;
use crate::groups::is_still_sent;
use crate::member::{Stored, end_session};
use crate::policy::VISITOR;
use crate::refresh::forget;
use crate::store::{self, OLDEST, Offer, Person};
use crate::token::LIFETIME_S;

/// Somebody is signed in.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Session {
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

/// Signs a person in to an organization: tokens, cookie and what the console shows first.
pub(crate) struct Entry<'a> {
    pub visit: &'a Visit,
    pub tenancy: &'a Tenancy,
    pub person: Person,
}

impl Entry<'_> {
    /// The member of an open organization. One that no longer knows the person is not offered again.
    pub async fn standing(&self, organization_id: Uuid) -> Result<Option<Stored>, Problem> {
        let mut cx = Cx::begin_job(&self.visit.platform, organization_id, "sign_in", Mode::Read).await?;
        let mut stored = Stored::read(cx.db(), organization_id, self.person.id).await?;
        let visits = stored.as_ref().is_some_and(|stored| stored.membership == VISITOR);
        if visits && !is_still_sent(&mut cx, self.person.id).await? {
            stored = None;
        }
        cx.commit().await?;
        if !stored.as_ref().is_some_and(|stored| stored.is_member) {
            let withdraw = self
                .tenancy
                .store
                .withdraw(self.person.id, organization_id, self.visit.now);
            withdraw.await?;
        }
        Ok(stored.filter(|stored| stored.is_open))
    }

    /// Starts a session; the answer carries the first refresh token. `shown` is what the person has shown just now, if anything.
    pub async fn start(
        self,
        organization_id: Uuid,
        stored: Stored,
        status: StatusCode,
        shown: Option<Shown>,
    ) -> Result<Reply, Problem> {
        let store = &self.tenancy.store;
        let started = store.start(
            self.person.id,
            organization_id,
            &self.visit.request,
            shown,
            self.visit.now,
        );
        let (session_id, token) = started.await?;
        let reply = self.session(organization_id, session_id, stored, status).await?;
        Ok(token.put(reply, OLDEST.num_seconds()))
    }

    pub async fn session(
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
            support: None,
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
pub(crate) fn private(reply: Reply) -> Reply {
    reply.header("cache-control", "no-store")
}

/// "Please sign in", and the cookie is taken away.
pub(crate) fn signed_out(visit: &Visit) -> Reply {
    forget(Problem::not_signed_in().reply(&visit.platform.catalogue, visit.locale))
}

/// Ends a session: its refresh tokens now, its access tokens with the next request.
pub(crate) async fn end(visit: &Visit, session: &store::Session, because: &'static str) -> Result<(), Problem> {
    kill(visit, session.id, session.organization_id, session.person.id, because).await
}

/// The same for a session of which only the ids are known.
pub(crate) async fn kill(
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
