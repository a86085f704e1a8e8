//! What is left of each kind of leave, by dated entitlements and length of service.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::leave::{YearlyDays, completed_years, earned_days, sick_year};
use crate::money::half_up;
use crate::rules::{Gap, Rules};

/// How often an entitlement is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    Year,
    Event,
    Once,
}

/// One dated row: what a kind of leave grants from how many years of service on.
#[derive(Clone, Debug, PartialEq)]
pub struct Entitlement {
    pub leave_type: String,
    pub min_service_years: i64,
    pub days: Decimal,
    pub basis: Basis,
    pub monthly: bool,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub article: String,
}

/// Kind, years of service from which it is given (or the rule that says how many), the rules whose days it has, basis, earned by
/// the day.
const KINDS: [(&str, &str, &[&str], Basis, bool); 12] = [
    ("annual", "", &["leave.annual.days"], Basis::Year, true),
    (
        "annual",
        "leave.annual.step_years",
        &["leave.annual.days_after_step"],
        Basis::Year,
        true,
    ),
    (
        "sick",
        "",
        &["leave.sick.full_days", "leave.sick.part_days", "leave.sick.unpaid_days"],
        Basis::Year,
        false,
    ),
    ("emergency", "", &["leave.emergency.days"], Basis::Year, false),
    ("marriage", "", &["leave.marriage.days"], Basis::Event, false),
    ("bereavement", "", &["leave.bereavement.days"], Basis::Event, false),
    (
        "bereavement_sibling",
        "",
        &["leave.bereavement_sibling.days"],
        Basis::Event,
        false,
    ),
    ("paternity", "", &["leave.paternity.days"], Basis::Event, false),
    ("maternity", "", &["leave.maternity.days"], Basis::Event, false),
    ("iddah", "", &["leave.iddah.days"], Basis::Event, false),
    ("iddah_other", "", &["leave.iddah_other.days"], Basis::Event, false),
    (
        "hajj",
        "leave.hajj.min_service_years",
        &["leave.hajj.days"],
        Basis::Once,
        false,
    ),
];

/// What the law grants, by its dated rows; an organization's own rows of a kind take its place.
pub fn statute(rules: &Rules) -> Vec<Entitlement> {
    let mut entitlements = Vec::new();
    for (leave_type, step, ids, basis, monthly) in KINDS {
        for row in rules.rows().filter(|row| row.id == ids[0]) {
            let of = |id: &str| rules.value(id, row.from);
            let days: Result<Decimal, Gap> = ids.iter().map(|id| of(id)).sum();
            let years = if step.is_empty() {
                Ok(0)
            } else {
                rules.count(step, row.from)
            };
            let Ok((days, min_service_years)) = days.and_then(|days| Ok((days, years?))) else {
                continue;
            };
            entitlements.push(Entitlement {
                leave_type: leave_type.to_owned(),
                min_service_years,
                days,
                basis,
                monthly,
                from: row.from,
                until: row.to,
                article: row.article.clone(),
            });
        }
    }
    entitlements
}

/// The organization's rows, and the law's for every kind that it has none of.
pub fn with_statute(rules: &Rules, own: Vec<Entitlement>) -> Vec<Entitlement> {
    let mut rows = statute(rules);
    rows.retain(|row| own.iter().all(|other| other.leave_type != row.leave_type));
    rows.extend(own);
    rows
}

/// The row of a kind for somebody with these years of service on a day.
pub fn entitlement_at<'a>(
    rows: &'a [Entitlement],
    leave_type: &str,
    service_years: i64,
    day: NaiveDate,
) -> Option<&'a Entitlement> {
    rows.iter()
        .filter(|row| row.leave_type == leave_type && row.min_service_years <= service_years)
        .filter(|row| row.from <= day && row.until.is_none_or(|until| day <= until))
        .max_by_key(|row| (row.min_service_years, row.from))
}

/// A leave that counts: approved or over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub leave_type: String,
    pub starts_on: NaiveDate,
    pub days: i64,
}

/// What is left of one kind on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    pub leave_type: String,
    /// Days of the year, the occasion or the whole service.
    pub entitled: Decimal,
    /// Days of them earned until the day.
    pub earned: Decimal,
    pub taken: Decimal,
    pub left: Decimal,
    pub article: String,
    /// First day of the year that is counted; nothing for kinds that are not counted by the year.
    pub year_from: Option<NaiveDate>,
}

/// Days of a year of a kind by years of service and day, and when they may change next. Where a kind has no row for a while, nothing
/// is earned in it.
pub fn yearly_by<'a>(
    rows: &'a [Entitlement],
    leave_type: &'a str,
) -> impl FnMut(i64, NaiveDate) -> Result<YearlyDays, Gap> + 'a {
    move |years, day| {
        let of_kind = rows.iter().filter(|row| row.leave_type == leave_type);
        let edges = of_kind.flat_map(|row| [Some(row.from), row.until.and_then(|until| until.succ_opt())]);
        let changes = edges.flatten().filter(|edge| *edge > day).min();
        let row = entitlement_at(rows, leave_type, years, day);
        Ok((row.map_or(Decimal::ZERO, |row| row.days), changes))
    }
}

/// Days earned from one day up to another, both counted, by the rows of a kind.
fn earned(rows: &[Entitlement], leave_type: &str, joined_on: NaiveDate, from: NaiveDate, until: NaiveDate) -> Decimal {
    let days = earned_days(joined_on, from, until, yearly_by(rows, leave_type));
    half_up(days.unwrap_or_default(), 2)
}

/// Percent of the wage for the next sick day, after so many in the sick year (Art. 117).
pub fn sick_pay_percent(rules: &Rules, on: NaiveDate, taken: i64) -> Result<u32, Gap> {
    let full = rules.count("leave.sick.full_days", on)?;
    let in_part = full + rules.count("leave.sick.part_days", on)?;
    let share = if taken < full {
        Decimal::ONE
    } else if taken < in_part {
        rules.value("leave.sick.part_share", on)?
    } else {
        Decimal::ZERO
    };
    Ok((share * Decimal::ONE_HUNDRED).to_u32().unwrap_or(0))
}

/// What is left of every kind on a day.
pub fn balances(rows: &[Entitlement], taken: &[Taken], joined_on: NaiveDate, day: NaiveDate) -> Vec<Balance> {
    let years = completed_years(joined_on, day);
    let mut kinds: BTreeMap<&str, &Entitlement> = BTreeMap::new();
    for row in rows {
        if let Some(row) = entitlement_at(rows, &row.leave_type, years, day) {
            kinds.insert(&row.leave_type, row);
        }
    }
    let first = NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day);
    let last = NaiveDate::from_ymd_opt(day.year(), 12, 31).unwrap_or(day);
    let mut balances = Vec::new();
    for (kind, row) in kinds {
        let of_kind = || taken.iter().filter(|leave| leave.leave_type == kind);
        let year = match row.basis {
            Basis::Year if kind == "sick" => sick_year(of_kind().map(|leave| leave.starts_on).collect(), day),
            Basis::Year => Some(first),
            Basis::Event | Basis::Once => None,
        };
        let (entitled, earned) = if row.monthly {
            let by = |until| earned(rows, kind, joined_on, first, until);
            (by(last), by(day))
        } else {
            (row.days, row.days)
        };
        let counts = |leave: &&Taken| match row.basis {
            Basis::Year => year.is_some_and(|year| {
                let over = if kind == "sick" {
                    year.checked_add_months(Months::new(12))
                } else {
                    last.checked_add_days(Days::new(1))
                };
                leave.starts_on >= year && over.is_none_or(|over| leave.starts_on < over)
            }),
            Basis::Once => true,
            // Each occasion has its own days.
            Basis::Event => false,
        };
        let used = Decimal::from(of_kind().filter(counts).map(|leave| leave.days).sum::<i64>());
        balances.push(Balance {
            leave_type: kind.to_owned(),
            entitled,
            earned,
            taken: used,
            left: entitled - used,
            article: row.article.clone(),
            year_from: year,
        });
    }
    balances
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn taken(leave_type: &str, starts_on: &str, days: i64) -> Taken {
        Taken {
            leave_type: leave_type.to_owned(),
            starts_on: day(starts_on),
            days,
        }
    }

    fn company(leave_type: &str, days: i64) -> Entitlement {
        Entitlement {
            leave_type: leave_type.to_owned(),
            min_service_years: 0,
            days: days.into(),
            basis: Basis::Year,
            monthly: leave_type == "annual",
            from: day("2020-01-01"),
            until: None,
            article: String::new(),
        }
    }

    fn left(balances: &[Balance], kind: &str) -> String {
        let balance = balances.iter().find(|balance| balance.leave_type == kind).expect(kind);
        balance.left.normalize().to_string()
    }

    /// Annual 30 and sick 15 by the company's document; 7 and 3 taken. Sick days do not eat annual leave.
    #[test]
    fn the_worked_example() {
        let rows = with_statute(Rules::saudi(), vec![company("annual", 30), company("sick", 15)]);
        let leaves = [
            taken("annual", "2025-03-02", 7),
            taken("sick", "2025-05-05", 3),
            taken("annual", "2024-03-02", 9),
        ];
        let found = balances(&rows, &leaves, day("2019-01-01"), day("2025-12-31"));
        assert_eq!(
            (left(&found, "annual"), left(&found, "sick")),
            ("23".to_owned(), "12".to_owned())
        );
    }

    #[test]
    fn twenty_one_becomes_thirty_on_the_anniversary() {
        let rows = with_statute(Rules::saudi(), Vec::new());
        let of = |joined: &str, on: &str| {
            let found = balances(&rows, &[], day(joined), day(on));
            let annual = found
                .into_iter()
                .find(|balance| balance.leave_type == "annual")
                .expect("annual");
            (annual.entitled.to_string(), annual.earned.to_string())
        };
        assert_eq!(of("2024-01-01", "2025-12-31"), ("21.00".to_owned(), "21.00".to_owned()));
        assert_eq!(of("2018-01-01", "2025-12-31"), ("30.00".to_owned(), "30.00".to_owned()));
        // Five years are complete on 1 July 2025: 181 days at 21 and 184 at 30.
        assert_eq!(of("2020-07-01", "2025-12-31"), ("25.54".to_owned(), "25.54".to_owned()));
        assert_eq!(of("2020-07-01", "2025-06-30").1, "10.41");
        // Who joins on 1 July earns half a year.
        assert_eq!(of("2025-07-01", "2025-07-31"), ("10.59".to_owned(), "1.78".to_owned()));
    }

    #[test]
    fn the_sick_year_begins_with_the_first_sick_day() {
        let days = |texts: &[&str]| texts.iter().map(|text| day(text)).collect::<Vec<_>>();
        let sick = ["2024-11-10", "2025-03-01", "2025-12-01"];
        assert_eq!(sick_year(days(&sick), day("2025-03-05")), Some(day("2024-11-10")));
        assert_eq!(sick_year(days(&sick), day("2025-11-10")), None);
        assert_eq!(sick_year(days(&sick), day("2025-12-31")), Some(day("2025-12-01")));
        assert_eq!(sick_year(Vec::new(), day("2025-12-31")), None);
        let percent = |taken| sick_pay_percent(Rules::saudi(), day("2026-11-24"), taken).expect("rows");
        assert_eq!([0, 29, 30, 89, 90, 119].map(percent), [100, 100, 75, 75, 0, 0]);
    }

    #[test]
    fn hajj_is_once_and_after_two_years_and_an_occasion_is_its_own() {
        let rows = with_statute(Rules::saudi(), Vec::new());
        let leaves = [taken("hajj", "2024-06-10", 12), taken("marriage", "2025-02-01", 5)];
        let found = balances(&rows, &leaves, day("2020-01-01"), day("2025-06-01"));
        assert_eq!(
            (left(&found, "hajj"), left(&found, "marriage")),
            ("3".to_owned(), "5".to_owned())
        );
        let young = balances(&rows, &[], day("2024-01-01"), day("2025-06-01"));
        assert!(young.iter().all(|balance| balance.leave_type != "hajj"));
    }
}
