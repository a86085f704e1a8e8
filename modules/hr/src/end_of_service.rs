//! The end-of-service award of the Labour Law (Articles 84 to 87), and what is settled with it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::half_up;
use crate::service::Service;

/// Why the contract ends; each reason has its article, and the award follows the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The courier resigns (Art. 85).
    Resignation,
    /// The employer ends the contract (Art. 84).
    EmployerTermination,
    /// A fixed term ends (Art. 84).
    ContractEnd,
    /// Retirement (Art. 84).
    Retirement,
    /// Death (Art. 84).
    Death,
    /// Force majeure (Art. 87).
    ForceMajeure,
    /// A woman leaves within six months of marriage or three of giving birth (Art. 87).
    MarriageOrBirth,
    /// The employer broke his duties (Art. 81).
    EmployerBreach,
    /// One of the courier's faults that the law lists (Art. 80).
    GrossMisconduct,
}

impl Reason {
    /// The article that decides about the award.
    pub(crate) const fn article(self) -> &'static str {
        match self {
            Self::Resignation => "Labour Law, Art. 85",
            Self::EmployerTermination | Self::ContractEnd | Self::Retirement | Self::Death => "Labour Law, Art. 84",
            Self::ForceMajeure | Self::MarriageOrBirth => "Labour Law, Art. 87",
            Self::EmployerBreach => "Labour Law, Art. 81",
            Self::GrossMisconduct => "Labour Law, Art. 80",
        }
    }

    /// Days within which everything is settled (Art. 88): a week when the employer ends it, two when the courier does.
    pub(crate) const fn settle_within_days(self) -> u64 {
        match self {
            Self::Resignation | Self::MarriageOrBirth | Self::EmployerBreach => 14,
            Self::EmployerTermination
            | Self::ContractEnd
            | Self::Retirement
            | Self::Death
            | Self::ForceMajeure
            | Self::GrossMisconduct => 7,
        }
    }

    /// The part of the full award, in thirds. The edges are the law's: exactly five years is a third, exactly ten is all.
    fn thirds(self, years: Decimal) -> u32 {
        match self {
            Self::Resignation if years < Decimal::TWO => 0,
            Self::Resignation if years <= Decimal::from(5) => 1,
            Self::Resignation if years < Decimal::TEN => 2,
            Self::Resignation
            | Self::EmployerTermination
            | Self::ContractEnd
            | Self::Retirement
            | Self::Death
            | Self::ForceMajeure
            | Self::MarriageOrBirth
            | Self::EmployerBreach => 3,
            Self::GrossMisconduct => 0,
        }
    }
}

/// How parts of a year are counted. The law only says "in proportion".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DayCount {
    /// Completed years, months as twelfths, days as 360ths; the last day counts.
    #[default]
    Calendar,
    /// Days of 365 to the year; the last day counts.
    Actual365,
    /// Days of 365.25 to the year; the last day does not count. Known from other systems; late by a day at full years.
    Average,
}

impl DayCount {
    /// Years of service from the first to the last day.
    pub(crate) fn years(self, joined_on: NaiveDate, last_day: NaiveDate) -> Decimal {
        let days = Decimal::from((last_day - joined_on).num_days().max(0));
        match self {
            Self::Calendar => Service::between(joined_on, last_day).in_years(),
            Self::Actual365 => (days + Decimal::ONE) / Decimal::from(365),
            Self::Average => days / Decimal::new(36_525, 2),
        }
    }
}

/// An award with what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Award {
    /// Half a wage for each of the first five years, a wage for each year after (Art. 84).
    pub full: Decimal,
    /// Thirds of it that the reason leaves.
    pub thirds: u32,
    /// What is paid.
    pub paid: Decimal,
}

/// The award for a last monthly wage and years of service.
pub(crate) fn award(monthly_wage: Decimal, years: Decimal, reason: Reason) -> Award {
    let five = Decimal::from(5);
    let wages = years.min(five) / Decimal::TWO + (years - five).max(Decimal::ZERO);
    let full = monthly_wage * wages;
    let thirds = reason.thirds(years);
    let paid = if thirds == 3 {
        full
    } else {
        full * Decimal::from(thirds) / Decimal::from(3)
    };
    Award {
        full: half_up(full, 2),
        thirds,
        paid: half_up(paid, 2),
    }
}

/// What else is settled on the last day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Debts {
    /// Basic pay of a month: unpaid leave and unused leave are counted by its thirtieth.
    pub basic: Decimal,
    /// Days of unpaid leave that were not deducted yet.
    pub unpaid_leave_days: Decimal,
    /// Days of annual leave that were not taken (Art. 111).
    pub unused_leave_days: Decimal,
    /// Still owed on loans.
    pub loans: Decimal,
    /// Anything else owed.
    pub other: Decimal,
}

/// The final settlement, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settlement {
    /// Deducted for unpaid leave.
    pub unpaid_leave: Decimal,
    /// Paid for unused leave.
    pub unused_leave: Decimal,
    /// What the courier gets; below zero he owes it.
    pub net: Decimal,
}

/// Award and unused leave less what is owed, rounded once.
pub(crate) fn settle(award: Decimal, debts: &Debts) -> Settlement {
    let day = debts.basic / Decimal::from(30);
    let (unpaid, unused) = (day * debts.unpaid_leave_days, day * debts.unused_leave_days);
    Settlement {
        unpaid_leave: half_up(unpaid, 2),
        unused_leave: half_up(unused, 2),
        net: half_up(award - unpaid - debts.loans - debts.other + unused, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::number;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn years(years: u32, months: u32, days: u32) -> Decimal {
        Service { years, months, days }.in_years()
    }

    #[test]
    fn the_vectors_of_articles_84_and_85() {
        let cases = [
            ("6000", years(1, 11, 29), "5991.67", 0, "0.00"),
            ("6000", years(2, 0, 0), "6000.00", 1, "2000.00"),
            ("4000", years(3, 6, 0), "7000.00", 1, "2333.33"),
            ("6000", years(5, 0, 0), "15000.00", 1, "5000.00"),
            ("6000", years(5, 0, 1), "15016.67", 2, "10011.11"),
            ("6000", years(7, 4, 15), "29250.00", 2, "19500.00"),
            ("6000", years(9, 11, 29), "44983.33", 2, "29988.89"),
            ("6000", years(10, 0, 0), "45000.00", 3, "45000.00"),
        ];
        for (wage, service, full, thirds, paid) in cases {
            let award = award(number(wage), service, Reason::Resignation);
            assert_eq!(
                (
                    award.full.to_string().as_str(),
                    award.thirds,
                    award.paid.to_string().as_str()
                ),
                (full, thirds, paid),
                "{service}"
            );
        }
    }

    /// Joined, left, day count, wage; full, by the employer, by resignation.
    #[test]
    fn the_worked_rows_by_each_count_of_days() {
        use DayCount::{Average, Calendar};
        let cases = [
            ("2020-01-01", "2025-12-31", Average, "3000", "10495.89", "6997.26"),
            ("2022-06-01", "2025-06-01", Average, "3000", "4501.03", "1500.34"),
            ("2024-06-01", "2025-06-01", Average, "3000", "1498.97", "0.00"),
            ("2013-01-01", "2025-01-01", Average, "4000", "38000.00", "38000.00"),
            ("2020-01-01", "2025-12-31", Calendar, "3000", "10500.00", "7000.00"),
            // Two years are complete, which days of 365.25 to the year miss.
            ("2021-03-01", "2023-03-01", Average, "3000", "2997.95", "0.00"),
            ("2021-03-01", "2023-03-01", Calendar, "3000", "3004.17", "1001.39"),
            ("2020-03-01", "2025-03-01", Calendar, "3000", "7508.33", "5005.56"),
        ];
        for (joined, left, count, wage, full, resigned) in cases {
            let service = count.years(day(joined), day(left));
            let paid = |reason| award(number(wage), service, reason).paid.to_string();
            assert_eq!(paid(Reason::EmployerTermination), full, "{joined} to {left}");
            assert_eq!(paid(Reason::Resignation), resigned, "{joined} to {left}");
        }
    }

    #[test]
    fn the_reason_decides_by_its_article() {
        let paid = |reason| award(number("6000"), years(3, 0, 0), reason).paid.to_string();
        assert_eq!(paid(Reason::GrossMisconduct), "0.00");
        for reason in [
            Reason::ForceMajeure,
            Reason::MarriageOrBirth,
            Reason::EmployerBreach,
            Reason::Death,
        ] {
            assert_eq!(paid(reason), "9000.00");
        }
    }

    #[test]
    fn the_final_settlement_of_the_document() {
        let service = years(3, 6, 0);
        let award = award(number("4000"), service, Reason::Resignation);
        let debts = Debts {
            basic: number("4000"),
            unused_leave_days: number("5"),
            loans: number("2000"),
            ..Debts::default()
        };
        let settled = settle(award.paid, &debts);
        assert_eq!(settled.unused_leave.to_string(), "666.67");
        assert_eq!(settled.net.to_string(), "1000.00");
    }
}
