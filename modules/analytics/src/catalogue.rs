//! Which reports there are: where their rows come from, and how each figure is made of them. A report is a statement that
//! sums measures by section, and figures that are formulas over these measures; the same formulas serve the total and
//! every row of every section, so that no figure is computed in two ways.

mod financial;
mod fleet;
mod hr;
mod operations;
mod overview;

use std::collections::BTreeMap;

use platform_core::Locale;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::formulas::{percent, ratio, retention_percent, rounded, turnover_percent};

/// Names of the reports, as templates and schedules store them.
pub(crate) const REPORT_TYPES: &[&str] = &[
    "overview_summary",
    "courier_performance",
    "delivery_success",
    "on_time_delivery",
    "delivery_time",
    "zone_performance",
    "peak_hours",
    "capacity_utilization",
    "incident_rates",
    "customer_satisfaction",
    "sla_compliance",
    "fleet_utilization",
    "fleet_availability",
    "fleet_age",
    "fuel_efficiency",
    "maintenance_costs",
    "fleet_downtime",
    "fleet_costs",
    "workforce",
    "turnover",
    "performance_distribution",
    "productivity",
    "attendance",
    "overtime",
    "leave_utilization",
    "salary_distribution",
    "revenue",
    "cod_collection",
    "cash_aging",
    "cost_breakdown",
    "profit_margins",
    "budget_vs_actual",
    "cash_flow",
];

/// Earlier names.
pub(crate) const REPORT_ALIASES: &[(&str, &str)] = &[
    ("delivery_analytics", "delivery_success"),
    ("cod_reconciliation", "cod_collection"),
    ("financial_summary", "profit_margins"),
    ("hr_attendance", "attendance"),
    ("maintenance_report", "maintenance_costs"),
];

/// Every report, in the order of [`REPORT_TYPES`].
pub(crate) fn reports() -> impl Iterator<Item = &'static Report> {
    [
        overview::REPORTS,
        operations::REPORTS,
        fleet::REPORTS,
        hr::REPORTS,
        financial::REPORTS,
    ]
    .into_iter()
    .flatten()
}

/// How many reports there are.
const COUNT: usize = REPORT_TYPES.len();

/// The statement of every report.
pub(crate) const STATEMENTS: [&str; COUNT] = {
    let areas = [
        overview::REPORTS,
        operations::REPORTS,
        fleet::REPORTS,
        hr::REPORTS,
        financial::REPORTS,
    ];
    let mut statements = [""; COUNT];
    let (mut area, mut place) = (0, 0);
    while area < areas.len() {
        let mut report = 0;
        while report < areas[area].len() {
            statements[place] = areas[area][report].statement;
            place += 1;
            report += 1;
        }
        area += 1;
    }
    statements
};

/// A report by its name.
pub(crate) fn report(name: &str) -> Option<&'static Report> {
    reports().find(|report| report.name == name)
}

/// A figure by its name, as `delivery_success.success_percent`.
pub(crate) fn figure(name: &str) -> Option<(&'static Report, &'static Figure)> {
    let (of, figure) = name.split_once('.')?;
    let report = report(of)?;
    let figure = report.figures.iter().find(|one| one.name == figure)?;
    Some((report, figure))
}

/// Whether there is a figure of this name.
pub(crate) fn has_figure(name: &str) -> bool {
    figure(name).is_some()
}

/// Words in both languages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    pub(crate) en: &'static str,
    pub(crate) ar: &'static str,
}

impl Words {
    pub(crate) const fn in_locale(self, locale: Locale) -> &'static str {
        match locale {
            Locale::En => self.en,
            Locale::Ar => self.ar,
        }
    }
}

const fn words(en: &'static str, ar: &'static str) -> Words {
    Words { en, ar }
}

/// Which part of the company a report is about: part of its address and its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Overview,
    Operations,
    Fleet,
    Hr,
    Financial,
}

impl Area {
    /// Part of the address.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Operations => "operations",
            Self::Fleet => "fleet",
            Self::Hr => "hr",
            Self::Financial => "financial",
        }
    }

    /// Who may see it.
    pub(crate) const fn permission(self) -> &'static str {
        match self {
            Self::Overview => "overview_reports.read",
            Self::Operations => "operations_reports.read",
            Self::Fleet => "fleet_reports.read",
            Self::Hr => "hr_reports.read",
            Self::Financial => "financial_reports.read",
        }
    }
}

/// One report.
pub(crate) struct Report {
    /// Its name: last part of the address.
    pub(crate) name: &'static str,
    pub(crate) area: Area,
    pub(crate) title: Words,
    /// One line for the documents of the API.
    pub(crate) summary: &'static str,
    /// $1 organization, $2 first day, $3 last day, $4 time zone. Answers `section`, `key`, `title` and a numeric column for
    /// each measure; the section `total` has one row.
    pub(crate) statement: &'static str,
    pub(crate) figures: &'static [Figure],
    /// Where the keys of a section are ids: section and resource.
    pub(crate) resources: &'static [(&'static str, &'static str)],
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A whole number of things.
    Count,
    /// A number with two digits.
    Number,
    /// The organization's currency.
    Money,
    Percent,
    Hours,
    Minutes,
    Days,
    Years,
    Kilometres,
}

impl Unit {
    /// The unit's name in answers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Number => "number",
            Self::Money => "money",
            Self::Percent => "percent",
            Self::Hours => "h",
            Self::Minutes => "min",
            Self::Days => "days",
            Self::Years => "years",
            Self::Kilometres => "km",
        }
    }
}

/// How a figure is made of measures.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Formula {
    /// The measure itself.
    Of(&'static str),
    /// 100 × part ÷ whole.
    Percent(&'static str, &'static str),
    /// part ÷ whole.
    Per(&'static str, &'static str),
    /// one − other.
    Less(&'static str, &'static str),
    /// 100 × (end − joined) ÷ start.
    Retention {
        start: &'static str,
        end: &'static str,
        joined: &'static str,
    },
    /// 100 × leavers ÷ ((start + end) ÷ 2).
    Turnover {
        leavers: &'static str,
        start: &'static str,
        end: &'static str,
    },
}

/// One figure of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) label: Words,
    pub(crate) unit: Unit,
    pub(crate) formula: Formula,
}

const fn figure_of(name: &'static str, label: Words, unit: Unit, formula: Formula) -> Figure {
    Figure {
        name,
        label,
        unit,
        formula,
    }
}

const fn count(name: &'static str, en: &'static str, ar: &'static str) -> Figure {
    figure_of(name, words(en, ar), Unit::Count, Formula::Of(name))
}

const fn measure(name: &'static str, en: &'static str, ar: &'static str, unit: Unit) -> Figure {
    figure_of(name, words(en, ar), unit, Formula::Of(name))
}

const fn money(name: &'static str, en: &'static str, ar: &'static str) -> Figure {
    figure_of(name, words(en, ar), Unit::Money, Formula::Of(name))
}

const fn share(name: &'static str, label: Words, part: &'static str, whole: &'static str) -> Figure {
    figure_of(name, label, Unit::Percent, Formula::Percent(part, whole))
}

const fn per(name: &'static str, label: Words, unit: Unit, part: &'static str, whole: &'static str) -> Figure {
    figure_of(name, label, unit, Formula::Per(part, whole))
}

/// Measures of one row; a measure that the rows do not tell is absent.
pub(crate) type Measures = BTreeMap<String, Option<Decimal>>;

impl Figure {
    /// The exact value; money in minor units.
    pub(crate) fn value(&self, measures: &Measures) -> Option<Decimal> {
        let get = |name: &str| measures.get(name).copied().flatten();
        match self.formula {
            Formula::Of(name) => get(name),
            Formula::Percent(part, whole) => percent(get(part)?, get(whole)?),
            Formula::Per(part, whole) => ratio(get(part)?, get(whole)?),
            Formula::Less(one, other) => get(one)?.checked_sub(get(other)?),
            Formula::Retention { start, end, joined } => retention_percent(get(start)?, get(end)?, get(joined)?),
            Formula::Turnover { leavers, start, end } => turnover_percent(get(leavers)?, get(start)?, get(end)?),
        }
    }

    /// The value in the unit that people read, rounded once.
    pub(crate) fn shown(&self, value: Decimal) -> Decimal {
        match self.unit {
            Unit::Count => rounded(value, 0),
            Unit::Money => rounded(value / Decimal::ONE_HUNDRED, 2),
            Unit::Number
            | Unit::Percent
            | Unit::Hours
            | Unit::Minutes
            | Unit::Days
            | Unit::Years
            | Unit::Kilometres => rounded(value, 2),
        }
    }

    /// The value as answers write it.
    pub(crate) fn written(&self, value: Option<Decimal>) -> Option<String> {
        let digits = if self.unit == Unit::Count { 0 } else { 2 };
        value.map(|value| format!("{:.*}", digits, self.shown(value)))
    }

    /// The formula in the names of measures, for whoever checks it by hand.
    pub(crate) fn definition(&self) -> String {
        match self.formula {
            Formula::Of(name) => name.to_owned(),
            Formula::Percent(part, whole) => format!("100 × {part} ÷ {whole}"),
            Formula::Per(part, whole) => format!("{part} ÷ {whole}"),
            Formula::Less(one, other) => format!("{one} − {other}"),
            Formula::Retention { start, end, joined } => format!("100 × ({end} − {joined}) ÷ {start}"),
            Formula::Turnover { leavers, start, end } => format!("100 × {leavers} ÷ (({start} + {end}) ÷ 2)"),
        }
    }

    /// What there is to know about it.
    pub(crate) fn described(&self, locale: Locale) -> Json {
        json!({
            "name": self.name,
            "label": self.label.in_locale(locale),
            "unit": self.unit.name(),
            "definition": self.definition(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_has_its_report_and_every_measure_its_column() {
        let names: Vec<&str> = reports().map(|report| report.name).collect();
        assert_eq!(names, REPORT_TYPES);
        let mut figures = BTreeSet::new();
        for report in reports() {
            for figure in report.figures {
                assert!(figures.insert((report.name, figure.name)), "{} twice", figure.name);
                assert!(
                    !figure.label.ar.is_ascii(),
                    "{}.{} has no Arabic",
                    report.name,
                    figure.name
                );
                let measures = match figure.formula {
                    Formula::Of(one) => vec![one],
                    Formula::Percent(one, other) | Formula::Per(one, other) | Formula::Less(one, other) => {
                        vec![one, other]
                    }
                    Formula::Retention { start, end, joined } => vec![start, end, joined],
                    Formula::Turnover { leavers, start, end } => vec![leavers, start, end],
                };
                for measure in measures {
                    let column = format!("AS {measure}");
                    let has = report
                        .statement
                        .split([',', '\n'])
                        .any(|part| part.trim_end().ends_with(&column));
                    assert!(has, "{} does not select {measure}", report.name);
                }
            }
            assert!(report.statement.contains("organization_id = $1"));
        }
        for (_, stored) in REPORT_ALIASES {
            assert!(REPORT_TYPES.contains(stored), "{stored}");
        }
    }

    #[test]
    fn figures_are_formulas_over_measures() {
        let success = figure("delivery_success.success_percent").expect("declared").1;
        let of = |delivered: &str, finished: &str| {
            let number = |text: &str| text.parse().ok();
            Measures::from([
                ("delivered".into(), number(delivered)),
                ("finished".into(), number(finished)),
            ])
        };
        assert_eq!(
            success.written(success.value(&of("118", "125"))).as_deref(),
            Some("94.40")
        );
        assert_eq!(success.written(success.value(&of("0", "0"))), None);
        assert_eq!(success.written(success.value(&Measures::new())), None);
        assert_eq!(success.definition(), "100 × delivered ÷ finished");
        let revenue = figure("revenue.revenue").expect("declared").1;
        let minor = Measures::from([("revenue".into(), Some(Decimal::from(165_205)))]);
        assert_eq!(revenue.written(revenue.value(&minor)).as_deref(), Some("1652.05"));
    }
}
