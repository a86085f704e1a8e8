//! Social insurance: who contributes what, by dated rows.

use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::rules::{Rule, Rules};
use crate::trace::{Kind, Line};

/// Which rates apply to a person: decided by nationality and the first registration, never by the day of hiring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
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
    /// Every class.
    pub const ALL: [Self; 4] = [Self::SaudiOld, Self::SaudiNew, Self::Gcc, Self::NonSaudi];

    /// The word of tables and rule ids.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SaudiOld => "saudi_old",
            Self::SaudiNew => "saudi_new",
            Self::Gcc => "gcc",
            Self::NonSaudi => "non_saudi",
        }
    }

    /// The class of a person; nothing when the nationality is not known.
    pub fn of(nationality: Option<&str>, first_registered_on: Option<NaiveDate>) -> Option<Self> {
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

/// Where a person lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Housing {
    /// An allowance of a month.
    Cash(Decimal),
    /// A place to live: counts as two months' basic pay a year.
    InKind,
}

/// Somebody who contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributor {
    pub class: Class,
    /// Basic pay of a month by contract.
    pub basic: Decimal,
    pub housing: Housing,
    /// Days of the month that count; all thirty without a number.
    pub days: Option<i64>,
}

/// Contributions of a month, branch by branch, each rounded half up, and the lines that explain them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Basic pay and housing between floor and ceiling.
    pub base: Decimal,
    pub annuities_employee: Decimal,
    pub saned_employee: Decimal,
    pub annuities_employer: Decimal,
    pub saned_employer: Decimal,
    pub hazards_employer: Decimal,
    /// Positive: what the person pays.
    pub employee_line: Line,
    pub employer_line: Line,
}

impl Contribution {
    /// What the person pays.
    pub fn employee(&self) -> Decimal {
        self.annuities_employee + self.saned_employee
    }

    /// What the company pays.
    pub fn employer(&self) -> Decimal {
        self.annuities_employer + self.saned_employer + self.hazards_employer
    }

    /// The article of the annuities' row.
    pub fn article(&self) -> &str {
        self.employee_line.trace.articles().first().copied().unwrap_or_default()
    }
}

/// What the contributory wage is made of, with housing in money or in kind.
const WAGE: [(&str, &str); 2] = [
    ("wage", "basic_pay + housing"),
    ("wage", "basic_pay + basic_pay × housing_in_kind_months ÷ 12"),
];

/// Steps to what the person is asked for, after the wage.
pub(crate) const EMPLOYEE: [(&str, &str); 5] = [
    ("base", "min(max(wage, annuities_floor), ceiling)"),
    ("counted", "base × contribution_days ÷ month_days"),
    ("annuities", "round(counted × annuities_employee)"),
    ("saned", "round(counted × saned_employee)"),
    ("asked", "annuities + saned"),
];

const EMPLOYER: [(&str, &str); 7] = [
    ("base", "min(max(wage, annuities_floor), ceiling)"),
    ("counted", "base × contribution_days ÷ month_days"),
    ("annuities", "round(counted × annuities_employer)"),
    ("saned", "round(counted × saned_employer)"),
    ("hazards_base", "min(max(wage, hazards_floor), ceiling)"),
    (
        "hazards",
        "round(hazards_base × contribution_days ÷ month_days × hazards_employer)",
    ),
    ("employer", "annuities + saned + hazards"),
];

/// The step that makes the wage of a contributor.
pub(crate) fn wage_step(housing: Housing) -> (&'static str, &'static str) {
    match housing {
        Housing::Cash(_) => WAGE[0],
        Housing::InKind => WAGE[1],
    }
}

static FORMULAS: LazyLock<[[Formula; 2]; 2]> = LazyLock::new(|| {
    WAGE.map(|wage| {
        [
            Formula::new("gosi.employee/1", &[&[wage][..], &EMPLOYEE].concat()),
            Formula::new("gosi.employer/1", &[&[wage][..], &EMPLOYER].concat()),
        ]
    })
});

/// What a contributor's formulas need, by the rows that hold on a day.
pub(crate) fn facts(rules: &Rules, on: NaiveDate, person: &Contributor) -> Result<Facts, PayError> {
    let class = person.class.word();
    let mut facts = Facts::default().with("basic_pay", person.basic);
    facts = match person.housing {
        Housing::Cash(housing) => facts.with("housing", housing),
        Housing::InKind => facts.lookup("housing_in_kind_months", rules, "gosi.housing_in_kind_months", on)?,
    };
    for name in [
        "annuities_employee",
        "annuities_employer",
        "saned_employee",
        "saned_employer",
        "hazards_employer",
        "annuities_floor",
        "hazards_floor",
        "ceiling",
    ] {
        let id = format!("gosi.{class}.{name}");
        facts = facts.lookup(name, rules, &id, on)?;
    }
    let month = rules.at("gosi.month_days", on)?;
    let days = person.days.map_or(month.value, Decimal::from);
    if days < Decimal::ZERO || days > month.value {
        return Err(PayError::AboveMost {
            field: "contribution_days".to_owned(),
            value: days,
            most: month.value,
        });
    }
    Ok(facts.rule("month_days", month).with("contribution_days", days))
}

/// Contributions of a month on the rates of a day: the month's last one.
pub fn contribution(rules: &Rules, on: NaiveDate, person: &Contributor) -> Result<Contribution, PayError> {
    if person.basic < Decimal::ZERO {
        return Err(PayError::Negative {
            field: "basic".to_owned(),
            value: person.basic,
        });
    }
    let facts = facts(rules, on, person)?.about("contributor_class", person.class.word());
    let of = &FORMULAS[usize::from(person.housing == Housing::InKind)];
    let employee = of[0].line(Kind::Gosi, &facts)?;
    let employer = of[1].line(Kind::GosiEmployer, &facts)?;
    let step = |line: &Line, name: &str| line.trace.step(name).unwrap_or_default();
    Ok(Contribution {
        base: step(&employee, "base"),
        annuities_employee: step(&employee, "annuities"),
        saned_employee: step(&employee, "saned"),
        annuities_employer: step(&employer, "annuities"),
        saned_employer: step(&employer, "saned"),
        hazards_employer: step(&employer, "hazards"),
        employee_line: employee,
        employer_line: employer,
    })
}

/// Rows of one class at one time, as an organization writes them down: shares in percent, amounts in riyals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRates {
    pub class: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub annuities_employee: Decimal,
    pub annuities_employer: Decimal,
    pub saned_employee: Decimal,
    pub saned_employer: Decimal,
    pub hazards_employer: Decimal,
    /// Of annuities; of hazards where a class pays nothing else.
    pub floor: Decimal,
    pub ceiling: Decimal,
    pub article: String,
}

impl ClassRates {
    /// The classes that rules have, a row for each time.
    pub fn of(rules: &Rules) -> Vec<Self> {
        let mut found = Vec::new();
        for class in Class::ALL {
            let id = |name: &str| format!("gosi.{}.{name}", class.word());
            let first = id("annuities_employee");
            for row in rules.rows().filter(|row| row.id == first) {
                let value = |name: &str| rules.value(&id(name), row.from).ok();
                let percent = |name: &str| value(name).map(|share| (share * Decimal::ONE_HUNDRED).normalize());
                let rates = || {
                    Some(Self {
                        class: class.word().to_owned(),
                        from: row.from,
                        to: row.to,
                        annuities_employee: percent("annuities_employee")?,
                        annuities_employer: percent("annuities_employer")?,
                        saned_employee: percent("saned_employee")?,
                        saned_employer: percent("saned_employer")?,
                        hazards_employer: percent("hazards_employer")?,
                        floor: value("annuities_floor")?,
                        ceiling: value("ceiling")?,
                        article: row.article.clone(),
                    })
                };
                found.extend(rates());
            }
        }
        found
    }

    /// The rows that they stand for. The floor of hazards stays the law's where the class pays annuities and the law knows it.
    pub fn rules(&self) -> Vec<Rule> {
        let article = if self.article.is_empty() {
            "Row of the organization"
        } else {
            &self.article
        };
        let row = |name: &str, value: Decimal, unit: &str| Rule {
            id: format!("gosi.{}.{name}", self.class),
            value: value.normalize(),
            unit: unit.to_owned(),
            article: article.to_owned(),
            source: "organization".to_owned(),
            from: self.from,
            to: self.to,
            jurisdiction: "organization".to_owned(),
        };
        let percents = [
            ("annuities_employee", self.annuities_employee),
            ("saned_employee", self.saned_employee),
            ("annuities_employer", self.annuities_employer),
            ("saned_employer", self.saned_employer),
            ("hazards_employer", self.hazards_employer),
        ];
        let share = |(name, percent): (&str, Decimal)| row(name, percent / Decimal::ONE_HUNDRED, "share");
        let mut rows: Vec<_> = percents.into_iter().map(share).collect();
        rows.push(row("annuities_floor", self.floor, "sar"));
        rows.push(row("ceiling", self.ceiling, "sar"));
        let hazards_floor = format!("gosi.{}.hazards_floor", self.class);
        if self.annuities_employer.is_zero() || !Rules::saudi().knows(&hazards_floor) {
            rows.push(row("hazards_floor", self.floor, "sar"));
        }
        rows
    }
}
