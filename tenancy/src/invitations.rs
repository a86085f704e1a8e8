//! Invitations by mail: who is to come into the organization, and as what.
//!
//! A link in a letter names the organization and the invitation and holds 32 random bytes, which are stored as a hash. It opens
//! once, for a week; a letter that is sent again makes the one before worthless.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Boxed, Cx, FieldError, Operation, Permit, Problem, ids};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{Position, changes, read_email, record};
use crate::letter::Letter;
use crate::members::{List, within_own};
use crate::post;
use crate::proof::Secret;
use crate::throttle::{self, Try};

pub(crate) const LIST: &str = "SELECT id, email, membership, roles, state, locale, letters, last_sent_at, expires_at,
        invited_by_name, settled_at, created_at
    FROM platform.invitations WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3";
pub(crate) const ONE: &str = "SELECT id, email, membership, roles, state, locale, letters, last_sent_at, expires_at,
        invited_by_name, settled_at, created_at
    FROM platform.invitations WHERE organization_id = $1 AND id = $2 FOR UPDATE";
pub(crate) const IS_MEMBER: &str = "SELECT EXISTS (SELECT FROM platform.members
    WHERE organization_id = $1 AND email = $2 AND status <> 'removed')";
/// An invitation that nobody accepted in time makes room for the next.
pub(crate) const MAKE_ROOM: &str =
    "UPDATE platform.invitations SET state = 'withdrawn', settled_at = $3, updated_at = $3,
        version = version + 1
    WHERE organization_id = $1 AND email = $2 AND state = 'open' AND expires_at <= $3";
pub(crate) const ADD: &str =
    "INSERT INTO platform.invitations (organization_id, id, email, membership, roles, token_hash,
        locale, last_sent_at, expires_at, invited_by, invited_by_name, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $8, $8)";
pub(crate) const AGAIN: &str = "UPDATE platform.invitations SET token_hash = $3, last_sent_at = $4, expires_at = $5,
        letters = letters + 1, updated_at = $4, version = version + 1
    WHERE organization_id = $1 AND id = $2";
pub(crate) const WITHDRAW: &str =
    "UPDATE platform.invitations SET state = 'withdrawn', settled_at = $3, updated_at = $3,
        version = version + 1
    WHERE organization_id = $1 AND id = $2";
pub(crate) const WITHDRAW_OF: &str =
    "UPDATE platform.invitations SET state = 'withdrawn', settled_at = $3, updated_at = $3,
        version = version + 1
    WHERE organization_id = $1 AND invited_by = $2 AND state = 'open' RETURNING id";

/// What an invitation's history is filed under.
pub(crate) const INVITATIONS: &str = "tenancy.invitations";
/// How long a link opens the door.
const LIFETIME: TimeDelta = TimeDelta::days(7);
/// Letters of one invitation.
const MOST_LETTERS: i64 = 10;
/// Time between two letters of one invitation.
const BETWEEN_LETTERS: TimeDelta = TimeDelta::minutes(1);

/// What a link of an invitation carries.
pub(crate) struct Pass {
    pub organization_id: Uuid,
    pub id: Uuid,
    pub secret: Secret,
}

impl Pass {
    /// How it stands in the link.
    pub fn text(&self) -> String {
        let ids = [*self.organization_id.as_bytes(), *self.id.as_bytes()].concat();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(ids), self.secret.text())
    }

    /// The pass of a link that somebody opened.
    pub fn read(text: &str) -> Option<Self> {
        let (ids, secret) = text.split_once('.')?;
        let ids = URL_SAFE_NO_PAD.decode(ids).ok()?;
        let (organization_id, id) = ids.split_at_checked(16)?;
        Some(Self {
            organization_id: Uuid::from_slice(organization_id).ok()?,
            id: Uuid::from_slice(id).ok()?,
            secret: Secret::read(secret)?,
        })
    }
}

/// Somebody who is to come in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Invitation {
    id: Uuid,
    email: String,
    membership: String,
    roles: Vec<String>,
    /// open, expired, accepted or withdrawn.
    state: String,
    /// en or ar: the language of its letters.
    locale: String,
    /// Letters so far.
    letters: i64,
    last_sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    invited_by_name: String,
    /// When it was accepted or withdrawn.
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

#[derive(Serialize, JsonSchema)]
struct Page {
    data: Vec<Invitation>,
    /// Give as `after` for the next page.
    next: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Invite {
    email: String,
    /// owner, admin, manager or viewer; not above the caller's own.
    membership: String,
    /// Job roles; nothing that the caller may not do himself.
    #[serde(default)]
    roles: Vec<String>,
    /// en or ar: the language of the letter; the caller's when absent.
    locale: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let may_invite = || Permit::needs("members.create");
    let path = "/tenancy/invitations";
    vec![
        Operation::get(path, "tenancy.invitations.list", Permit::needs("members.read"), list)
            .summary("Invitations, the latest first"),
        Operation::acting(path, "tenancy.invitations.create", may_invite(), 201, create)
            .summary("Invite somebody by mail"),
        Operation::post(
            "/tenancy/invitations/{id}/resend",
            "tenancy.invitations.resend",
            may_invite(),
            resend,
        )
        .summary("Send the letter again; the link of the one before opens nothing any more"),
        Operation::post(
            "/tenancy/invitations/{id}/withdraw",
            "tenancy.invitations.withdraw",
            may_invite(),
            withdraw,
        )
        .summary("Withdraw an invitation: its link opens nothing any more"),
    ]
}

fn read(row: &PgRow, now: DateTime<Utc>) -> Result<Invitation, sqlx::Error> {
    let expires_at: DateTime<Utc> = row.try_get("expires_at")?;
    let state: String = row.try_get("state")?;
    let is_late = state == "open" && expires_at <= now;
    Ok(Invitation {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        membership: row.try_get("membership")?,
        roles: row.try_get("roles")?,
        state: if is_late { "expired".to_owned() } else { state },
        locale: row.try_get("locale")?,
        letters: row.try_get("letters")?,
        last_sent_at: row.try_get("last_sent_at")?,
        expires_at,
        invited_by_name: row.try_get("invited_by_name")?,
        settled_at: row.try_get("settled_at")?,
        created_at: row.try_get("created_at")?,
    })
}

/// An invitation by the id of the path, locked; what is not there or not of this organization gets one answer.
async fn find(cx: &mut Cx, id: &str) -> Result<Invitation, Problem> {
    let id = Uuid::try_parse(id).map_err(|_| Problem::not_found())?;
    let one = sqlx::query(ONE).bind(cx.organization_id).bind(id);
    let row = one.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(read(&row, cx.now)?)
}

fn list(cx: &mut Cx, input: List) -> Boxed<'_, Result<Page, Problem>> {
    Box::pin(async move {
        let (limit, after) = input.read()?;
        let list = sqlx::query(LIST).bind(cx.organization_id).bind(after).bind(limit + 1);
        let rows = list.fetch_all(cx.db()).await?;
        let mut data = rows
            .iter()
            .map(|row| read(row, cx.now))
            .collect::<Result<Vec<_>, _>>()?;
        let wanted = usize::try_from(limit).unwrap_or_default();
        let has_more = data.len() > wanted;
        data.truncate(wanted);
        let next = data.last().filter(|_| has_more).map(|last| last.id.to_string());
        Ok(Page { data, next })
    })
}

fn create(cx: &mut Cx, input: Invite) -> Boxed<'_, Result<Invitation, Problem>> {
    Box::pin(async move {
        let email = read_email(&input.email)?;
        let locale = input.locale.unwrap_or_else(|| cx.locale.code().to_owned());
        if !["en", "ar"].contains(&locale.as_str()) {
            let allowed = vec![("allowed", "en, ar".to_owned())];
            return Err(Problem::invalid(vec![
                FieldError::new("locale", "not_a_choice").with(allowed),
            ]));
        }
        let position = Position {
            membership: input.membership,
            roles: input.roles,
        };
        let position = position.checked()?;
        within_own(cx, &position).await?;
        let (organization_id, now) = (cx.organization_id, cx.now);
        let is_member = sqlx::query_scalar(IS_MEMBER).bind(organization_id).bind(&email);
        if is_member.fetch_one(cx.db()).await? {
            return Err(Problem::field("email", "taken"));
        }
        let tenancy = cx.platform.service::<Tenancy>();
        let house = organization_id.to_string();
        Try::count(&tenancy.store.0, throttle::INVITATIONS, &[&house], now).await?;
        let room = sqlx::query(MAKE_ROOM).bind(organization_id).bind(&email).bind(now);
        room.execute(cx.db()).await?;
        let pass = Pass {
            organization_id,
            id: ids::new_id(),
            secret: Secret::new(),
        };
        let (invited_by, invited_by_name) = (cx.member()?.0.user_id, cx.actor_name().to_owned());
        let add = sqlx::query(ADD)
            .bind(organization_id)
            .bind(pass.id)
            .bind(&email)
            .bind(&position.membership)
            .bind(&position.roles)
            .bind(pass.secret.hash())
            .bind(&locale)
            .bind(now)
            .bind(now + LIFETIME)
            .bind(invited_by)
            .bind(invited_by_name);
        let added = add.execute(cx.db()).await;
        added.map_err(|error| match error.as_database_error() {
            Some(refusal) if refusal.constraint() == Some("invitations_email_key") => Problem::field("email", "taken"),
            _ => error.into(),
        })?;
        let changes = changes(&[
            ("email", Json::Null, json!(email)),
            ("membership", Json::Null, json!(position.membership)),
            ("roles", Json::Null, json!(position.roles)),
        ]);
        record(cx, INVITATIONS, pass.id, "created", changes).await?;
        let invitation = find(cx, &pass.id.to_string()).await?;
        send(cx, &invitation, &pass).await?;
        Ok(invitation)
    })
}

/// Puts the letter on its way.
async fn send(cx: &mut Cx, invitation: &Invitation, pass: &Pass) -> Result<(), Problem> {
    let locale = post::locale(&invitation.locale);
    let member = cx.member()?.1.clone();
    let words = &cx.platform.catalogue.words(locale)["membership"];
    let membership = words[invitation.membership.as_str()].as_str();
    let letter = Letter::new("invitation", &invitation.email, locale, cx.now)
        .with("organization", &member.organization_name)
        .with("inviter", &member.name)
        .with("membership", membership.unwrap_or(&invitation.membership))
        .with("days", LIFETIME.num_days())
        .link("/invitation", &pass.text())
        .until(cx.now + LIFETIME)
        .of(cx.organization_id)
        .opening(&invitation.membership, &invitation.roles);
    post::post(cx, &letter).await
}

/// An open invitation whose position the caller could give.
async fn own(cx: &mut Cx, id: &str) -> Result<Invitation, Problem> {
    let invitation = find(cx, id).await?;
    if invitation.settled_at.is_some() {
        return Err(Problem::refused("invitation_settled"));
    }
    let position = Position {
        membership: invitation.membership.clone(),
        roles: invitation.roles.clone(),
    };
    within_own(cx, &position).await?;
    Ok(invitation)
}

fn resend(cx: &mut Cx, input: Named) -> Boxed<'_, Result<Invitation, Problem>> {
    Box::pin(async move {
        let before = own(cx, &input.id).await?;
        if before.letters >= MOST_LETTERS {
            return Err(Problem::refused("too_many_letters"));
        }
        let wait = before.last_sent_at + BETWEEN_LETTERS - cx.now;
        if wait > TimeDelta::zero() {
            return Err(Problem {
                retry_after_s: Some(wait.num_seconds().max(1).unsigned_abs()),
                ..Problem::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
            });
        }
        let pass = Pass {
            organization_id: cx.organization_id,
            id: before.id,
            secret: Secret::new(),
        };
        let again = sqlx::query(AGAIN)
            .bind(cx.organization_id)
            .bind(before.id)
            .bind(pass.secret.hash())
            .bind(cx.now)
            .bind(cx.now + LIFETIME);
        again.execute(cx.db()).await?;
        let changes = changes(&[("letters", json!(before.letters), json!(before.letters + 1))]);
        record(cx, INVITATIONS, before.id, "resent", changes).await?;
        let invitation = find(cx, &input.id).await?;
        send(cx, &invitation, &pass).await?;
        Ok(invitation)
    })
}

fn withdraw(cx: &mut Cx, input: Named) -> Boxed<'_, Result<Invitation, Problem>> {
    Box::pin(async move {
        let before = own(cx, &input.id).await?;
        let withdraw = sqlx::query(WITHDRAW)
            .bind(cx.organization_id)
            .bind(before.id)
            .bind(cx.now);
        withdraw.execute(cx.db()).await?;
        withdrawn(cx, before.id).await?;
        find(cx, &input.id).await
    })
}

async fn withdrawn(cx: &mut Cx, id: Uuid) -> Result<(), Problem> {
    let changes = changes(&[("state", json!("open"), json!("withdrawn"))]);
    record(cx, INVITATIONS, id, "withdrawn", changes).await
}

/// Takes back the invitations of somebody who is less than he was, or gone: they must not let in what he could not let in now.
pub(crate) async fn withdraw_of(cx: &mut Cx, inviter: Uuid) -> Result<(), Problem> {
    let withdraw = sqlx::query_scalar(WITHDRAW_OF)
        .bind(cx.organization_id)
        .bind(inviter)
        .bind(cx.now);
    let ids: Vec<Uuid> = withdraw.fetch_all(cx.db()).await?;
    for id in ids {
        withdrawn(cx, id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_read_as_it_was_written_and_nothing_else_is_one() {
        let pass = Pass {
            organization_id: ids::new_id(),
            id: ids::new_id(),
            secret: Secret::new(),
        };
        let read = Pass::read(&pass.text()).unwrap();
        assert_eq!((read.organization_id, read.id), (pass.organization_id, pass.id));
        assert_eq!(read.secret.hash(), pass.secret.hash());
        for text in [
            "",
            ".",
            "a.b",
            &pass.secret.text(),
            &pass.text()[1..],
            &pass.text().replace('.', ""),
        ] {
            assert!(Pass::read(text).is_none(), "{text}");
        }
    }
}
