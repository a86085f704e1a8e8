//! What plugins tell people: a notification for each owner and administrator, in the organization's language. A second notice with
//! the same key takes the place of the first.

use platform_core::{Cx, Problem, SinkReport, Source};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::NOTIFICATIONS;

/// Who looks after plugins, and what was said to each under key $2 and not put away yet.
pub(crate) const TO_TELL: &str = "SELECT m.user_id, o.locale, n.id AS said FROM platform.members m
    JOIN platform.organizations o ON o.organization_id = m.organization_id
    LEFT JOIN admin.notifications n ON n.organization_id = m.organization_id AND n.recipient = m.user_id
        AND n.subject_key = $2 AND n.status <> 'archived' AND n.deleted_at IS NULL
    WHERE m.organization_id = $1 AND m.status = 'active' AND m.membership IN ('owner', 'admin')
    ORDER BY m.user_id, n.id";

/// Stores notices of an installation.
pub(crate) async fn store(cx: &mut Cx, source: Source<'_>) -> Result<SinkReport, Problem> {
    let mut report = SinkReport::default();
    for notice in source.records {
        let key = notice["key"].as_str().map(|key| subject(source.installation_id, key));
        let people = sqlx::query(TO_TELL)
            .bind(cx.organization_id)
            .bind(&key)
            .fetch_all(cx.db())
            .await?;
        for person in people {
            let locale: String = person.try_get("locale")?;
            let mut row = words(notice, &locale);
            if let Some(said) = person.try_get::<Option<Uuid>, _>("said")? {
                platform_engine::change(cx, &NOTIFICATIONS, said, "update", row).await?;
                report.updated += 1;
            } else {
                row.insert("recipient".into(), json!(person.try_get::<Uuid, _>("user_id")?));
                row.extend(key.as_ref().map(|key| ("subject_key".to_owned(), json!(key))));
                platform_engine::create(cx, &NOTIFICATIONS, row).await?;
                report.created += 1;
            }
        }
    }
    Ok(report)
}

/// What a notice is about, apart from those of other installations.
fn subject(installation_id: Uuid, key: &str) -> String {
    format!("plugin:{installation_id}:{key}").chars().take(200).collect()
}

/// A notice in the language of the organization.
fn words(notice: &Json, locale: &str) -> Map<String, Json> {
    let locale = if locale == "ar" { "ar" } else { "en" };
    let severity = notice["severity"].as_str();
    let severity = severity.filter(|severity| matches!(*severity, "warning" | "critical"));
    let severity = severity.unwrap_or("info");
    let row = json!({
        "title": notice["title"][locale], "body": notice["body"][locale], "severity": severity, "category": "system",
    });
    row.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_speaks_the_organizations_language() {
        let notice = json!({"severity": "other", "title": {"en": "Token ends", "ar": "ينتهي الرمز"}, "body": {"en": "Soon.", "ar": "قريبًا."}});
        assert_eq!(words(&notice, "ar")["title"], "ينتهي الرمز");
        let english = words(&notice, "fr");
        assert_eq!(
            (&english["title"], &english["severity"]),
            (&json!("Token ends"), &json!("info"))
        );
    }

    #[test]
    fn notices_of_two_installations_are_two() {
        assert_ne!(
            subject(Uuid::from_u128(1), "token"),
            subject(Uuid::from_u128(2), "token")
        );
        assert!(subject(Uuid::nil(), &"k".repeat(300)).len() <= 200);
    }
}
