//! Identities at providers that a signed-in person links to himself, and a provider as a proof in the middle of a session.

use platform_core::{Method, Operation, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::Connection;
use uuid::Uuid;

use crate::factors::Shown;
use crate::factors::caller::{Caller, own};
use crate::factors::news::News;
use crate::factors::step_up::{Proven, only_without_factor, proven};
use crate::factors::ticket::Purpose;
use crate::oidc::provider::failed;
use crate::oidc::rows::UNLINK;
use crate::oidc::sign_in::{Errand, Return, There, returned, send};
use crate::store::Store;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// As in `/auth/providers`.
    provider: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it documents the path")]
struct One {
    id: Uuid,
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        own::<Begin, There>(
            Method::Post,
            "/auth/identities/begin",
            "auth.identities.begin",
            200,
            |visit| Box::pin(begin(visit, Purpose::ProviderLink)),
        )
        .step_up()
        .summary("Link an identity at a provider: where to send the browser"),
        own::<Return, ()>(
            Method::Post,
            "/auth/identities",
            "auth.identities.create",
            204,
            |visit| Box::pin(create(visit)),
        )
        .summary("Back from the provider: the identity is the caller's from now on"),
        own::<One, ()>(
            Method::Delete,
            "/auth/identities/{id}",
            "auth.identities.remove",
            204,
            |visit| Box::pin(remove(visit)),
        )
        .step_up()
        .summary("An identity no longer lets the caller in"),
        own::<Begin, There>(
            Method::Post,
            "/auth/step-up/provider/begin",
            "auth.step_up_provider_begin",
            200,
            |visit| Box::pin(begin(visit, Purpose::ProviderStepUp)),
        )
        .summary("Prove again who is there, at a provider: where to send the browser"),
        own::<Return, Proven>(
            Method::Post,
            "/auth/step-up/provider",
            "auth.step_up_provider",
            200,
            |visit| Box::pin(prove(visit)),
        )
        .summary("Back from the provider: it counts as a recent proof"),
    ]
}

async fn begin(visit: &Visit, purpose: Purpose) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let input: Begin = visit.request.body_as()?;
    if purpose == Purpose::ProviderStepUp {
        only_without_factor(&caller).await?;
    }
    let provider = caller.tenancy.provider(&input.provider).await?;
    let errand = Errand {
        purpose,
        by: caller.beginner(),
        organization_id: None,
    };
    send(visit, &caller.tenancy, &provider, errand).await
}

async fn create(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let input: Return = visit.request.body_as()?;
    let (who, _, begun) = returned(visit, &caller.tenancy, Purpose::ProviderLink, input).await?;
    begun.of(caller.identity.session_id)?;
    let mut connection = caller.tenancy.store.connection().await?;
    let mut transaction = connection.begin().await?;
    if !Store::link(&mut transaction, caller.user_id(), &who, visit.now).await? {
        return Err(Problem::refused("identity_taken"));
    }
    transaction.commit().await?;
    drop(connection);
    News::IdentityLinked.tell(visit, caller.user_id()).await?;
    Ok(Reply::empty())
}

async fn remove(visit: &Visit) -> Result<Reply, Problem> {
    let id = visit.request.id("id")?;
    let caller = Caller::of(visit).await?;
    let (store, user_id) = (&caller.tenancy.store, caller.user_id());
    let linked = store.identities(user_id).await?;
    let is_last = linked.len() == 1 && linked.iter().any(|linked| linked.id == id);
    let has_passkey = store.factors(user_id).await?.passkeys > 0;
    if is_last && !has_passkey && store.password(user_id).await?.is_none() {
        return Err(Problem::refused("last_way_in"));
    }
    let gone = sqlx::query(UNLINK).bind(id).bind(user_id);
    if gone.execute(&store.0).await?.rows_affected() == 0 {
        return Err(Problem::not_found());
    }
    caller.end_others(visit).await?;
    News::IdentityRemoved.tell(visit, user_id).await?;
    Ok(Reply::empty())
}

async fn prove(visit: &Visit) -> Result<Reply, Problem> {
    let caller = Caller::of(visit).await?;
    let input: Return = visit.request.body_as()?;
    only_without_factor(&caller).await?;
    let (who, _, begun) = returned(visit, &caller.tenancy, Purpose::ProviderStepUp, input).await?;
    begun.of(caller.identity.session_id)?;
    let linked = caller.tenancy.store.identity(&who.issuer, &who.subject).await?;
    if linked.is_none_or(|(_, user_id)| user_id != caller.user_id()) {
        return Err(failed("it is somebody else's identity"));
    }
    proven(&caller, visit, Shown::Provider).await
}
