//! What work is paid: the formulas of the company's categories, with dated numbers at full precision.

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::error::PayError;
use crate::formula::Formula;
use crate::rules::Rule;
use crate::trace::{Kind, Used};

/// Numbers that a category may have.
pub const PARAMETERS: [&str; 17] = [
    "daily_target",
    "basic_divisor",
    "gas_divisor",
    "basic_rate",
    "bonus_rate",
    "bonus_step",
    "bonus_rate_above_step",
    "penalty_rate",
    "gas_rate",
    "gas_target_rate",
    "gas_revenue_rate",
    "gas_cap",
    "revenue_coefficient",
    "revenue_bonus_step",
    "revenue_bonus_rate",
    "revenue_bonus_rate_above",
    "rounds_target_up",
];

/// The categories of the pay document.
pub const CATEGORIES: [&str; 6] = [
    "motorcycle",
    "food_trial",
    "food_inhouse_new",
    "food_inhouse_old",
    "ecommerce_wh",
    "ecommerce",
];

/// Paid by the month instead, by contract and attendance.
pub const SALARIED: &str = "salaried";

/// What a payslip may say that somebody is paid by.
pub const PAID_BY: [&str; 7] = followed_by(CATEGORIES, SALARIED);

/// What may be said of a month of somebody: Ajeer couriers are paid by their own employer.
pub const CLASSES: [&str; 8] = followed_by(PAID_BY, "ajeer");

const fn followed_by<const N: usize, const M: usize>(
    names: [&'static str; N],
    last: &'static str,
) -> [&'static str; M] {
    let mut all = [last; M];
    let mut place = 0;
    while place < N {
        all[place] = names[place];
        place += 1;
    }
    all
}

/// A day's target of a period has at most so many days.
const MOST_TARGET_DAYS: i64 = 62;

/// A version of a category: its numbers, and the formulas that they make.
#[derive(Clone, Debug)]
pub struct Category {
    name: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    pub(crate) rows: Vec<Used>,
    pub(crate) by_days: Arc<[Formulas; 3]>,
    most_target: Decimal,
    /// Whether it pays by orders; otherwise by revenue.
    pub(crate) by_orders: bool,
}

/// Where the days come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DaysFrom {
    /// Given as a number.
    Given,
    /// From joining to the last day of the period.
    Joining,
    /// Days within the period until the last working day, without unpaid leave.
    Worked,
}

/// Formulas of the lines.
#[derive(Debug)]
pub(crate) struct Formulas {
    pub basic: Formula,
    pub bonus: Formula,
    pub gas: Formula,
    pub floor: Formula,
    pub rounding: Formula,
    pub total: Formula,
}

type Steps = Vec<(&'static str, &'static str)>;

impl Category {
    /// A version with its numbers; `source` is where they were written down. Without a number that its formulas need it is refused.
    pub fn new(
        name: &str,
        from: NaiveDate,
        to: Option<NaiveDate>,
        source: &str,
        numbers: impl IntoIterator<Item = (&'static str, Option<Decimal>)>,
    ) -> Result<Self, PayError> {
        let mut rows = Vec::new();
        for (parameter, value) in numbers {
            let Some(value) = value else { continue };
            if !PARAMETERS.contains(&parameter) {
                return Err(PayError::missing(parameter));
            }
            if value < Decimal::ZERO {
                return Err(PayError::Negative {
                    field: parameter.to_owned(),
                    value,
                });
            }
            let rule = Rule {
                id: format!("pay.{name}.{parameter}"),
                value,
                unit: unit(parameter).to_owned(),
                article: "Pay document".to_owned(),
                source: source.to_owned(),
                from,
                to,
                jurisdiction: "organization".to_owned(),
            };
            rows.push(Used {
                name: parameter.into(),
                rule: Arc::new(rule),
            });
        }
        let has = |parameter: &str| rows.iter().any(|row: &Used| row.name == parameter);
        let number = |parameter: &'static str| {
            let row = rows.iter().find(|row| row.name == parameter);
            row.map(|row| row.rule.value).ok_or_else(|| PayError::ParameterMissing {
                category: name.to_owned(),
                field: parameter.to_owned(),
            })
        };
        for divisor in ["daily_target", "basic_divisor", "gas_divisor"] {
            if has(divisor) && number(divisor)?.is_zero() {
                return Err(PayError::NotPositive {
                    field: divisor.to_owned(),
                    value: Decimal::ZERO,
                });
            }
        }
        let shape = Shape {
            by_revenue: has("revenue_coefficient"),
            has_step: has("bonus_step"),
            rounds_up: has("rounds_target_up") && !number("rounds_target_up")?.is_zero(),
            gas: [has("gas_rate"), has("gas_target_rate"), has("gas_revenue_rate")],
        };
        for parameter in shape.needs() {
            number(parameter)?;
        }
        let most_target = number("daily_target")?
            .checked_mul(MOST_TARGET_DAYS.into())
            .ok_or_else(|| PayError::TooLarge {
                field: "daily_target".to_owned(),
            })?;
        Ok(Self {
            name: name.to_owned(),
            from,
            to,
            rows,
            by_days: Arc::new([DaysFrom::Given, DaysFrom::Joining, DaysFrom::Worked].map(|days| shape.formulas(days))),
            most_target,
            by_orders: !shape.by_revenue,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The most that a target of a period may be: that of two periods.
    pub fn most_target(&self) -> Decimal {
        self.most_target
    }

    /// Whether it holds on a day.
    fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Its numbers by their names.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, Decimal)> {
        self.rows.iter().map(|used| (&*used.name, used.rule.value))
    }

    /// Its numbers, as rows.
    pub fn rows(&self) -> impl Iterator<Item = &Rule> {
        self.rows.iter().map(|used| &*used.rule)
    }
}

/// Versions of categories.
#[derive(Clone, Debug, Default)]
pub struct Categories {
    versions: Vec<Category>,
}

static DOCUMENTED: LazyLock<Categories> = LazyLock::new(documented);

impl Categories {
    /// Versions in any order.
    pub fn new(versions: impl IntoIterator<Item = Category>) -> Self {
        let mut versions: Vec<_> = versions.into_iter().collect();
        versions.sort_by(|a, b| (&a.name, a.from).cmp(&(&b.name, b.from)));
        Self { versions }
    }

    /// The numbers that the pay document gives.
    pub fn documented() -> &'static Self {
        &DOCUMENTED
    }

    /// These, with others in place of every category that the others have a version of.
    #[must_use]
    pub fn with(&self, own: impl IntoIterator<Item = Category>) -> Self {
        let own: Vec<_> = own.into_iter().collect();
        let kept = self
            .versions
            .iter()
            .filter(|one| own.iter().all(|other| other.name != one.name));
        Self::new(kept.cloned().chain(own.iter().cloned()).collect::<Vec<_>>())
    }

    /// The version of a category that holds on a day: of those that began, the latest.
    pub fn at(&self, name: &str, day: NaiveDate) -> Result<&Category, PayError> {
        if name == "ajeer" {
            return Err(PayError::NotPaidHere);
        }
        let mut of_name = self.versions.iter().filter(|one| one.name == name && one.holds(day));
        of_name.next_back().ok_or_else(|| PayError::UnknownCategory {
            category: name.to_owned(),
            day,
        })
    }
}

/// What kinds of formulas the numbers make.
struct Shape {
    by_revenue: bool,
    has_step: bool,
    rounds_up: bool,
    /// By orders, by target, by revenue.
    gas: [bool; 3],
}

impl Shape {
    fn needs(&self) -> Vec<&'static str> {
        let mut needs = vec!["daily_target", "basic_divisor", "basic_rate", "gas_cap"];
        if self.by_revenue {
            needs.extend(["revenue_bonus_step", "revenue_bonus_rate", "revenue_bonus_rate_above"]);
        } else {
            needs.extend(["bonus_rate", "penalty_rate"]);
        }
        if self.has_step {
            needs.push("bonus_rate_above_step");
        }
        if self.gas[1] {
            needs.push("gas_divisor");
        }
        if self.gas == [false; 3] {
            needs.push("gas_rate");
        }
        needs
    }

    fn formulas(&self, days: DaysFrom) -> Formulas {
        let target = self.target(days);
        let basic = if self.by_revenue {
            (
                "basic",
                "min(revenue × revenue_coefficient, final_target ÷ basic_divisor × basic_rate)",
            )
        } else {
            ("basic", "final_target ÷ basic_divisor × basic_rate")
        };
        let bonus = self.bonus();
        let gas = [("gas_deserved", self.gas()), ("gas", "gas_deserved − gas_usage")];
        let mut all = target.clone();
        all.push(basic);
        all.extend(bonus);
        all.extend(gas);
        all.push(("sum", "basic + bonus + gas"));
        let floor = ("floor", "if(sum < 0, −round(sum), 0)");
        let rest = "round(max(0, sum)) − round(basic) − round(bonus) − round(gas) − floor";
        let join = |first: &Steps, then: &[(&'static str, &'static str)]| [first, then].concat();
        let of_gas = if self.gas[1] { join(&target, &gas) } else { gas.to_vec() };
        Formulas {
            basic: Formula::new("category.basic/1", &join(&target, &[basic])),
            bonus: Formula::new("category.bonus/1", &join(&target, &bonus)),
            gas: Formula::new("category.gas/1", &of_gas),
            floor: Formula::new("category.floor/1", &join(&all, &[floor])),
            rounding: Formula::new("category.rounding/1", &join(&all, &[floor, ("rounding", rest)])),
            total: Formula::new("category.total/1", &join(&all, &[("total", "max(0, sum)")])),
        }
    }

    fn target(&self, days: DaysFrom) -> Steps {
        let mut steps = match days {
            DaysFrom::Given => Vec::new(),
            DaysFrom::Joining => vec![("days", "max(0, as_of − joined_on + 1)")],
            DaysFrom::Worked => vec![(
                "days",
                "max(0, min(as_of, last_working_day) − max(period_start, joined_on) + 1 − unpaid_days)",
            )],
        };
        steps.push(if self.rounds_up {
            ("final_target", "min(ceil(period_target), days × daily_target)")
        } else {
            ("final_target", "min(period_target, days × daily_target)")
        });
        steps
    }

    fn bonus(&self) -> [(&'static str, &'static str); 2] {
        if self.by_revenue {
            return [
                ("excess", "max(0, revenue − final_target)"),
                (
                    "bonus",
                    "min(excess, revenue_bonus_step) × revenue_bonus_rate \
                     + max(0, excess − revenue_bonus_step) × revenue_bonus_rate_above",
                ),
            ];
        }
        let bonus = if self.has_step {
            "if(excess > bonus_step, excess × bonus_rate_above_step, if(excess > 0, excess × bonus_rate, excess × penalty_rate))"
        } else {
            "if(excess > 0, excess × bonus_rate, excess × penalty_rate)"
        };
        [("excess", "orders − final_target"), ("bonus", bonus)]
    }

    fn gas(&self) -> &'static str {
        match self.gas {
            [true, true, true] => {
                "min(orders × gas_rate, final_target ÷ gas_divisor × gas_target_rate, revenue × gas_revenue_rate, gas_cap)"
            }
            [true, true, false] => "min(orders × gas_rate, final_target ÷ gas_divisor × gas_target_rate, gas_cap)",
            [true, false, true] => "min(orders × gas_rate, revenue × gas_revenue_rate, gas_cap)",
            [true, false, false] => "min(orders × gas_rate, gas_cap)",
            [false, true, true] => {
                "min(revenue × gas_revenue_rate, final_target ÷ gas_divisor × gas_target_rate, gas_cap)"
            }
            [false, true, false] => "min(final_target ÷ gas_divisor × gas_target_rate, gas_cap)",
            // Without any of them `needs` has refused the category.
            [false, false, _] => "min(revenue × gas_revenue_rate, gas_cap)",
        }
    }
}

fn unit(parameter: &str) -> &'static str {
    match parameter {
        "daily_target" | "basic_divisor" | "gas_divisor" => "target_per_day",
        "basic_rate" | "gas_target_rate" => "sar_per_day",
        "bonus_rate" | "bonus_rate_above_step" | "penalty_rate" | "gas_rate" => "sar_per_order",
        "bonus_step" => "orders",
        "gas_cap" | "revenue_bonus_step" => "sar",
        "rounds_target_up" => "yes_no",
        _ => "share",
    }
}

/// The table beside the source. Its numbers hold from the first day that pay can be calculated for.
const TABLE: &str = include_str!("../rules/categories.csv");

/// The first day of the documented numbers.
pub fn documented_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

fn documented() -> Categories {
    let from = documented_from();
    let options = platform_documents::ReadOptions::default();
    let table =
        platform_documents::read(TABLE.as_bytes(), "categories.csv", &options).expect("the table is well formed");
    let version = |(column, name): (usize, &&str)| {
        assert_eq!(table.headers[column + 1], *name, "the columns are the categories");
        let numbers = PARAMETERS.iter().zip(&table.rows).map(|(parameter, row)| {
            assert_eq!(row.cells[0], *parameter, "the rows are the parameters");
            (*parameter, row.cells[column + 1].parse().ok())
        });
        Category::new(name, from, None, "Pay document of the company", numbers).expect("the table is complete")
    };
    Categories::new(CATEGORIES.iter().enumerate().map(version))
}

/// The lines that a category's pay has, for whoever draws them before there are any.
pub const LINES: [Kind; 5] = [Kind::Basic, Kind::Bonus, Kind::Gas, Kind::Floor, Kind::Rounding];
