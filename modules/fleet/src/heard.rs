//! What fleet does when something happened elsewhere. Events may come late and more than once, so each listener looks at how
//! things are now, and what counts only once is marked. A module that is left out of the build has no events.

pub(crate) mod dispatch;
pub(crate) mod handover;
pub(crate) mod leave;

use platform_core::{Cx, Effect, Problem};
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// Every listener.
pub(crate) const LISTENERS: &[Effect] = &[
    Effect {
        on: "hr.leaves.begin",
        run: |cx, event| Box::pin(leave::began(cx, event)),
    },
    Effect {
        on: "hr.leaves.complete",
        run: |cx, event| Box::pin(leave::over(cx, event)),
    },
    Effect {
        on: "hr.leaves.cancel",
        run: |cx, event| Box::pin(leave::over(cx, event)),
    },
    Effect {
        on: "operations.dispatch_assignments.complete",
        run: |cx, event| Box::pin(dispatch::completed(cx, event)),
    },
    Effect {
        on: "operations.handovers.complete",
        run: |cx, event| Box::pin(handover::completed(cx, event)),
    },
];

/// Marks a row of another module; of two deliveries at once the second waits for the first.
pub(crate) const FIRST_TIME: &str = "INSERT INTO fleet.heard_completions (organization_id, id, heard_at)
    VALUES ($1, $2, $3) ON CONFLICT (organization_id, id) DO NOTHING";

/// Whether a row's completion is heard for the first time. The mark stays only if what follows does.
async fn first_time(cx: &mut Cx, id: Uuid) -> Result<bool, Problem> {
    let now = cx.now;
    let marked = sqlx::query(FIRST_TIME)
        .bind(cx.organization_id)
        .bind(id)
        .bind(now)
        .execute(cx.db())
        .await?;
    Ok(marked.rows_affected() > 0)
}

/// The other module's row as it is now; none when there is nothing to do.
async fn found(cx: &mut Cx, statement: &'static str, id: Uuid) -> Result<Option<PgRow>, Problem> {
    let row = sqlx::query(statement).bind(cx.organization_id).bind(id);
    Ok(row.fetch_optional(cx.db()).await?)
}
