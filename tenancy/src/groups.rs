//! Groups of companies. A child belongs to one parent, which both have agreed to; it learns nothing of its siblings. What a parent
//! sees of a child is what the child grants, for a time, to read and no more: people of the parent who look in are listed among
//! the child's members as visitors, and each time is written into the histories of both.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Mode, Operation, Permit, Problem, ids};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{CLEAR_ROLES, HISTORY, changes, record};
use crate::member::Stored;
use crate::store;

pub(crate) const ADD_CODE: &str =
    "INSERT INTO identity.organization_codes (code_hash, organization_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4)";
pub(crate) const TAKE_CODE: &str =
    "DELETE FROM identity.organization_codes WHERE code_hash = $1 AND expires_at > $2 RETURNING organization_id";
pub(crate) const SWEEP_CODES: &str = "DELETE FROM identity.organization_codes WHERE expires_at <= $1";
pub(crate) const ABOVE: &str = "WITH RECURSIVE above AS (
        SELECT parent_id, 1 AS depth FROM identity.organization_links WHERE child_id = $1
        UNION ALL SELECT l.parent_id, a.depth + 1 FROM identity.organization_links l
            JOIN above a ON l.child_id = a.parent_id WHERE a.depth < 16)
    SELECT parent_id FROM above";
pub(crate) const LINK: &str =
    "INSERT INTO identity.organization_links (child_id, parent_id, linked_at) VALUES ($1, $2, $3)
    ON CONFLICT (child_id) DO NOTHING";
pub(crate) const UNLINK: &str = "DELETE FROM identity.organization_links WHERE child_id = $1 AND parent_id = $2";
pub(crate) const PARENT: &str = "SELECT l.parent_id, l.linked_at, o.name FROM identity.organization_links l
    JOIN identity.organizations o ON o.id = l.parent_id WHERE l.child_id = $1";
pub(crate) const CHILDREN: &str =
    "SELECT l.child_id, l.linked_at, l.view_ends_at, o.name FROM identity.organization_links l
    JOIN identity.organizations o ON o.id = l.child_id WHERE l.parent_id = $1 ORDER BY o.name, l.child_id LIMIT 500";
pub(crate) const COPY_VIEW: &str = "UPDATE identity.organization_links SET view_ends_at = $2 WHERE child_id = $1";

pub(crate) const VIEW: &str = "SELECT id, parent_id, granted_by_name, created_at, ends_at FROM platform.parent_views
    WHERE organization_id = $1 AND revoked_at IS NULL";
pub(crate) const GRANT: &str =
    "INSERT INTO platform.parent_views (organization_id, id, parent_id, parent_name, granted_by,
        granted_by_name, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const REVOKE: &str =
    "UPDATE platform.parent_views SET revoked_at = $2 WHERE organization_id = $1 AND revoked_at IS NULL";
pub(crate) const ADMIT: &str = "INSERT INTO platform.members AS m
        (organization_id, user_id, membership, visits_from, full_name, email, created_at, updated_at)
    VALUES ($1, $2, 'visitor', $3, $4, $5, $6, $6)
    ON CONFLICT (organization_id, user_id) DO UPDATE SET membership = 'visitor', visits_from = excluded.visits_from,
        full_name = excluded.full_name, email = excluded.email, status = 'active',
        access_version = m.access_version + 1, version = m.version + 1, updated_at = excluded.updated_at
    WHERE m.status = 'removed' OR m.membership = 'visitor'";
pub(crate) const VISITORS: &str = "SELECT user_id, full_name, email, updated_at FROM platform.members
    WHERE organization_id = $1 AND membership = 'visitor' AND status = 'active' ORDER BY updated_at DESC LIMIT 200";
pub(crate) const SHOW_OUT: &str = "UPDATE platform.members SET status = 'removed', access_version = access_version + 1,
        session_version = session_version + 1, version = version + 1, updated_at = $2
    WHERE organization_id = $1 AND membership = 'visitor' AND status <> 'removed' RETURNING user_id";

pub(crate) const SENT: &str =
    "SELECT m.visits_from FROM platform.members m WHERE m.organization_id = $1 AND m.user_id = $2
    AND m.membership = 'visitor' AND EXISTS (SELECT FROM platform.parent_views v
        WHERE v.organization_id = $1 AND v.parent_id = m.visits_from AND v.revoked_at IS NULL AND v.ends_at > $3)";

/// How long a code can be entered.
const CODE_LIVES: TimeDelta = TimeDelta::days(7);
/// What histories of groups are filed under.
const GROUPS: &str = "tenancy.groups";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    id: Uuid,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Join {
    /// What the parent was shown.
    code: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Grant {
    /// 1 to 366.
    days: i64,
}

/// Shown once.
#[derive(Serialize, JsonSchema)]
struct Code {
    code: String,
    expires_at: DateTime<Utc>,
}

#[derive(Serialize, JsonSchema)]
struct Child {
    id: Uuid,
    name: String,
    linked_at: DateTime<Utc>,
    /// Until when the child may be looked into; absent when it has not granted that.
    view_ends_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
struct Children {
    data: Vec<Child>,
}

#[derive(Serialize, JsonSchema)]
struct View {
    granted_by_name: String,
    created_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// Somebody of the parent who may look in.
#[derive(Serialize, JsonSchema)]
struct Visitor {
    user_id: Uuid,
    full_name: String,
    email: String,
    /// When he last came in.
    at: DateTime<Utc>,
}

#[derive(Serialize, JsonSchema)]
struct Parent {
    /// Absent when there is no parent.
    id: Option<Uuid>,
    name: Option<String>,
    linked_at: Option<DateTime<Utc>>,
    /// What the parent may see now.
    view: Option<View>,
    visitors: Vec<Visitor>,
}

#[derive(Serialize, JsonSchema)]
struct Entered {
    /// For the switch to it.
    organization_id: Uuid,
    view_ends_at: DateTime<Utc>,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let read = || Permit::needs("organization.read");
    let manage = || Permit::needs("organization.manage_group");
    vec![
        Operation::get(
            "/organization/children",
            "organization.children.list",
            read(),
            |cx, _: Nothing| Box::pin(children(cx)),
        )
        .summary("The organizations of the group below this one"),
        Operation::acting(
            "/organization/children/codes",
            "organization.children.code",
            manage(),
            201,
            |cx, _: Nothing| Box::pin(code(cx)),
        )
        .summary("A code with which another organization joins the group below this one"),
        Operation::post(
            "/organization/children/{id}/release",
            "organization.children.release",
            manage(),
            |cx, which: Which| Box::pin(release(cx, which.id)),
        )
        .summary("Let an organization leave the group"),
        Operation::post(
            "/organization/children/{id}/enter",
            "organization.children.enter",
            Permit::needs("organization.visit_children"),
            |cx, which: Which| Box::pin(enter(cx, which.id)),
        )
        .summary("Look into an organization of the group that has granted it; then switch to it"),
        Operation::get(
            "/organization/parent",
            "organization.parent.read",
            read(),
            |cx, _: Nothing| Box::pin(parent(cx)),
        )
        .summary("The organization above this one, what it may see, and who looked in"),
        Operation::post(
            "/organization/parent",
            "organization.parent.join",
            manage(),
            |cx, join: Join| Box::pin(enlist(cx, join.code)),
        )
        .summary("Join the group of the organization that gave the code"),
        Operation::post(
            "/organization/parent/leave",
            "organization.parent.leave",
            manage(),
            |cx, _: Nothing| Box::pin(leave(cx)),
        )
        .summary("Leave the group; the parent sees nothing from then on"),
        Operation::post(
            "/organization/parent/grant",
            "organization.parent.grant",
            manage(),
            |cx, grant: Grant| Box::pin(allow(cx, grant.days)),
        )
        .summary("Let the parent look in for some days, to read and no more"),
        Operation::post(
            "/organization/parent/revoke",
            "organization.parent.revoke",
            manage(),
            |cx, _: Nothing| {
                Box::pin(async move {
                    withdraw(cx).await?;
                    parent(cx).await
                })
            },
        )
        .summary("Let the parent look in no more, from the next request on"),
    ]
}

fn hash(code: &str) -> Vec<u8> {
    Sha256::digest(code.trim().as_bytes()).to_vec()
}

async fn children(cx: &mut Cx) -> Result<Children, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let rows = sqlx::query(CHILDREN)
        .bind(cx.organization_id)
        .fetch_all(&tenancy.store.0)
        .await?;
    let child = |row: &sqlx::postgres::PgRow| -> Result<Child, sqlx::Error> {
        let ends: Option<DateTime<Utc>> = row.try_get("view_ends_at")?;
        Ok(Child {
            id: row.try_get("child_id")?,
            name: row.try_get("name")?,
            linked_at: row.try_get("linked_at")?,
            view_ends_at: ends.filter(|ends| *ends > cx.now),
        })
    };
    let data = rows.iter().map(child).collect::<Result<_, _>>()?;
    Ok(Children { data })
}

async fn code(cx: &mut Cx) -> Result<Code, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let code = URL_SAFE_NO_PAD.encode(ids::random_bytes::<32>());
    let expires_at = cx.now + CODE_LIVES;
    sqlx::query(SWEEP_CODES).bind(cx.now).execute(&tenancy.store.0).await?;
    let add = sqlx::query(ADD_CODE)
        .bind(hash(&code))
        .bind(cx.organization_id)
        .bind(cx.now)
        .bind(expires_at);
    add.execute(&tenancy.store.0).await?;
    let organization_id = cx.organization_id;
    record(
        cx,
        GROUPS,
        organization_id,
        "code",
        json!({"expires_at": {"after": expires_at}}),
    )
    .await?;
    Ok(Code { code, expires_at })
}

async fn enlist(cx: &mut Cx, code: String) -> Result<Parent, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let (pool, organization_id, now) = (&tenancy.store.0, cx.organization_id, cx.now);
    crate::account::lock(cx).await?;
    if sqlx::query(PARENT)
        .bind(organization_id)
        .fetch_optional(pool)
        .await?
        .is_some()
    {
        return Err(Problem::refused("has_parent"));
    }
    let taken: Option<Uuid> = sqlx::query_scalar(TAKE_CODE)
        .bind(hash(&code))
        .bind(now)
        .fetch_optional(pool)
        .await?;
    let parent_id = taken.ok_or_else(|| Problem::field("code", "not_known"))?;
    let above: Vec<Uuid> = sqlx::query_scalar(ABOVE).bind(parent_id).fetch_all(pool).await?;
    if parent_id == organization_id || above.contains(&organization_id) {
        return Err(Problem::refused("own_group"));
    }
    let link = sqlx::query(LINK).bind(organization_id).bind(parent_id).bind(now);
    link.execute(pool).await?;
    let shown = parent(cx).await?;
    let changed = changes(&[("parent", Json::Null, json!(shown.name))]);
    record(cx, GROUPS, organization_id, "join", changed).await?;
    Ok(shown)
}

async fn parent(cx: &mut Cx) -> Result<Parent, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let organization_id = cx.organization_id;
    let row = sqlx::query(PARENT)
        .bind(organization_id)
        .fetch_optional(&tenancy.store.0)
        .await?;
    let mut shown = Parent {
        id: None,
        name: None,
        linked_at: None,
        view: None,
        visitors: Vec::new(),
    };
    if let Some(row) = row {
        shown.id = row.try_get("parent_id")?;
        shown.name = row.try_get("name")?;
        shown.linked_at = row.try_get("linked_at")?;
    }
    let view = sqlx::query(VIEW).bind(organization_id).fetch_optional(cx.db()).await?;
    if let Some(row) = view
        && row.try_get::<DateTime<Utc>, _>("ends_at")? > cx.now
    {
        shown.view = Some(View {
            granted_by_name: row.try_get("granted_by_name")?,
            created_at: row.try_get("created_at")?,
            ends_at: row.try_get("ends_at")?,
        });
    }
    for row in sqlx::query(VISITORS).bind(organization_id).fetch_all(cx.db()).await? {
        shown.visitors.push(Visitor {
            user_id: row.try_get("user_id")?,
            full_name: row.try_get("full_name")?,
            email: row.try_get("email")?,
            at: row.try_get("updated_at")?,
        });
    }
    Ok(shown)
}

async fn allow(cx: &mut Cx, days: i64) -> Result<Parent, Problem> {
    if !(1..=366).contains(&days) {
        return Err(Problem::field("days", "too_large").with("max", 366));
    }
    let tenancy = cx.platform.service::<Tenancy>();
    crate::account::lock(cx).await?;
    let shown = parent(cx).await?;
    let (Some(parent_id), Some(name)) = (shown.id, shown.name) else {
        return Err(Problem::refused("no_parent"));
    };
    let (organization_id, now) = (cx.organization_id, cx.now);
    let (by, by_name) = (cx.member()?.0.user_id, cx.actor_name().to_owned());
    let ends_at = now + TimeDelta::days(days);
    sqlx::query(REVOKE)
        .bind(organization_id)
        .bind(now)
        .execute(cx.db())
        .await?;
    let grant = sqlx::query(GRANT)
        .bind(organization_id)
        .bind(ids::new_id())
        .bind(parent_id)
        .bind(&name)
        .bind(by)
        .bind(by_name)
        .bind(now)
        .bind(ends_at);
    grant.execute(cx.db()).await?;
    let before = shown.view.map(|view| view.ends_at);
    let changed = changes(&[("parent_may_view_until", json!(before), json!(ends_at))]);
    record(cx, GROUPS, organization_id, "grant", changed).await?;
    let copy = sqlx::query(COPY_VIEW).bind(organization_id).bind(ends_at);
    copy.execute(&tenancy.store.0).await?;
    parent(cx).await
}

/// Ends what the parent may see; its people are shown out with their next request.
async fn withdraw(cx: &mut Cx) -> Result<(), Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    crate::account::lock(cx).await?;
    let (organization_id, now) = (cx.organization_id, cx.now);
    let copy = sqlx::query(COPY_VIEW).bind(organization_id).bind(None::<DateTime<Utc>>);
    copy.execute(&tenancy.store.0).await?;
    let revoke = sqlx::query(REVOKE).bind(organization_id).bind(now);
    let revoked = revoke.execute(cx.db()).await?.rows_affected();
    let gone: Vec<Uuid> = sqlx::query_scalar(SHOW_OUT)
        .bind(organization_id)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    for user_id in &gone {
        tenancy.store.withdraw(*user_id, organization_id, now).await?;
    }
    if revoked > 0 || !gone.is_empty() {
        let changed = changes(&[("parent_may_view", json!(true), json!(false))]);
        record(cx, GROUPS, organization_id, "revoke", changed).await?;
    }
    Ok(())
}

async fn leave(cx: &mut Cx) -> Result<Parent, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let shown = parent(cx).await?;
    let Some(parent_id) = shown.id else {
        return Err(Problem::refused("no_parent"));
    };
    withdraw(cx).await?;
    let organization_id = cx.organization_id;
    let unlink = sqlx::query(UNLINK).bind(organization_id).bind(parent_id);
    unlink.execute(&tenancy.store.0).await?;
    let changed = changes(&[("parent", json!(shown.name), Json::Null)]);
    record(cx, GROUPS, organization_id, "leave", changed).await?;
    parent(cx).await
}

/// The parent's side of leaving: the child is written to in a transaction of its own.
async fn release(cx: &mut Cx, child_id: Uuid) -> Result<Children, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let parent_id = cx.organization_id;
    let child = child_of(cx, child_id).await?;
    let mut other = Cx::begin_job(&cx.platform, child_id, "group_release", Mode::Write).await?;
    withdraw(&mut other).await?;
    let name = cx.member()?.1.organization_name.clone();
    record(
        &mut other,
        GROUPS,
        child_id,
        "leave",
        changes(&[("parent", json!(name), Json::Null)]),
    )
    .await?;
    other.commit().await?;
    let unlink = sqlx::query(UNLINK).bind(child_id).bind(parent_id);
    unlink.execute(&tenancy.store.0).await?;
    let changed = changes(&[("child", json!(child.name), Json::Null)]);
    record(cx, GROUPS, child_id, "release", changed).await?;
    children(cx).await
}

/// A child of the caller's organization; anything else is not there.
async fn child_of(cx: &mut Cx, child_id: Uuid) -> Result<Child, Problem> {
    let all = children(cx).await?.data;
    all.into_iter()
        .find(|child| child.id == child_id)
        .ok_or_else(Problem::not_found)
}

async fn enter(cx: &mut Cx, child_id: Uuid) -> Result<Entered, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let child = child_of(cx, child_id).await?;
    let (identity, member) = cx.member()?;
    if member.membership == "visitor" {
        return Err(Problem::forbidden("organization.visit_children"));
    }
    let (user_id, parent_id, parent_name) = (identity.user_id, cx.organization_id, member.organization_name.clone());
    let person = tenancy.store.person(user_id).await?;
    let now = cx.now;
    let mut other = Cx::begin_job(&cx.platform, child_id, "group_visit", Mode::Write).await?;
    crate::account::lock(&mut other).await?;
    let view = sqlx::query(VIEW).bind(child_id).fetch_optional(other.db()).await?;
    let ends_at = match view {
        Some(row) if row.try_get::<Uuid, _>("parent_id")? == parent_id => row.try_get::<DateTime<Utc>, _>("ends_at")?,
        _ => return Err(Problem::refused("no_view")),
    };
    if ends_at <= now {
        return Err(Problem::refused("no_view"));
    }
    let admit = sqlx::query(ADMIT)
        .bind(child_id)
        .bind(user_id)
        .bind(parent_id)
        .bind(&person.full_name)
        .bind(&person.email)
        .bind(now);
    if admit.execute(other.db()).await?.rows_affected() > 0 {
        // What he once was in the child is no part of a visit.
        let clear = sqlx::query(CLEAR_ROLES).bind(child_id).bind(user_id);
        clear.execute(other.db()).await?;
    }
    sqlx::query(HISTORY)
        .bind(child_id)
        .bind(ids::new_id())
        .bind(GROUPS)
        .bind(user_id)
        .bind("visit")
        .bind(user_id)
        .bind(&person.full_name)
        .bind(cx.request_id.clone())
        .bind(now)
        .bind(json!({"visits_from": {"after": parent_name}}))
        .bind(None::<Uuid>)
        .execute(other.db())
        .await?;
    other.commit().await?;
    let offer = sqlx::query(store::ENTER).bind(user_id).bind(child_id).bind(now);
    offer.execute(&tenancy.store.0).await?;
    record(cx, GROUPS, child_id, "visit", json!({"child": {"after": child.name}})).await?;
    Ok(Entered {
        organization_id: child_id,
        view_ends_at: ends_at,
    })
}

/// Whether a visitor may still look in: what was granted has not ended, and the parent still knows him. Asked whenever a session
/// begins or goes on, so that he is out at the latest when his access token ends.
pub(crate) async fn is_still_sent(cx: &mut Cx, user_id: Uuid) -> Result<bool, Problem> {
    let sent = sqlx::query_scalar(SENT)
        .bind(cx.organization_id)
        .bind(user_id)
        .bind(cx.now);
    let Some(parent_id) = sent.fetch_optional(cx.db()).await?.flatten() else {
        return Ok(false);
    };
    let mut parent = Cx::begin_job(&cx.platform, parent_id, "group_visit", Mode::Read).await?;
    let stored = Stored::read(parent.db(), parent_id, user_id).await?;
    parent.commit().await?;
    Ok(stored.is_some_and(|stored| stored.is_open && matches!(stored.membership.as_str(), "owner" | "admin")))
}
