//! How vehicles are used, kept and checked: the share of days with a driver, what maintenance comes to, how many are inspected.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::asked::{Period, page, within_days};
use crate::figures::{percent, ratio, shown};
use crate::fuel_costs::currency;

/// Days of a period on which each vehicle was assigned; $4 is today, which open assignments have come to.
pub(crate) const UTILISATION: &str = "SELECT v.id, coalesce(v.plate_number, v.internal_number) AS title, v.vehicle_type, v.status,
        (SELECT count(DISTINCT day.day) FROM fleet.vehicle_assignments a
            CROSS JOIN LATERAL generate_series(greatest(a.started_on, $2),
                least(coalesce(a.ended_on, $4), $3), interval '1 day') AS day (day)
            WHERE a.organization_id = $1 AND a.vehicle_id = v.id AND a.status <> 'cancelled' AND a.deleted_at IS NULL
                AND a.started_on <= $3 AND coalesce(a.ended_on, $4) >= $2) AS days,
        EXISTS (SELECT FROM fleet.vehicle_assignments a
            WHERE a.organization_id = $1 AND a.vehicle_id = v.id AND a.status = 'active' AND a.deleted_at IS NULL) AS is_assigned
    FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired'
    ORDER BY days, title, v.id";

/// Jobs that were completed in a period, by vehicle and kind.
pub(crate) const MAINTENANCE: &str = "SELECT m.vehicle_id, coalesce(v.plate_number, v.internal_number) AS title, m.maintenance_type,
        count(*) AS jobs, sum(m.labor_cost) AS labor, sum(m.parts_cost) AS parts, sum(m.tax_amount) AS tax,
        sum(m.discount_amount) AS discount, coalesce(sum(m.downtime_hours), 0) AS hours
    FROM fleet.vehicle_maintenance m
    JOIN fleet.vehicles v ON v.organization_id = $1 AND v.id = m.vehicle_id
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.status = 'completed'
        AND m.completed_at >= $2::timestamp AT TIME ZONE $5 AND m.completed_at < ($3::date + 1)::timestamp AT TIME ZONE $5
        AND ($4::uuid IS NULL OR m.vehicle_id = $4)
    GROUP BY m.vehicle_id, v.plate_number, v.internal_number, m.maintenance_type
    ORDER BY title, m.vehicle_id, m.maintenance_type";

/// Jobs that were planned for a day before $2 and have not begun, those that go on, and those of a period that were.
pub(crate) const BACKLOG: &str =
    "SELECT count(*) FILTER (WHERE m.status = 'scheduled' AND m.scheduled_on < $2) AS overdue,
        count(*) FILTER (WHERE m.status = 'scheduled' AND m.scheduled_on >= $2) AS upcoming,
        count(*) FILTER (WHERE m.status IN ('in_progress', 'on_hold', 'waiting_parts')) AS open
    FROM fleet.vehicle_maintenance m
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL";

/// Each vehicle in use with its last completed inspection.
pub(crate) const INSPECTED: &str =
    "SELECT v.id, coalesce(v.plate_number, v.internal_number) AS title, i.id AS inspection_id,
        (i.completed_at AT TIME ZONE $2)::date AS day, i.verdict, i.score, coalesce(i.critical_failures, 0) AS critical,
        coalesce(i.requires_follow_up AND NOT i.repairs_completed, false) AS follow_up
    FROM fleet.vehicles v
    LEFT JOIN LATERAL (
        SELECT i.id, i.completed_at, i.verdict, i.score, i.critical_failures, i.requires_follow_up, i.repairs_completed
        FROM fleet.vehicle_inspections i
        WHERE i.organization_id = $1 AND i.vehicle_id = v.id AND i.status = 'completed' AND i.deleted_at IS NULL
        ORDER BY i.completed_at DESC
        LIMIT 1
    ) i ON true
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status NOT IN ('retired', 'inactive')
    ORDER BY i.completed_at NULLS FIRST, title, v.id";

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedUse {
    /// First day; 29 days before the last one unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// Vehicles of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// How vehicles are used.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FleetUse {
    /// The least used first.
    data: Vec<VehicleUtilisation>,
    /// Days of the period.
    days: i64,
    /// Assigned among possible days of all vehicles that are not retired.
    utilisation_percent: Option<String>,
    /// Assigned among active vehicles at this moment.
    current_percent: Option<String>,
    next: Option<String>,
}

/// How a vehicle is used.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VehicleUtilisation {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    vehicle_type: String,
    status: String,
    /// Days of the period with a courier.
    assigned_days: i64,
    utilisation_percent: Option<String>,
}

/// `GET /fleet/utilisation`.
pub(crate) async fn utilisation(cx: &mut Cx, asked: AskedUse) -> Result<FleetUse, Problem> {
    let period = Period::of(cx, asked.from, asked.to)?;
    let today = cx.today();
    let rows = sqlx::query(UTILISATION)
        .bind(cx.organization_id)
        .bind(period.first)
        .bind(period.last)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    let (mut vehicles, mut days, mut active, mut assigned) = (Vec::with_capacity(rows.len()), 0, 0, 0);
    for row in &rows {
        let assigned_days: i64 = row.try_get("days")?;
        let status: String = row.try_get("status")?;
        days += assigned_days;
        if status == "active" {
            active += 1;
            assigned += i64::from(row.try_get::<bool, _>("is_assigned")?);
        }
        vehicles.push(VehicleUtilisation {
            vehicle_id: row.try_get("id")?,
            vehicle_title: row.try_get("title")?,
            vehicle_type: row.try_get("vehicle_type")?,
            status,
            assigned_days,
            utilisation_percent: shown(percent(assigned_days, period.days()), 1),
        });
    }
    let possible = i64::try_from(vehicles.len()).unwrap_or(0) * period.days();
    let (data, next) = page(vehicles, asked.limit, asked.after.as_deref())?;
    Ok(FleetUse {
        data,
        days: period.days(),
        utilisation_percent: shown(percent(days, possible), 1),
        current_percent: shown(percent(assigned, active), 1),
        next,
    })
}

/// Which jobs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedMaintenance {
    /// First day of completion; 29 days before the last one unless given.
    from: Option<NaiveDate>,
    /// Last day of completion; today unless given.
    to: Option<NaiveDate>,
    /// One vehicle only.
    vehicle_id: Option<Uuid>,
    /// Vehicles of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What maintenance comes to.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MaintenanceCosts {
    data: Vec<VehicleMaintenance>,
    currency: String,
    /// Over all pages.
    totals: MaintenanceSums,
    by_type: BTreeMap<String, MaintenanceSums>,
    /// Jobs whose day has passed and that have not begun.
    overdue: i64,
    /// Jobs that are planned for today or later.
    upcoming: i64,
    /// Jobs that go on, or wait.
    open: i64,
    next: Option<String>,
}

/// Maintenance of a vehicle.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VehicleMaintenance {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    #[serde(flatten)]
    sums: MaintenanceSums,
}

/// Sums of completed jobs.
#[derive(Clone, Default, Serialize, JsonSchema)]
pub(crate) struct MaintenanceSums {
    jobs: i64,
    downtime_hours: String,
    /// Labour and parts.
    total_cost: String,
    /// Labour, parts and tax.
    total_with_tax: String,
    /// Labour and parts less discounts.
    net_cost: String,
    /// Labour, parts and tax less discounts: what is paid.
    payable: String,
}

/// What sums are made of, in major units.
#[derive(Clone, Copy, Default)]
struct Done {
    jobs: i64,
    work: Decimal,
    tax: Decimal,
    discount: Decimal,
    hours: Decimal,
}

impl Done {
    fn add(&mut self, other: Self) {
        self.jobs += other.jobs;
        self.work += other.work;
        self.tax += other.tax;
        self.discount += other.discount;
        self.hours += other.hours;
    }

    fn sums(self) -> MaintenanceSums {
        let text = |figure| shown(Some(figure), 2).unwrap_or_default();
        MaintenanceSums {
            jobs: self.jobs,
            downtime_hours: text(self.hours),
            total_cost: text(self.work),
            total_with_tax: text(self.work + self.tax),
            net_cost: text(self.work - self.discount),
            payable: text(self.work + self.tax - self.discount),
        }
    }
}

/// `GET /fleet/maintenance_costs`.
pub(crate) async fn maintenance_costs(cx: &mut Cx, asked: AskedMaintenance) -> Result<MaintenanceCosts, Problem> {
    let period = Period::of(cx, asked.from, asked.to)?;
    let (today, time_zone) = (cx.today(), cx.time_zone());
    let backlog = sqlx::query(BACKLOG)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_one(cx.db())
        .await?;
    let rows = sqlx::query(MAINTENANCE)
        .bind(cx.organization_id)
        .bind(period.first)
        .bind(period.last)
        .bind(asked.vehicle_id)
        .bind(time_zone.name())
        .fetch_all(cx.db())
        .await?;
    let mut totals = Done::default();
    let mut by_type: BTreeMap<String, Done> = BTreeMap::new();
    let mut vehicles: Vec<(Uuid, String, Done)> = Vec::new();
    for row in &rows {
        let minor = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Decimal, _>(column)? / Decimal::ONE_HUNDRED);
        let jobs = Done {
            jobs: row.try_get("jobs")?,
            work: minor("labor")? + minor("parts")?,
            tax: minor("tax")?,
            discount: minor("discount")?,
            hours: row.try_get("hours")?,
        };
        totals.add(jobs);
        by_type.entry(row.try_get("maintenance_type")?).or_default().add(jobs);
        let id: Uuid = row.try_get("vehicle_id")?;
        match vehicles.last_mut().filter(|(last, ..)| *last == id) {
            Some((_, _, sums)) => sums.add(jobs),
            None => vehicles.push((id, row.try_get("title")?, jobs)),
        }
    }
    let (data, next) = page(vehicles, asked.limit, asked.after.as_deref())?;
    let told = |(vehicle_id, vehicle_title, jobs): (Uuid, String, Done)| VehicleMaintenance {
        vehicle_id,
        vehicle_title,
        sums: jobs.sums(),
    };
    Ok(MaintenanceCosts {
        data: data.into_iter().map(told).collect(),
        currency: currency(cx),
        totals: totals.sums(),
        by_type: by_type.into_iter().map(|(kind, jobs)| (kind, jobs.sums())).collect(),
        overdue: backlog.try_get("overdue")?,
        upcoming: backlog.try_get("upcoming")?,
        open: backlog.try_get("open")?,
        next,
    })
}

/// Which inspections count.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedInspections {
    /// An inspection is fresh for so many days, 0 to 366; 30 unless given.
    within_days: Option<u32>,
    /// Vehicles of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// How many vehicles are inspected.
#[derive(Serialize, JsonSchema)]
pub(crate) struct InspectionState {
    /// Those that waited longest first; those that nobody has looked at before them.
    data: Vec<LastInspection>,
    /// Vehicles in use: neither inactive nor retired.
    vehicles: usize,
    /// Vehicles whose last inspection is fresh and not failed, in percent.
    compliance_percent: Option<String>,
    /// Vehicles whose last inspection is fresh, whatever it said.
    fresh: usize,
    never_inspected: usize,
    /// Last inspections by verdict.
    by_verdict: BTreeMap<String, i64>,
    /// Passed among last inspections.
    pass_percent: Option<String>,
    average_score: Option<String>,
    /// Last inspections that ask for repairs that are not done.
    follow_ups: usize,
    next: Option<String>,
}

/// A vehicle's last inspection.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LastInspection {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    inspection_id: Option<Uuid>,
    inspected_on: Option<NaiveDate>,
    /// Days since; nothing when there was none.
    days_ago: Option<i64>,
    verdict: Option<String>,
    score: Option<i64>,
    critical_failures: i64,
    needs_follow_up: bool,
    is_compliant: bool,
}

/// `GET /fleet/inspection_compliance`.
pub(crate) async fn inspection_compliance(cx: &mut Cx, asked: AskedInspections) -> Result<InspectionState, Problem> {
    let (today, time_zone) = (cx.today(), cx.time_zone());
    let days = within_days(asked.within_days, 30)?;
    let first_fresh = today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let rows = sqlx::query(INSPECTED)
        .bind(cx.organization_id)
        .bind(time_zone.name())
        .fetch_all(cx.db())
        .await?;
    let mut vehicles = Vec::with_capacity(rows.len());
    let mut by_verdict: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        let inspected_on: Option<NaiveDate> = row.try_get("day")?;
        let verdict: Option<String> = row.try_get("verdict")?;
        if let Some(verdict) = &verdict {
            *by_verdict.entry(verdict.clone()).or_default() += 1;
        }
        let is_fresh = inspected_on.is_some_and(|day| day >= first_fresh);
        vehicles.push(LastInspection {
            vehicle_id: row.try_get("id")?,
            vehicle_title: row.try_get("title")?,
            inspection_id: row.try_get("inspection_id")?,
            inspected_on,
            days_ago: inspected_on.map(|day| (today - day).num_days()),
            is_compliant: is_fresh && verdict.as_deref() != Some("failed"),
            verdict,
            score: row.try_get("score")?,
            critical_failures: row.try_get("critical")?,
            needs_follow_up: row.try_get("follow_up")?,
        });
    }
    let count = |is: &dyn Fn(&LastInspection) -> bool| vehicles.iter().filter(|vehicle| is(vehicle)).count();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let scores: Vec<i64> = vehicles.iter().filter_map(|vehicle| vehicle.score).collect();
    let passed = by_verdict.get("passed").copied().unwrap_or(0);
    let compliance = InspectionState {
        vehicles: vehicles.len(),
        compliance_percent: shown(
            percent(number(count(&|one| one.is_compliant)), number(vehicles.len())),
            1,
        ),
        fresh: count(&|one| one.inspected_on.is_some_and(|day| day >= first_fresh)),
        never_inspected: count(&|one| one.inspection_id.is_none()),
        pass_percent: shown(percent(passed, by_verdict.values().sum()), 1),
        average_score: shown(ratio(scores.iter().sum::<i64>().into(), Decimal::from(scores.len())), 1),
        by_verdict,
        follow_ups: count(&|one| one.needs_follow_up),
        data: Vec::new(),
        next: None,
    };
    let (data, next) = page(vehicles, asked.limit, asked.after.as_deref())?;
    Ok(InspectionState {
        data,
        next,
        ..compliance
    })
}
