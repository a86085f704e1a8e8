//! Who lives where now, how long couriers stay, and what is withheld from their pay for it.

use std::collections::HashMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::figures::{Month, amount, mean_nights};

pub(crate) const RESIDENTS: &str =
    "SELECT f.id, f.courier_id, c.full_name, c.barq_id, f.bed_id, b.bed_number, f.room_id,
        r.room_number, f.building_id, h.name AS building, f.started_on
    FROM accommodation.allocation_facts f
    JOIN accommodation.beds b ON b.organization_id = f.organization_id AND b.id = f.bed_id
    JOIN accommodation.rooms r ON r.organization_id = f.organization_id AND r.id = f.room_id
    JOIN accommodation.buildings h ON h.organization_id = f.organization_id AND h.id = f.building_id
    JOIN fleet.courier_facts c ON c.organization_id = f.organization_id AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.status = 'active' AND f.deleted_at IS NULL
        AND ($2::uuid IS NULL OR f.building_id = $2) AND ($3::uuid IS NULL OR f.courier_id = $3)
        AND ($4::uuid IS NULL OR f.bed_id = $4)
    ORDER BY h.name, r.room_number, b.bed_number, f.id LIMIT 1000";

/// Whose bed, or whose beds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names are those of the request")]
pub(crate) struct AskedResidents {
    /// Residents of one building.
    building_id: Option<Uuid>,
    /// The bed of one courier.
    courier_id: Option<Uuid>,
    /// The courier of one bed.
    bed_id: Option<Uuid>,
}

/// A courier and his bed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Resident {
    allocation_id: Uuid,
    courier_id: Uuid,
    courier: String,
    barq_id: String,
    building_id: Uuid,
    building: String,
    room_id: Uuid,
    room_number: String,
    bed_id: Uuid,
    bed_number: String,
    started_on: NaiveDate,
}

/// Who lives where now.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Residents {
    /// By building, room and bed; at most a thousand.
    data: Vec<Resident>,
}

/// `GET /accommodation/residents`.
pub(crate) async fn residents(cx: &mut Cx, asked: AskedResidents) -> Result<Residents, Problem> {
    let rows = sqlx::query(RESIDENTS)
        .bind(cx.organization_id)
        .bind(asked.building_id)
        .bind(asked.courier_id)
        .bind(asked.bed_id)
        .fetch_all(cx.db())
        .await?;
    let resident = |row: &PgRow| {
        Ok(Resident {
            allocation_id: row.try_get("id")?,
            courier_id: row.try_get("courier_id")?,
            courier: row.try_get("full_name")?,
            barq_id: row.try_get("barq_id")?,
            building_id: row.try_get("building_id")?,
            building: row.try_get("building")?,
            room_id: row.try_get("room_id")?,
            room_number: row.try_get("room_number")?,
            bed_id: row.try_get("bed_id")?,
            bed_number: row.try_get("bed_number")?,
            started_on: row.try_get("started_on")?,
        })
    };
    let data = rows.iter().map(resident).collect::<Result<_, sqlx::Error>>()?;
    Ok(Residents { data })
}

/// Stays and their nights: of open ones until $2.
pub(crate) const LENGTHS: &str = "SELECT count(*) FILTER (WHERE f.status = 'active') AS active,
        count(*) FILTER (WHERE f.status = 'ended') AS ended,
        coalesce(sum(greatest(coalesce(f.ended_on, $2) - f.started_on, 0)), 0)::bigint AS nights,
        coalesce(sum(f.ended_on - f.started_on) FILTER (WHERE f.status = 'ended'), 0)::bigint AS nights_of_ended
    FROM accommodation.allocation_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND ($3::uuid IS NULL OR f.building_id = $3)";

/// Which building.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedLengths {
    /// Stays in one building instead of all.
    building_id: Option<Uuid>,
}

/// How long couriers stay.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Lengths {
    active: i64,
    ended: i64,
    /// Mean nights of all stays; open ones count until today. Nothing without stays.
    mean_nights: Option<String>,
    /// Mean nights of stays that have ended.
    mean_nights_of_ended: Option<String>,
}

/// `GET /accommodation/stays`.
pub(crate) async fn lengths(cx: &mut Cx, asked: AskedLengths) -> Result<Lengths, Problem> {
    let today = cx.today();
    let row = sqlx::query(LENGTHS)
        .bind(cx.organization_id)
        .bind(today)
        .bind(asked.building_id)
        .fetch_one(cx.db())
        .await?;
    let (active, ended): (i64, i64) = (row.try_get("active")?, row.try_get("ended")?);
    Ok(Lengths {
        active,
        ended,
        mean_nights: mean_nights(row.try_get("nights")?, active + ended),
        mean_nights_of_ended: mean_nights(row.try_get("nights_of_ended")?, ended),
    })
}

/// Stays that have a night between $2 and $3.
pub(crate) const OF_MONTH: &str =
    "SELECT f.id, f.courier_id, c.full_name, c.barq_id, f.bed_id, f.started_on, f.ended_on,
        f.monthly_deduction
    FROM accommodation.allocation_facts f
    JOIN fleet.courier_facts c ON c.organization_id = f.organization_id AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.started_on < $3
        AND (f.ended_on IS NULL OR f.ended_on > $2) AND ($4::uuid IS NULL OR f.courier_id = $4)
    ORDER BY c.full_name, f.courier_id, f.started_on, f.id LIMIT 5000";

/// Which month.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedDeductions {
    /// As `2026-06`; this month when it is not given.
    month: Option<String>,
    /// One courier instead of all.
    courier_id: Option<Uuid>,
}

/// What is withheld for one stay.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Deduction {
    allocation_id: Uuid,
    courier_id: Uuid,
    courier: String,
    barq_id: String,
    bed_id: Uuid,
    /// Nights of the month.
    nights: i64,
    monthly_deduction: String,
    /// The monthly amount × nights / 30; the monthly amount for whoever slept in our beds the whole month.
    amount: String,
}

/// What is withheld in a month.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Deductions {
    month: String,
    /// By courier. Open stays count as if they lasted to the end of the month.
    data: Vec<Deduction>,
    nights: i64,
    total: String,
}

/// `GET /accommodation/deductions`.
pub(crate) async fn deductions(cx: &mut Cx, asked: AskedDeductions) -> Result<Deductions, Problem> {
    let month = match &asked.month {
        Some(text) => Month::parse("month", text)?,
        None => Month::of(cx.today()),
    };
    let rows = sqlx::query(OF_MONTH)
        .bind(cx.organization_id)
        .bind(month.first)
        .bind(month.next)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let mut nights = Vec::with_capacity(rows.len());
    let mut all: HashMap<Uuid, i64> = HashMap::new();
    for row in &rows {
        let here = month.nights(row.try_get("started_on")?, row.try_get("ended_on")?);
        *all.entry(row.try_get("courier_id")?).or_default() += here;
        nights.push(here);
    }
    let mut data = Vec::with_capacity(rows.len());
    let mut total = 0;
    for (row, nights) in rows.iter().zip(nights) {
        let courier_id: Uuid = row.try_get("courier_id")?;
        let monthly: i64 = row.try_get("monthly_deduction")?;
        let withheld = month.deduction_minor(monthly, nights, all[&courier_id]);
        total += withheld;
        data.push(Deduction {
            allocation_id: row.try_get("id")?,
            courier_id,
            courier: row.try_get("full_name")?,
            barq_id: row.try_get("barq_id")?,
            bed_id: row.try_get("bed_id")?,
            nights,
            monthly_deduction: amount(monthly),
            amount: amount(withheld),
        });
    }
    Ok(Deductions {
        month: month.to_string(),
        nights: data.iter().map(|one| one.nights).sum(),
        total: amount(total),
        data,
    })
}
