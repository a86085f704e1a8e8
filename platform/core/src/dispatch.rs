//! The path of one call: who, one transaction, permission, idempotency, handler, commit.

use std::sync::Arc;

use axum::http::StatusCode;
use platform_limits::{Kind, State};
use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::limited;
use crate::operation::TenantFn;
use crate::{Actor, Body, Cx, Handler, Method, Mode, Operation, Permit, Platform, Problem, Reply, Request, Visit};

/// Largest body of an operation that does not say otherwise.
pub const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// Serves one call. Writes go on when the caller disconnects, so that an answer lost on the way is never half an effect.
pub async fn dispatch(platform: Arc<Platform>, operation: Arc<Operation>, request: Request) -> Reply {
    let locale = request.locale();
    let shared = platform.clone();
    let outcome = if operation.method == Method::Get {
        serve(platform, &operation, request).await
    } else {
        let task = tokio::spawn(async move { serve(platform, &operation, request).await });
        task.await.unwrap_or_else(|error| Err(Problem::internal(&error)))
    };
    outcome.unwrap_or_else(|problem| problem.reply(&shared.catalogue, locale))
}

async fn serve(platform: Arc<Platform>, operation: &Operation, request: Request) -> Result<Reply, Problem> {
    if request.body.len() > operation.body_limit_bytes {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_much").with("max", operation.body_limit_bytes));
    }
    match &operation.handler {
        Handler::Public(run) => {
            limited::stranger(&platform, operation, &request).await?;
            if operation.step_up {
                let now = platform.clock.now();
                let identity = platform.authority().identify(&request.headers, now)?;
                platform.authority().recent(&identity, now).await?;
            }
            let visit = Visit {
                now: platform.clock.now(),
                locale: request.locale(),
                platform,
                request,
            };
            run(&visit).await
        }
        Handler::Tenant(run) => {
            let mode = if operation.method == Method::Get {
                Mode::Read
            } else {
                Mode::Write
            };
            let (mut cx, limit) = match enter(&platform, &request, mode).await {
                Ok(entered) => entered,
                // Whoever tries tokens and keys is counted by where he calls from.
                Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
                    limited::stranger(&platform, operation, &request).await?;
                    return Err(problem);
                }
                Err(problem) => return Err(problem),
            };
            cx.locale = request.locale();
            cx.request_id = request.header("x-request-id").unwrap_or_default().to_owned();
            let outcome = call(&mut cx, operation, request, run.as_ref()).await;
            match outcome {
                Ok(reply) => cx.commit().await.map(|()| match limit {
                    Some((kind, state)) => limited::speak(reply, kind, state),
                    None => reply,
                }),
                Err(problem) => {
                    // The refusal is the answer; a rollback that fails leaves a connection that the pool throws away.
                    let _ = cx.rollback().await;
                    Err(problem)
                }
            }
        }
    }
}

/// Opens the transaction of whoever calls. A call that is over a limit costs the database nothing, but for the first one of a
/// key that this process has not seen: whose it is is not known before. Programs are told how they stand.
async fn enter(
    platform: &Arc<Platform>,
    request: &Request,
    mode: Mode,
) -> Result<(Cx, Option<(Kind, State)>), Problem> {
    let (authority, now) = (platform.authority(), platform.clock.now());
    let Some(shown) = authority.shown_key(&request.headers, now)? else {
        let identity = authority.caller(&request.headers, now)?;
        limited::member(platform, &identity).await?;
        return Ok((Cx::begin(platform, identity, mode).await?, None));
    };
    if let Some((identity, key)) = &shown.known {
        let limit = limited::key(platform, identity, key).await?;
        return Ok((Cx::begin_key(platform, &shown, mode).await?, limit));
    }
    let cx = Cx::begin_key(platform, &shown, mode).await?;
    let mut limit = None;
    if let (Actor::Member(identity, _), Some(key)) = (&cx.actor, &cx.key) {
        limit = limited::key(platform, identity, key).await?;
    }
    Ok((cx, limit))
}

async fn call(cx: &mut Cx, operation: &Operation, request: Request, run: &TenantFn) -> Result<Reply, Problem> {
    if !cx.has_module(operation.module) {
        return Err(Problem::not_found());
    }
    if operation.people_only && cx.key.is_some() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_for_keys"));
    }
    if let Actor::Member(identity, _) = &cx.actor
        && identity.support.is_some()
    {
        cx.platform.authority().admits_support(operation)?;
    }
    if let Actor::Member(_, member) = &cx.actor
        && member.membership == "visitor"
        && operation.method != Method::Get
    {
        return Err(Problem::new(StatusCode::FORBIDDEN, "read_only_visit"));
    }
    let permissions = match &operation.permit {
        Permit::Public | Permit::SignedIn => &[],
        Permit::Needs(permission) => std::slice::from_ref(permission),
        Permit::AnyOf(permissions) => permissions.as_slice(),
    };
    let fits = |permission: &String| match operation.is_scoped {
        true => cx.scope(permission).is_some(),
        false => cx.may(permission),
    };
    if let Some(first) = permissions.first()
        && !permissions.iter().any(fits)
    {
        return Err(Problem::forbidden(first));
    }
    if operation.step_up {
        let platform = cx.platform.clone();
        let identity = cx.member()?.0.clone();
        platform.authority().recent(&identity, cx.now).await?;
    }
    let key = request.header("idempotency-key").map(ToOwned::to_owned);
    match key {
        Some(key) if operation.method == Method::Post => once(cx, operation, request, &key, run).await,
        _ => run(cx, request).await,
    }
}

const CLAIM: &str = "INSERT INTO platform.idempotency_keys (organization_id, key, user_id, request_hash, created_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, key) DO NOTHING";
const STORED: &str = "SELECT user_id, request_hash, status, response, etag FROM platform.idempotency_keys
    WHERE organization_id = $1 AND key = $2";
const KEEP: &str = "UPDATE platform.idempotency_keys SET status = $3, response = $4, etag = $5
    WHERE organization_id = $1 AND key = $2";

pub(crate) const STATEMENTS: [&str; 3] = [CLAIM, STORED, KEEP];

/// Runs a write once per key: the key, the effect and the answer are one transaction.
async fn once(
    cx: &mut Cx,
    operation: &Operation,
    request: Request,
    key: &str,
    run: &TenantFn,
) -> Result<Reply, Problem> {
    if key.is_empty() || key.len() > 200 || !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Problem::field("Idempotency-Key", "bad_key"));
    }
    let mut hash = Sha256::new();
    hash.update(cx.platform.fingerprint_key);
    hash.update(operation.id.as_bytes());
    for (_, value) in &request.path {
        hash.update(value.as_bytes());
    }
    hash.update(request.query.as_bytes());
    hash.update(&request.body);
    let hash = hex::encode(hash.finalize());
    let (organization_id, user_id, now) = (cx.organization_id, cx.actor_id(), cx.now);
    let claim = sqlx::query(CLAIM)
        .bind(organization_id)
        .bind(key)
        .bind(user_id)
        .bind(&hash)
        .bind(now);
    // Waits here while another call with the key is under way; the lock timeout turns a long one into "try again".
    if claim.execute(cx.db()).await?.rows_affected() == 0 {
        let row = sqlx::query(STORED)
            .bind(organization_id)
            .bind(key)
            .fetch_one(cx.db())
            .await?;
        let same =
            row.try_get::<String, _>("request_hash")? == hash && row.try_get::<uuid::Uuid, _>("user_id")? == user_id;
        if !same {
            return Err(Problem::field("Idempotency-Key", "key_reused"));
        }
        let status = u16::try_from(row.try_get::<i32, _>("status")?).unwrap_or(200);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut reply = Reply::json_bytes(status, row.try_get("response")?).header("idempotent-replay", "true");
        if let Some(etag) = row.try_get::<Option<String>, _>("etag")? {
            reply = reply.header("etag", etag);
        }
        return Ok(reply);
    }
    let locale = request.locale();
    let reply = run(cx, request).await?;
    // An answer that may not be kept, because a secret is in it, is not kept here either: a repetition is told so.
    let shown_once = reply.get("cache-control") == Some("no-store");
    let kept = shown_once.then(|| Problem::refused("shown_once").reply(&cx.platform.catalogue, locale));
    let kept = kept.as_ref().unwrap_or(&reply);
    let bytes = match &kept.body {
        Body::Bytes(bytes) => bytes.to_vec(),
        Body::Empty => Vec::new(),
    };
    sqlx::query(KEEP)
        .bind(organization_id)
        .bind(key)
        .bind(i32::from(kept.status.as_u16()))
        .bind(bytes)
        .bind(kept.get("etag"))
        .execute(cx.db())
        .await?;
    Ok(reply)
}
