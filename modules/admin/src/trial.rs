//! The end of trials, once a day: who is close to it is told, who has passed it waits.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::notifications::NOTIFICATIONS;
use crate::subscriptions::{SUBSCRIPTIONS, warning_days};

pub(crate) const TRIALS: &str = "SELECT s.id, s.trial_ends_at FROM admin.subscriptions s
    WHERE s.organization_id = $1 AND s.deleted_at IS NULL AND s.status = 'trial' AND s.trial_ends_at IS NOT NULL";

/// Who decides about money, and has not been told this yet.
pub(crate) const TO_TELL: &str = "SELECT m.user_id FROM platform.members m
    WHERE m.organization_id = $1 AND m.status = 'active' AND m.membership IN ('owner', 'admin')
        AND NOT EXISTS (
            SELECT FROM admin.notifications n
            WHERE n.organization_id = $1 AND n.recipient = m.user_id AND n.subject_key = $2
        )
    ORDER BY m.user_id";

/// The schedule `admin.trial_end`.
pub(crate) async fn trial_end(cx: &mut Cx) -> Result<(), Problem> {
    let rows = sqlx::query(TRIALS).bind(cx.organization_id).fetch_all(cx.db()).await?;
    for row in rows {
        let (id, ends_at): (Uuid, DateTime<Utc>) = (row.try_get("id")?, row.try_get("trial_ends_at")?);
        if ends_at <= cx.now {
            platform_engine::act(cx, &SUBSCRIPTIONS, id, "end_trial", Map::new()).await?;
            tell(cx, &format!("trial_ended:{id}"), "critical", "Your trial is over").await?;
        } else if let Some(days) = warning_days(ends_at, cx.now) {
            let title = format!("Your trial ends within {days} days");
            tell(cx, &format!("trial_ends:{id}:{days}"), "warning", &title).await?;
        }
    }
    Ok(())
}

async fn tell(cx: &mut Cx, key: &str, severity: &str, title: &str) -> Result<(), Problem> {
    let people: Vec<Uuid> = sqlx::query_scalar(TO_TELL)
        .bind(cx.organization_id)
        .bind(key)
        .fetch_all(cx.db())
        .await?;
    let row = |person: Uuid| {
        Map::from_iter([
            ("recipient".to_owned(), json!(person)),
            ("title".to_owned(), Json::from(title)),
            ("category".to_owned(), json!("billing")),
            ("severity".to_owned(), json!(severity)),
            ("subject_key".to_owned(), json!(key)),
            ("link".to_owned(), json!("/admin/subscriptions")),
        ])
    };
    let rows: Vec<Map<String, Json>> = people.into_iter().map(row).collect();
    if !rows.is_empty() {
        platform_engine::create_many(cx, &NOTIFICATIONS, rows).await?;
    }
    Ok(())
}
