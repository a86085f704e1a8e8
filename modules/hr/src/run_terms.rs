//! What is the same for everybody of a run: the month, its switches, the rows of the law and the formulas, as they were when the
//! calculation began.

use chrono::NaiveDate;
use hr_pay::{CapOptions, Categories, Category, ClassRates, PARAMETERS, PayError, Period, Rule, Rules};
use platform_core::{Cx, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::rates;
use crate::run_facts::RunMonth;

/// Every version of the organization's formulas.
pub(crate) const FORMULAS: &str =
    "SELECT p.id, p.category, p.effective_from, p.effective_to, p.daily_target, p.basic_divisor,
    p.gas_divisor, p.basic_rate, p.bonus_rate, p.bonus_step, p.bonus_rate_above_step, p.penalty_rate, p.gas_rate,
    p.gas_target_rate, p.gas_revenue_rate, p.gas_cap, p.revenue_coefficient, p.revenue_bonus_step, p.revenue_bonus_rate,
    p.revenue_bonus_rate_above, p.rounds_target_up
FROM hr.payroll_parameters p
WHERE p.organization_id = $1 AND p.deleted_at IS NULL
ORDER BY p.category, p.effective_from, p.id";

/// What the run pays besides work, what it deducts, and how it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the run's row")]
pub(crate) struct Switches {
    pub loans: bool,
    pub penalties: bool,
    pub gosi: bool,
    pub allowances: bool,
    pub overtime: bool,
    pub caps_leavers: bool,
    pub caps_unpaid_leave: bool,
}

impl Switches {
    pub(crate) fn of(run: &Record) -> Self {
        let on = |field: &str| run.get(field).as_bool().unwrap_or(false);
        Self {
            loans: on("deducts_loans"),
            penalties: on("deducts_penalties"),
            gosi: on("deducts_gosi"),
            allowances: on("adds_allowances"),
            overtime: on("adds_overtime"),
            caps_leavers: on("caps_leavers"),
            caps_unpaid_leave: on("caps_unpaid_leave"),
        }
    }

    pub(crate) const fn caps(self) -> CapOptions {
        CapOptions {
            leavers: self.caps_leavers,
            unpaid_leave: self.caps_unpaid_leave,
        }
    }
}

/// A version of the organization's own formulas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub id: Uuid,
    pub category: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    /// In the order of the parameters.
    pub numbers: Vec<Option<Decimal>>,
}

impl Version {
    pub(crate) fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let number = |(place, parameter): (usize, &str)| -> Result<Option<Decimal>, sqlx::Error> {
            if parameter == "rounds_target_up" {
                return Ok(row.try_get::<bool, _>(place + 4)?.then_some(Decimal::ONE));
            }
            let number = row.try_get::<Option<Decimal>, _>(place + 4)?;
            Ok(number.map(|number| number.normalize()))
        };
        Ok(Self {
            id: row.try_get(0)?,
            category: row.try_get(1)?,
            from: row.try_get(2)?,
            to: row.try_get(3)?,
            numbers: PARAMETERS
                .into_iter()
                .enumerate()
                .map(number)
                .collect::<Result<_, _>>()?,
        })
    }

    fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Its formulas; a version without a number that they need is refused.
    pub(crate) fn category(&self) -> Result<Category, PayError> {
        let numbers = PARAMETERS.into_iter().zip(self.numbers.iter().copied());
        Category::new(&self.category, self.from, self.to, &self.id.to_string(), numbers)
    }
}

/// Formulas of every category and day: the organization's versions in place of the documented ones.
#[derive(Debug)]
pub(crate) struct Formulas {
    own: Vec<(Version, Result<Category, PayError>)>,
}

impl Formulas {
    pub(crate) fn new(versions: &[Version]) -> Self {
        let made = |version: &Version| (version.clone(), version.category());
        Self {
            own: versions.iter().map(made).collect(),
        }
    }

    /// The version that holds on a day, with the id of its row where it is the organization's own.
    pub(crate) fn at(&self, name: &str, day: NaiveDate) -> Result<(Option<Uuid>, &Category), PayError> {
        let mut of_name = self
            .own
            .iter()
            .filter(|(version, _)| version.category == name)
            .peekable();
        if of_name.peek().is_none() {
            return Ok((None, Categories::documented().at(name, day)?));
        }
        let found = of_name.rfind(|(version, _)| version.holds(day));
        match found {
            Some((version, Ok(category))) => Ok((Some(version.id), category)),
            Some((_, Err(error))) => Err(error.clone()),
            // Two sources of one number are never mixed: a gap between own versions is a gap.
            None => Err(PayError::UnknownCategory {
                category: name.to_owned(),
                day,
            }),
        }
    }
}

/// What a calculation that goes on as a job takes along.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub year: i64,
    pub month: i64,
    pub switches: Switches,
    /// The organization's own rates of social insurance.
    pub rates: Vec<Rule>,
    pub versions: Vec<Version>,
}

/// The same, ready for use.
#[derive(Debug)]
pub(crate) struct Terms {
    pub year: i64,
    pub month: i64,
    pub period: Period,
    pub switches: Switches,
    pub rules: Rules,
    pub formulas: Formulas,
    /// By which months that were paid are counted again: as they are on record, also where a run is tried with other numbers.
    pub past: Formulas,
}

impl Stored {
    pub(crate) async fn read(cx: &mut Cx, of: RunMonth, switches: Switches) -> Result<Self, Problem> {
        let organization_id = cx.organization_id;
        let own = rates::own_gosi(cx).await?;
        let rows = sqlx::query(FORMULAS).bind(organization_id).fetch_all(cx.db()).await?;
        Ok(Self {
            year: of.year,
            month: of.month,
            switches,
            rates: own.iter().flat_map(ClassRates::rules).collect(),
            versions: rows.iter().map(Version::of).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn ready(&self) -> Result<Terms, Problem> {
        Ok(Terms {
            year: self.year,
            month: self.month,
            period: Period::of(self.year, self.month).ok_or_else(|| Problem::field("month", "not_allowed"))?,
            switches: self.switches,
            rules: Rules::saudi().with(self.rates.iter().cloned()),
            formulas: Formulas::new(&self.versions),
            past: Formulas::new(&self.versions),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hr_pay::money::number;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn version(id: u128, from: &str, bonus: &str) -> Version {
        let documented = Categories::documented()
            .at("motorcycle", day("2026-01-01"))
            .expect("documented");
        let known: Vec<_> = documented.numbers().collect();
        let numbers = PARAMETERS.into_iter().map(|parameter| {
            let known = known
                .iter()
                .find(|(name, _)| *name == parameter)
                .map(|(_, value)| *value);
            if parameter == "bonus_rate" {
                Some(number(bonus))
            } else {
                known
            }
        });
        Version {
            id: Uuid::from_u128(id),
            category: "motorcycle".to_owned(),
            from: day(from),
            to: None,
            numbers: numbers.collect(),
        }
    }

    #[test]
    fn own_versions_stand_in_place_of_documented_ones() {
        let formulas = Formulas::new(&[version(1, "2026-01-01", "7"), version(2, "2026-04-01", "8")]);
        let id = |on: &str| formulas.at("motorcycle", day(on)).map(|(id, _)| id);
        assert_eq!(id("2026-03-31"), Ok(Some(Uuid::from_u128(1))));
        assert_eq!(id("2026-04-01"), Ok(Some(Uuid::from_u128(2))));
        assert!(id("2025-12-31").is_err(), "a gap is a gap");
        assert_eq!(formulas.at("ecommerce", day("2025-12-31")).map(|(id, _)| id), Ok(None));
    }
}
