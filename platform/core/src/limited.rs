//! Where limits stand in the path of a call, and how an answer speaks of them.

use axum::http::StatusCode;
use platform_limits::{Kind, Rate, State, Subject, Verdict, Without};
use uuid::Uuid;

use crate::{Identity, KeyUse, Operation, Platform, Problem, Reply, Request};

/// Counts a call of nobody in particular: of a page for everybody, or with a token that is refused.
pub(crate) async fn stranger(platform: &Platform, operation: &Operation, request: &Request) -> Result<(), Problem> {
    let without = if operation.can_guess {
        Without::Closed
    } else {
        Without::Alone
    };
    let subject = match (request.address.parse(), platform.limits.rates.address) {
        (Ok(address), Some(rate)) => Some(Subject::address(address, rate)),
        // Called without a connection, as by tests.
        _ => None,
    };
    check(platform, subject.as_slice(), without).await.map(drop)
}

/// Counts a call of a member.
pub(crate) async fn member(platform: &Platform, identity: &Identity) -> Result<(), Problem> {
    let (subjects, count) = of_member(platform, identity.organization_id, identity.user_id);
    check(platform, &subjects[..count], Without::Alone).await.map(drop)
}

/// Counts a call with a key: for the key, who holds it and the organization.
pub(crate) async fn key(
    platform: &Platform,
    identity: &Identity,
    key: &KeyUse,
) -> Result<Option<(Kind, State)>, Problem> {
    let (mut subjects, mut count) = of_member(platform, identity.organization_id, identity.user_id);
    if let Some(rate) = Rate::per_minute(key.requests_per_minute) {
        subjects[count] = Subject::key(identity.organization_id, key.id, rate);
        count += 1;
    }
    check(platform, &subjects[..count], Without::Alone).await
}

/// Room for a key is left.
fn of_member(platform: &Platform, organization_id: Uuid, user_id: Uuid) -> ([Subject; 3], usize) {
    let rates = platform.limits.rates;
    let user = rates.user.map(|rate| Subject::user(organization_id, user_id, rate));
    let organization = rates
        .organization
        .map(|rate| Subject::organization(organization_id, rate));
    let mut subjects = [Subject::NOBODY; 3];
    let mut count = 0;
    for subject in [user, organization].into_iter().flatten() {
        subjects[count] = subject;
        count += 1;
    }
    (subjects, count)
}

async fn check(platform: &Platform, subjects: &[Subject], without: Without) -> Result<Option<(Kind, State)>, Problem> {
    if subjects.is_empty() && without == Without::Alone {
        return Ok(None);
    }
    let now_us = platform.clock.now().timestamp_micros();
    match platform.limits.check(subjects, now_us, without).await {
        Verdict::Admitted(state) => Ok(state),
        Verdict::Refused(kind, state) => Err(Problem {
            retry_after_s: Some(state.retry_after_s),
            limit: Some(Box::new((kind, state))),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests").with("seconds", state.retry_after_s)
        }),
        Verdict::Closed => Err(Problem {
            retry_after_s: Some(5),
            ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "sign_in_closed")
        }),
    }
}

/// The answer with the words of draft-ietf-httpapi-ratelimit-headers: how many in which time, how many are left, until when.
pub(crate) fn speak(reply: Reply, kind: Kind, state: State) -> Reply {
    let name = kind.name();
    reply
        .header(
            "ratelimit-policy",
            format!("\"{name}\";q={};w={}", state.limit, state.window_s),
        )
        .header(
            "ratelimit",
            format!("\"{name}\";r={};t={}", state.remaining, state.reset_s),
        )
}
