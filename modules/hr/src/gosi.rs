//! Social insurance: who contributes what, by dated rates.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{number, share};

/// Which rates apply to a person: decided by nationality and the first registration, never by the day of hiring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    /// Saudi, first registered before 3 July 2024, or without a known day.
    SaudiOld,
    /// Saudi, first registered on 3 July 2024 or later.
    SaudiNew,
    /// Citizen of another state of the Gulf Cooperation Council.
    Gcc,
    /// Anybody else.
    NonSaudi,
}

impl Class {
    /// The word of the resource's choice.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::SaudiOld => "saudi_old",
            Self::SaudiNew => "saudi_new",
            Self::Gcc => "gcc",
            Self::NonSaudi => "non_saudi",
        }
    }

    /// The class of a person; nothing when the nationality is not known.
    pub(crate) fn of(nationality: Option<&str>, first_registered_on: Option<NaiveDate>) -> Option<Self> {
        const SAUDI: [&str; 7] = [
            "saudi",
            "saudi arabia",
            "saudi arabian",
            "sa",
            "ksa",
            "سعودي",
            "السعودية",
        ];
        const GCC: [&str; 15] = [
            "kuwaiti",
            "kuwait",
            "bahraini",
            "bahrain",
            "qatari",
            "qatar",
            "omani",
            "oman",
            "emirati",
            "uae",
            "كويتي",
            "بحريني",
            "قطري",
            "عماني",
            "إماراتي",
        ];
        let new_law = NaiveDate::from_ymd_opt(2024, 7, 3)?;
        let named = nationality?.trim().to_lowercase();
        Some(match named.as_str() {
            "" => return None,
            word if SAUDI.contains(&word) && first_registered_on.is_some_and(|day| day >= new_law) => Self::SaudiNew,
            word if SAUDI.contains(&word) => Self::SaudiOld,
            word if GCC.contains(&word) => Self::Gcc,
            _ => Self::NonSaudi,
        })
    }
}

/// Rates of one class at one time, in percent of the contributory wage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rate {
    pub class: String,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub annuities_employee: Decimal,
    pub annuities_employer: Decimal,
    pub saned_employee: Decimal,
    pub saned_employer: Decimal,
    pub hazards_employer: Decimal,
    /// Least and most wage that contributions are counted on.
    pub floor: Decimal,
    pub ceiling: Decimal,
    pub article: String,
}

/// Class, first month, last month, annuities of each side in percent, SANED of each side, hazards, floor.
/// Old law and step table of the Social Insurance Law M/273 of 2024; the rate in force on the last day of the month counts.
const STATUTE: [(&str, &str, &str, &str, &str, &str, &str); 7] = [
    ("saudi_old", "2014-09-01", "", "9", "0.75", "2", "1500"),
    ("saudi_new", "2024-07-03", "2025-06-30", "9", "0.75", "2", "1500"),
    ("saudi_new", "2025-07-01", "2026-06-30", "9.5", "0.75", "2", "1500"),
    ("saudi_new", "2026-07-01", "2027-06-30", "10", "0.75", "2", "1500"),
    ("saudi_new", "2027-07-01", "2028-06-30", "10.5", "0.75", "2", "1500"),
    ("saudi_new", "2028-07-01", "", "11", "0.75", "2", "1500"),
    ("non_saudi", "2014-09-01", "", "0", "0", "2", "400"),
];

const CEILING: &str = "45000";

/// The rates that the law sets. Those of citizens of the Gulf states are set by their own countries: a row of the organization.
pub(crate) fn statute() -> Vec<Rate> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let rows = STATUTE
        .iter()
        .filter_map(|(class, from, until, annuities, saned, hazards, floor)| {
            Some(Rate {
                class: (*class).to_owned(),
                from: day(from)?,
                until: day(until),
                annuities_employee: number(annuities),
                annuities_employer: number(annuities),
                saned_employee: number(saned),
                saned_employer: number(saned),
                hazards_employer: number(hazards),
                floor: number(floor),
                ceiling: number(CEILING),
                article: match *class {
                    "saudi_new" => "Social Insurance Law M/273 (2024)",
                    "non_saudi" => "Social Insurance Law, occupational hazards branch",
                    _ => "Social Insurance Law M/33 (2000)",
                }
                .to_owned(),
            })
        });
    rows.collect()
}

/// The row of a class that is in force on a day: the latest of those that began.
pub(crate) fn rate_at(rates: &[Rate], class: Class, day: NaiveDate) -> Option<&Rate> {
    let in_force = rates
        .iter()
        .filter(|rate| rate.class == class.word() && rate.from <= day && rate.until.is_none_or(|until| day <= until));
    in_force.max_by_key(|rate| rate.from)
}

/// Contributions of a month, branch by branch, each rounded half up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// Basic pay and housing between floor and ceiling.
    pub base: Decimal,
    pub annuities_employee: Decimal,
    pub saned_employee: Decimal,
    pub annuities_employer: Decimal,
    pub saned_employer: Decimal,
    pub hazards_employer: Decimal,
}

impl Contribution {
    /// What the courier pays.
    pub(crate) fn employee(&self) -> Decimal {
        self.annuities_employee + self.saned_employee
    }

    /// What the company pays.
    pub(crate) fn employer(&self) -> Decimal {
        self.annuities_employer + self.saned_employer + self.hazards_employer
    }
}

/// Contributions on a month's basic pay and housing.
pub(crate) fn contribution(rate: &Rate, basic: Decimal, housing: Decimal) -> Contribution {
    let base = (basic + housing).max(rate.floor).min(rate.ceiling);
    Contribution {
        base,
        annuities_employee: share(base, rate.annuities_employee),
        saned_employee: share(base, rate.saned_employee),
        annuities_employer: share(base, rate.annuities_employer),
        saned_employer: share(base, rate.saned_employer),
        hazards_employer: share(base, rate.hazards_employer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_come_from_rows() {
        use Class::{NonSaudi, SaudiNew, SaudiOld};
        let cases = [
            (SaudiOld, "2026-11-30", "6000", "1500", "731.25", "881.25"),
            (SaudiNew, "2024-09-30", "6000", "1500", "731.25", "881.25"),
            (SaudiNew, "2025-09-30", "6000", "1500", "768.75", "918.75"),
            (SaudiNew, "2026-11-30", "6000", "1500", "806.25", "956.25"),
            (SaudiNew, "2027-09-30", "6000", "1500", "843.75", "993.75"),
            (SaudiNew, "2028-09-30", "6000", "1500", "881.25", "1031.25"),
            (SaudiOld, "2026-11-30", "60000", "0", "4387.50", "5287.50"),
            (NonSaudi, "2026-11-30", "3000", "750", "0.00", "75.00"),
            (NonSaudi, "2026-11-30", "60000", "0", "0.00", "900.00"),
            (SaudiOld, "2026-11-30", "4000", "0", "390.00", "470.00"),
            (SaudiOld, "2026-11-30", "4000", "1000", "487.50", "587.50"),
            (NonSaudi, "2026-11-30", "4000", "0", "0.00", "80.00"),
            (SaudiOld, "2026-11-30", "1000", "0", "146.25", "176.25"),
        ];
        let rates = statute();
        for (class, day, basic, housing, employee, employer) in cases {
            let day = day.parse().expect("a day");
            let rate = rate_at(&rates, class, day).expect("in force");
            let paid = contribution(rate, number(basic), number(housing));
            assert_eq!(
                (
                    paid.employee().to_string().as_str(),
                    paid.employer().to_string().as_str()
                ),
                (employee, employer),
                "{class:?} {day} {basic}"
            );
        }
    }

    #[test]
    fn a_missing_row_is_missing() {
        let rates = statute();
        let day = |text: &str| text.parse().expect("a day");
        assert_eq!(rate_at(&rates, Class::Gcc, day("2026-11-30")), None);
        assert_eq!(rate_at(&rates, Class::SaudiNew, day("2024-06-30")), None);
    }

    #[test]
    fn nationality_and_first_registration_decide() {
        let day = |text: &str| Some(text.parse().expect("a day"));
        let cases = [
            (Some("Saudi"), None, Some(Class::SaudiOld)),
            (Some("سعودي"), day("2024-07-02"), Some(Class::SaudiOld)),
            (Some("Saudi"), day("2024-07-03"), Some(Class::SaudiNew)),
            (Some("Emirati"), None, Some(Class::Gcc)),
            (Some("Pakistani"), day("2025-01-01"), Some(Class::NonSaudi)),
            (Some(" "), None, None),
            (None, None, None),
        ];
        for (nationality, registered, class) in cases {
            assert_eq!(Class::of(nationality, registered), class, "{nationality:?}");
        }
    }
}
