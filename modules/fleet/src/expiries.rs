//! What the clock does: it warns before papers run out and services are due, each warning once; it marks documents as expired
//! and suspends couriers who must not drive any more.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Locale, Problem};
use serde_json::{Map, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{COURIERS, DOCUMENTS, EXPIRY_WARNINGS};

/// Days before an expiry at which people are warned. A paper is good on its last day: the last warning is for the day after.
const PAPER_THRESHOLDS: &[i64] = &[90, 60, 30, -1];
/// Days before a service at which people are warned.
const SERVICE_THRESHOLDS: &[i64] = &[7, 0];

/// Papers that run out by $2: which, of whom, and when. Documents of a kind whose day is kept with the courier or vehicle are
/// left to that day.
pub(crate) const PAPERS: &str =
    "SELECT p.paper, c.id AS courier_id, NULL::uuid AS vehicle_id, NULL::uuid AS document_id,
        c.full_name AS subject, p.day AS due_on, p.day::text AS mark
    FROM fleet.couriers c
    CROSS JOIN LATERAL (VALUES ('iqama', c.iqama_expires_on), ('passport', c.passport_expires_on),
        ('license', c.license_expires_on)) AS p (paper, day)
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'terminated' AND p.day <= $2
UNION ALL
SELECT p.paper, NULL, v.id, NULL, coalesce(v.plate_number, v.internal_number), p.day, p.day::text
    FROM fleet.vehicles v
    CROSS JOIN LATERAL (VALUES ('registration', v.registration_expires_on), ('insurance', v.insurance_expires_on))
        AS p (paper, day)
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired' AND p.day <= $2
UNION ALL
SELECT 'document', d.courier_id, d.vehicle_id, d.id, d.document_name, d.expires_on, d.expires_on::text
    FROM fleet.documents d
    LEFT JOIN fleet.couriers c ON c.organization_id = $1 AND c.id = d.courier_id
    LEFT JOIN fleet.vehicles v ON v.organization_id = $1 AND v.id = d.vehicle_id
    WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND d.status <> 'rejected' AND d.expires_on <= $2
        AND d.document_type IN ('national_id', 'contract', 'operating_card', 'commercial_registration', 'other')
        AND c.status IS DISTINCT FROM 'terminated' AND v.status IS DISTINCT FROM 'retired'";

/// Services that are due by $2, or by the mileage; one that is due by the mileage alone is due today, $3.
pub(crate) const SERVICES: &str = "SELECT 'service' AS paper, NULL::uuid AS courier_id, v.id AS vehicle_id,
        NULL::uuid AS document_id, coalesce(v.plate_number, v.internal_number) AS subject,
        CASE WHEN v.mileage_km >= v.next_service_km THEN least(v.next_service_on, $3) ELSE v.next_service_on END AS due_on,
        concat_ws('/', v.next_service_on, v.next_service_km) AS mark
    FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired'
        AND (v.next_service_on <= $2 OR v.mileage_km >= v.next_service_km)";

/// Warnings of these papers ($2) that are not resolved.
pub(crate) const UNRESOLVED: &str = "SELECT w.id, w.warning_key
    FROM fleet.expiry_warnings w
    WHERE w.organization_id = $1 AND w.paper = ANY ($2) AND w.status <> 'resolved' AND w.deleted_at IS NULL";

/// Which of these warnings ($2) exist.
pub(crate) const KNOWN: &str = "SELECT w.warning_key FROM fleet.expiry_warnings w
    WHERE w.organization_id = $1 AND w.warning_key = ANY ($2) AND w.deleted_at IS NULL";

/// Documents that expired before $2.
pub(crate) const EXPIRED_DOCUMENTS: &str = "SELECT d.id FROM fleet.documents d
    WHERE d.organization_id = $1 AND d.expires_on < $2 AND d.status IN ('pending', 'verified') AND d.deleted_at IS NULL
    ORDER BY d.id";

/// Couriers at work whose iqama or licence expired before $2, and which.
pub(crate) const EXPIRED_COURIERS: &str = "SELECT c.id,
        CASE WHEN c.iqama_expires_on < $2 THEN 'iqama_expires_on' ELSE 'license_expires_on' END AS paper,
        CASE WHEN c.iqama_expires_on < $2 THEN c.iqama_expires_on ELSE c.license_expires_on END AS day
    FROM fleet.couriers c
    WHERE c.organization_id = $1 AND c.status = 'active' AND c.deleted_at IS NULL
        AND (c.iqama_expires_on < $2 OR c.license_expires_on < $2)
    ORDER BY c.id";

/// Whether the organization wants couriers to be suspended, and its language.
pub(crate) const WISHES: &str =
    "SELECT o.settings -> 'fleet' ->> 'suspend_expired_couriers' IS DISTINCT FROM 'false' AS suspends, o.locale
    FROM platform.organizations o WHERE o.organization_id = $1";

/// Something that runs out.
struct Expiring {
    paper: String,
    courier_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    document_id: Option<Uuid>,
    subject: String,
    due_on: NaiveDate,
    /// What a renewal changes. A service that stays due by its mileage is not due anew each day.
    mark: String,
}

impl Expiring {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            paper: row.try_get("paper")?,
            courier_id: row.try_get("courier_id")?,
            vehicle_id: row.try_get("vehicle_id")?,
            document_id: row.try_get("document_id")?,
            subject: row.try_get("subject")?,
            due_on: row.try_get("due_on")?,
            mark: row.try_get("mark")?,
        })
    }

    /// A warning exists once for each of these.
    fn key(&self, threshold_days: i64) -> String {
        let id = self.document_id.or(self.vehicle_id).or(self.courier_id);
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        format!("{}:{id}:{}:{threshold_days}", self.paper, self.mark)
    }
}

/// The nearest threshold that a day has come to.
fn threshold(thresholds: &[i64], today: NaiveDate, due_on: NaiveDate) -> Option<i64> {
    let days_left = (due_on - today).num_days();
    let reached = thresholds.iter().filter(|threshold| days_left <= **threshold).min();
    reached.map(|threshold| (*threshold).max(0))
}

/// `fleet.expiries`: every day.
pub(crate) async fn expiries(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    let last = today.checked_add_days(Days::new(90)).unwrap_or(today);
    let rows = sqlx::query(PAPERS)
        .bind(cx.organization_id)
        .bind(last)
        .fetch_all(cx.db())
        .await?;
    let due = rows.iter().map(Expiring::of).collect::<Result<Vec<_>, _>>()?;
    let papers = &["iqama", "passport", "license", "registration", "insurance", "document"];
    warn(cx, papers, PAPER_THRESHOLDS, &due).await?;
    let documents: Vec<Uuid> = sqlx::query_scalar(EXPIRED_DOCUMENTS)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    for id in documents {
        platform_engine::act(cx, &DOCUMENTS, id, "expire", Map::new()).await?;
    }
    suspend_expired(cx, today).await
}

/// `fleet.service_due`: every day.
pub(crate) async fn service_due(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    let rows = sqlx::query(SERVICES)
        .bind(cx.organization_id)
        .bind(today.checked_add_days(Days::new(7)).unwrap_or(today))
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    let due = rows.iter().map(Expiring::of).collect::<Result<Vec<_>, _>>()?;
    warn(cx, &["service"], SERVICE_THRESHOLDS, &due).await
}

/// Writes the warnings that are missing, and resolves those that a renewal or a nearer warning has made idle.
async fn warn(cx: &mut Cx, papers: &[&str], thresholds: &[i64], due: &[Expiring]) -> Result<(), Problem> {
    let today = cx.today();
    let reached = |due: &Expiring| threshold(thresholds, today, due.due_on).map(|days| (due.key(days), days));
    let current: HashSet<String> = due.iter().filter_map(|due| Some(reached(due)?.0)).collect();
    let keys: Vec<&str> = current.iter().map(String::as_str).collect();
    let known: HashSet<String> = sqlx::query_scalar(KNOWN)
        .bind(cx.organization_id)
        .bind(&keys)
        .fetch_all(cx.db())
        .await?
        .into_iter()
        .collect();
    let unresolved = sqlx::query(UNRESOLVED)
        .bind(cx.organization_id)
        .bind(papers)
        .fetch_all(cx.db())
        .await?;
    for row in &unresolved {
        if !current.contains(&row.try_get::<String, _>("warning_key")?) {
            let id = row.try_get("id")?;
            platform_engine::act(cx, &EXPIRY_WARNINGS, id, "resolve", Map::new()).await?;
        }
    }
    let rows = due.iter().filter_map(|due| {
        let (key, threshold_days) = reached(due).filter(|(key, _)| !known.contains(key))?;
        let row = json!({
            "warning_key": key, "subject": due.subject, "paper": due.paper, "due_on": due.due_on,
            "threshold_days": threshold_days, "courier_id": due.courier_id, "vehicle_id": due.vehicle_id,
            "document_id": due.document_id,
        });
        row.as_object().cloned()
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    platform_engine::create_many(cx, &EXPIRY_WARNINGS, rows).await.map(drop)
}

/// Suspends couriers who may not work or drive any more, unless the organization does not want it.
async fn suspend_expired(cx: &mut Cx, today: NaiveDate) -> Result<(), Problem> {
    let wishes = sqlx::query(WISHES).bind(cx.organization_id).fetch_one(cx.db()).await?;
    if !wishes.try_get::<bool, _>("suspends")? {
        return Ok(());
    }
    let locale = match wishes.try_get::<&str, _>("locale")? {
        "ar" => Locale::Ar,
        _ => Locale::En,
    };
    let couriers = sqlx::query(EXPIRED_COURIERS)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    for courier in &couriers {
        let day: NaiveDate = courier.try_get("day")?;
        let catalogue = &cx.platform.catalogue;
        let paper = match courier.try_get("paper")? {
            "iqama_expires_on" => "iqama",
            _ => "license",
        };
        let paper = catalogue.choice(locale, "fleet.expiry_warnings", "paper", paper);
        let params = [("paper", paper.to_owned()), ("day", day.to_string())];
        let reason = catalogue.problem(locale, "suspended_by_expiry", &params);
        let inputs = Map::from_iter([("status_reason".to_owned(), json!(reason))]);
        platform_engine::act(cx, &COURIERS, courier.try_get("id")?, "suspend", inputs).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_threshold() {
        let today: NaiveDate = "2026-03-02".parse().expect("a day");
        let at = |thresholds, days: i64| threshold(thresholds, today, today + chrono::TimeDelta::days(days));
        for (days_left, expected) in [
            (91, None),
            (90, Some(90)),
            (61, Some(90)),
            (60, Some(60)),
            (30, Some(30)),
            (0, Some(30)),
            (-1, Some(0)),
        ] {
            assert_eq!(at(PAPER_THRESHOLDS, days_left), expected, "{days_left}");
        }
        assert_eq!(at(SERVICE_THRESHOLDS, 8), None);
        assert_eq!(at(SERVICE_THRESHOLDS, 7), Some(7));
        assert_eq!(at(SERVICE_THRESHOLDS, 0), Some(0));
    }
}
