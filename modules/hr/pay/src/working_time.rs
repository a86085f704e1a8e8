//! Hours of one person across shifts and platforms: a ledger by business day, from instants. A night that crosses midnight, the end
//! of a month or the beginning of Ramadan belongs to the day on which its shift began.

use chrono::{
    DateTime, Datelike, Days, Duration, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use serde::{Deserialize, Serialize};

use crate::error::PayError;
use crate::holidays::{Holiday, is_ramadan};
use crate::rules::{Gap, Rules};

/// Between two instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// How a day's ordinary hours are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standard {
    Daily,
    Weekly,
}

/// What the hours of a person depend on.
pub struct Conditions<'a> {
    pub rules: &'a Rules,
    pub zone: FixedOffset,
    pub standard: Standard,
    /// Ramadan's hours are those of Muslims.
    pub is_muslim: bool,
    /// Announced beginnings of Ramadan: Hijri year and days of shift.
    pub ramadan: &'a [(i32, i64)],
    pub rest_day: Weekday,
    pub holidays: &'a [Holiday],
    /// Works under the sun, where the organization applies the midday ban.
    pub under_the_sun: bool,
}

/// Something that the law does not allow, or only as an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule whose number was passed.
    pub rule: String,
    pub article: String,
    pub allowed_min: i64,
    pub found_min: i64,
}

/// One business day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkDay {
    pub day: NaiveDate,
    pub worked_min: i64,
    pub ordinary_min: i64,
    /// Beyond the ordinary ones, and all of a day of rest or a holiday (Art. 107).
    pub overtime_min: i64,
    pub night_min: i64,
    pub is_ramadan: bool,
    pub is_rest_day: bool,
    pub is_holiday: bool,
    pub findings: Vec<Finding>,
}

/// How far from a planned shift somebody may come or go and still be of it.
const NEAR: TimeDelta = TimeDelta::hours(6);

/// The planned shift that a span belongs to: the one that it lies in, or else the one whose beginning is nearest; the earlier of two.
/// Without one near there is none. The second half of a night is of its night, however early the next shift begins.
pub fn shift_of(span: Span, shifts: &[Span]) -> Option<usize> {
    let apart = |shift: &Span| (span.from - shift.from).abs();
    let overlaps = |shift: &Span| span.from < shift.until && shift.from < span.until;
    let near = shifts
        .iter()
        .enumerate()
        .filter(|(_, shift)| overlaps(shift) || apart(shift) <= NEAR);
    near.min_by_key(|(_, shift)| (!overlaps(shift), apart(shift), shift.from))
        .map(|(place, _)| place)
}

/// The day that a span belongs to: of its shift's beginning, or of its own.
pub fn business_day(span: Span, shifts: &[Span], zone: FixedOffset) -> NaiveDate {
    let begins = shift_of(span, shifts).map_or(span.from, |place| shifts[place].from);
    begins.with_timezone(&zone).date_naive()
}

/// Spans without overlaps: hours on two platforms at once are worked once.
pub fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from < span.until);
    spans.sort_unstable();
    let mut united: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match united.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => united.push(span),
        }
    }
    united
}

fn minutes(spans: &[Span]) -> i64 {
    let sum: TimeDelta = spans.iter().map(|span| span.until - span.from).sum();
    sum.num_minutes()
}

/// Minutes of spans within an hour of every day and another one, which may lie after midnight.
fn between(spans: &[Span], zone: FixedOffset, from_hour: i64, to_hour: i64) -> i64 {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return 0;
    };
    let start = first.from.with_timezone(&zone).date_naive();
    let end = last.until.with_timezone(&zone).date_naive();
    let mut sum = TimeDelta::zero();
    let before = start.pred_opt().unwrap_or(start);
    for day in before.iter_days().take_while(|day| *day <= end) {
        let Some(midnight) = day.and_time(NaiveTime::MIN).and_local_timezone(zone).single() else {
            continue;
        };
        let midnight = midnight.with_timezone(&Utc);
        let length = if to_hour <= from_hour {
            to_hour + 24 - from_hour
        } else {
            to_hour - from_hour
        };
        let (opens, closes) = (
            midnight + Duration::hours(from_hour),
            midnight + Duration::hours(from_hour + length),
        );
        for span in spans {
            let (from, until) = (span.from.max(opens), span.until.min(closes));
            sum += (until - from).max(TimeDelta::zero());
        }
    }
    sum.num_minutes()
}

/// The ledger: every business day on which somebody worked, in order.
pub fn work_days(terms: &Conditions, spans: Vec<Span>, shifts: &[Span]) -> Result<Vec<WorkDay>, PayError> {
    let mut by_day: std::collections::BTreeMap<NaiveDate, Vec<Span>> = std::collections::BTreeMap::new();
    for span in united(spans) {
        by_day
            .entry(business_day(span, shifts, terms.zone))
            .or_default()
            .push(span);
    }
    let mut days: Vec<WorkDay> = Vec::with_capacity(by_day.len());
    let mut last_end: Option<(DateTime<Utc>, bool)> = None;
    let mut week = Week::default();
    let mut year = (0, 0);
    for (day, spans) in by_day {
        let mut found = terms.work_day(day, &spans)?;
        let week_from = day.week(Weekday::Sun).first_day();
        if week.from != Some(week_from) {
            week = Week {
                from: Some(week_from),
                ..Week::default()
            };
        }
        week.worked_min += found.worked_min;
        if terms.standard == Standard::Weekly && !found.is_rest_day && !found.is_holiday {
            let left = (terms.week_minutes(week_from)? - week.ordinary_min).max(0);
            found.ordinary_min = found.worked_min.min(left);
            found.overtime_min = found.worked_min - found.ordinary_min;
        }
        week.ordinary_min += found.ordinary_min;
        terms.above(&mut found, "work.exceptional.weekly_hours", 60, week.worked_min)?;
        if year.0 != day.year() {
            year = (day.year(), 0);
        }
        year.1 += found.overtime_min;
        terms.above(&mut found, "work.overtime.yearly_hours", 60, year.1)?;
        let (first, last) = (spans[0].from, spans[spans.len() - 1].until);
        if let Some((ended, true)) = last_end {
            let rest = (first - ended).num_minutes();
            let row = terms.rules.at("work.night.rest_hours", day)?;
            let needed = terms.rules.count("work.night.rest_hours", day)? * 60;
            if rest < needed {
                found.findings.push(Finding {
                    rule: row.id.clone(),
                    article: row.article.clone(),
                    allowed_min: needed,
                    found_min: rest,
                });
            }
        }
        let is_night_worker = found.night_min >= terms.rules.count("work.night.worker_hours", day)? * 60;
        last_end = Some((last, is_night_worker));
        days.push(found);
    }
    Ok(days)
}

#[derive(Default)]
struct Week {
    from: Option<NaiveDate>,
    worked_min: i64,
    ordinary_min: i64,
}

impl Conditions<'_> {
    fn in_ramadan(&self, day: NaiveDate) -> bool {
        self.is_muslim && is_ramadan(day, self.ramadan)
    }

    fn work_day(&self, day: NaiveDate, spans: &[Span]) -> Result<WorkDay, PayError> {
        let ramadan = self.in_ramadan(day);
        let id = if ramadan {
            "work.ramadan.daily_hours"
        } else {
            "work.daily_hours"
        };
        let ordinary = self.rules.count(id, day)? * 60;
        let worked_min = minutes(spans);
        let hour = |id: &str| self.rules.count(id, day);
        let night_min = between(
            spans,
            self.zone,
            hour("work.night.from_hour")?,
            hour("work.night.to_hour")?,
        );
        let is_rest_day = day.weekday() == self.rest_day;
        let is_holiday = self.holidays.iter().any(|holiday| holiday.contains(day));
        let ordinary_min = if is_rest_day || is_holiday {
            0
        } else {
            worked_min.min(ordinary)
        };
        let mut found = WorkDay {
            day,
            worked_min,
            ordinary_min,
            overtime_min: worked_min - ordinary_min,
            night_min,
            is_ramadan: ramadan,
            is_rest_day,
            is_holiday,
            findings: Vec::new(),
        };
        self.above(&mut found, "work.exceptional.daily_hours", 60, worked_min)?;
        let presence = match (spans.first(), spans.last()) {
            (Some(first), Some(last)) => (last.until - first.from).num_minutes(),
            _ => 0,
        };
        self.above(&mut found, "work.presence_hours", 60, presence)?;
        let pause = self.rules.count("work.break_minutes", day)?;
        self.above(&mut found, "work.unbroken_hours", 60, unbroken(spans, pause))?;
        if self.under_the_sun && self.is_midday_season(day)? {
            let sun = between(
                spans,
                self.zone,
                hour("work.midday.from_hour")?,
                hour("work.midday.to_hour")?,
            );
            if sun > 0 {
                let row = self.rules.at("work.midday.from_hour", day)?;
                found.findings.push(Finding {
                    rule: row.id.clone(),
                    article: row.article.clone(),
                    allowed_min: 0,
                    found_min: sun,
                });
            }
        }
        Ok(found)
    }

    fn is_midday_season(&self, day: NaiveDate) -> Result<bool, Gap> {
        let number = i64::from(day.month() * 100 + day.day());
        let of = |id: &str| self.rules.count(id, day);
        Ok(of("work.midday.from_month_day")? <= number && number <= of("work.midday.to_month_day")?)
    }

    /// Ordinary minutes of a week; one that Ramadan cuts has a part of each.
    fn week_minutes(&self, from: NaiveDate) -> Result<i64, Gap> {
        let mut sum = 0;
        for day in from.iter_days().take(7) {
            let id = if self.in_ramadan(day) {
                "work.ramadan.weekly_hours"
            } else {
                "work.weekly_hours"
            };
            sum += self.rules.count(id, day)? * 60;
        }
        Ok(sum / 7)
    }

    fn above(&self, day: &mut WorkDay, id: &str, unit_min: i64, found_min: i64) -> Result<(), Gap> {
        let row = self.rules.at(id, day.day)?;
        let allowed_min = self.rules.count(id, day.day)? * unit_min;
        if found_min > allowed_min {
            day.findings.push(Finding {
                rule: row.id.clone(),
                article: row.article.clone(),
                allowed_min,
                found_min,
            });
        }
        Ok(())
    }
}

/// The longest work without a pause of so many minutes.
fn unbroken(spans: &[Span], pause_min: i64) -> i64 {
    let (mut longest, mut row) = (0, 0);
    let mut ended: Option<DateTime<Utc>> = None;
    for span in spans {
        if ended.is_some_and(|ended| (span.from - ended).num_minutes() >= pause_min) {
            row = 0;
        }
        row += (span.until - span.from).num_minutes();
        longest = longest.max(row);
        ended = Some(span.until);
    }
    longest
}

/// Overtime minutes of the business days of a period.
pub fn overtime_minutes(days: &[WorkDay], from: NaiveDate, until: NaiveDate) -> i64 {
    let of_period = days.iter().filter(|day| from <= day.day && day.day <= until);
    of_period.map(|day| day.overtime_min).sum()
}

/// An instant of a day's local time; hours beyond 24 lie on the days after.
pub fn instant(day: NaiveDate, hour: u32, minute: u32, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let day = day.checked_add_days(Days::new(u64::from(hour / 24)))?;
    let time = NaiveTime::from_hms_opt(hour % 24, minute, 0)?.with_second(0)?;
    let local = day.and_time(time).and_local_timezone(zone).single()?;
    Some(local.with_timezone(&Utc))
}
