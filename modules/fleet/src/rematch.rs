//! Matches open fuel transactions again: after a card, a plate or a vehicle was put right, what waits settles itself.

use platform_core::{Cx, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};
use uuid::Uuid;

use crate::FUEL_TRANSACTIONS;
use crate::effects::mileage;
use crate::fuel_transactions::MatchStatus;
use crate::matching::Purchase;
use crate::settle::{Open, Terms, decision, lock, settle};

/// Open transactions, oldest first; $2 is how many.
pub(crate) const OPEN: &str = "SELECT id, at, local_date, card_ref, plate_ref, plate_ref_ar, vin_ref, internal_ref, volume_l, \
     amount, currency, odometer_km, is_full_tank, product = 'electric' AS is_electric, match_status, vehicle_id, courier_id, \
     match_score, match_reasons FROM fleet.fuel_transactions WHERE organization_id = $1 AND deleted_at IS NULL \
     AND match_status IN ('unmatched', 'doubtful') ORDER BY at, id LIMIT $2";

/// Transactions looked at by one call.
const MOST_EXAMINED: i64 = 20_000;
/// Transactions changed by one call: each is a row with its history, within the time that a request may take.
const MOST_CHANGED: u32 = 500;

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// What came of it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Rematched {
    /// Transactions looked at.
    examined: u32,
    /// Transactions with another verdict than before.
    changed: u32,
    matched: u32,
    doubtful: u32,
    unmatched: u32,
    /// Whether another call would find more to do.
    more: bool,
}

/// `POST /fleet/fuel_transactions/match`.
pub(crate) async fn rematch(cx: &mut Cx, _: Asked) -> Result<Rematched, Problem> {
    let terms = lock(cx).await?;
    let rows = sqlx::query(OPEN)
        .bind(cx.organization_id)
        .bind(MOST_EXAMINED)
        .fetch_all(cx.db())
        .await?;
    let opened = rows
        .iter()
        .map(|row| open(row, &terms))
        .collect::<Result<Vec<_>, _>>()?;
    let mut answer = Rematched {
        examined: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        more: i64::try_from(rows.len()).is_ok_and(|rows| rows == MOST_EXAMINED),
        ..Rematched::default()
    };
    let settled = settle(cx, opened, &terms).await?;
    for (row, settled) in rows.iter().zip(settled) {
        let change = decision(&settled, cx.now);
        let differs = differs(&before(row)?, &change);
        if differs && answer.changed == MOST_CHANGED {
            answer.more = true;
            continue;
        }
        match settled.verdict.status {
            MatchStatus::Matched => answer.matched += 1,
            MatchStatus::Doubtful => answer.doubtful += 1,
            MatchStatus::Unmatched | MatchStatus::Ignored => answer.unmatched += 1,
        }
        if differs {
            answer.changed += 1;
            let row = platform_engine::change(cx, &FUEL_TRANSACTIONS, row.try_get("id")?, "match", change).await?;
            mileage::of_purchase(cx, &row).await?;
        }
    }
    Ok(answer)
}

/// Whether a verdict says something else than the row; when it was given does not count.
fn differs(before: &Record, change: &Map<String, Json>) -> bool {
    change
        .iter()
        .any(|(field, value)| field != "matched_at" && field != "matched_by" && before.get(field) != value)
}

fn before(row: &PgRow) -> Result<Record, Error> {
    let record = serde_json::json!({
        "match_status": row.try_get::<String, _>("match_status")?,
        "vehicle_id": row.try_get::<Option<Uuid>, _>("vehicle_id")?,
        "courier_id": row.try_get::<Option<Uuid>, _>("courier_id")?,
        "match_score": row.try_get::<Option<i64>, _>("match_score")?,
        "match_reasons": row.try_get::<Option<Json>, _>("match_reasons")?,
    });
    Ok(Record(record.as_object().cloned().unwrap_or_default()))
}

fn open(row: &PgRow, terms: &Terms) -> Result<Open, Error> {
    let volume_l: Decimal = row.try_get("volume_l")?;
    Ok(Open {
        id: row.try_get("id")?,
        cost_minor: row.try_get("amount")?,
        purchase: Purchase {
            card_ref: row.try_get("card_ref")?,
            plate_ref: row.try_get("plate_ref")?,
            plate_ref_ar: row.try_get("plate_ref_ar")?,
            vin_ref: row.try_get("vin_ref")?,
            internal_ref: row.try_get("internal_ref")?,
            day: row.try_get("local_date")?,
            at: row.try_get("at")?,
            volume_l,
            odometer_km: row.try_get("odometer_km")?,
            is_full_tank: row.try_get("is_full_tank")?,
            is_electric: row.try_get("is_electric")?,
            is_own_currency: row.try_get::<String, _>("currency")? == terms.currency,
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::record;

    #[test]
    fn the_same_verdict_is_no_change() {
        let before = record(&json!({"match_status": "doubtful", "match_score": 75, "match_reasons": ["match.card"]}));
        let table = [
            (
                json!({"match_status": "doubtful", "matched_at": "2026-01-01T00:00:00Z", "matched_by": "rules"}),
                false,
            ),
            (json!({"match_reasons": ["match.card", "match.retired"]}), true),
            (json!({"match_status": "matched"}), true),
            (json!({"vehicle_id": null}), false),
        ];
        for (change, expected) in table {
            assert_eq!(
                differs(&before, change.as_object().expect("object")),
                expected,
                "{change}"
            );
        }
    }
}
