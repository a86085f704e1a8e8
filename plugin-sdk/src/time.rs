//! Dates and times of providers: read by a format, placed in a zone, exact to the second.

use std::fmt;

/// A day of the Gregorian calendar, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    days: i64,
}

impl Date {
    /// `None` when there is no such day.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if !(1..=length).contains(&day) || !(1..=9999).contains(&year) {
            return None;
        }
        // Years begin in March, so that the leap day is the last one.
        let (y, m) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let (era, year_of_era) = (y.div_euclid(400), y.rem_euclid(400));
        let day_of_year = (153 * m + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self {
            days: era * 146_097 + day_of_era - 719_468,
        })
    }

    /// The day at an instant (milliseconds since 1970) in a zone.
    pub fn at(instant_ms: i64, zone: Zone) -> Self {
        Self {
            days: (instant_ms.div_euclid(1_000) + zone.offset_s).div_euclid(86_400),
        }
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse().ok());
        Self::new(parts.next()??, parts.next()??, parts.next()??)
    }

    pub fn plus_days(self, days: i64) -> Self {
        Self { days: self.days + days }
    }

    fn parts(self) -> (i64, i64, i64) {
        let shifted = self.days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * day_of_year + 2) / 153;
        let month = if m < 10 { m + 3 } else { m - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        (year, month, day_of_year - (153 * m + 2) / 5 + 1)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A zone that is always the same distance from UTC: all of the Gulf, and any written as `+03:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    offset_s: i64,
}

impl Zone {
    pub const UTC: Self = Self { offset_s: 0 };

    /// By IANA name or offset. Zones with summer time are not known here.
    pub fn named(name: &str) -> Option<Self> {
        let hours = match name {
            "UTC" | "Etc/UTC" | "Z" => 0,
            "Asia/Riyadh" | "Asia/Kuwait" | "Asia/Bahrain" | "Asia/Qatar" | "Asia/Aden" | "Asia/Baghdad"
            | "Asia/Amman" => 3,
            "Asia/Dubai" | "Asia/Muscat" => 4,
            "Asia/Karachi" => 5,
            offset => return Self::offset(offset),
        };
        Some(Self {
            offset_s: hours * 3_600,
        })
    }

    /// `+03:00`, `-0530`, `+3`.
    fn offset(text: &str) -> Option<Self> {
        let (sign, digits) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = match digits.split_once(':') {
            Some(pair) => pair,
            None if digits.len() > 2 => digits.split_at_checked(2)?,
            None => (digits, "0"),
        };
        let number = |text: &str| {
            if text.bytes().all(|b| b.is_ascii_digit()) {
                text.parse::<i64>().ok()
            } else {
                None
            }
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (hours <= 14 && minutes < 60).then_some(Self {
            offset_s: sign * (hours * 3_600 + minutes * 60),
        })
    }
}

/// When something happened, as far as the provider said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub instant_ms: i64,
    /// False when only the day was given; the instant is then noon of that day.
    pub time_known: bool,
}

/// Reads a moment by a format of `YYYY MM DD HH mm ss` and whatever stands between them; `hh` with `A` for a.m. and p.m.
/// A text may end anywhere after the day; without an hour it has no time. `Z` or an offset at the end overrides `zone`. Digits may be Arabic.
pub fn parse_moment(text: &str, format: &str, zone: Zone) -> Option<Moment> {
    let text = latin_digits(text);
    let mut rest = text.trim();
    let mut read = Read::default();
    let mut format = format.trim();
    while !format.is_empty() {
        if rest.is_empty() && read.day.is_some() {
            break;
        }
        if let Some((field, after)) = Field::at_start_of(format) {
            rest = read.take(field, rest)?;
            format = after;
            continue;
        }
        let (expected, after) = split_first(format)?;
        let (found, rest_after) = split_first(rest)?;
        // A blank and a T both separate day and time.
        let same = expected == found || (matches!(expected, ' ' | 'T') && matches!(found, ' ' | 'T'));
        if !same {
            return None;
        }
        (rest, format) = (rest_after.trim_start(), after);
    }
    let rest = skip_fraction(rest).trim();
    let zone = if rest.is_empty() { zone } else { Zone::named(rest)? };
    read.moment(zone)
}

/// Seconds or milliseconds since 1970, as some providers write time.
pub fn parse_epoch(text: &str) -> Option<Moment> {
    let number: i64 = latin_digits(text).trim().parse().ok()?;
    // Seconds reach this number in the year 5138, milliseconds passed it in 1973.
    let instant_ms = if number.abs() < 100_000_000_000 {
        number * 1_000
    } else {
        number
    };
    Some(Moment {
        instant_ms,
        time_known: true,
    })
}

fn latin_digits(text: &str) -> String {
    let latin = |c: char| match c {
        '٠'..='٩' => char::from_digit(u32::from(c) - u32::from('٠'), 10).unwrap_or(c),
        '۰'..='۹' => char::from_digit(u32::from(c) - u32::from('۰'), 10).unwrap_or(c),
        c => c,
    };
    text.chars()
        .filter(|c| !matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}'))
        .map(latin)
        .collect()
}

fn split_first(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|first| (first, chars.as_str()))
}

fn skip_fraction(text: &str) -> &str {
    text.strip_prefix('.').map_or(text, |fraction| {
        fraction.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

#[derive(Clone, Copy)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
    HalfDay,
}

impl Field {
    fn at_start_of(format: &str) -> Option<(Self, &str)> {
        let fields = [
            ("YYYY", Self::Year),
            ("MM", Self::Month),
            ("DD", Self::Day),
            ("HH", Self::Hour),
            ("hh", Self::Hour12),
            ("mm", Self::Minute),
            ("ss", Self::Second),
            ("A", Self::HalfDay),
        ];
        fields
            .iter()
            .find_map(|(name, field)| format.strip_prefix(name).map(|after| (*field, after)))
    }
}

#[derive(Default)]
struct Read {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    afternoon: Option<bool>,
}

impl Read {
    fn take<'a>(&mut self, field: Field, text: &'a str) -> Option<&'a str> {
        if let Field::HalfDay = field {
            let halves = [
                ("AM", false),
                ("am", false),
                ("ص", false),
                ("PM", true),
                ("pm", true),
                ("م", true),
            ];
            let (afternoon, rest) = halves
                .iter()
                .find_map(|(word, afternoon)| text.strip_prefix(word).map(|rest| (*afternoon, rest)))?;
            self.afternoon = Some(afternoon);
            return Some(rest);
        }
        let most = if matches!(field, Field::Year) { 4 } else { 2 };
        let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if length == 0 || (most == 4 && length != 4) {
            return None;
        }
        let value = text[..length].parse().ok()?;
        let slot = match field {
            Field::Year => &mut self.year,
            Field::Month => &mut self.month,
            Field::Day => &mut self.day,
            Field::Hour | Field::Hour12 => &mut self.hour,
            Field::Minute => &mut self.minute,
            Field::Second => &mut self.second,
            Field::HalfDay => return None,
        };
        *slot = Some(value);
        Some(&text[length..])
    }

    fn moment(&self, zone: Zone) -> Option<Moment> {
        let date = Date::new(self.year?, self.month?, self.day?)?;
        let time_known = self.hour.is_some();
        let hour = match (self.hour, self.afternoon) {
            (None, _) => 12,
            (Some(hour), None) => hour,
            (Some(hour), Some(_)) if !(1..=12).contains(&hour) => return None,
            (Some(hour), Some(afternoon)) => hour % 12 + if afternoon { 12 } else { 0 },
        };
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
            return None;
        }
        let local_s = date.days * 86_400 + hour * 3_600 + minute * 60 + second;
        Some(Moment {
            instant_ms: (local_s - zone.offset_s) * 1_000,
            time_known,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIYADH: Zone = Zone { offset_s: 3 * 3_600 };

    #[test]
    fn days_and_their_numbers_agree() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2026-11-22", 20_779),
            ("1969-12-31", -1),
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!((date.days, date.to_string().as_str()), (days, text));
        }
        for days in -800_000..800_000 {
            let date = Date { days };
            let (year, month, day) = date.parts();
            if (1..=9999).contains(&year) {
                assert_eq!(Date::new(year, month, day), Some(date));
            }
        }
        for bad in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "26",
            "",
            "2026-1",
            "x-y-z",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_are_read_in_their_zone() {
        let iso = "YYYY-MM-DD HH:mm:ss";
        let at = |text, format| parse_moment(text, format, RIYADH).map(|m| (m.instant_ms / 1_000, m.time_known));
        let midnight = Date::parse("2026-11-01").unwrap().days * 86_400;
        let cases = [
            ("2026-11-01 12:30:15", iso, Some((midnight + 9 * 3_600 + 1_815, true))),
            ("2026-11-01T12:30:15", iso, Some((midnight + 9 * 3_600 + 1_815, true))),
            (
                "2026-11-01T12:30:15.123Z",
                iso,
                Some((midnight + 12 * 3_600 + 1_815, true)),
            ),
            (
                "2026-11-01T12:30:15+05:00",
                iso,
                Some((midnight + 7 * 3_600 + 1_815, true)),
            ),
            ("2026-11-01", iso, Some((midnight + 9 * 3_600, false))),
            ("2026-11-01 12:30", iso, Some((midnight + 9 * 3_600 + 1_800, true))),
            ("٢٠٢٦-١١-٠١ ١٢:٣٠:١٥", iso, Some((midnight + 9 * 3_600 + 1_815, true))),
            (
                "1/11/2026 00:05",
                "DD/MM/YYYY HH:mm",
                Some((midnight - 3 * 3_600 + 300, true)),
            ),
            (
                "11/01/2026 12:05 AM",
                "MM/DD/YYYY hh:mm A",
                Some((midnight - 3 * 3_600 + 300, true)),
            ),
            (
                "11/01/2026 12:05 م",
                "MM/DD/YYYY hh:mm A",
                Some((midnight + 9 * 3_600 + 300, true)),
            ),
            ("2026-11-01 24:00:00", iso, None),
            ("2026-11-31 12:00:00", iso, None),
            ("01-11-2026", iso, None),
            ("2026-11-01 12:30:15 nonsense", iso, None),
            ("", iso, None),
        ];
        for (text, format, expected) in cases {
            assert_eq!(at(text, format), expected, "{text}");
        }
        assert_eq!(parse_epoch("1793437200").map(|m| m.instant_ms), Some(1_793_437_200_000));
        assert_eq!(
            parse_epoch("1793437200123").map(|m| m.instant_ms),
            Some(1_793_437_200_123)
        );
        assert_eq!(
            Date::at((midnight - 3 * 3_600) * 1_000, RIYADH).to_string(),
            "2026-11-01"
        );
        assert_eq!(
            Date::at((midnight - 3 * 3_600) * 1_000 - 1, RIYADH).to_string(),
            "2026-10-31"
        );
    }
}
