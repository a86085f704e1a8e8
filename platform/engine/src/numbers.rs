//! Numbers for people, counted per organization in the transaction that stores the row: no gap, no double.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use platform_resource::{Resource, Value};

const NEXT: &str = "INSERT INTO platform.counters (organization_id, kind, day, last) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization_id, kind, day) DO UPDATE SET last = counters.last + EXCLUDED.last RETURNING last";

/// Hand-written statements of this file, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[NEXT];

/// Gives the rows that have none their numbers. The counter stays locked until the transaction ends.
pub async fn fill(cx: &mut Cx, resource: &Resource, rows: &mut [Vec<Value>]) -> Result<(), Problem> {
    for (place, field) in resource.fields.iter().enumerate() {
        let Some(numbering) = field.numbering else { continue };
        let open: Vec<&mut Value> = rows
            .iter_mut()
            .map(|row| &mut row[place])
            .filter(|value| value.is_null())
            .collect();
        let count = i64::try_from(open.len()).unwrap_or(i64::MAX);
        if count == 0 {
            continue;
        }
        // Numbers that go on over the days are counted on one day of their own.
        let day = if numbering.daily {
            cx.today()
        } else {
            NaiveDate::default()
        };
        let organization_id = cx.organization_id;
        let last: i64 = sqlx::query_scalar(NEXT)
            .bind(organization_id)
            .bind(format!("{}.{}", resource.full_name(), field.name))
            .bind(day)
            .bind(count)
            .fetch_one(cx.db())
            .await?;
        for (next, value) in (last - count + 1..).zip(open) {
            let day = if numbering.daily {
                format!("{}-", day.format("%Y%m%d"))
            } else {
                String::new()
            };
            *value = Value::Text(format!(
                "{}-{day}{next:0digits$}",
                numbering.prefix,
                digits = numbering.digits
            ));
        }
    }
    Ok(())
}
