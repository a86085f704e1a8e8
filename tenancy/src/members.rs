//! The people of an organization, as its administrators see and change them.
//!
//! Every change raises the member's access version, so that it acts on his next request. Nobody gives or takes what he may not do
//! himself, and nobody touches somebody above himself.

use chrono::{DateTime, Utc};
use platform_core::{Boxed, Cx, FieldError, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::account::{MEMBERS, NewPerson, Position, admit, changes, lock, record, set_roles};
use crate::api_keys::revoke_of;
use crate::invitations::withdraw_of;
use crate::policy::rank;
use crate::roles::{covers, refuse_above};
use crate::sessions::end_here;

/// Fewest and most members on a page, as for every list.
const PAGE: i64 = 100;

pub(crate) const LIST: &str = "SELECT m.user_id, m.full_name, m.email, m.membership, m.status, m.created_at,
        ARRAY(SELECT r.role FROM platform.member_roles r
            WHERE r.organization_id = $1 AND r.user_id = m.user_id ORDER BY r.role) AS roles
    FROM platform.members m
    WHERE m.organization_id = $1 AND m.status <> 'removed' AND m.kind = 'person' AND ($2::uuid IS NULL OR m.user_id > $2)
    ORDER BY m.user_id LIMIT $3";
/// The organization is small and people type a few letters: its active members are looked through.
pub(crate) const OPTIONS: &str = "SELECT user_id, full_name FROM platform.members
    WHERE organization_id = $1 AND status = 'active' AND kind = 'person' AND strpos(lower(full_name), lower($2)) > 0
    ORDER BY full_name, user_id LIMIT $3";
pub(crate) const ONE: &str = "SELECT m.user_id, m.full_name, m.email, m.membership, m.status, m.created_at,
        ARRAY(SELECT r.role FROM platform.member_roles r
            WHERE r.organization_id = $1 AND r.user_id = m.user_id ORDER BY r.role) AS roles
    FROM platform.members m WHERE m.organization_id = $1 AND m.user_id = $2 AND m.status <> 'removed'";
pub(crate) const OTHER_OWNERS: &str = "SELECT EXISTS (SELECT FROM platform.members
    WHERE organization_id = $1 AND user_id <> $2 AND membership = 'owner' AND status = 'active')";
pub(crate) const CHANGE: &str = "UPDATE platform.members SET membership = $3, status = $4, updated_at = $5,
        access_version = access_version + 1, version = version + 1
    WHERE organization_id = $1 AND user_id = $2";
pub(crate) const REMOVE: &str = "UPDATE platform.members SET status = 'removed', updated_at = $3,
        access_version = access_version + 1, session_version = session_version + 1, version = version + 1
    WHERE organization_id = $1 AND user_id = $2";

/// A member of the organization.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Member {
    pub user_id: Uuid,
    full_name: String,
    email: String,
    membership: String,
    roles: Vec<String>,
    pub status: String,
    created_at: DateTime<Utc>,
}

#[derive(Serialize, JsonSchema)]
struct Page {
    data: Vec<Member>,
    /// Give as `after` for the next page.
    next: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    /// Rows on a page: 1 to 100, 50 when absent.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl List {
    /// Most rows of the page, and the id that it begins behind.
    pub fn read(&self) -> Result<(i64, Option<Uuid>), Problem> {
        let after = self.after.as_deref().map(Uuid::try_parse).transpose();
        let after = after.map_err(|_| Problem::field("after", "bad_cursor"))?;
        Ok((size(self.limit)?, after))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// Part of the name, in letters of either case; everybody when absent.
    search: Option<String>,
    /// Most members that are answered: 1 to 100, 50 when absent.
    limit: Option<i64>,
}

/// A member to choose.
#[derive(Serialize, JsonSchema)]
struct Choice {
    id: Uuid,
    /// The full name.
    title: String,
}

#[derive(Serialize, JsonSchema)]
struct Choices {
    data: Vec<Choice>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Create {
    email: String,
    full_name: String,
    /// At least twelve characters. Somebody who has an account already keeps his own.
    password: String,
    /// owner, admin, manager or viewer.
    membership: String,
    /// Job roles: names of built-in ones, ids of the organization's own.
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetRoles {
    user_id: String,
    /// owner, admin, manager or viewer; as it is when absent.
    membership: Option<String>,
    /// All job roles from now on; as they are when absent.
    roles: Option<Vec<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Remove {
    user_id: String,
}

impl Member {
    /// What he is in the organization.
    pub fn position(&self) -> Position {
        Position {
            membership: self.membership.clone(),
            roles: self.roles.clone(),
        }
    }
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let mut create = Operation::acting(
        "/tenancy/members",
        "tenancy.members.create",
        Permit::needs("members.create"),
        201,
        create,
    )
    .summary("Add a colleague");
    create.body_limit_bytes = 4096;
    vec![
        Operation::get(
            "/tenancy/members",
            "tenancy.members.list",
            Permit::needs("members.read"),
            list,
        )
        .summary("The members of the organization"),
        create,
        Operation::get("/members/options", "tenancy.members.options", Permit::SignedIn, options)
            .summary("Active colleagues by name, for pickers"),
        Operation::post(
            "/tenancy/members/{user_id}/roles",
            "tenancy.members.set_roles",
            Permit::needs("members.update"),
            set_position,
        )
        .summary("Change a member's membership and job roles"),
        Operation::post(
            "/tenancy/members/{user_id}/remove",
            "tenancy.members.remove",
            Permit::needs("members.remove"),
            remove,
        )
        .summary("Remove a member: it acts on the next request"),
    ]
}

fn member(row: &PgRow) -> Result<Member, sqlx::Error> {
    Ok(Member {
        user_id: row.try_get("user_id")?,
        full_name: row.try_get("full_name")?,
        email: row.try_get("email")?,
        membership: row.try_get("membership")?,
        roles: row.try_get("roles")?,
        status: row.try_get("status")?,
        created_at: row.try_get("created_at")?,
    })
}

/// A member by the id of the path; what is not there, not an id or not of this organization gets one answer.
pub(crate) async fn find(cx: &mut Cx, user_id: &str) -> Result<Member, Problem> {
    let user_id = Uuid::try_parse(user_id).map_err(|_| Problem::not_found())?;
    let one = sqlx::query(ONE).bind(cx.organization_id).bind(user_id);
    let row = one.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(member(&row)?)
}

/// The page size that is asked for.
pub(crate) fn size(limit: Option<i64>) -> Result<i64, Problem> {
    let limit = limit.unwrap_or(50);
    let refused = || {
        Problem::invalid(vec![
            FieldError::new("limit", "bad_limit").with(vec![("max", PAGE.to_string())]),
        ])
    };
    if (1..=PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(refused())
    }
}

fn options(cx: &mut Cx, input: Search) -> Boxed<'_, Result<Choices, Problem>> {
    Box::pin(async move {
        let limit = size(input.limit)?;
        let words = input.search.unwrap_or_default();
        if words.contains('\0') {
            return Err(Problem::field("search", "bad_character"));
        }
        let options = sqlx::query(OPTIONS)
            .bind(cx.organization_id)
            .bind(words.trim())
            .bind(limit);
        let rows = options.fetch_all(cx.db()).await?;
        let choice = |row: &PgRow| -> Result<Choice, sqlx::Error> {
            Ok(Choice {
                id: row.try_get("user_id")?,
                title: row.try_get("full_name")?,
            })
        };
        Ok(Choices {
            data: rows.iter().map(choice).collect::<Result<_, _>>()?,
        })
    })
}

fn list(cx: &mut Cx, input: List) -> Boxed<'_, Result<Page, Problem>> {
    Box::pin(async move {
        let (limit, after) = input.read()?;
        let list = sqlx::query(LIST).bind(cx.organization_id).bind(after).bind(limit + 1);
        let rows = list.fetch_all(cx.db()).await?;
        let mut data = rows.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        let wanted = usize::try_from(limit).unwrap_or_default();
        let has_more = data.len() > wanted;
        data.truncate(wanted);
        let next = data.last().filter(|_| has_more).map(|last| last.user_id.to_string());
        Ok(Page { data, next })
    })
}

/// Refuses a position that is above the caller's own: in rank, or in anything that its roles allow. What modules that are
/// switched off bring counts on both sides: they may come back.
pub(crate) async fn within_own(cx: &mut Cx, position: &Position) -> Result<(), Problem> {
    if rank(&position.membership) > rank(&cx.member()?.1.membership) {
        return Err(Problem::refused("above_own"));
    }
    let wanted = covers(cx, &position.membership, &position.roles).await?;
    refuse_above(cx, &wanted).await
}

fn create(cx: &mut Cx, input: Create) -> Boxed<'_, Result<Member, Problem>> {
    Box::pin(async move {
        let position = Position {
            membership: input.membership,
            roles: input.roles,
        };
        let position = position.checked()?;
        within_own(cx, &position).await?;
        let new = NewPerson {
            email: input.email,
            full_name: input.full_name,
            password: input.password,
        };
        let organization_name = cx.member()?.1.organization_name.clone();
        let user_id = admit(cx, &organization_name, &new, position).await?;
        find(cx, &user_id.to_string()).await
    })
}

fn set_position(cx: &mut Cx, input: SetRoles) -> Boxed<'_, Result<Member, Problem>> {
    Box::pin(async move {
        lock(cx).await?;
        let before = find(cx, &input.user_id).await?;
        let wanted = Position {
            membership: input.membership.unwrap_or_else(|| before.membership.clone()),
            roles: input.roles.unwrap_or_else(|| before.roles.clone()),
        };
        let wanted = wanted.checked()?;
        settle(cx, &before, &wanted).await?;
        let change = sqlx::query(CHANGE)
            .bind(cx.organization_id)
            .bind(before.user_id)
            .bind(&wanted.membership)
            .bind(&before.status)
            .bind(cx.now);
        change.execute(cx.db()).await?;
        set_roles(cx, before.user_id, &wanted.roles).await?;
        let changes = changes(&[
            ("membership", json!(before.membership), json!(wanted.membership)),
            ("roles", json!(before.roles), json!(wanted.roles)),
        ]);
        record(cx, MEMBERS, before.user_id, "set_roles", changes).await?;
        withdraw_of(cx, before.user_id).await?;
        find(cx, &input.user_id).await
    })
}

/// Whether the caller may move the member from where he is to another position.
async fn settle(cx: &mut Cx, before: &Member, wanted: &Position) -> Result<(), Problem> {
    if before.user_id == cx.actor_id() {
        return Err(Problem::refused("own_position"));
    }
    let current = Position {
        membership: before.membership.clone(),
        roles: before.roles.clone(),
    };
    within_own(cx, &current).await?;
    within_own(cx, wanted).await?;
    keep_an_owner(cx, before, wanted.membership == "owner").await
}

/// Refuses what would leave the organization without an owner.
pub(crate) async fn keep_an_owner(cx: &mut Cx, before: &Member, stays_owner: bool) -> Result<(), Problem> {
    if before.membership != "owner" || stays_owner {
        return Ok(());
    }
    let others = sqlx::query_scalar(OTHER_OWNERS)
        .bind(cx.organization_id)
        .bind(before.user_id);
    if others.fetch_one(cx.db()).await? {
        return Ok(());
    }
    Err(Problem::refused("last_owner"))
}

fn remove(cx: &mut Cx, input: Remove) -> Boxed<'_, Result<Member, Problem>> {
    Box::pin(async move {
        lock(cx).await?;
        let before = find(cx, &input.user_id).await?;
        let current = Position {
            membership: before.membership.clone(),
            roles: before.roles.clone(),
        };
        within_own(cx, &current).await?;
        keep_an_owner(cx, &before, false).await?;
        revoke_of(cx, before.user_id).await?;
        let remove = sqlx::query(REMOVE)
            .bind(cx.organization_id)
            .bind(before.user_id)
            .bind(cx.now);
        remove.execute(cx.db()).await?;
        set_roles(cx, before.user_id, &[]).await?;
        withdraw_of(cx, before.user_id).await?;
        end_here(cx, before.user_id, None, "removed").await?;
        let changes = changes(&[
            ("status", json!(before.status), json!("removed")),
            ("membership", json!(before.membership), json!(before.membership)),
            ("roles", json!(before.roles), json!([])),
        ]);
        record(cx, MEMBERS, before.user_id, "removed", changes).await?;
        Ok(Member {
            status: "removed".to_owned(),
            roles: Vec::new(),
            ..before
        })
    })
}
