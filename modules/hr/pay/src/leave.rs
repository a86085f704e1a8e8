//! The ledger of annual leave: entries are only ever added, in thousandths of a day, and the balance is their sum. Days are earned
//! each at the rate of its own day, so 21 becomes 30 on the fifth anniversary.

use chrono::{Days, Months, NaiveDate};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::error::PayError;
use crate::holidays::Holiday;
use crate::rules::{Gap, Rules};
use crate::service::Service;

/// Why an entry is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Earned between two days, both counted.
    Earned { from: NaiveDate, until: NaiveDate },
    /// A leave, with the days that it was charged for.
    Taken { leave: String },
    /// The other way round: a leave that was cut short or cancelled.
    Returned { leave: String },
    /// Paid on leaving.
    PaidOut,
    /// Written by a person, who says why.
    Corrected { reason: String },
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub on: NaiveDate,
    /// In thousandths of a day; what is taken is negative.
    pub thousandths: i64,
    pub cause: Cause,
    pub article: String,
}

/// The ledger of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveLedger {
    joined_on: NaiveDate,
    entries: Vec<Entry>,
}

/// Completed years of service on a day; the fifth is complete on the anniversary.
pub fn completed_years(joined_on: NaiveDate, day: NaiveDate) -> i64 {
    day.pred_opt()
        .map_or(0, |last| i64::from(Service::between(joined_on, last).years))
}

/// Days of a year's leave, and the first day on which they may be others.
pub type YearlyDays = (Decimal, Option<NaiveDate>);

fn yearly_days(rules: &Rules, years: i64, day: NaiveDate) -> Result<YearlyDays, Gap> {
    let step = rules.count("leave.annual.step_years", day)?;
    let id = if years < step {
        "leave.annual.days"
    } else {
        "leave.annual.days_after_step"
    };
    Ok((rules.value(id, day)?, rules.changes_after(id, day)))
}

/// Days earned between two days, both counted, unrounded: each day a part of its year of service at the rate of that day, so that a
/// full year of service gives its leave exactly.
pub fn earned_days(
    joined_on: NaiveDate,
    from: NaiveDate,
    until: NaiveDate,
    mut yearly: impl FnMut(i64, NaiveDate) -> Result<YearlyDays, Gap>,
) -> Result<Decimal, Gap> {
    let anniversary = |years: i64| {
        let months = u32::try_from(years * 12).unwrap_or(u32::MAX);
        joined_on
            .checked_add_months(Months::new(months))
            .unwrap_or(NaiveDate::MAX)
    };
    // Numerators apart from their two denominators: the sum is exact, however it is cut.
    let mut of_year = [Decimal::ZERO; 2];
    let mut day = from.max(joined_on);
    while day <= until {
        let years = completed_years(joined_on, day);
        let (begins, over) = (anniversary(years), anniversary(years + 1));
        let (days, changes) = yearly(years, day)?;
        let end = over.min(until.succ_opt().unwrap_or(NaiveDate::MAX));
        let end = changes.map_or(end, |changes| changes.min(end));
        if end <= day {
            break;
        }
        let is_long = (over - begins).num_days() == 366;
        of_year[usize::from(is_long)] += days * Decimal::from((end - day).num_days());
        day = end;
    }
    Ok(of_year[0] / Decimal::from(365) + of_year[1] / Decimal::from(366))
}

impl LeaveLedger {
    /// An empty ledger.
    pub const fn new(joined_on: NaiveDate) -> Self {
        Self {
            joined_on,
            entries: Vec::new(),
        }
    }

    /// Its entries, in the order in which they were written.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last day up to which days were earned.
    pub fn earned_until(&self) -> Option<NaiveDate> {
        let earned = self.entries.iter().filter_map(|entry| match &entry.cause {
            Cause::Earned { until, .. } => Some(*until),
            Cause::Taken { .. } | Cause::Returned { .. } | Cause::PaidOut | Cause::Corrected { .. } => None,
        });
        earned.max()
    }

    /// Writes what was earned up to a day. What is written is the difference of two rounded sums, so however often it is written the
    /// entries sum to the rounded whole. Written again for the same day it adds nothing.
    pub fn earn(&mut self, rules: &Rules, until: NaiveDate) -> Result<(), PayError> {
        let article = rules.at("leave.annual.days", until)?.article.clone();
        self.earn_by(until, &article, |years, day| yearly_days(rules, years, day))
    }

    /// As [`Self::earn`], where the days of a year are the organization's own.
    pub fn earn_by(
        &mut self,
        until: NaiveDate,
        article: &str,
        mut yearly: impl FnMut(i64, NaiveDate) -> Result<YearlyDays, Gap>,
    ) -> Result<(), PayError> {
        let from = match self.earned_until() {
            Some(earned) => earned.succ_opt().unwrap_or(earned),
            None => self.joined_on,
        };
        if until < from {
            return Ok(());
        }
        let so_far = match from.pred_opt() {
            Some(last) if from > self.joined_on => in_thousandths(self.joined_on, last, &mut yearly)?,
            _ => 0,
        };
        let thousandths = in_thousandths(self.joined_on, until, &mut yearly)? - so_far;
        self.entries.push(Entry {
            on: until,
            thousandths,
            cause: Cause::Earned { from, until },
            article: article.to_owned(),
        });
        Ok(())
    }

    /// Writes a leave. A day that is a feast extends it and is not charged (Reg. 24).
    pub fn take(
        &mut self,
        rules: &Rules,
        leave: &str,
        from: NaiveDate,
        until: NaiveDate,
        holidays: &[Holiday],
    ) -> Result<i64, PayError> {
        if until < from {
            return Err(PayError::Backwards { from, until });
        }
        let is_taken = |entry: &Entry| matches!(&entry.cause, Cause::Taken { leave: known } if known == leave);
        if self.entries.iter().any(is_taken) {
            return Err(PayError::Repeated { what: leave.to_owned() });
        }
        let days = charged_days(from, until, holidays);
        let article = rules.at("leave.annual.days", from)?.article.clone();
        self.entries.push(Entry {
            on: from,
            thousandths: -days * 1000,
            cause: Cause::Taken {
                leave: leave.to_owned(),
            },
            article,
        });
        Ok(days)
    }

    /// Adds an entry of another cause.
    pub fn write(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Thousandths of days that are left on a day.
    pub fn balance(&self, on: NaiveDate) -> i64 {
        let until = self.entries.iter().filter(|entry| entry.on <= on);
        until.map(|entry| entry.thousandths).sum()
    }
}

/// Thousandths of days earned from joining to a day, rounded half up once.
pub fn earned_thousandths(rules: &Rules, joined_on: NaiveDate, until: NaiveDate) -> Result<i64, Gap> {
    in_thousandths(joined_on, until, &mut |years, day| yearly_days(rules, years, day))
}

fn in_thousandths(
    joined_on: NaiveDate,
    until: NaiveDate,
    yearly: &mut impl FnMut(i64, NaiveDate) -> Result<YearlyDays, Gap>,
) -> Result<i64, Gap> {
    let days = earned_days(joined_on, joined_on, until, yearly)?;
    let thousandths = (days * Decimal::ONE_THOUSAND).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    Ok(thousandths.to_i64().unwrap_or(0))
}

/// Days of a leave that are charged: all but the feasts within it.
pub fn charged_days(from: NaiveDate, until: NaiveDate, holidays: &[Holiday]) -> i64 {
    let days = from.iter_days().take_while(|day| *day <= until);
    let charged = days.filter(|day| {
        !holidays
            .iter()
            .any(|holiday| holiday.is_eid() && holiday.contains(*day))
    });
    i64::try_from(charged.count()).unwrap_or(i64::MAX)
}

/// The sick year of a day: it begins with the first sick day, and the next one with the first sick day after it is over.
pub fn sick_year(mut sick_days: Vec<NaiveDate>, day: NaiveDate) -> Option<NaiveDate> {
    sick_days.sort_unstable();
    let mut year: Option<NaiveDate> = None;
    let ends = |first: NaiveDate| first.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX);
    for first in sick_days.into_iter().filter(|first| *first <= day) {
        if year.is_none_or(|year| first >= ends(year)) {
            year = Some(first);
        }
    }
    year.filter(|first| day < ends(*first))
}

/// Days in a row of a sick leave that are paid alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SickDays {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// The first day of the sick year that they belong to.
    pub year_from: NaiveDate,
    /// Share of the wage.
    pub paid: Decimal,
    /// Beyond the days that the law knows: the employer may end the contract (Art. 82), and nothing is paid.
    pub is_beyond: bool,
    pub article: String,
}

/// How every sick day of a history is paid (Art. 117): thirty days in full, sixty at three quarters, thirty without pay, in a year
/// of the person's own. A feast within them is paid in full and is still a day of sickness (Reg. 24).
pub fn sick_pay(
    rules: &Rules,
    leaves: &[(NaiveDate, NaiveDate)],
    holidays: &[Holiday],
) -> Result<Vec<SickDays>, PayError> {
    let mut days: Vec<NaiveDate> = Vec::new();
    for (from, until) in leaves {
        if until < from {
            return Err(PayError::Backwards {
                from: *from,
                until: *until,
            });
        }
        days.extend(from.iter_days().take_while(|day| day <= until));
    }
    days.sort_unstable();
    days.dedup();
    let mut parts: Vec<SickDays> = Vec::new();
    let mut year: Option<(NaiveDate, NaiveDate, i64)> = None;
    for day in days {
        let (year_from, over, before) = match year {
            Some(known) if day < known.1 => known,
            _ => (
                day,
                day.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX),
                0,
            ),
        };
        year = Some((year_from, over, before + 1));
        let full = rules.at("leave.sick.full_days", day)?;
        let in_part = full.value + rules.value("leave.sick.part_days", day)?;
        let all = in_part + rules.value("leave.sick.unpaid_days", day)?;
        let place = Decimal::from(before);
        let is_feast = holidays.iter().any(|holiday| holiday.is_eid() && holiday.contains(day));
        let paid = if place < full.value || is_feast {
            Decimal::ONE
        } else if place < in_part {
            rules.value("leave.sick.part_share", day)?
        } else {
            Decimal::ZERO
        };
        let is_beyond = place >= all;
        let goes_on = |part: &SickDays| {
            part.until.checked_add_days(Days::new(1)) == Some(day)
                && (part.year_from, part.paid, part.is_beyond) == (year_from, paid, is_beyond)
        };
        match parts.last_mut() {
            Some(part) if goes_on(part) => part.until = day,
            _ => parts.push(SickDays {
                from: day,
                until: day,
                year_from,
                paid,
                is_beyond,
                article: full.article.clone(),
            }),
        }
    }
    Ok(parts)
}

/// Days of unpaid leave beyond those that count as service (Art. 116), each leave by itself.
pub fn suspended_days(rules: &Rules, unpaid: &[(NaiveDate, NaiveDate)]) -> Result<i64, PayError> {
    let mut sum = 0;
    for (from, until) in unpaid {
        let counted = rules.count("leave.unpaid.counted_days", *from)?;
        sum += ((*until - *from).num_days() + 1 - counted).max(0);
    }
    Ok(sum)
}

/// Leaves of an occasion: how many days the law grants on a day, and its article.
pub fn occasion(
    rules: &Rules,
    leave_type: &str,
    joined_on: NaiveDate,
    on: NaiveDate,
    taken_before: bool,
) -> Result<Result<(i64, String), &'static str>, PayError> {
    let id = format!("leave.{leave_type}.days");
    let row = rules.at(&id, on)?;
    if leave_type == "hajj" {
        if taken_before {
            return Ok(Err("once_only"));
        }
        if completed_years(joined_on, on) < rules.count("leave.hajj.min_service_years", on)? {
            return Ok(Err("too_early"));
        }
    }
    Ok(Ok((rules.count(&id, on)?, row.article.clone())))
}
