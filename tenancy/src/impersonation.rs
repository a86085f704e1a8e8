//! The operator's support, let in by a member for a while.
//!
//! Support acts as the member who let it in, with less than he may do: nothing of secrets, billing, keys, sign-in or the audit.
//! Whatever it does is written down with both of them. It ends by the clock, by the organization, or when the member who granted
//! it may no longer come in himself.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{
    Cx, FieldError, Identity, Member, Method, Mode, Operation, Permissions, Permit, Problem, Reply, Support, Visit, ids,
};
use platform_resource::{Kind, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{changes, lock, record};
use crate::entry::private;
use crate::member::{Stored, raise};
use crate::store::Offer;
use crate::token::LIFETIME_S;

pub(crate) const ADD: &str = "INSERT INTO platform.support_grants
        (organization_id, id, granted_by, reason, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const LIST: &str = "SELECT g.id, g.granted_by, m.full_name, g.reason, g.created_at, g.ends_at, g.ended_at
    FROM platform.support_grants g
    JOIN platform.members m ON m.organization_id = g.organization_id AND m.user_id = g.granted_by
    WHERE g.organization_id = $1 ORDER BY g.id DESC LIMIT 100";
pub(crate) const ONE: &str = "SELECT g.id, g.granted_by, m.full_name, g.reason, g.created_at, g.ends_at, g.ended_at
    FROM platform.support_grants g
    JOIN platform.members m ON m.organization_id = g.organization_id AND m.user_id = g.granted_by
    WHERE g.organization_id = $1 AND g.id = $2";
pub(crate) const OPEN: &str = "SELECT count(*) FROM platform.support_grants
    WHERE organization_id = $1 AND ended_at IS NULL AND ends_at > $2";
pub(crate) const END: &str = "UPDATE platform.support_grants SET ended_at = $3, ended_by = $4
    WHERE organization_id = $1 AND id = $2";
pub(crate) const IS_STAFF: &str = "SELECT EXISTS (SELECT FROM identity.staff WHERE user_id = $1)";
pub(crate) const ADD_STAFF: &str = "INSERT INTO identity.staff (user_id, added_at)
    SELECT id, $2 FROM identity.users WHERE email = $1 ON CONFLICT (user_id) DO NOTHING";
pub(crate) const REMOVE_STAFF: &str =
    "DELETE FROM identity.staff WHERE user_id = (SELECT id FROM identity.users WHERE email = $1)";

/// What histories of these grants are filed under.
const SUPPORT: &str = "tenancy.support";
/// Longest time of a grant.
const LONGEST_MINUTES: i64 = 60;
/// Grants that are open at the same time.
const MOST_OPEN: i64 = 3;
/// Of this crate's operations, what support may call although every member may.
const HARMLESS: [&str; 2] = ["auth.me", "tenancy.members.options"];
/// Of this crate's permissions, what support keeps.
const LOOKS: [&str; 3] = ["members.read", "roles.read", "organization.read"];
/// Objects of other modules that are secrets, billing, or the audit.
const CLOSED: [&str; 4] = ["audit", "installations", "plugins", "subscriptions"];
/// Field permissions that open accounts or lead to money.
const CLOSED_FIELDS: [&str; 2] = ["link_members", "read_bank"];

/// A grant, as the organization sees it.
#[derive(Debug, Serialize, JsonSchema)]
struct Grant {
    id: Uuid,
    /// Told to support together with the id: both are needed for coming in.
    organization_id: Uuid,
    granted_by: Uuid,
    granted_by_name: String,
    reason: String,
    created_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// Whether support can come in now.
    is_open: bool,
}

#[derive(Serialize, JsonSchema)]
struct Grants {
    data: Vec<Grant>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct New {
    /// What support is needed for.
    #[schemars(length(min = 5, max = 500))]
    reason: String,
    /// 1 to 60.
    #[schemars(range(min = 1, max = 60))]
    minutes: i64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Enter {
    organization_id: Uuid,
    grant_id: Uuid,
}

/// Support is in.
#[derive(Serialize, JsonSchema)]
struct Entered {
    /// For `Authorization: Bearer …`; there is no refresh, whoever is still let in comes in again.
    access_token: String,
    token_type: &'static str,
    expires_in_s: i64,
    organization: Offer,
    support: Banner,
}

/// What a page shows all the time while support is in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Banner {
    staff_name: String,
    /// The member who let support in, and whose place it takes.
    on_behalf_of: Uuid,
    on_behalf_of_name: String,
    reason: String,
    ends_at: DateTime<Utc>,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let mut enter =
        Operation::public::<Enter, Entered>(Method::Post, "/support/enter", "support.enter", 200, |visit| {
            Box::pin(enter(visit))
        })
        .summary("For the operator's staff: come into an organization that has granted it");
    // It looks at two organizations one after the other, so it opens its transactions itself; it is not for everybody.
    enter.permit = Permit::SignedIn;
    let may_grant = || Permit::needs("support_access.grant");
    vec![
        Operation::get(
            "/support/grants",
            "support.grants.list",
            Permit::needs("support_access.read"),
            |cx, _: Nothing| Box::pin(list(cx)),
        )
        .summary("When support was let in, by whom and why"),
        Operation::acting(
            "/support/grants",
            "support.grants.create",
            may_grant(),
            201,
            |cx, new: New| Box::pin(grant(cx, new)),
        )
        .step_up()
        .summary("Let the operator's support in, for at most an hour"),
        Operation::post(
            "/support/grants/{id}/end",
            "support.grants.end",
            may_grant(),
            |cx, named: Named| Box::pin(end(cx, named)),
        )
        .summary("Show support out: it acts on the next request"),
        enter,
    ]
}

fn read(cx: &Cx, row: &PgRow) -> Result<Grant, sqlx::Error> {
    let (ends_at, ended_at): (DateTime<Utc>, Option<DateTime<Utc>>) =
        (row.try_get("ends_at")?, row.try_get("ended_at")?);
    Ok(Grant {
        id: row.try_get("id")?,
        organization_id: cx.organization_id,
        granted_by: row.try_get("granted_by")?,
        granted_by_name: row.try_get("full_name")?,
        reason: row.try_get("reason")?,
        created_at: row.try_get("created_at")?,
        ends_at,
        ended_at,
        is_open: ended_at.is_none() && cx.now < ends_at,
    })
}

async fn list(cx: &mut Cx) -> Result<Grants, Problem> {
    let rows = sqlx::query(LIST).bind(cx.organization_id).fetch_all(cx.db()).await?;
    let data = rows.iter().map(|row| read(cx, row)).collect::<Result<_, _>>()?;
    Ok(Grants { data })
}

async fn find(cx: &mut Cx, id: Uuid) -> Result<Grant, Problem> {
    let one = sqlx::query(ONE).bind(cx.organization_id).bind(id);
    let row = one.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(read(cx, &row)?)
}

async fn grant(cx: &mut Cx, new: New) -> Result<Grant, Problem> {
    let mut errors = Vec::new();
    let reason = match (Kind::LongText { max: 500 }).parse_text(new.reason.trim()) {
        Ok(Value::Text(text)) if text.chars().count() >= 5 => text,
        Ok(_) => {
            errors.push(FieldError::new("reason", "too_short").with(vec![("min", "5".to_owned())]));
            String::new()
        }
        Err(refusal) => {
            errors.push(FieldError::new("reason", refusal.code).with(refusal.params));
            String::new()
        }
    };
    if !(1..=LONGEST_MINUTES).contains(&new.minutes) {
        errors.push(FieldError::new("minutes", "too_long_open").with(vec![("max", LONGEST_MINUTES.to_string())]));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    lock(cx).await?;
    let (organization_id, granted_by, now) = (cx.organization_id, cx.member()?.0.user_id, cx.now);
    let open = sqlx::query_scalar::<_, i64>(OPEN).bind(organization_id).bind(now);
    if open.fetch_one(cx.db()).await? >= MOST_OPEN {
        return Err(Problem::refused("too_many_grants").with("max", MOST_OPEN));
    }
    let (id, ends_at) = (ids::new_id(), now + TimeDelta::minutes(new.minutes));
    let add = sqlx::query(ADD)
        .bind(organization_id)
        .bind(id)
        .bind(granted_by)
        .bind(&reason)
        .bind(now)
        .bind(ends_at);
    add.execute(cx.db()).await?;
    raise(cx, granted_by).await?;
    let changed = changes(&[
        ("reason", Json::Null, json!(reason)),
        ("ends_at", Json::Null, json!(ends_at)),
    ]);
    record(cx, SUPPORT, id, "granted", changed).await?;
    find(cx, id).await
}

async fn end(cx: &mut Cx, named: Named) -> Result<Grant, Problem> {
    let id = Uuid::try_parse(&named.id).map_err(|_| Problem::not_found())?;
    lock(cx).await?;
    let before = find(cx, id).await?;
    if before.ended_at.is_some() {
        return Ok(before);
    }
    let (organization_id, actor, now) = (cx.organization_id, cx.actor_id(), cx.now);
    let end = sqlx::query(END).bind(organization_id).bind(id).bind(now).bind(actor);
    end.execute(cx.db()).await?;
    raise(cx, before.granted_by).await?;
    let changed = changes(&[("ended_at", Json::Null, json!(now))]);
    record(cx, SUPPORT, id, "ended", changed).await?;
    find(cx, id).await
}

async fn enter(visit: &Visit) -> Result<Reply, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let own = tenancy.staff_identity(visit)?;
    // Still a member of the operator's own organization, and one of its staff; to everybody else this is not there.
    Cx::begin(&visit.platform, own.clone(), Mode::Read)
        .await?
        .commit()
        .await?;
    let pool = &tenancy.store.0;
    let is_staff: bool = sqlx::query_scalar(IS_STAFF)
        .bind(own.user_id)
        .fetch_one(pool)
        .await
        .map_err(Problem::from)?;
    if !is_staff {
        return Err(Problem::not_found());
    }
    let input: Enter = visit.request.body_as()?;
    let staff = tenancy.store.person(own.user_id).await?;

    let mut cx = Cx::begin_job(&visit.platform, input.organization_id, "support", Mode::Read).await?;
    let grant = find(&mut cx, input.grant_id).await?;
    let stored = Stored::read(cx.db(), input.organization_id, grant.granted_by).await?;
    cx.commit().await?;
    let stored = stored.filter(|stored| stored.is_open && grant.is_open);
    let stored = stored.ok_or_else(Problem::not_found)?;
    let identity = Identity {
        user_id: grant.granted_by,
        organization_id: input.organization_id,
        session_id: ids::new_id(),
        session_version: stored.session_version,
        support: Some(std::sync::Arc::new(Support {
            staff_id: staff.id,
            staff_name: staff.full_name.clone(),
            grant_id: grant.id,
        })),
    };
    // The first thing that support does is to leave its name.
    let mut cx = Cx::begin(&visit.platform, identity.clone(), Mode::Write).await?;
    cx.request_id = visit.request.header("x-request-id").unwrap_or_default().to_owned();
    record(&mut cx, SUPPORT, grant.id, "entered", json!({})).await?;
    cx.commit().await?;

    let left_s = (grant.ends_at - visit.now).num_seconds().max(1);
    let entered = Entered {
        access_token: tenancy.tokens.issue(&identity, visit.now)?,
        token_type: "Bearer",
        expires_in_s: LIFETIME_S.min(left_s),
        organization: Offer {
            id: input.organization_id,
            name: stored.organization_name,
        },
        support: banner(&staff.full_name, &grant),
    };
    Ok(private(Reply::json(StatusCode::OK, &entered)))
}

fn banner(staff_name: &str, grant: &Grant) -> Banner {
    Banner {
        staff_name: staff_name.to_owned(),
        on_behalf_of: grant.granted_by,
        on_behalf_of_name: grant.granted_by_name.clone(),
        reason: grant.reason.clone(),
        ends_at: grant.ends_at,
    }
}

/// What pages show while support is in; nothing for everybody else.
pub(crate) async fn shown(cx: &mut Cx) -> Result<Option<Banner>, Problem> {
    let Some(support) = cx.member()?.0.support.clone() else {
        return Ok(None);
    };
    let grant = find(cx, support.grant_id).await?;
    Ok(Some(banner(&support.staff_name, &grant)))
}

/// Whether support may call an operation: what members may do by permission is in its permissions already, of the rest it gets
/// what only looks, and nothing that belongs to the person whose place it takes.
pub(crate) fn admits(operation: &Operation) -> Result<(), Problem> {
    let looks =
        operation.method == Method::Get && (operation.module != "tenancy" || HARMLESS.contains(&operation.id.as_str()));
    match operation.permit {
        Permit::Needs(_) | Permit::AnyOf(_) => Ok(()),
        Permit::Public | Permit::SignedIn if looks => Ok(()),
        Permit::Public | Permit::SignedIn => Err(Problem::new(StatusCode::FORBIDDEN, "not_for_support")),
    }
}

/// What is left of the permissions of the member who let support in.
fn left(permissions: &Permissions, own: &dyn Fn(&str) -> bool) -> Permissions {
    permissions.filtered(|permission| {
        let (object, act) = permission.rsplit_once('.').unwrap_or((permission, ""));
        // What is done to the organization as a whole, as exporting it, is never support's, whichever module brings it.
        let is_closed = (own(permission) || object == "organization") && !LOOKS.contains(&permission);
        !is_closed && !CLOSED.contains(&object) && !CLOSED_FIELDS.contains(&act)
    })
}

impl Tenancy {
    /// Makes somebody with an account one of the operator's staff, or takes it back; says whether anything changed. For whoever
    /// runs the installation.
    pub async fn set_staff(&self, email: &str, is_staff: bool, now: DateTime<Utc>) -> Result<bool, Problem> {
        let email = email.trim().to_lowercase();
        let done = if is_staff {
            sqlx::query(ADD_STAFF)
                .bind(email)
                .bind(now)
                .execute(&self.store.0)
                .await?
        } else {
            sqlx::query(REMOVE_STAFF).bind(email).execute(&self.store.0).await?
        };
        Ok(done.rows_affected() > 0)
    }

    fn staff_identity(&self, visit: &Visit) -> Result<Identity, Problem> {
        platform_core::Authority::identify(self, &visit.request.headers, visit.now)
    }

    /// The member as support takes his place, while a grant of his is open.
    pub(crate) fn supported(
        &self,
        member: &Member,
        support: &Support,
        grants: &[(Uuid, DateTime<Utc>)],
        now: DateTime<Utc>,
    ) -> Result<Member, Problem> {
        let is_open = grants
            .iter()
            .any(|(id, ends_at)| *id == support.grant_id && now < *ends_at);
        if !is_open {
            return Err(Problem::not_signed_in());
        }
        Ok(Member {
            permissions: left(&member.permissions, &|name| self.policy.brings("tenancy", name)),
            ..member.clone()
        })
    }
}
