//! Stores what plugins bring: a page of fuel transactions, each matched to a vehicle.
//!
//! Pages of one organization are stored one after the other (they lock its row), so that two runs at once cannot both find a
//! transaction missing. The same transaction with the same content changes nothing; with other content it is updated and
//! matched again, unless a person has settled it: then the figures follow the provider and the person's decision stays.

use std::collections::{BTreeMap, HashMap};

use chrono::SecondsFormat;
use platform_core::{Boxed, Cx, Problem, SinkReport, Source};
use platform_plugin_records::{FuelProduct, FuelTransaction};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::FUEL_TRANSACTIONS;
use crate::economy::rounded;
use crate::effects::mileage;
use crate::matching::Purchase;
use crate::settle::{Open, Terms, decision, lock, settle};

/// What is stored already of a page: $2 installation, $3 the provider's ids.
pub(crate) const STORED: &str = "SELECT id, provider_txn_id, content_hash, match_status, matched_by \
     FROM fleet.fuel_transactions WHERE organization_id = $1 AND installation_id = $2 AND provider_txn_id = ANY($3) \
     AND deleted_at IS NULL";

/// A transaction that is stored already.
struct Stored {
    id: Uuid,
    content_hash: String,
    by_person: bool,
    match_status: String,
}

/// The sink of the effect `fuel-transactions`.
pub(crate) fn store<'a>(cx: &'a mut Cx, source: Source<'a>) -> Boxed<'a, Result<SinkReport, Problem>> {
    Box::pin(store_page(cx, source))
}

async fn store_page(cx: &mut Cx, source: Source<'_>) -> Result<SinkReport, Problem> {
    let records = read_records(source.records)?;
    let mut report = SinkReport::default();
    if records.is_empty() {
        return Ok(report);
    }
    let terms = lock(cx).await?;
    let mut stored = stored(cx, source.installation_id, &records).await?;
    let mut work = Vec::new();
    for (record, raw) in &records {
        let hash = content_hash(record);
        let known = stored.remove(&record.external_id);
        match known {
            Some(known) if known.content_hash == hash => {
                report.unchanged += 1;
                count(&mut report, &known.match_status);
            }
            known => work.push((record, *raw, hash, known)),
        }
    }
    let opened: Vec<Open> = work
        .iter()
        .map(|(record, _, _, known)| open(record, known.as_ref().map(|known| known.id), &terms))
        .collect();
    let settled = settle(cx, opened, &terms).await?;
    let mut new = Vec::new();
    for ((record, raw, hash, known), settled) in work.into_iter().zip(settled) {
        let mut row = row_of(record, raw, hash, &terms);
        let Some(known) = known else {
            report.created += 1;
            count(&mut report, settled.verdict.status.name());
            row.insert("installation_id".into(), json!(source.installation_id));
            row.insert("provider".into(), source.provider.into());
            row.insert("provider_txn_id".into(), record.external_id.clone().into());
            row.extend(decision(&settled, cx.now));
            new.push(row);
            continue;
        };
        report.updated += 1;
        if known.by_person {
            let kept = if known.match_status == "ignored" {
                "match.ignored"
            } else {
                "match.manual"
            };
            row.insert("match_reasons".into(), json!([kept, "match.changed_at_source"]));
            count(&mut report, &known.match_status);
        } else {
            row.extend(decision(&settled, cx.now));
            count(&mut report, settled.verdict.status.name());
        }
        let row = platform_engine::change(cx, &FUEL_TRANSACTIONS, known.id, "sync", row).await?;
        mileage::of_purchase(cx, &row).await?;
    }
    if !new.is_empty() {
        platform_engine::create_many(cx, &FUEL_TRANSACTIONS, new).await?;
    }
    Ok(report)
}

/// Checked records with their raw form, the last of each id: providers repeat themselves within a page.
fn read_records(records: &[Json]) -> Result<Vec<(FuelTransaction, &Json)>, Problem> {
    let mut read: BTreeMap<String, (FuelTransaction, &Json)> = BTreeMap::new();
    for raw in records {
        let record: FuelTransaction = serde_json::from_value(raw.clone()).map_err(Problem::malformed)?;
        read.insert(record.external_id.clone(), (record, raw));
    }
    Ok(read.into_values().collect())
}

fn count(report: &mut SinkReport, status: &str) {
    match status {
        "matched" => report.matched += 1,
        "doubtful" => report.doubtful += 1,
        "unmatched" => report.unmatched += 1,
        _ => {}
    }
}

async fn stored(
    cx: &mut Cx,
    installation_id: Uuid,
    records: &[(FuelTransaction, &Json)],
) -> Result<HashMap<String, Stored>, Problem> {
    let ids: Vec<&str> = records.iter().map(|(record, _)| record.external_id.as_str()).collect();
    let rows = sqlx::query(STORED)
        .bind(cx.organization_id)
        .bind(installation_id)
        .bind(ids)
        .fetch_all(cx.db())
        .await?;
    let read = rows.iter().map(|row| {
        let matched_by: Option<String> = row.try_get("matched_by")?;
        let stored = Stored {
            id: row.try_get("id")?,
            content_hash: row.try_get("content_hash")?,
            by_person: matched_by.as_deref() == Some("person"),
            match_status: row.try_get("match_status")?,
        };
        Ok((row.try_get("provider_txn_id")?, stored))
    });
    Ok(read.collect::<Result<_, sqlx::Error>>()?)
}

fn open(record: &FuelTransaction, id: Option<Uuid>, terms: &Terms) -> Open {
    Open {
        id,
        cost_minor: record.amount_minor,
        purchase: Purchase {
            card_ref: record.card_ref.clone(),
            plate_ref: record.plate_ref.clone(),
            plate_ref_ar: record.plate_ref_ar.clone(),
            vin_ref: record.vin_ref.clone(),
            internal_ref: record.internal_ref.clone(),
            day: record.occurred_at.with_timezone(&terms.time_zone).date_naive(),
            at: record.occurred_at,
            volume_l: Decimal::new(record.volume_ml, 3),
            odometer_km: record.odometer_m.map(|metres| rounded(Decimal::new(metres, 3), 2)),
            // Cards do not tell; what a person said of a stored row is not a rule's business here.
            is_full_tank: None,
            is_electric: record.product == FuelProduct::Electric,
            is_own_currency: record.currency == terms.currency,
        },
    }
}

/// What the provider says, as fields of the resource.
fn row_of(record: &FuelTransaction, raw: &Json, hash: String, terms: &Terms) -> Map<String, Json> {
    let opened = open(record, None, terms).purchase;
    let attribute = |names: &[&str]| names.iter().find_map(|name| record.attributes.get(*name));
    let major = |minor: i64| Decimal::new(minor, 2).to_string();
    let degrees = |e7: i32| Decimal::new(i64::from(e7), 7).to_string();
    let row = json!({
        "at": record.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "time_known": record.time_known,
        "local_date": opened.day,
        "card_ref": record.card_ref,
        "plate_ref": record.plate_ref,
        "plate_ref_ar": record.plate_ref_ar,
        "vin_ref": record.vin_ref,
        "internal_ref": record.internal_ref,
        "driver_ref": record.driver_ref,
        "station_name": record.station_name,
        "station_city": record.station_city,
        "station_lat": record.station_lat_e7.map(degrees),
        "station_lon": record.station_lon_e7.map(degrees),
        "product": kept_as(record.product).as_str(),
        "product_name": record.product_name,
        "volume_l": opened.volume_l.to_string(),
        "unit_price": record.unit_price_e4.map(|e4| Decimal::new(e4, 4).to_string()),
        "amount": major(record.amount_minor),
        "vat_amount": record.vat_minor.map(major),
        "currency": record.currency,
        "odometer_km": opened.odometer_km.map(|km| km.to_string()),
        "pay_method": attribute(&["pay_method", "payment_method", "payment_method_text"]),
        "receipt_number": record.receipt_no,
        "raw": raw,
        "content_hash": hash,
    });
    row.as_object().cloned().unwrap_or_default()
}

/// The products that fuel logs know; the provider's own word stays beside it.
fn kept_as(product: FuelProduct) -> FuelProduct {
    match product {
        FuelProduct::Lpg => FuelProduct::Other,
        known => known,
    }
}

/// Hash of what the provider said; flags are our own words and not part of it.
fn content_hash(record: &FuelTransaction) -> String {
    let said = FuelTransaction {
        flags: Vec::new(),
        ..record.clone()
    };
    // A struct of texts and numbers always serializes, its fields in one order.
    hex::encode(Sha256::digest(serde_json::to_vec(&said).unwrap_or_default()))
}

#[cfg(test)]
#[path = "sink_tests.rs"]
mod tests;
