//! Histories as people see them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{Cx, Problem};

impl Cx {
    /// Rows of `platform.history` as an answer shows them: without the fields that the caller may not see, the sealed ones
    /// opened. `visible` is asked with the row's resource and the name of the field.
    pub async fn histories(
        &mut self,
        rows: &[PgRow],
        visible: impl Fn(&Self, &str, &str) -> bool,
    ) -> Result<Vec<Json>, Problem> {
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let mut changes: Map<String, Json> = match row.try_get("changes")? {
                Json::Object(changes) => changes,
                _ => Map::new(),
            };
            let resource: &str = row.try_get("resource")?;
            changes.retain(|name, _| visible(self, resource, name));
            shown.push((row.try_get("record_id")?, changes));
        }
        self.reveal(&mut shown).await?;
        let entry = |(row, (_, changes)): (&PgRow, (Uuid, Map<String, Json>))| -> Result<Json, sqlx::Error> {
            Ok(json!({
                "id": row.try_get::<Uuid, _>("id")?,
                "at": row.try_get::<DateTime<Utc>, _>("at")?,
                "actor": {
                    "id": row.try_get::<Option<Uuid>, _>("actor_id")?,
                    "name": row.try_get::<Option<String>, _>("actor_name")?,
                },
                "on_behalf_of": row.try_get::<Option<Uuid>, _>("on_behalf_of")?,
                "verb": row.try_get::<String, _>("verb")?,
                "changes": changes,
            }))
        };
        Ok(rows.iter().zip(shown).map(entry).collect::<Result<_, _>>()?)
    }
}
