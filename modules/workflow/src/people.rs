//! Members by role, and who acts.

use platform_core::{Actor, Cx, Problem};
use sqlx::Row;
use uuid::Uuid;

/// Active members with role or membership $2.
pub(crate) const WITH_ROLE: &str = "SELECT m.user_id FROM platform.members m WHERE m.organization_id = $1 \
     AND m.status = 'active' AND (m.membership = $2 OR EXISTS (SELECT FROM platform.member_roles r \
     WHERE r.organization_id = m.organization_id AND r.user_id = m.user_id AND r.role = $2)) ORDER BY m.user_id";

/// Who has a role.
pub(crate) async fn with_role(cx: &mut Cx, role: &str) -> Result<Vec<Uuid>, Problem> {
    // No role is called like that, and the database takes no such text.
    if role.contains(char::is_control) {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(WITH_ROLE)
        .bind(cx.organization_id)
        .bind(role)
        .fetch_all(cx.db())
        .await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// A member, or everybody with a role; nobody when neither is named.
pub(crate) async fn named(cx: &mut Cx, member: Option<Uuid>, role: Option<&str>) -> Result<Vec<Uuid>, Problem> {
    match (member, role) {
        (Some(member), _) => Ok(vec![member]),
        (None, Some(role)) => with_role(cx, role).await,
        (None, None) => Ok(Vec::new()),
    }
}

/// Whether who acts has a role. The product's own jobs act for everybody.
pub(crate) fn has_role(cx: &Cx, role: &str) -> bool {
    match &cx.actor {
        Actor::Member(_, member) => member.membership == role || member.roles.iter().any(|own| own == role),
        Actor::Job(..) => true,
    }
}

/// Names that the caller answers to: job roles and membership.
pub(crate) fn roles(cx: &Cx) -> Vec<String> {
    match &cx.actor {
        Actor::Member(_, member) => {
            let mut roles = member.roles.clone();
            roles.push(member.membership.clone());
            roles
        }
        Actor::Job(..) => Vec::new(),
    }
}
