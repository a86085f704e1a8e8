//! Keeping a member out for a while, and letting him in again. It acts on the next request.

use platform_core::{Boxed, Cx, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::account::{MEMBERS, changes, lock, record};
use crate::invitations::withdraw_of;
use crate::members::{Member, find, keep_an_owner, within_own};
use crate::sessions::end_here;

/// Tokens that were handed out before stay dead when the member is back.
pub(crate) const SET_STATUS: &str = "UPDATE platform.members SET status = $3, updated_at = $4,
        access_version = access_version + 1, session_version = session_version + 1, version = version + 1
    WHERE organization_id = $1 AND user_id = $2";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    user_id: String,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let may = || Permit::needs("members.update");
    vec![
        Operation::post(
            "/tenancy/members/{user_id}/suspend",
            "tenancy.members.suspend",
            may(),
            suspend,
        )
        .summary("Keep a member out until he is reinstated: it acts on the next request"),
        Operation::post(
            "/tenancy/members/{user_id}/reinstate",
            "tenancy.members.reinstate",
            may(),
            reinstate,
        )
        .summary("Let a suspended member in again"),
    ]
}

fn suspend(cx: &mut Cx, input: Named) -> Boxed<'_, Result<Member, Problem>> {
    Box::pin(async move {
        lock(cx).await?;
        let before = find(cx, &input.user_id).await?;
        if before.user_id == cx.actor_id() {
            return Err(Problem::refused("own_membership"));
        }
        within_own(cx, &before.position()).await?;
        if before.status == "suspended" {
            return Err(Problem::refused("already_suspended"));
        }
        keep_an_owner(cx, &before, false).await?;
        set(cx, before, "suspended", "suspended").await
    })
}

fn reinstate(cx: &mut Cx, input: Named) -> Boxed<'_, Result<Member, Problem>> {
    Box::pin(async move {
        lock(cx).await?;
        let before = find(cx, &input.user_id).await?;
        within_own(cx, &before.position()).await?;
        if before.status != "suspended" {
            return Err(Problem::refused("not_suspended"));
        }
        set(cx, before, "active", "reinstated").await
    })
}

async fn set(cx: &mut Cx, before: Member, status: &'static str, verb: &'static str) -> Result<Member, Problem> {
    let set = sqlx::query(SET_STATUS)
        .bind(cx.organization_id)
        .bind(before.user_id)
        .bind(status)
        .bind(cx.now);
    set.execute(cx.db()).await?;
    if status == "suspended" {
        end_here(cx, before.user_id, None, "suspended").await?;
        withdraw_of(cx, before.user_id).await?;
    }
    let changes = changes(&[("status", json!(before.status), json!(status))]);
    record(cx, MEMBERS, before.user_id, verb, changes).await?;
    find(cx, &before.user_id.to_string()).await
}
