//! The Umm al-Qura calendar of Saudi Arabia.

use chrono::{Datelike, NaiveDate};
use icu_calendar::cal::Hijri;
use icu_calendar::{Date, Iso};
use std::fmt;

/// A day of the Umm al-Qura calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HijriDate {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

impl fmt::Display for HijriDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The Gregorian day, or `None` when that month has no such day.
pub fn from_hijri(date: HijriDate) -> Option<NaiveDate> {
    if !(1..=12).contains(&date.month) {
        return None;
    }
    let hijri = Date::try_new(date.year.into(), date.month.into(), date.day, Hijri::new_umm_al_qura()).ok()?;
    let iso = hijri.to_calendar(Iso);
    NaiveDate::from_ymd_opt(
        iso.year().extended_year(),
        u32::from(iso.month().ordinal),
        u32::from(iso.day_of_month().0),
    )
}

/// The day in the Umm al-Qura calendar, or `None` far outside its tables.
pub fn to_hijri(date: NaiveDate) -> Option<HijriDate> {
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    let iso = Date::try_new_iso(date.year(), month, day).ok()?;
    let hijri = iso.to_calendar(Hijri::new_umm_al_qura());
    let (month, day) = (hijri.month().ordinal, hijri.day_of_month().0);
    Some(HijriDate {
        year: hijri.year().extended_year(),
        month,
        day,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        for (hijri, gregorian) in [
            ((1445, 9, 1), "2024-03-11"),
            ((1446, 1, 1), "2024-07-07"),
            ((1447, 1, 1), "2025-06-26"),
            ((1351, 5, 21), "1932-09-22"),
        ] {
            let day = HijriDate {
                year: hijri.0,
                month: hijri.1,
                day: hijri.2,
            };
            let expected: NaiveDate = gregorian.parse().expect("is a date");
            assert_eq!(from_hijri(day), Some(expected), "{day}");
            assert_eq!(to_hijri(expected), Some(day), "{gregorian}");
        }
    }

    #[test]
    fn every_day_of_the_tables_comes_back() {
        let mut day: NaiveDate = "1900-01-01".parse().expect("is a date");
        let last: NaiveDate = "2077-01-01".parse().expect("is a date");
        while day < last {
            assert_eq!(to_hijri(day).and_then(from_hijri), Some(day));
            day = day.succ_opt().expect("is within the range");
        }
    }

    #[test]
    fn days_that_do_not_exist() {
        assert_eq!(
            from_hijri(HijriDate {
                year: 1446,
                month: 13,
                day: 1
            }),
            None
        );
        assert_eq!(
            from_hijri(HijriDate {
                year: 1446,
                month: 1,
                day: 31
            }),
            None
        );
        assert_eq!(
            from_hijri(HijriDate {
                year: 1446,
                month: 0,
                day: 1
            }),
            None
        );
    }
}
