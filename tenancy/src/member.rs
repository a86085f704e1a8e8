//! The rows of an organization's members, within its own transaction.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::token::LIFETIME_S;

pub(crate) const READ: &str =
    "SELECT m.full_name, m.membership, m.status, m.session_version, o.name AS organization_name,
        o.status AS organization_status, o.policy_version, o.time_zone, o.currency,
        ARRAY(SELECT r.role FROM platform.member_roles r
            WHERE r.organization_id = $1 AND r.user_id = $2 ORDER BY r.role) AS roles,
        ARRAY(SELECT e.id FROM platform.ended_sessions e WHERE e.organization_id = $1 AND e.user_id = $2) AS ended,
        ARRAY(SELECT s.module FROM platform.module_switches s
            WHERE s.organization_id = $1 AND NOT s.is_enabled) AS modules_off,
        ARRAY(SELECT g.id FROM platform.support_grants g WHERE g.organization_id = $1 AND g.granted_by = $2
            AND g.ended_at IS NULL ORDER BY g.id DESC LIMIT 10) AS grants,
        ARRAY(SELECT g.ends_at FROM platform.support_grants g WHERE g.organization_id = $1 AND g.granted_by = $2
            AND g.ended_at IS NULL ORDER BY g.id DESC LIMIT 10) AS grants_end
    FROM platform.members m JOIN platform.organizations o ON o.organization_id = m.organization_id
    WHERE m.organization_id = $1 AND m.user_id = $2";
pub(crate) const ADD_ENDED: &str = "INSERT INTO platform.ended_sessions (organization_id, id, user_id, ended_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, id) DO NOTHING";
pub(crate) const PRUNE_ENDED: &str =
    "DELETE FROM platform.ended_sessions WHERE organization_id = $1 AND user_id = $2 AND ended_at < $3";
pub(crate) const RAISE: &str = "UPDATE platform.members SET access_version = access_version + 1
    WHERE organization_id = $1 AND user_id = $2";

/// A member as stored.
pub struct Stored {
    /// Name shown in the organization.
    pub full_name: String,
    /// owner, admin, manager or viewer.
    pub membership: String,
    /// Whether he may come in: he is active, and so is the organization.
    pub is_open: bool,
    /// Whether he belongs to the organization at all.
    pub is_member: bool,
    /// Job roles.
    pub roles: Vec<String>,
    /// Sessions whose access tokens are dead.
    pub ended: Vec<Uuid>,
    /// Version that tokens carry.
    pub session_version: i64,
    /// Version of the organization's own roles.
    pub policy_version: i64,
    /// Name of the organization.
    pub organization_name: String,
    /// Zone of its business days.
    pub time_zone: String,
    /// Currency of its amounts.
    pub currency: String,
    /// Modules that it has switched off.
    pub modules_off: Vec<String>,
    /// What lets support in as this member, and until when.
    pub grants: Vec<(Uuid, DateTime<Utc>)>,
}

impl Stored {
    /// The member, inside the organization's transaction.
    pub async fn read(
        connection: &mut PgConnection,
        organization_id: Uuid,
        user_id: Uuid,
    ) -> Result<Option<Self>, Problem> {
        let row = sqlx::query(READ)
            .bind(organization_id)
            .bind(user_id)
            .fetch_optional(connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let status: String = row.try_get("status")?;
        let organization_status: String = row.try_get("organization_status")?;
        Ok(Some(Self {
            full_name: row.try_get("full_name")?,
            membership: row.try_get("membership")?,
            is_open: status == "active" && matches!(organization_status.as_str(), "trial" | "active"),
            is_member: status != "removed",
            roles: row.try_get("roles")?,
            ended: row.try_get("ended")?,
            session_version: row.try_get("session_version")?,
            policy_version: row.try_get("policy_version")?,
            organization_name: row.try_get("organization_name")?,
            time_zone: row.try_get("time_zone")?,
            currency: row.try_get("currency")?,
            modules_off: row.try_get("modules_off")?,
            grants: row
                .try_get::<Vec<Uuid>, _>("grants")?
                .into_iter()
                .zip(row.try_get::<Vec<DateTime<Utc>>, _>("grants_end")?)
                .collect(),
        }))
    }
}

/// Kills the access tokens of a session with the next request: the set of dead sessions is cached with the member, and raising
/// the access version makes everybody read it anew.
pub async fn end_session(cx: &mut Cx, user_id: Uuid, session_id: Uuid) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let prune = sqlx::query(PRUNE_ENDED)
        .bind(organization_id)
        .bind(user_id)
        .bind(forgotten(now));
    prune.execute(cx.db()).await?;
    let add = sqlx::query(ADD_ENDED)
        .bind(organization_id)
        .bind(session_id)
        .bind(user_id)
        .bind(now);
    add.execute(cx.db()).await?;
    raise(cx, user_id).await
}

/// Makes the next request read the member anew.
pub async fn raise(cx: &mut Cx, user_id: Uuid) -> Result<(), Problem> {
    let raise = sqlx::query(RAISE).bind(cx.organization_id).bind(user_id);
    raise.execute(cx.db()).await?;
    Ok(())
}

/// Sessions that ended before have no living access tokens.
fn forgotten(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(2 * LIFETIME_S)
}
