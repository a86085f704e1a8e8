//! Stores what plugins bring: a page of fuel transactions, each matched to a vehicle.
//!
//! Pages of one organization are stored one after the other (they lock its row), so that two runs at once cannot both find a
//! transaction missing. The same transaction with the same content changes nothing; with other content it is updated and
//! matched again, unless a person has settled it: then the figures follow the provider and the person's decision stays.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use platform_core::{Boxed, Cx, Problem, SinkReport, Source};
use platform_plugin_records::{FuelProduct, FuelTransaction};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::FUEL_TRANSACTIONS;
use crate::economy::{Fill, LONGEST_SEGMENT, rounded};
use crate::fills::{Filled, fills};
use crate::fuel_transactions::MatchStatus;
use crate::matching::{Fleet, Found, Purchase, Vehicle, Verdict};

/// What the organization counts in; its row stays locked until the page is stored.
pub(crate) const ORGANIZATION: &str = "SELECT currency, time_zone FROM platform.organizations WHERE organization_id = $1 \
     FOR NO KEY UPDATE";

/// Every vehicle, as far as matching looks at it.
pub(crate) const VEHICLES: &str = "SELECT id, fuel_card_number, plate_number, vin_number, internal_number, \
     fuel_capacity_l, retired_on FROM fleet.vehicles WHERE organization_id = $1 AND deleted_at IS NULL ORDER BY id";

/// What is stored already of a page: $2 installation, $3 the provider's ids.
pub(crate) const STORED: &str = "SELECT id, provider_txn_id, content_hash, match_status, matched_by \
     FROM fleet.fuel_transactions WHERE organization_id = $1 AND installation_id = $2 AND provider_txn_id = ANY($3) \
     AND deleted_at IS NULL";

/// Earlier fills of the vehicles found, without the transactions that are being matched: $1 to $5 as in `fills`, $6 vehicles,
/// $7 ids to leave out.
pub(crate) const HISTORIES: &str = concat!(
    "WITH ",
    fills!(),
    " SELECT source, id, vehicle_id, day, at, station, volume_l, cost, odometer_km, is_full_tank, is_electric FROM fills \
     WHERE vehicle_id = ANY($6::uuid[]) AND NOT (id = ANY($7::uuid[])) ORDER BY day, id"
);

/// Who drove the vehicles found in the days of the page: $2 vehicles, $3 first and $4 last day.
pub(crate) const DRIVERS: &str = "SELECT vehicle_id, courier_id, started_on, ended_on FROM fleet.vehicle_assignments \
     WHERE organization_id = $1 AND vehicle_id = ANY($2) AND deleted_at IS NULL AND status <> 'cancelled' \
     AND started_on <= $4 AND (ended_on IS NULL OR ended_on >= $3) ORDER BY started_on, id";

/// What an organization counts in.
pub(crate) struct Terms {
    pub(crate) currency: String,
    pub(crate) time_zone: Tz,
}

/// A purchase with its place in what is being stored, and what is known of it.
pub(crate) struct Open {
    /// The transaction's row, when it is stored already.
    pub(crate) id: Option<Uuid>,
    pub(crate) purchase: Purchase,
    pub(crate) cost_minor: i64,
}

/// What became of a purchase, and who drove then.
pub(crate) struct Settled {
    pub(crate) verdict: Verdict,
    pub(crate) courier_id: Option<Uuid>,
}

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
        platform_engine::change(cx, &FUEL_TRANSACTIONS, known.id, "sync", row).await?;
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

/// Waits for other pages of the organization.
pub(crate) async fn lock(cx: &mut Cx) -> Result<Terms, Problem> {
    let row = sqlx::query(ORGANIZATION)
        .bind(cx.organization_id)
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    let time_zone: String = row.try_get("time_zone")?;
    Ok(Terms {
        currency: row.try_get("currency")?,
        time_zone: time_zone.parse().unwrap_or(Tz::Asia__Riyadh),
    })
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

/// Matches purchases to vehicles, the earliest first: each one found is history for the next. Answers in the order given.
pub(crate) async fn settle(cx: &mut Cx, opened: Vec<Open>, terms: &Terms) -> Result<Vec<Settled>, Problem> {
    let days = opened.iter().map(|one| one.purchase.day);
    let Some((first, last)) = days.clone().min().zip(days.max()) else {
        return Ok(Vec::new());
    };
    let fleet = fleet(cx).await?;
    let found: Vec<Found> = opened.iter().map(|one| fleet.find(&one.purchase)).collect();
    let vehicles: Vec<Uuid> = found
        .iter()
        .filter_map(|found| found.vehicle_id)
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let in_work: Vec<Uuid> = opened.iter().filter_map(|one| one.id).collect();
    let mut histories = histories(cx, terms, (first, last), &vehicles, &in_work).await?;
    let drivers = drivers(cx, (first, last), &vehicles).await?;

    let mut order: Vec<usize> = (0..opened.len()).collect();
    order.sort_by_key(|place| (opened[*place].purchase.at, *place));
    let mut settled: Vec<Option<Settled>> = opened.iter().map(|_| None).collect();
    for place in order {
        let (one, found) = (&opened[place], found[place].clone());
        let history = found.vehicle_id.map(|id| histories.entry(id).or_default());
        let verdict = fleet.judge(&one.purchase, found, history.as_deref().map_or(&[], Vec::as_slice));
        if let Some(history) = history {
            history.push(fill_of(one));
        }
        let courier_id = verdict.vehicle_id.and_then(|id| driver(&drivers, id, one.purchase.day));
        settled[place] = Some(Settled { verdict, courier_id });
    }
    Ok(settled.into_iter().flatten().collect())
}

async fn fleet(cx: &mut Cx) -> Result<Fleet, Problem> {
    let rows = sqlx::query(VEHICLES)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let vehicles = rows.iter().map(|row| {
        Ok(Vehicle {
            id: row.try_get("id")?,
            fuel_card_number: row.try_get("fuel_card_number")?,
            plate_number: row.try_get("plate_number")?,
            vin_number: row.try_get("vin_number")?,
            internal_number: row.try_get("internal_number")?,
            fuel_capacity_l: row.try_get("fuel_capacity_l")?,
            retired_on: row.try_get("retired_on")?,
        })
    });
    Ok(Fleet::new(vehicles.collect::<Result<_, sqlx::Error>>()?))
}

async fn histories(
    cx: &mut Cx,
    terms: &Terms,
    (first, last): (NaiveDate, NaiveDate),
    vehicles: &[Uuid],
    in_work: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Fill>>, Problem> {
    let rows = sqlx::query(HISTORIES)
        .bind(cx.organization_id)
        .bind(None::<Uuid>)
        .bind(first - LONGEST_SEGMENT)
        .bind(last.succ_opt().unwrap_or(last))
        .bind(&terms.currency)
        .bind(vehicles)
        .bind(in_work)
        .fetch_all(cx.db())
        .await?;
    let mut histories: HashMap<Uuid, Vec<Fill>> = HashMap::new();
    for row in &rows {
        let fill = Filled::from_row(row)?.fill(terms.time_zone);
        histories.entry(row.try_get("vehicle_id")?).or_default().push(fill);
    }
    Ok(histories)
}

/// Days of a vehicle with a courier.
struct Drive {
    vehicle_id: Uuid,
    courier_id: Uuid,
    started_on: NaiveDate,
    ended_on: Option<NaiveDate>,
}

async fn drivers(cx: &mut Cx, (first, last): (NaiveDate, NaiveDate), vehicles: &[Uuid]) -> Result<Vec<Drive>, Problem> {
    let rows = sqlx::query(DRIVERS)
        .bind(cx.organization_id)
        .bind(vehicles)
        .bind(first)
        .bind(last)
        .fetch_all(cx.db())
        .await?;
    let read = rows.iter().map(|row| {
        Ok(Drive {
            vehicle_id: row.try_get("vehicle_id")?,
            courier_id: row.try_get("courier_id")?,
            started_on: row.try_get("started_on")?,
            ended_on: row.try_get("ended_on")?,
        })
    });
    Ok(read.collect::<Result<_, sqlx::Error>>()?)
}

/// Who drove the vehicle on a day; on the day of a handover, who took it over.
fn driver(drives: &[Drive], vehicle_id: Uuid, day: NaiveDate) -> Option<Uuid> {
    let drove = |drive: &&Drive| {
        drive.vehicle_id == vehicle_id && drive.started_on <= day && drive.ended_on.is_none_or(|last| day <= last)
    };
    drives.iter().rev().find(drove).map(|drive| drive.courier_id)
}

fn fill_of(one: &Open) -> Fill {
    Fill {
        id: one.id.unwrap_or_default(),
        day: one.purchase.day,
        at: one.purchase.at,
        volume_l: one.purchase.volume_l,
        cost_minor: one.cost_minor,
        odometer_km: one.purchase.odometer_km,
        is_full_tank: one.purchase.is_full_tank,
        is_electric: one.purchase.is_electric,
    }
}

/// The fields that a verdict writes.
pub(crate) fn decision(settled: &Settled, now: DateTime<Utc>) -> Map<String, Json> {
    let Settled { verdict, courier_id } = settled;
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code()).collect();
    let open = verdict.status == MatchStatus::Unmatched;
    let row = json!({
        "match_status": verdict.status.name(),
        "vehicle_id": verdict.vehicle_id,
        "courier_id": courier_id,
        "match_score": if open { Json::Null } else { verdict.score.into() },
        "match_reasons": reasons,
        "matched_by": if open { Json::Null } else { "rules".into() },
        "matched_at": if open { Json::Null } else { now.to_rfc3339_opts(SecondsFormat::Millis, true).into() },
    });
    row.as_object().cloned().unwrap_or_default()
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
        "product": record.product.as_str(),
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
