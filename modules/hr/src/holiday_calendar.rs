//! Holidays as they are: by Umm al-Qura, moved by what was announced, with what the organization recorded in their place.

use chrono::{Days, NaiveDate};
use hr_pay::{Holiday, HolidayKind, Rules, holidays};
use platform_core::{Cx, Event, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::leave_ledger;
use crate::refusals::refusal;
use crate::{PUBLIC_HOLIDAYS, inputs};

/// Holidays on record that touch some days.
pub(crate) const RECORDED: &str = "SELECT h.id, h.kind, h.starts_on, h.ends_on, h.is_announced, h.name
FROM hr.public_holidays h
WHERE h.organization_id = $1 AND h.deleted_at IS NULL AND h.starts_on <= $3::date AND h.ends_on >= $2::date
ORDER BY h.starts_on, h.id";

/// The days of a row, also of one that was just deleted.
pub(crate) const DAYS: &str = "SELECT h.starts_on, h.ends_on
FROM hr.public_holidays h
WHERE h.organization_id = $1 AND h.id = $2";

/// Whose annual leave touches some days.
pub(crate) const TOUCHED: &str = "SELECT DISTINCT l.courier_id
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.leave_type = 'annual' AND l.status IN ('approved', 'completed')
    AND l.starts_on <= $3::date AND l.ends_on >= $2::date
ORDER BY l.courier_id";

/// A sighting moves a feast by a day; an organization's own row may be a little further off and still be of it.
const NEAR_DAYS: i64 = 10;
/// A feast that begins before a span may reach into it.
const LONGEST_DAYS: u64 = 20;

/// Days on which nobody works.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// Of the law, as calculated, announced or recorded.
    pub holidays: Vec<Holiday>,
    /// Of the organization alone: first and last day, and the name.
    pub own: Vec<(NaiveDate, NaiveDate, String)>,
}

impl Calendar {
    /// Whether nobody works on a day.
    pub fn contains(&self, day: NaiveDate) -> bool {
        let own = self.own.iter().any(|(from, until, _)| *from <= day && day <= *until);
        own || self.holidays.iter().any(|holiday| holiday.contains(day))
    }
}

fn kind_of(word: &str) -> Option<HolidayKind> {
    [
        HolidayKind::EidAlFitr,
        HolidayKind::EidAlAdha,
        HolidayKind::NationalDay,
        HolidayKind::FoundingDay,
    ]
    .into_iter()
    .find(|kind| kind.word() == word)
}

/// Holidays of some days.
pub(crate) async fn calendar(cx: &mut Cx, from: NaiveDate, until: NaiveDate) -> Result<Calendar, Problem> {
    let organization_id = cx.organization_id;
    let early = from.checked_sub_days(Days::new(LONGEST_DAYS)).unwrap_or(from);
    let late = until.checked_add_days(Days::new(LONGEST_DAYS)).unwrap_or(until);
    let rows = sqlx::query(RECORDED)
        .bind(organization_id)
        .bind(early)
        .bind(late)
        .fetch_all(cx.db())
        .await?;
    let mut found = holidays(Rules::saudi(), early, late, &[]).map_err(|error| refusal(&error))?;
    let mut own = Vec::new();
    for row in &rows {
        let (starts_on, ends_on): (NaiveDate, NaiveDate) = (row.try_get(2)?, row.try_get(3)?);
        let is_announced: bool = row.try_get(4)?;
        let kind = kind_of(row.try_get(1)?);
        let known = found.iter_mut().find(|holiday| {
            Some(holiday.kind) == kind && (holiday.calculated_from - starts_on).num_days().abs() <= NEAR_DAYS
        });
        match known {
            Some(holiday) => (holiday.from, holiday.until, holiday.is_announced) = (starts_on, ends_on, is_announced),
            None => own.push((starts_on, ends_on, row.try_get(5)?)),
        }
    }
    found.retain(|holiday| holiday.from <= until && from <= holiday.until);
    own.retain(|(starts, ends, _)| *starts <= until && from <= *ends);
    Ok(Calendar { holidays: found, own })
}

/// On a change of holidays: only leaves that touch them are charged again.
pub(crate) async fn changed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let day = |field: &str| {
        event
            .before(field)
            .as_str()
            .and_then(|text| text.parse::<NaiveDate>().ok())
    };
    let mut days: Vec<NaiveDate> = ["starts_on", "ends_on"].into_iter().filter_map(day).collect();
    let organization_id = cx.organization_id;
    let row = sqlx::query(DAYS)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_one(cx.db())
        .await?;
    days.extend([row.try_get::<NaiveDate, _>(0)?, row.try_get(1)?]);
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
        return Ok(());
    };
    // The calculated days that a recorded row takes the place of lie near it.
    let first = first.checked_sub_days(Days::new(LONGEST_DAYS)).unwrap_or(*first);
    let last = last.checked_add_days(Days::new(LONGEST_DAYS)).unwrap_or(*last);
    let couriers: Vec<Uuid> = sqlx::query_scalar(TOUCHED)
        .bind(organization_id)
        .bind(first)
        .bind(last)
        .fetch_all(cx.db())
        .await?;
    for courier_id in couriers {
        leave_ledger::charge(cx, courier_id).await?;
    }
    Ok(())
}

/// Which feast begins when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Announcement {
    /// The feast.
    kind: Feast,
    /// Its Hijri year, as 1447.
    hijri_year: i32,
    /// Days by which it begins later than calculated: -1, 0 or 1.
    shift_days: i64,
}

/// A feast whose beginning is announced.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Feast {
    /// Four days from the day after 29 Ramadan.
    EidAlFitr,
    /// Four days from the day of Arafah.
    EidAlAdha,
}

/// A feast as it was announced.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Announced {
    holiday_id: Uuid,
    kind: &'static str,
    hijri_year: i32,
    calculated_from: NaiveDate,
    from: NaiveDate,
    until: NaiveDate,
    article: String,
}

/// `POST /hr/public_holidays/announce`: the same announcement twice changes nothing.
pub(crate) async fn announce(cx: &mut Cx, given: Announcement) -> Result<Announced, Problem> {
    let kind = match given.kind {
        Feast::EidAlFitr => HolidayKind::EidAlFitr,
        Feast::EidAlAdha => HolidayKind::EidAlAdha,
    };
    if given.shift_days.abs() > 1 {
        return Err(Problem::field("shift_days", "shift_too_far"));
    }
    let told = hr_pay::Announced {
        kind,
        hijri_year: given.hijri_year,
        shift_days: given.shift_days,
    };
    // A Hijri year lies in the Gregorian ones around its beginning.
    let about = 621 + i64::from(given.hijri_year) * 32 / 33;
    let year = i32::try_from(about).unwrap_or(0);
    let ends = NaiveDate::from_ymd_opt(year - 1, 1, 1).zip(NaiveDate::from_ymd_opt(year + 2, 12, 31));
    let (first, last) = ends
        .filter(|_| (1400..=1500).contains(&given.hijri_year))
        .ok_or_else(|| Problem::field("hijri_year", "date_out_of_range"))?;
    let found = holidays(Rules::saudi(), first, last, &[told]).map_err(|error| refusal(&error))?;
    let feast = found
        .into_iter()
        .find(|one| one.kind == kind && one.year == given.hijri_year);
    let feast = feast.ok_or_else(|| Problem::field("hijri_year", "date_out_of_range"))?;
    let organization_id = cx.organization_id;
    let around = |day: NaiveDate, days: i64| day.checked_add_signed(chrono::TimeDelta::days(days)).unwrap_or(day);
    let rows = sqlx::query(RECORDED)
        .bind(organization_id)
        .bind(around(feast.calculated_from, -NEAR_DAYS))
        .bind(around(feast.calculated_from, NEAR_DAYS))
        .fetch_all(cx.db())
        .await?;
    let days = inputs::object(&json!({"starts_on": feast.from, "ends_on": feast.until, "is_announced": true}));
    let mut known = None;
    for row in &rows {
        if row.try_get::<&str, _>(1)? == kind.word() {
            known = Some(row.try_get::<Uuid, _>(0)?);
        }
    }
    let holiday_id = if let Some(id) = known {
        platform_engine::change(cx, &PUBLIC_HOLIDAYS, id, "update", days).await?;
        id
    } else {
        let name = match kind {
            HolidayKind::EidAlFitr => "Eid al-Fitr · عيد الفطر",
            HolidayKind::EidAlAdha => "Eid al-Adha · عيد الأضحى",
            HolidayKind::NationalDay | HolidayKind::FoundingDay => kind.word(),
        };
        let mut row = inputs::object(&json!({"name": name, "kind": kind.word()}));
        row.extend(days);
        let row = platform_engine::create(cx, &PUBLIC_HOLIDAYS, row).await?;
        row.uuid("id").ok_or_else(Problem::not_found)?
    };
    Ok(Announced {
        holiday_id,
        kind: kind.word(),
        hijri_year: given.hijri_year,
        calculated_from: feast.calculated_from,
        from: feast.from,
        until: feast.until,
        article: feast.article,
    })
}
