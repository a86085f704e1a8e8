//! The ledger of annual leave: entries are only ever added. A leave is charged for its days without the feasts within them; when an
//! approval, a return, a cancellation or an announced feast changes that, the difference becomes an entry of its own.

use chrono::{Datelike, Days, NaiveDate};
use hr_pay::{Cause, Entry, LeaveLedger, charged_days, yearly_by};
use platform_core::{Cx, Problem};
use platform_resource::{
    Field, Record, Resource, Verb, Violation, choice, date, decimal, integer, long_text, reference, text,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::holiday_calendar::{self, Calendar};
use crate::inputs::object;
use crate::rates;
use crate::refusals::refusal;

/// Entries of the ledger. Whoever creates one writes a correction and says why.
pub static LEAVE_ENTRIES: Resource = Resource::new("hr", "leave_entries", FIELDS)
    .owned_by("courier_id")
    .title(&["day"])
    .without(&[Verb::Update, Verb::Delete, Verb::Import])
    .check(check)
    .sort("-day");

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers").required().filter().list(),
    choice("leave_type", &["annual"]).required().default("annual").filter(),
    choice(
        "kind",
        &["earned", "taken", "returned", "carried", "corrected", "paid_out"],
    )
    .required()
    .read_only()
    .default("corrected")
    .filter()
    .list(),
    integer("leave_year", 1_950, 2_200).required().filter().list(),
    date("day").required().filter().list(),
    decimal("days", 3).signed().required().list().unit("days"),
    date("earned_from").read_only(),
    date("earned_until").read_only(),
    reference("leave_id", "hr.leaves").read_only(),
    text("article", 200).read_only(),
    long_text("reason", 500).list(),
];

/// What somebody who checks the ledger reads has to say something.
const SHORTEST_REASON: usize = 10;
/// Nobody has more days in a year than the year has.
const MOST_DAYS: i64 = 366;

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let days = after.decimal("days").unwrap_or_default();
    // What nothing was earned in is still written once, so that its days are known to be counted.
    if days.is_zero() && !after.is("kind", "earned") {
        violations.push(Violation::new("days", "nothing_changed"));
    }
    if days.abs() > Decimal::from(MOST_DAYS) {
        violations.push(Violation::new("days", "leave_too_long"));
    }
    let letters = after.text("reason").map_or(0, |text| text.trim().chars().count());
    if after.is("kind", "corrected") && letters < SHORTEST_REASON {
        violations.push(Violation::new("reason", "reason_too_short"));
    }
    violations
}

pub(crate) const ENTRIES: &str =
    "SELECT e.kind, e.leave_year, e.day, e.days, e.earned_from, e.earned_until, e.leave_id,
    e.article, e.reason
FROM hr.leave_entries e
WHERE e.organization_id = $1 AND e.courier_id = $2 AND e.leave_type = 'annual' AND e.deleted_at IS NULL
ORDER BY e.day, e.id";

/// Annual leaves that were decided. Of one that was called off, the days before that were taken.
pub(crate) const LEAVES: &str = "SELECT l.id, l.status, l.starts_on, l.ends_on, l.days, l.returned_on,
    CASE WHEN l.status = 'cancelled' THEN (
        SELECT count(*) FROM hr.attendance a
        WHERE a.organization_id = $1 AND a.leave_id = l.id AND a.status = 'on_leave' AND a.deleted_at IS NULL
    ) ELSE 0 END
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.leave_type = 'annual' AND l.deleted_at IS NULL
    AND l.status IN ('approved', 'completed', 'cancelled')
ORDER BY l.starts_on, l.id";

/// Who worked there by $2 and has not been given the days up to then, with the last day that was counted.
pub(crate) const BEHIND: &str = "SELECT c.id, c.joined_on, (
        SELECT max(e.earned_until) FROM hr.leave_entries e
        WHERE e.organization_id = $1 AND e.courier_id = c.id AND e.kind = 'earned' AND e.deleted_at IS NULL)
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status IN ('active', 'on_leave')
    AND c.joined_on BETWEEN '1950-01-01' AND $2::date
    AND NOT EXISTS (SELECT FROM hr.leave_entries d WHERE d.organization_id = $1 AND d.courier_id = c.id
        AND d.earned_until >= $2::date AND d.kind = 'earned' AND d.deleted_at IS NULL)
ORDER BY c.id";

/// An entry as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub kind: String,
    pub leave_year: i64,
    pub day: NaiveDate,
    pub days: Decimal,
    pub earned: Option<(NaiveDate, NaiveDate)>,
    pub leave_id: Option<Uuid>,
    pub article: String,
    pub reason: Option<String>,
}

impl Stored {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let from: Option<NaiveDate> = row.try_get(4)?;
        Ok(Self {
            kind: row.try_get(0)?,
            leave_year: row.try_get(1)?,
            day: row.try_get(2)?,
            days: row.try_get(3)?,
            earned: from.zip(row.try_get(5)?),
            leave_id: row.try_get(6)?,
            article: row.try_get::<Option<String>, _>(7)?.unwrap_or_default(),
            reason: row.try_get(8)?,
        })
    }

    fn entry(&self) -> Entry {
        let leave = || self.leave_id.map(|id| id.to_string()).unwrap_or_default();
        let reason = || self.reason.clone().unwrap_or_default();
        let cause = match (&*self.kind, self.earned) {
            ("earned", Some((from, until))) => Cause::Earned { from, until },
            ("taken", _) => Cause::Taken { leave: leave() },
            ("returned", _) => Cause::Returned { leave: leave() },
            ("paid_out", _) => Cause::PaidOut,
            _ => Cause::Corrected { reason: reason() },
        };
        Entry {
            on: self.day,
            thousandths: (self.days * Decimal::ONE_THOUSAND).to_i64().unwrap_or(0),
            cause,
            article: self.article.clone(),
        }
    }
}

/// A decided annual leave and the days that it is charged for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charged {
    pub leave_id: Uuid,
    pub starts_on: NaiveDate,
    pub days: i64,
}

fn one_day() -> Days {
    Days::new(1)
}

/// Stored entries of a courier.
pub(crate) async fn entries(cx: &mut Cx, courier_id: Uuid) -> Result<Vec<Stored>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ENTRIES)
        .bind(organization_id)
        .bind(courier_id)
        .fetch_all(cx.db())
        .await?;
    Ok(rows.iter().map(Stored::of).collect::<Result<_, _>>()?)
}

/// Annual leaves with what they are charged for, by the holidays as they are known now.
pub(crate) async fn charges(cx: &mut Cx, courier_id: Uuid) -> Result<Vec<Charged>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(LEAVES)
        .bind(organization_id)
        .bind(courier_id)
        .fetch_all(cx.db())
        .await?;
    let mut spans = Vec::with_capacity(rows.len());
    for row in &rows {
        let (id, status): (Uuid, String) = (row.try_get(0)?, row.try_get(1)?);
        let (starts_on, ends_on): (NaiveDate, NaiveDate) = (row.try_get(2)?, row.try_get(3)?);
        let returned_on: Option<NaiveDate> = row.try_get(5)?;
        let (granted, there): (Option<i64>, i64) = (row.try_get(4)?, row.try_get(6)?);
        // Nobody is charged for days on which he was back.
        let back = returned_on.and_then(|day| day.checked_sub_days(one_day()));
        let last = back.map_or(ends_on, |back| back.min(ends_on));
        let most = if status == "cancelled" { Some(there) } else { granted };
        spans.push((id, starts_on, last, most));
    }
    let calendar = match (
        spans.iter().map(|span| span.1).min(),
        spans.iter().map(|span| span.2).max(),
    ) {
        (Some(first), Some(last)) if first <= last => holiday_calendar::calendar(cx, first, last).await?,
        _ => Calendar {
            holidays: Vec::new(),
            own: Vec::new(),
        },
    };
    let charged = spans.into_iter().map(|(leave_id, starts_on, last, most)| {
        let days = charged_days(starts_on, last, &calendar.holidays);
        Charged {
            leave_id,
            starts_on,
            days: most.map_or(days, |most| days.min(most)).max(0),
        }
    });
    Ok(charged.collect())
}

/// Writes what the leaves of a courier are charged for now and were not before; asked again it writes nothing.
pub(crate) async fn charge(cx: &mut Cx, courier_id: Uuid) -> Result<(), Problem> {
    let today = cx.today();
    let (stored, charged) = (entries(cx, courier_id).await?, charges(cx, courier_id).await?);
    let mut rows = Vec::new();
    for leave in charged {
        let of_leave = stored.iter().filter(|entry| entry.leave_id == Some(leave.leave_id));
        let so_far: Decimal = of_leave.map(|entry| -entry.days).sum();
        let more = Decimal::from(leave.days) - so_far;
        if more.is_zero() {
            continue;
        }
        let is_taken = more > Decimal::ZERO;
        let day = if so_far.is_zero() { leave.starts_on } else { today };
        rows.push(object(&json!({
            "courier_id": courier_id, "kind": if is_taken { "taken" } else { "returned" },
            "leave_year": leave.starts_on.year(), "day": day, "days": (-more).to_string(), "leave_id": leave.leave_id,
            "article": "Labour Law, Art. 109",
        })));
    }
    platform_engine::create_many(cx, &LEAVE_ENTRIES, rows).await?;
    Ok(())
}

fn earned_rows(courier_id: Uuid, ledger: &LeaveLedger, known: usize) -> Vec<Map<String, Json>> {
    let fresh = ledger.entries().iter().skip(known).filter_map(|entry| {
        let Cause::Earned { from, until } = &entry.cause else {
            return None;
        };
        let days = Decimal::new(entry.thousandths, 3);
        Some(object(&json!({
            "courier_id": courier_id, "kind": "earned", "leave_year": until.year(), "day": until, "days": days.to_string(),
            "earned_from": from, "earned_until": until, "article": entry.article,
        })))
    });
    fresh.collect()
}

/// Earns up to a day, each calendar year by itself.
fn earn(
    ledger: &mut LeaveLedger,
    joined_on: NaiveDate,
    until: NaiveDate,
    rows: &[hr_pay::Entitlement],
) -> Result<(), Problem> {
    let from = ledger
        .earned_until()
        .and_then(|last| last.succ_opt())
        .unwrap_or(joined_on);
    for year in from.year()..=until.year() {
        let end = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(until).min(until);
        let years = hr_pay::completed_years(joined_on, end);
        let article = hr_pay::entitlement_at(rows, "annual", years, end).map_or("", |row| &*row.article);
        ledger
            .earn_by(end, article, yearly_by(rows, "annual"))
            .map_err(|error| refusal(&error))?;
    }
    Ok(())
}

/// The ledger of a courier as it stands on a day: what is stored, and what was earned since.
pub(crate) fn ledger(
    stored: &[Stored],
    rows: &[hr_pay::Entitlement],
    joined_on: NaiveDate,
    on: NaiveDate,
) -> Result<LeaveLedger, Problem> {
    let mut ledger = LeaveLedger::new(joined_on);
    for entry in stored {
        ledger.write(entry.entry());
    }
    earn(&mut ledger, joined_on, on, rows)?;
    Ok(ledger)
}

/// By the clock: on the first days of a month everybody is given the days of the months before. Asked again it gives nothing.
pub(crate) async fn accrue(cx: &mut Cx) -> Result<(), Problem> {
    let first = cx.today().with_day(1).unwrap_or_else(|| cx.today());
    let Some(until) = first.pred_opt() else {
        return Ok(());
    };
    let organization_id = cx.organization_id;
    let couriers = sqlx::query(BEHIND)
        .bind(organization_id)
        .bind(until)
        .fetch_all(cx.db())
        .await?;
    if couriers.is_empty() {
        return Ok(());
    }
    let entitlements = rates::entitlements(cx).await?;
    let mut rows = Vec::new();
    for courier in &couriers {
        let (id, joined_on): (Uuid, NaiveDate) = (courier.try_get(0)?, courier.try_get(1)?);
        let earned: Option<NaiveDate> = courier.try_get(2)?;
        let mut ledger = LeaveLedger::new(joined_on);
        if let Some(last) = earned {
            // Only how far it was counted matters here, not how much it was.
            ledger.write(Entry {
                on: last,
                thousandths: 0,
                cause: Cause::Earned {
                    from: joined_on,
                    until: last,
                },
                article: String::new(),
            });
        }
        let known = ledger.entries().len();
        earn(&mut ledger, joined_on, until, &entitlements)?;
        rows.extend(earned_rows(id, &ledger, known));
    }
    platform_engine::create_many(cx, &LEAVE_ENTRIES, rows).await?;
    Ok(())
}
