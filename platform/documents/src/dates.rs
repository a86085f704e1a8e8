//! Dates and times as people write them in sheets.
//!
//! One rule for order: a year of four digits comes first or last. First means year-month-day; last means
//! **day-month-year**, as Saudi Arabia writes. `03/30/2022` therefore has no month 30 and is refused rather than read the
//! American way, because the row before it (`03/04/2022`) would silently mean another day. Years of two digits are
//! refused. A year from 1300 to 1500 is Hijri (Umm al-Qura) and becomes Gregorian.

use crate::arabic::{ascii_digits, unify_letters};
use crate::cells::{clean, is_mark};
use crate::hijri::{HijriDate, from_hijri};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// The day in a cell; a time of midnight behind it is ignored, any other time makes it no date.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let text = plain(text);
    if let Some((day, time)) = split_time(&text) {
        return (time_of(time)? == NaiveTime::MIN).then(|| day_of(day)).flatten();
    }
    day_of(&text)
}

/// The local day and time in a cell; a day alone means its first moment. An offset (`+03:00`, `Z`) is refused: such
/// a text is RFC 3339 and says an instant, not a local time.
pub fn parse_date_time(text: &str) -> Option<NaiveDateTime> {
    let text = plain(text);
    match split_time(&text) {
        Some((day, time)) => Some(day_of(day)?.and_time(time_of(time)?)),
        None => Some(day_of(&text)?.and_time(NaiveTime::MIN)),
    }
}

/// The time of day in a cell: `20:30`, `20:30:15`, `8:30 PM`, `٨:٣٠ م`.
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    time_of(&plain(text))
}

fn plain(text: &str) -> String {
    let text: String = ascii_digits(text).chars().filter(|c| !is_mark(*c)).collect();
    clean(&text).to_owned()
}

/// Day and time of a text that has both, at the `T` or the blank before the first part with a colon.
fn split_time(text: &str) -> Option<(&str, &str)> {
    let colon = text.find(':')?;
    let cut = text[..colon].rfind(['T', ' ', '\u{a0}'])?;
    let time = text[cut..].trim_start_matches(['T', ' ', '\u{a0}']);
    Some((clean(&text[..cut]), clean(time)))
}

fn time_of(text: &str) -> Option<NaiveTime> {
    let lower = text.to_lowercase();
    let (digits, half) = [("am", 0), ("pm", 12), ("ص", 0), ("م", 12)]
        .iter()
        .find_map(|(word, hours)| lower.strip_suffix(word).map(|rest| (clean(rest), Some(*hours))))
        .unwrap_or((lower.as_str(), None));
    let mut parts = digits.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = match parts.next() {
        Some(text) => number(text.split_once('.').map_or(text, |(whole, _)| whole), 2)?,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(offset) => hour % 12 + offset,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}

fn day_of(text: &str) -> Option<NaiveDate> {
    let (text, hijri) = without_era(text);
    let parts: Vec<&str> = text
        .split(['-', '/', '.', ' ', '،', ',', '\\'])
        .map(clean)
        .filter(|part| !part.is_empty())
        .collect();
    let [first, middle, last] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = if is_year(first) {
        (first, month_of(middle)?, number(last, 2)?)
    } else if is_year(last) {
        match (number(first, 2), named_month(first)) {
            (Some(day), _) => (last, month_of(middle)?, day),
            (None, Some(month)) => (last, month, number(middle, 2)?),
            (None, None) => return None,
        }
    } else {
        return None;
    };
    let year = i32::try_from(number(year, 4)?).ok()?;
    match year {
        1300..=1500 if hijri != Some(false) => from_hijri(HijriDate {
            year,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        }),
        1900..=2200 if hijri != Some(true) => NaiveDate::from_ymd_opt(year, month, day),
        _ => None,
    }
}

/// The text without a word for the era, and what that word said: Some(true) for Hijri.
fn without_era(text: &str) -> (&str, Option<bool>) {
    for (word, hijri) in [
        ("هـ", true),
        ("ه", true),
        ("AH", true),
        ("H", true),
        ("م", false),
        ("AD", false),
    ] {
        if let Some(rest) = text.strip_suffix(word)
            && rest.ends_with(|c: char| c.is_ascii_digit() || c.is_whitespace())
        {
            return (clean(rest), Some(hijri));
        }
    }
    (text, None)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str, most_digits: usize) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= most_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn month_of(text: &str) -> Option<u32> {
    number(text, 2).or_else(|| named_month(text))
}

fn named_month(text: &str) -> Option<u32> {
    const ENGLISH: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const ARABIC: [&str; 12] = [
        "يناير",
        "فبراير",
        "مارس",
        "ابريل",
        "مايو",
        "يونيو",
        "يوليو",
        "اغسطس",
        "سبتمبر",
        "اكتوبر",
        "نوفمبر",
        "ديسمبر",
    ];
    let word = unify_letters(text).to_lowercase();
    let position = ARABIC.iter().position(|month| *month == word).or_else(|| {
        let long_enough = word.len() >= 3 && word.is_ascii();
        long_enough
            .then(|| {
                ENGLISH
                    .iter()
                    .position(|month| month.starts_with(&word) || word == "sept" && month.starts_with("sept"))
            })
            .flatten()
    })?;
    u32::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<String> {
        parse_date(text).map(|date| date.to_string())
    }

    #[test]
    fn one_day_in_many_forms() {
        for text in [
            "2022-03-30",
            "30-03-2022",
            "30/03/2022",
            "30/3/2022",
            "2022/03/30",
            "30.03.2022",
            "٣٠/٠٣/٢٠٢٢",
            "۲۰۲۲-۰۳-۳۰",
            "30 Mar 2022",
            "30-March-2022",
            "March 30, 2022",
            "٣٠ مارس ٢٠٢٢",
            "30/03/2022 م",
            "\u{200f}30/03/2022 ",
            "2022-03-30 00:00:00",
            "2022-03-30T00:00:00",
        ] {
            assert_eq!(day(text).as_deref(), Some("2022-03-30"), "{text:?}");
        }
        assert_eq!(day("30 أبريل 2022").as_deref(), Some("2022-04-30"));
    }

    #[test]
    fn the_day_comes_first() {
        assert_eq!(day("03/04/2022").as_deref(), Some("2022-04-03"));
        assert_eq!(day("03/30/2022"), None);
    }

    #[test]
    fn hijri_years_become_gregorian() {
        for text in [
            "1445-09-01",
            "01/09/1445",
            "1/9/1445 هـ",
            "١٤٤٥/٠٩/٠١",
            "1445/09/01هـ",
            "1445-09-01 AH",
        ] {
            assert_eq!(day(text).as_deref(), Some("2024-03-11"), "{text:?}");
        }
        assert_eq!(day("2024-03-11 هـ"), None);
        assert_eq!(day("1445-09-31"), None);
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "NaN",
            "30-03-22",
            "2022-13-01",
            "2022-02-30",
            "2022-03",
            "1-2-3-4",
            "20220330",
            "0099-01-01",
            "2022-03-30 10:15",
            "12:30",
        ] {
            assert_eq!(day(text), None, "{text:?}");
        }
    }

    #[test]
    fn times() {
        for (text, expected) in [
            ("20:30:00", "20:30:00"),
            ("8:05", "08:05:00"),
            ("8:30 PM", "20:30:00"),
            ("12:15 am", "00:15:00"),
            ("٨:٣٠ م", "20:30:00"),
            ("08:30:15.250", "08:30:15"),
        ] {
            assert_eq!(
                parse_time(text).map(|time| time.to_string()).as_deref(),
                Some(expected),
                "{text:?}"
            );
        }
        for text in ["24:00", "13:00 PM", "8", "8:60", "NaN", "1:2:3:4", ""] {
            assert_eq!(parse_time(text), None, "{text:?}");
        }
    }

    #[test]
    fn day_and_time() {
        for text in [
            "30/03/2022 20:30",
            "2022-03-30T20:30:00",
            "2022-03-30  8:30 pm",
            "٣٠-٠٣-٢٠٢٢ ٢٠:٣٠",
        ] {
            let moment = parse_date_time(text).map(|moment| moment.to_string());
            assert_eq!(moment.as_deref(), Some("2022-03-30 20:30:00"), "{text:?}");
        }
        assert_eq!(
            parse_date_time("2022-03-30")
                .map(|moment| moment.to_string())
                .as_deref(),
            Some("2022-03-30 00:00:00")
        );
        assert_eq!(parse_date_time("2022-03-30T20:30:00Z"), None);
        assert_eq!(parse_date_time("2022-03-30T20:30:00+03:00"), None);
    }
}
