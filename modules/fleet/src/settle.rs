//! Matches purchases of fuel against what is stored: vehicles, their earlier fills, and who drove them. The rules are in
//! `matching`; here is what they need to know, read once for a page.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::economy::{Fill, LONGEST_SEGMENT};
use crate::fills::{Filled, fills};
use crate::fuel_transactions::MatchStatus;
use crate::matching::{Fleet, Found, Purchase, Vehicle, Verdict};

/// What the organization counts in; its row stays locked until the page is stored.
pub(crate) const ORGANIZATION: &str = "SELECT currency, time_zone FROM platform.organizations WHERE organization_id = $1 \
     FOR NO KEY UPDATE";

/// Every vehicle, as far as matching looks at it.
pub(crate) const VEHICLES: &str = "SELECT id, fuel_card_number, plate_number, vin_number, internal_number, \
     fuel_capacity_l, retired_on FROM fleet.vehicles WHERE organization_id = $1 AND deleted_at IS NULL ORDER BY id";

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;

    #[test]
    fn verdicts_become_fields() {
        let vehicle = Uuid::from_u128(7);
        let verdict = |status, vehicle_id, score, reason| Settled {
            verdict: Verdict {
                status,
                vehicle_id,
                score,
                reasons: vec![reason],
            },
            courier_id: None,
        };
        let now = DateTime::UNIX_EPOCH;
        let matched = decision(&verdict(MatchStatus::Matched, Some(vehicle), 95, Reason::Card), now);
        assert_eq!(
            (&matched["vehicle_id"], &matched["match_score"]),
            (&json!(vehicle), &json!(95))
        );
        assert_eq!(
            (&matched["matched_by"], &matched["matched_at"]),
            (&json!("rules"), &json!("1970-01-01T00:00:00.000Z"))
        );
        let open = decision(&verdict(MatchStatus::Unmatched, None, 0, Reason::NoReference), now);
        assert_eq!(open["match_reasons"], json!(["match.no_reference"]));
        for field in ["vehicle_id", "match_score", "matched_by", "matched_at"] {
            assert_eq!(open[field], Json::Null, "{field}");
        }
    }

    #[test]
    fn who_drove() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let drive = |courier: u128, from: &str, to: Option<&str>| Drive {
            vehicle_id: Uuid::from_u128(1),
            courier_id: Uuid::from_u128(courier),
            started_on: day(from),
            ended_on: to.map(day),
        };
        let drives = [
            drive(10, "2026-01-01", Some("2026-01-10")),
            drive(11, "2026-01-10", None),
        ];
        let table = [
            ("2025-12-31", None),
            ("2026-01-09", Some(10)),
            ("2026-01-10", Some(11)),
            ("2026-02-01", Some(11)),
        ];
        for (on, expected) in table {
            assert_eq!(
                driver(&drives, Uuid::from_u128(1), day(on)),
                expected.map(Uuid::from_u128),
                "{on}"
            );
        }
        assert_eq!(driver(&drives, Uuid::from_u128(2), day("2026-01-09")), None);
    }
}
