//! What questions for figures have in common: a period of days, and pages of their answers.

use chrono::{Datelike, Days, NaiveDate};
use platform_core::{Cx, FieldError, Problem};

/// Days of a period when nobody says which.
const USUAL_DAYS: u64 = 30;
/// Longest period of one question: a year and a day.
const MOST_DAYS: i64 = 367;
/// Rows of a page, unless the caller asks for fewer or more.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 100;

/// Days from the first to the last one, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

impl Period {
    /// The days asked for; the last thirty up to today unless said otherwise.
    pub(crate) fn of(cx: &Cx, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, Problem> {
        Self::ending(cx.today(), from, to)
    }

    fn ending(today: NaiveDate, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, Problem> {
        for (field, day) in [("from", from), ("to", to)] {
            if day.is_some_and(|day| !(1900..=2200).contains(&day.year())) {
                return Err(Problem::field(field, "date_out_of_range"));
            }
        }
        let last = to.unwrap_or_else(|| from.map_or(today, |from| from.max(today)));
        let first = from
            .or_else(|| last.checked_sub_days(Days::new(USUAL_DAYS - 1)))
            .unwrap_or(last);
        let period = Self { first, last };
        if first > last {
            Err(Problem::field("to", "ends_before_start"))
        } else if period.days() > MOST_DAYS {
            let max = vec![("max", MOST_DAYS.to_string())];
            Err(Problem::invalid(vec![
                FieldError::new("from", "too_many_days").with(max),
            ]))
        } else {
            Ok(period)
        }
    }

    /// How many days.
    pub(crate) fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }
}

/// A number of days from 0 to 366, as of a warning.
pub(crate) fn within_days(days: Option<u32>, usual: u32) -> Result<u64, Problem> {
    let days = days.unwrap_or(usual);
    if days > 366 {
        let max = vec![("max", "366".to_owned())];
        return Err(Problem::invalid(vec![
            FieldError::new("within_days", "too_large").with(max),
        ]));
    }
    Ok(u64::from(days))
}

/// A page of rows that are all there: those after the mark, and the mark of the next page.
pub(crate) fn page<T>(
    rows: Vec<T>,
    limit: Option<u32>,
    after: Option<&str>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let max = vec![("max", LARGEST_PAGE.to_string())];
        return Err(Problem::invalid(vec![FieldError::new("limit", "bad_limit").with(max)]));
    }
    let skip = after.unwrap_or("0").parse::<usize>();
    let skip = skip.map_err(|_| Problem::field("after", "bad_cursor"))?;
    let total = rows.len();
    let end = skip.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX));
    let data = rows.into_iter().skip(skip).take(end - skip).collect();
    Ok((data, (end < total).then(|| end.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn periods() {
        let of = |from: Option<&str>, to: Option<&str>| Period::ending(day("2026-03-02"), from.map(day), to.map(day));
        let period = of(None, None).expect("good");
        assert_eq!(
            (period.first, period.last, period.days()),
            (day("2026-02-01"), day("2026-03-02"), 30)
        );
        assert_eq!(of(Some("2026-01-01"), Some("2026-01-01")).expect("good").days(), 1);
        assert_eq!(of(Some("2026-03-01"), None).expect("good").days(), 2);
        for (from, to) in [
            (Some("2026-01-02"), Some("2026-01-01")),
            (Some("2025-01-01"), Some("2026-01-04")),
            (Some("1899-12-31"), None),
            (None, Some("2201-01-01")),
        ] {
            assert!(of(from, to).is_err(), "{from:?} {to:?}");
        }
    }

    #[test]
    fn pages_cover_each_row_once() {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (rows, next) = page((0..7).collect(), Some(3), after.as_deref()).expect("good");
            seen.extend(rows);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
        assert!(page(vec![1], Some(0), None).is_err());
        assert!(page(vec![1], None, Some("x")).is_err());
        assert_eq!(
            page(vec![1], None, Some("18446744073709551615")).expect("empty").0,
            Vec::<i32>::new()
        );
    }
}
