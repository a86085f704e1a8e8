//! Coming in by an invitation: as somebody new, or as somebody who has an account and is signed in to it.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::{Cx, Method, Mode, Operation, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{NewPerson, Position, changes, put, read_person, record};
use crate::entry::{Entry, Session, kill, private};
use crate::factors;
use crate::invitations::{INVITATIONS, Pass};
use crate::sessions::signed_in;
use crate::store::{Offer, Person, no_organization};
use crate::throttle::{self, Try};
use crate::verify::mark;

pub(crate) const FIND: &str =
    "SELECT i.email, i.membership, i.roles, i.token_hash, i.state, i.expires_at, i.invited_by_name,
        o.name, o.status IN ('trial', 'active') AS is_open
    FROM platform.invitations i JOIN platform.organizations o ON o.organization_id = i.organization_id
    WHERE i.organization_id = $1 AND i.id = $2 FOR UPDATE OF i";
pub(crate) const LOOK: &str =
    "SELECT i.email, i.membership, i.roles, i.token_hash, i.state, i.expires_at, i.invited_by_name,
        o.name, o.status IN ('trial', 'active') AS is_open
    FROM platform.invitations i JOIN platform.organizations o ON o.organization_id = i.organization_id
    WHERE i.organization_id = $1 AND i.id = $2";
pub(crate) const ACCEPTED: &str =
    "UPDATE platform.invitations SET state = 'accepted', accepted_by = $3, settled_at = $4,
        updated_at = $4, version = version + 1
    WHERE organization_id = $1 AND id = $2";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Look {
    /// What stands behind `#token=` in the letter's link.
    token: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// What stands behind `#token=` in the letter's link.
    token: String,
    /// The name of somebody who has no account yet.
    full_name: Option<String>,
    /// His new password: at least twelve characters.
    password: Option<String>,
}

/// What the page of an invitation shows to who holds its link.
#[derive(Serialize, JsonSchema)]
struct Preview {
    organization_name: String,
    inviter_name: String,
    email: String,
    membership: String,
    /// Whether the address has an account: then its owner signs in first.
    has_account: bool,
    expires_at: DateTime<Utc>,
}

/// An invitation that is good.
struct Good {
    email: String,
    position: Position,
    inviter_name: String,
    organization_name: String,
    expires_at: DateTime<Utc>,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::public::<Look, Preview>(
            Method::Post,
            "/auth/invitations/look",
            "auth.invitations.look",
            200,
            |visit| Box::pin(look(visit)),
        )
        .summary("What the link of an invitation is for"),
        Operation::public::<Accept, Session>(
            Method::Post,
            "/auth/invitations/accept",
            "auth.invitations.accept",
            201,
            |visit| Box::pin(accept(visit)),
        )
        .summary("Come in by an invitation: with a name and a password, or signed in to the account of its address"),
    ]
}

/// One refusal for an invitation that never was, was used or withdrawn, or is too old.
fn over() -> Problem {
    Problem::field("token", "invitation_over")
}

/// The pass of a link; who guesses has to wait.
async fn pass(visit: &Visit, token: &str) -> Result<(Pass, Try), Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let network = throttle::network(&visit.request.address);
    let tried = Try::count(&tenancy.store.0, throttle::LINK, &[&network], visit.now).await?;
    Ok((Pass::read(token).ok_or_else(over)?, tried))
}

/// The invitation of a pass, when it opens the door.
async fn good(cx: &mut Cx, statement: &'static str, pass: &Pass) -> Result<Good, Problem> {
    let row = sqlx::query(statement).bind(pass.organization_id).bind(pass.id);
    let row = row.fetch_optional(cx.db()).await?.ok_or_else(over)?;
    let fits = row.try_get::<Vec<u8>, _>("token_hash")? == pass.secret.hash();
    let expires_at: DateTime<Utc> = row.try_get("expires_at")?;
    let is_open = row.try_get::<&str, _>("state")? == "open" && row.try_get("is_open")?;
    if !fits || !is_open || expires_at <= cx.now {
        return Err(over());
    }
    Ok(Good {
        email: row.try_get("email")?,
        position: Position {
            membership: row.try_get("membership")?,
            roles: row.try_get("roles")?,
        },
        inviter_name: row.try_get("invited_by_name")?,
        organization_name: row.try_get("name")?,
        expires_at,
    })
}

async fn peek(visit: &Visit, pass: &Pass) -> Result<Good, Problem> {
    let mut cx = Cx::begin_job(&visit.platform, pass.organization_id, "look_at_invitation", Mode::Read).await?;
    let invitation = good(&mut cx, LOOK, pass).await?;
    cx.commit().await?;
    Ok(invitation)
}

async fn look(visit: &Visit) -> Result<Reply, Problem> {
    let input: Look = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let (pass, tried) = pass(visit, &input.token).await?;
    let invitation = peek(visit, &pass).await?;
    tried.give_back(&tenancy.store.0).await?;
    let shown = Preview {
        has_account: tenancy.store.knows(&invitation.email).await?,
        organization_name: invitation.organization_name,
        inviter_name: invitation.inviter_name,
        email: invitation.email,
        membership: invitation.position.membership,
        expires_at: invitation.expires_at,
    };
    Ok(private(Reply::json(StatusCode::OK, &shown)))
}

async fn accept(visit: &Visit) -> Result<Reply, Problem> {
    let input: Accept = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let identity = match visit.request.headers.contains_key("authorization") {
        true => Some(signed_in(visit).await?),
        false => None,
    };
    let (pass, tried) = pass(visit, &input.token).await?;
    let invitation = peek(visit, &pass).await?;
    tried.give_back(&tenancy.store.0).await?;
    let comer = if let Some(identity) = &identity {
        let person = tenancy.store.person(identity.user_id).await?;
        if person.email != invitation.email {
            return Err(Problem::refused("other_address"));
        }
        Comer::Known(person)
    } else {
        // Holding the link is not enough to act for somebody who has an account: it may be somebody else's by now.
        if tenancy.store.knows(&invitation.email).await? {
            return Err(Problem::refused("sign_in_first"));
        }
        let new = NewPerson {
            email: invitation.email,
            full_name: input.full_name.unwrap_or_default(),
            password: input.password.unwrap_or_default(),
        };
        let person = read_person(&new)?;
        Comer::New(person, tenancy.hasher.hash(new.password).await?)
    };
    let person = enter(visit, &pass, comer).await?;
    mark(visit, person.id).await?;
    let entry = Entry {
        visit,
        tenancy: &tenancy,
        person: person.clone(),
    };
    let stored = entry
        .standing(pass.organization_id)
        .await?
        .ok_or_else(no_organization)?;
    // Who is signed in has shown nothing just now, as when switching.
    let shown = identity.is_none().then_some(factors::Shown::Password);
    let reply = entry
        .start(pass.organization_id, stored, StatusCode::CREATED, shown)
        .await?;
    if let Some(identity) = identity {
        // Other rights are another session, as when switching.
        let (session_id, from) = (identity.session_id, identity.organization_id);
        kill(visit, session_id, from, person.id, "switched").await?;
    }
    Ok(reply)
}

/// Who comes in.
enum Comer {
    /// Somebody who is signed in to the account of the address.
    Known(Person),
    /// Somebody new, with the hash of his password.
    New(Person, String),
}

/// Makes the member. The invitation is locked: of two who hold the link at once, one comes in.
async fn enter(visit: &Visit, pass: &Pass, comer: Comer) -> Result<Person, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let mut cx = Cx::begin_job(&visit.platform, pass.organization_id, "accept_invitation", Mode::Write).await?;
    let invitation = good(&mut cx, FIND, pass).await?;
    let organization = Offer {
        id: pass.organization_id,
        name: invitation.organization_name,
    };
    let person = match comer {
        Comer::Known(person) => {
            tenancy.store.offer_to(person.id, &organization, cx.now).await?;
            person
        }
        Comer::New(person, password_hash) => {
            let stored = tenancy.store.invite(&person, &password_hash, &organization, cx.now);
            if stored.await? != person.id {
                // Somebody else took the address since we looked.
                return Err(Problem::refused("sign_in_first"));
            }
            person
        }
    };
    put(&mut cx, &person, &invitation.position).await?;
    let accepted = sqlx::query(ACCEPTED)
        .bind(pass.organization_id)
        .bind(pass.id)
        .bind(person.id)
        .bind(cx.now);
    accepted.execute(cx.db()).await?;
    let changes = changes(&[
        ("state", json!("open"), json!("accepted")),
        ("accepted_by", json!(Option::<Uuid>::None), json!(person.id)),
    ]);
    record(&mut cx, INVITATIONS, pass.id, "accepted", changes).await?;
    cx.commit().await?;
    Ok(person)
}
