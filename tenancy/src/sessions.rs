//! Sessions that a person can look at and end, and those of members, for administrators. An ended session is over with the next
//! request: its refresh token at once, its access tokens through the member's version.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::{Authority, Boxed, Cx, Identity, Method, Mode, Operation, Permit, Platform, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{MEMBERS, changes, record};
use crate::entry::private;
use crate::member::end_session;
use crate::members;
use crate::store::Offer;

/// Living sessions of a person, in one organization or in all.
pub(crate) const LIST: &str =
    "SELECT s.id, s.organization_id, o.name, s.created_at, s.last_used_at, s.expires_at, s.user_agent, s.address
    FROM identity.sessions s JOIN identity.organizations o ON o.id = s.organization_id
    WHERE s.user_id = $1 AND ($2::uuid IS NULL OR s.organization_id = $2) AND s.ended_at IS NULL
        AND s.expires_at > $3 AND s.last_used_at > $3::timestamptz - interval '12 hours'
    ORDER BY s.last_used_at DESC, s.id LIMIT 200";
pub(crate) const END: &str = "UPDATE identity.sessions SET ended_at = $3, ended_because = $4, successor = NULL
    WHERE user_id = $1 AND id = $2 AND ended_at IS NULL RETURNING id, organization_id";
/// All of a person but one; none is spared by the nil id.
pub(crate) const END_OTHERS: &str = "UPDATE identity.sessions SET ended_at = $3, ended_because = $4, successor = NULL
    WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING id, organization_id";
/// In one organization: one, or all.
pub(crate) const END_HERE: &str = "UPDATE identity.sessions SET ended_at = $4, ended_because = $5, successor = NULL
    WHERE user_id = $1 AND organization_id = $2 AND ($3::uuid IS NULL OR id = $3) AND ended_at IS NULL
    RETURNING id, organization_id";

/// One sign-in that is not over.
#[derive(Serialize, JsonSchema)]
struct Session {
    id: Uuid,
    organization: Offer,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    /// When it ends by itself at the latest.
    expires_at: DateTime<Utc>,
    /// What the browser said it is.
    user_agent: Option<String>,
    /// Where the sign-in came from.
    address: Option<String>,
    /// Whether this very request belongs to it.
    is_current: bool,
}

#[derive(Serialize, JsonSchema)]
struct Sessions {
    data: Vec<Session>,
}

/// How many sessions were ended.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ended {
    pub ended: usize,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfMember {
    user_id: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OneOfMember {
    user_id: String,
    id: String,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let of_members = || Permit::needs("members.end_sessions");
    // They end sessions in several organizations one after the other, so they open their transactions themselves.
    let mut end = Operation::public::<One, Ended>(
        Method::Post,
        "/auth/sessions/{id}/end",
        "auth.sessions.end",
        200,
        |visit| Box::pin(end_one(visit)),
    )
    .summary("End one of the caller's own sessions");
    end.permit = Permit::SignedIn;
    let mut end_rest = Operation::public::<Nothing, Ended>(
        Method::Post,
        "/auth/sessions/end_others",
        "auth.sessions.end_others",
        200,
        |visit| Box::pin(end_rest(visit)),
    )
    .summary("End all of the caller's own sessions but this one");
    end_rest.permit = Permit::SignedIn;
    vec![
        Operation::get("/auth/sessions", "auth.sessions.list", Permit::SignedIn, own as OwnFn)
            .summary("The caller's own sessions, in all organizations"),
        end,
        end_rest,
        Operation::get(
            "/tenancy/members/{user_id}/sessions",
            "tenancy.members.sessions",
            of_members(),
            of_member as OfMemberFn,
        )
        .summary("A member's sessions in this organization"),
        Operation::post(
            "/tenancy/members/{user_id}/sessions/end",
            "tenancy.members.end_sessions",
            of_members(),
            |cx, input: OfMember| Box::pin(end_of_member(cx, input.user_id, None)),
        )
        .summary("End all of a member's sessions in this organization"),
        Operation::post(
            "/tenancy/members/{user_id}/sessions/{id}/end",
            "tenancy.members.end_session",
            of_members(),
            |cx, input: OneOfMember| Box::pin(end_of_member(cx, input.user_id, Some(input.id))),
        )
        .summary("End one of a member's sessions in this organization"),
    ]
}

type OwnFn = for<'a> fn(&'a mut Cx, Nothing) -> Boxed<'a, Result<Sessions, Problem>>;
type OfMemberFn = for<'a> fn(&'a mut Cx, OfMember) -> Boxed<'a, Result<Sessions, Problem>>;

/// Who is signed in, for operations that open their own transactions.
pub(crate) async fn signed_in(visit: &Visit) -> Result<Identity, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let identity = tenancy.identify(&visit.request.headers, visit.now)?;
    Cx::begin(&visit.platform, identity.clone(), Mode::Read)
        .await?
        .commit()
        .await?;
    Ok(identity)
}

async fn list(cx: &mut Cx, user_id: Uuid, here: Option<Uuid>) -> Result<Sessions, Problem> {
    let current = cx.member()?.0.session_id;
    let tenancy = cx.platform.service::<Tenancy>();
    let rows = sqlx::query(LIST).bind(user_id).bind(here).bind(cx.now);
    let rows = rows.fetch_all(&tenancy.store.0).await?;
    let session = |row: &PgRow| -> Result<Session, sqlx::Error> {
        let id = row.try_get("id")?;
        Ok(Session {
            id,
            organization: Offer {
                id: row.try_get("organization_id")?,
                name: row.try_get("name")?,
            },
            created_at: row.try_get("created_at")?,
            last_used_at: row.try_get("last_used_at")?,
            expires_at: row.try_get("expires_at")?,
            user_agent: row.try_get("user_agent")?,
            address: row.try_get("address")?,
            is_current: id == current,
        })
    };
    Ok(Sessions {
        data: rows.iter().map(session).collect::<Result<_, _>>()?,
    })
}

fn own(cx: &mut Cx, _: Nothing) -> Boxed<'_, Result<Sessions, Problem>> {
    Box::pin(async move {
        let user_id = cx.member()?.0.user_id;
        list(cx, user_id, None).await
    })
}

fn of_member(cx: &mut Cx, input: OfMember) -> Boxed<'_, Result<Sessions, Problem>> {
    Box::pin(async move {
        let member = members::find(cx, &input.user_id).await?;
        let here = cx.organization_id;
        list(cx, member.user_id, Some(here)).await
    })
}

async fn end_one(visit: &Visit) -> Result<Reply, Problem> {
    let identity = signed_in(visit).await?;
    let input: One = visit.request.body_as()?;
    let id = Uuid::try_parse(&input.id).map_err(|_| Problem::not_found())?;
    let ended = end(visit, END, identity.user_id, id, "ended").await?;
    if ended == 0 {
        return Err(Problem::not_found());
    }
    Ok(private(Reply::json(StatusCode::OK, &Ended { ended })))
}

async fn end_rest(visit: &Visit) -> Result<Reply, Problem> {
    let identity = signed_in(visit).await?;
    let ended = end(visit, END_OTHERS, identity.user_id, identity.session_id, "ended").await?;
    Ok(private(Reply::json(StatusCode::OK, &Ended { ended })))
}

/// Ends every session of a person, but one.
pub(crate) async fn end_others(
    visit: &Visit,
    user_id: Uuid,
    spared: Uuid,
    because: &'static str,
) -> Result<usize, Problem> {
    end(visit, END_OTHERS, user_id, spared, because).await
}

async fn end(
    visit: &Visit,
    statement: &'static str,
    user_id: Uuid,
    session_id: Uuid,
    because: &'static str,
) -> Result<usize, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let rows = sqlx::query(statement)
        .bind(user_id)
        .bind(session_id)
        .bind(visit.now)
        .bind(because);
    let rows = rows.fetch_all(&tenancy.store.0).await?;
    silence(&visit.platform, user_id, &rows).await?;
    Ok(rows.len())
}

/// Kills the access tokens of sessions that were just ended, organization by organization.
pub(crate) async fn silence(platform: &Arc<Platform>, user_id: Uuid, ended: &[PgRow]) -> Result<(), Problem> {
    let mut by_organization: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in ended {
        let sessions = by_organization.entry(row.try_get("organization_id")?).or_default();
        sessions.push(row.try_get("id")?);
    }
    for (organization_id, sessions) in by_organization {
        let mut cx = Cx::begin_job(platform, organization_id, "sign_out", Mode::Write).await?;
        for session_id in sessions {
            end_session(&mut cx, user_id, session_id).await?;
        }
        cx.commit().await?;
    }
    Ok(())
}

async fn end_of_member(cx: &mut Cx, user_id: String, session: Option<String>) -> Result<Ended, Problem> {
    let member = members::find(cx, &user_id).await?;
    members::within_own(cx, &member.position()).await?;
    let session = session.map(|id| Uuid::try_parse(&id)).transpose();
    let session = session.map_err(|_| Problem::not_found())?;
    let ended = end_here(cx, member.user_id, session, "by_admin").await?;
    if ended == 0 && session.is_some() {
        return Err(Problem::not_found());
    }
    let count = serde_json::json!(ended);
    let changes = changes(&[("sessions", count, serde_json::json!(0))]);
    record(cx, MEMBERS, member.user_id, "sessions_ended", changes).await?;
    Ok(Ended { ended })
}

/// Ends a member's sessions in the organization of the open transaction: one, or all.
pub(crate) async fn end_here(
    cx: &mut Cx,
    user_id: Uuid,
    session: Option<Uuid>,
    because: &'static str,
) -> Result<usize, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let rows = sqlx::query(END_HERE)
        .bind(user_id)
        .bind(cx.organization_id)
        .bind(session)
        .bind(cx.now)
        .bind(because)
        .fetch_all(&tenancy.store.0)
        .await?;
    for row in &rows {
        end_session(cx, user_id, row.try_get("id")?).await?;
    }
    Ok(rows.len())
}
