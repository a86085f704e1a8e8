//! Whose couriers a caller may ask about: with a permission for every row anybody's, otherwise those that it reaches.

use platform_core::{Cx, Problem};
use uuid::Uuid;

/// The courier whom a member is.
pub(crate) const MINE: &str = "SELECT p.courier_id
FROM fleet.courier_people p
WHERE p.organization_id = $1 AND p.member_id = $2 AND p.deleted_at IS NULL
ORDER BY p.courier_id
LIMIT 1";

/// Refuses a courier whom none of the permissions reaches: he is not there.
pub(crate) async fn within(cx: &mut Cx, permissions: &[&str], courier_id: Uuid) -> Result<(), Problem> {
    if permissions.iter().any(|permission| cx.may(permission)) {
        return Ok(());
    }
    let platform = cx.platform.clone();
    let couriers = platform
        .registry
        .resource("fleet.couriers")
        .ok_or_else(Problem::not_found)?;
    for permission in permissions {
        match platform_engine::load_within(cx, couriers, permission, courier_id).await {
            Ok(_) => return Ok(()),
            Err(problem) if problem.code == "not_found" => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::not_found())
}

/// The courier whom the caller is.
pub(crate) async fn mine(cx: &mut Cx) -> Result<Option<Uuid>, Problem> {
    let (organization_id, actor) = (cx.organization_id, cx.actor_id());
    let mine = sqlx::query_scalar(MINE)
        .bind(organization_id)
        .bind(actor)
        .fetch_optional(cx.db())
        .await?;
    Ok(mine)
}
