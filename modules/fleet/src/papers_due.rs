//! Papers that run out and services that are due, as lists: the same rows that the clock's warnings are made of.

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::asked::{page, within_days};
use crate::expiries;

/// Vehicles whose service is due by $2 or by the mileage.
pub(crate) const SERVICES_DUE: &str = "SELECT v.id, coalesce(v.plate_number, v.internal_number) AS title, v.next_service_on,
        v.next_service_km, v.mileage_km, coalesce(v.mileage_km >= v.next_service_km, false) AS by_mileage,
        (SELECT min(m.scheduled_on) FROM fleet.vehicle_maintenance m
            WHERE m.organization_id = $1 AND m.vehicle_id = v.id AND m.status = 'scheduled' AND m.deleted_at IS NULL) AS planned_on
    FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired'
        AND (v.next_service_on <= $2 OR v.mileage_km >= v.next_service_km)
    ORDER BY v.next_service_on NULLS FIRST, v.id";

/// Which papers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedPapers {
    /// Days from today, 0 to 366; 30 unless given. What has expired is always there.
    within_days: Option<u32>,
    /// `iqama`, `passport`, `license`, `registration`, `insurance` or `document`; all unless given.
    paper: Option<String>,
    /// Rows of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Papers that run out.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ExpiringPapers {
    /// The nearest expiry first.
    data: Vec<ExpiringPaper>,
    /// How many there are on all pages, and how many of them have expired.
    total: usize,
    expired: usize,
    next: Option<String>,
}

/// A paper that runs out.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ExpiringPaper {
    /// `iqama`, `passport`, `license`, `registration`, `insurance` or `document`.
    paper: String,
    /// Name of the courier, plate of the vehicle or name of the document.
    subject: String,
    courier_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    document_id: Option<Uuid>,
    expires_on: NaiveDate,
    /// Less than zero when it has expired.
    days_left: i64,
}

/// `GET /fleet/expiring_papers`.
pub(crate) async fn expiring_papers(cx: &mut Cx, asked: AskedPapers) -> Result<ExpiringPapers, Problem> {
    let today = cx.today();
    let days = within_days(asked.within_days, 30)?;
    let rows = sqlx::query(expiries::PAPERS)
        .bind(cx.organization_id)
        .bind(today.checked_add_days(Days::new(days)).unwrap_or(today))
        .fetch_all(cx.db())
        .await?;
    let mut papers = Vec::with_capacity(rows.len());
    for row in &rows {
        let expires_on: NaiveDate = row.try_get("due_on")?;
        papers.push(ExpiringPaper {
            paper: row.try_get("paper")?,
            subject: row.try_get("subject")?,
            courier_id: row.try_get("courier_id")?,
            vehicle_id: row.try_get("vehicle_id")?,
            document_id: row.try_get("document_id")?,
            expires_on,
            days_left: (expires_on - today).num_days(),
        });
    }
    papers.retain(|one| asked.paper.as_ref().is_none_or(|paper| *paper == one.paper));
    papers.sort_by(|one, other| {
        (one.expires_on, &one.subject, &one.paper).cmp(&(other.expires_on, &other.subject, &other.paper))
    });
    let total = papers.len();
    let expired = papers.iter().filter(|paper| paper.days_left < 0).count();
    let (data, next) = page(papers, asked.limit, asked.after.as_deref())?;
    Ok(ExpiringPapers {
        data,
        total,
        expired,
        next,
    })
}

/// Which services.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedServices {
    /// Days from today, 0 to 366; 7 unless given. What is due by the mileage is always there.
    within_days: Option<u32>,
    /// Rows of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Services that are due.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ServicesDue {
    /// The earliest first; those due by the mileage alone before them.
    data: Vec<ServiceDue>,
    /// How many there are on all pages.
    total: usize,
    next: Option<String>,
}

/// A vehicle whose service is due.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ServiceDue {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    next_service_on: Option<NaiveDate>,
    /// Less than zero when the day has passed.
    days_left: Option<i64>,
    next_service_km: Option<String>,
    mileage_km: String,
    /// Less than zero when the reading has been passed.
    km_left: Option<String>,
    /// Whether the mileage has come to it; otherwise the day has, or soon will.
    by_mileage: bool,
    /// The day of a maintenance job that is planned already.
    planned_on: Option<NaiveDate>,
}

/// `GET /fleet/service_due`.
pub(crate) async fn services_due(cx: &mut Cx, asked: AskedServices) -> Result<ServicesDue, Problem> {
    let today = cx.today();
    let days = within_days(asked.within_days, 7)?;
    let rows = sqlx::query(SERVICES_DUE)
        .bind(cx.organization_id)
        .bind(today.checked_add_days(Days::new(days)).unwrap_or(today))
        .fetch_all(cx.db())
        .await?;
    let mut services = Vec::with_capacity(rows.len());
    for row in &rows {
        let next_service_on: Option<NaiveDate> = row.try_get("next_service_on")?;
        let next_service_km: Option<Decimal> = row.try_get("next_service_km")?;
        let mileage_km: Decimal = row.try_get("mileage_km")?;
        services.push(ServiceDue {
            vehicle_id: row.try_get("id")?,
            vehicle_title: row.try_get("title")?,
            next_service_on,
            days_left: next_service_on.map(|day| (day - today).num_days()),
            next_service_km: next_service_km.map(|km| km.to_string()),
            mileage_km: mileage_km.to_string(),
            km_left: next_service_km.map(|km| (km - mileage_km).to_string()),
            by_mileage: row.try_get("by_mileage")?,
            planned_on: row.try_get("planned_on")?,
        });
    }
    let total = services.len();
    let (data, next) = page(services, asked.limit, asked.after.as_deref())?;
    Ok(ServicesDue { data, total, next })
}
