//! Public holidays by the Umm al-Qura calendar, and what a sighting of the moon shifts.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use platform_documents::{HijriDate, from_hijri, to_hijri};
use serde::{Deserialize, Serialize};

use crate::error::PayError;
use crate::rules::Rules;

/// A public holiday (Art. 112).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayKind {
    EidAlFitr,
    EidAlAdha,
    NationalDay,
    FoundingDay,
}

impl HolidayKind {
    /// The word of tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::EidAlFitr => "eid_al_fitr",
            Self::EidAlAdha => "eid_al_adha",
            Self::NationalDay => "national_day",
            Self::FoundingDay => "founding_day",
        }
    }
}

/// What was announced: an Eid begins by so many days other than calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub kind: HolidayKind,
    pub hijri_year: i32,
    /// A day earlier or later, or as calculated.
    pub shift_days: i64,
}

/// A holiday with both days: calculated and announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    pub kind: HolidayKind,
    /// The Hijri year of an Eid, the Gregorian one of the others.
    pub year: i32,
    pub calculated_from: NaiveDate,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub is_announced: bool,
    /// A national day within an Eid is not given on another day (Reg. 24).
    pub within_eid: bool,
    pub article: String,
}

impl Holiday {
    /// Whether a day belongs to it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.until
    }

    /// Whether it is one of the two feasts.
    pub fn is_eid(&self) -> bool {
        matches!(self.kind, HolidayKind::EidAlFitr | HolidayKind::EidAlAdha)
    }
}

impl Holiday {
    /// Days of a feast that fall on the weekly day of rest, for which other days are given (Reg. 24).
    pub fn days_on_rest(&self, rest_day: Weekday) -> usize {
        if !self.is_eid() {
            return 0;
        }
        let days = self.from.iter_days().take_while(|day| *day <= self.until);
        days.filter(|day| day.weekday() == rest_day).count()
    }
}

fn shifted(day: NaiveDate, days: i64) -> NaiveDate {
    let count = Days::new(days.unsigned_abs());
    let moved = if days < 0 {
        day.checked_sub_days(count)
    } else {
        day.checked_add_days(count)
    };
    moved.unwrap_or(day)
}

/// Holidays that touch a span of days, in order.
pub fn holidays(
    rules: &Rules,
    from: NaiveDate,
    until: NaiveDate,
    announced: &[Announced],
) -> Result<Vec<Holiday>, PayError> {
    if let Some(wrong) = announced.iter().find(|one| one.shift_days.abs() > 1) {
        return Err(PayError::AboveMost {
            field: "shift_days".to_owned(),
            value: wrong.shift_days.into(),
            most: rust_decimal::Decimal::ONE,
        });
    }
    let mut found = Vec::new();
    let hijri_year = |day| to_hijri(day).map(|hijri| hijri.year);
    if let Some((first, last)) = hijri_year(from).zip(hijri_year(until)) {
        for year in first - 1..=last + 1 {
            found.extend(eids(rules, year, announced)?);
        }
    }
    for year in from.year()..=until.year() {
        for kind in [HolidayKind::NationalDay, HolidayKind::FoundingDay] {
            let id = format!("holiday.{}.month_day", kind.word());
            // Before there was such a day there is no row of it, and no holiday.
            let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(until);
            let Ok(row) = rules.at(&id, last) else { continue };
            let number = u32::try_from(rules.count(&id, last)?).unwrap_or(0);
            let Some(day) = NaiveDate::from_ymd_opt(year, number / 100, number % 100) else {
                continue;
            };
            if day < row.from {
                continue;
            }
            let within_eid = found.iter().any(|eid: &Holiday| eid.contains(day));
            found.push(Holiday {
                kind,
                year,
                calculated_from: day,
                from: day,
                until: day,
                is_announced: false,
                within_eid,
                article: row.article.clone(),
            });
        }
    }
    found.retain(|holiday| holiday.from <= until && from <= holiday.until);
    found.sort_by_key(|holiday| (holiday.from, holiday.kind));
    Ok(found)
}

/// Fitr begins on the day after 29 Ramadan, Adha on the day of Arafah.
fn eids(rules: &Rules, hijri_year: i32, announced: &[Announced]) -> Result<Vec<Holiday>, PayError> {
    let mut found = Vec::with_capacity(2);
    for (kind, month, day, after) in [(HolidayKind::EidAlFitr, 9, 29, 1), (HolidayKind::EidAlAdha, 12, 9, 0)] {
        let hijri = HijriDate {
            year: hijri_year,
            month,
            day,
        };
        let Some(calculated) = from_hijri(hijri).map(|day| shifted(day, after)) else {
            continue;
        };
        let id = format!("holiday.{}.days", kind.word());
        let Ok(row) = rules.at(&id, calculated) else { continue };
        let days = rules.count(&id, calculated)?;
        let told = announced
            .iter()
            .find(|one| one.kind == kind && one.hijri_year == hijri_year);
        let begins = shifted(calculated, told.map_or(0, |one| one.shift_days));
        found.push(Holiday {
            kind,
            year: hijri_year,
            calculated_from: calculated,
            from: begins,
            until: shifted(begins, days - 1),
            is_announced: told.is_some(),
            within_eid: false,
            article: row.article.clone(),
        });
    }
    Ok(found)
}

/// Places of the spans that an announcement touches: those that hold a day that became a holiday or ceased to be one.
pub fn touched(before: &[Holiday], after: &[Holiday], spans: &[(NaiveDate, NaiveDate)]) -> Vec<usize> {
    let is_in = |holidays: &[Holiday], day| holidays.iter().any(|holiday| holiday.contains(day));
    let mut changed: Vec<NaiveDate> = Vec::new();
    for holiday in before.iter().chain(after) {
        let days = holiday.from.iter_days().take_while(|day| *day <= holiday.until);
        changed.extend(days.filter(|day| is_in(before, *day) != is_in(after, *day)));
    }
    let is_touched = |(from, until): &(NaiveDate, NaiveDate)| changed.iter().any(|day| from <= day && day <= until);
    let places = spans.iter().enumerate().filter(|(_, span)| is_touched(span));
    places.map(|(place, _)| place).collect()
}

/// Whether a day lies in Ramadan, whose beginning may have been announced a day earlier or later.
pub fn is_ramadan(day: NaiveDate, begins: &[(i32, i64)]) -> bool {
    let of = |day: NaiveDate| to_hijri(day);
    let Some(hijri) = of(day) else { return false };
    let shift = begins
        .iter()
        .find(|(year, _)| *year == hijri.year)
        .map_or(0, |(_, shift)| *shift);
    let first = from_hijri(HijriDate {
        year: hijri.year,
        month: 9,
        day: 1,
    });
    let after = from_hijri(HijriDate {
        year: hijri.year,
        month: 10,
        day: 1,
    });
    first
        .zip(after)
        .is_some_and(|(first, after)| shifted(first, shift) <= day && day < after)
}
