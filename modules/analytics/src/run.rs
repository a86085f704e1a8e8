//! Computes reports: the statement of a report once for its days and once for the days it is compared with.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{Column, Row, SqlSafeStr, TypeInfo};
use uuid::Uuid;

use crate::catalogue::{Figure, Formula, Measures, Report};
use crate::formulas::change_percent;
use crate::reports::MOST_DAYS;

/// Days of a report, both ends counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Period {
    /// First day.
    pub(crate) from: NaiveDate,
    /// Last day.
    pub(crate) to: NaiveDate,
    /// How many days these are.
    pub(crate) days: i64,
}

/// With what a period is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compare {
    /// As many days, ending the day before.
    #[default]
    Preceding,
    /// The same days a year before.
    Year,
    /// With nothing.
    None,
}

/// How many days a report is about when nobody says.
const DEFAULT_DAYS: u64 = 30;

impl Period {
    /// From one day to another.
    pub(crate) fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, Problem> {
        // The years that dates of rows may have.
        for (field, day) in [("from", from), ("to", to)] {
            if !(1900..=2200).contains(&day.year()) {
                return Err(Problem::field(field, "date_out_of_range"));
            }
        }
        let days = (to - from).num_days() + 1;
        if days < 1 {
            return Err(Problem::field("to", "before_start"));
        }
        if days > MOST_DAYS {
            return Err(Problem::field("to", "period_too_long"));
        }
        Ok(Self { from, to, days })
    }

    /// What was asked; without an end, until today, and without a beginning, thirty days.
    pub(crate) fn asked(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Result<Self, Problem> {
        let to = to.unwrap_or(today);
        let usual = to.checked_sub_days(Days::new(DEFAULT_DAYS - 1)).unwrap_or(to);
        Self::new(from.unwrap_or(usual), to)
    }

    /// The period that this one is compared with.
    pub(crate) fn before(self, compare: Compare) -> Option<Self> {
        let (from, to) = match compare {
            Compare::Preceding => {
                let days = Days::new(u64::try_from(self.days).ok()?);
                (self.from.checked_sub_days(days)?, self.to.checked_sub_days(days)?)
            }
            Compare::Year => {
                let year = Months::new(12);
                (self.from.checked_sub_months(year)?, self.to.checked_sub_months(year)?)
            }
            Compare::None => return None,
        };
        Self::new(from, to).ok()
    }
}

/// One row of a section.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) key: String,
    pub(crate) title: Option<String>,
    pub(crate) measures: Measures,
}

/// What a statement answered: the total, and the rows of each section.
#[derive(Clone, Debug, Default)]
pub(crate) struct Computed {
    pub(crate) total: Measures,
    pub(crate) sections: BTreeMap<String, Vec<Line>>,
}

/// Runs a report's statement.
pub(crate) async fn compute(cx: &mut Cx, report: &Report, period: Period) -> Result<Computed, Problem> {
    let zone = cx.time_zone().name();
    let rows = sqlx::query(report.statement.into_sql_str())
        .bind(cx.organization_id)
        .bind(period.from)
        .bind(period.to)
        .bind(zone)
        .fetch_all(cx.db())
        .await?;
    let mut computed = Computed::default();
    for row in &rows {
        let section: String = row.try_get("section")?;
        let line = Line {
            key: row.try_get("key")?,
            title: row.try_get("title")?,
            measures: measures(row)?,
        };
        if section == "total" {
            computed.total = line.measures;
        } else {
            computed.sections.entry(section).or_default().push(line);
        }
    }
    for (section, lines) in &mut computed.sections {
        arrange(report, section, lines);
    }
    Ok(computed)
}

fn measures(row: &PgRow) -> Result<Measures, sqlx::Error> {
    let mut measures = Measures::new();
    for column in row.columns() {
        if column.type_info().name() == "NUMERIC" {
            let value: Option<Decimal> = row.try_get(column.ordinal())?;
            measures.insert(column.name().to_owned(), value);
        }
    }
    Ok(measures)
}

/// Sections whose keys have an order of their own; all others begin with the most of the first figure.
const ORDERED: [&str; 6] = ["day", "month", "hour", "weekday", "age_band", "rating"];

fn arrange(report: &Report, section: &str, lines: &mut [Line]) {
    let ordered = ORDERED.contains(&section);
    lines.sort_by(|one, other| {
        let most = |line: &Line| report.figures.first().and_then(|figure| figure.value(&line.measures));
        let by_figure = if ordered {
            std::cmp::Ordering::Equal
        } else {
            most(other).cmp(&most(one))
        };
        by_figure.then_with(|| one.key.cmp(&other.key))
    });
}

/// A figure of a period beside the one that it is compared with.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FigureValue {
    /// Name of the figure.
    pub(crate) name: &'static str,
    /// Its name for people, in the caller's language.
    pub(crate) label: &'static str,
    /// `count`, `number`, `money`, `percent`, `h`, `min`, `days`, `years` or `km`.
    pub(crate) unit: &'static str,
    /// How it is made of measures, which the report's public definition explains.
    pub(crate) definition: String,
    /// The value, as a decimal; null when there is nothing to compute it from.
    pub(crate) value: Option<String>,
    /// The value of the period that it is compared with.
    pub(crate) previous: Option<String>,
    /// Change in percent of the previous value; 100 where it was nothing.
    pub(crate) change_percent: Option<String>,
}

/// A row of a section of a report.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct SectionRow {
    /// A day, a word or an id; empty where the rows do not say.
    pub(crate) key: String,
    /// The key for people, where it is not a word or a day.
    pub(crate) title: Option<String>,
    /// Values by figure.
    pub(crate) values: BTreeMap<&'static str, Option<String>>,
}

/// One way to take a report apart.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Section {
    /// `day`, `zone`, `courier`, …
    pub(crate) name: String,
    /// Where keys are ids: the resource that they are of.
    pub(crate) resource: Option<&'static str>,
    /// How many rows there are; more may exist than are answered.
    pub(crate) total_rows: usize,
    /// Rows: along time, or the largest first.
    pub(crate) rows: Vec<SectionRow>,
}

/// A computed report.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ReportAnswer {
    /// Name of the report.
    pub(crate) report: &'static str,
    /// Its name for people, in the caller's language.
    pub(crate) title: &'static str,
    /// Currency of its amounts.
    pub(crate) currency: String,
    /// Days that it is about.
    pub(crate) period: Period,
    /// Days that it is compared with.
    pub(crate) compared_with: Option<Period>,
    /// Figures of the whole period.
    pub(crate) figures: Vec<FigureValue>,
    /// The same figures by day, zone, courier and so on.
    pub(crate) sections: Vec<Section>,
}

/// What ids of sections are called: $1 organization, $2 ids.
pub(crate) const COURIER_TITLES: &str = "SELECT c.id::text AS id, c.full_name AS title FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.id = ANY ($2)";
pub(crate) const ZONE_TITLES: &str = "SELECT z.id::text AS id, z.name AS title FROM operations.zone_facts z
    WHERE z.organization_id = $1 AND z.id = ANY ($2)";

/// Names what rows know by id alone; an id means nothing to people.
async fn entitle(cx: &mut Cx, sections: &mut [Section]) -> Result<(), Problem> {
    for section in sections {
        let statement = match section.resource {
            Some("fleet.couriers") => COURIER_TITLES,
            Some("operations.zones") => ZONE_TITLES,
            Some(_) | None => continue,
        };
        let nameless = section
            .rows
            .iter()
            .filter(|row| row.title.is_none() && !row.key.is_empty());
        let ids: Vec<Uuid> = nameless.filter_map(|row| row.key.parse().ok()).collect();
        if ids.is_empty() {
            continue;
        }
        let found = sqlx::query(statement)
            .bind(cx.organization_id)
            .bind(&ids)
            .fetch_all(cx.db())
            .await?;
        let mut titles: BTreeMap<String, String> = BTreeMap::new();
        for row in found {
            titles.insert(row.try_get("id")?, row.try_get("title")?);
        }
        for row in section.rows.iter_mut().filter(|row| row.title.is_none()) {
            row.title = titles.get(&row.key).cloned();
        }
    }
    Ok(())
}

pub(crate) const CURRENCY: &str = "SELECT o.currency FROM platform.organizations o WHERE o.organization_id = $1";

/// Computes a report with its comparison.
pub(crate) async fn answer(
    cx: &mut Cx,
    report: &'static Report,
    period: Period,
    compare: Compare,
    limit: usize,
) -> Result<ReportAnswer, Problem> {
    let before = period.before(compare);
    let now = compute(cx, report, period).await?;
    let then = match before {
        Some(before) => Some(compute(cx, report, before).await?.total),
        None => None,
    };
    let currency: String = sqlx::query_scalar(CURRENCY)
        .bind(cx.organization_id)
        .fetch_one(cx.db())
        .await?;
    let locale = cx.locale;
    let mut sections = sections(report, &now, limit);
    entitle(cx, &mut sections).await?;
    let figures = report.figures.iter().map(|figure| {
        let value = figure.value(&now.total);
        let previous = then.as_ref().and_then(|then| figure.value(then));
        FigureValue {
            name: figure.name,
            label: figure.label.in_locale(locale),
            unit: figure.unit.name(),
            definition: figure.definition(),
            value: figure.written(value),
            previous: figure.written(previous),
            change_percent: changed(previous, value),
        }
    });
    Ok(ReportAnswer {
        report: report.name,
        title: report.title.in_locale(locale),
        currency,
        period,
        compared_with: before,
        figures: figures.collect(),
        sections,
    })
}

fn changed(previous: Option<Decimal>, value: Option<Decimal>) -> Option<String> {
    let percent = change_percent(previous?, value?)?;
    Some(format!("{:.2}", crate::formulas::rounded(percent, 2)))
}

fn sections(report: &Report, computed: &Computed, limit: usize) -> Vec<Section> {
    let section = |(name, lines): (&String, &Vec<Line>)| Section {
        name: name.clone(),
        resource: report
            .resources
            .iter()
            .find(|(section, _)| section == name)
            .map(|(_, resource)| *resource),
        total_rows: lines.len(),
        rows: lines.iter().take(limit).map(|line| row(report, line)).collect(),
    };
    computed.sections.iter().map(section).collect()
}

fn row(report: &Report, line: &Line) -> SectionRow {
    let written = |figure: &Figure| (figure.name, figure.written(figure.value(&line.measures)));
    SectionRow {
        key: line.key.clone(),
        title: line.title.clone(),
        values: report.figures.iter().map(written).collect(),
    }
}

/// One figure of a period; money in major units.
pub(crate) async fn figure_value(
    cx: &mut Cx,
    report: &Report,
    figure: &Figure,
    period: Period,
) -> Result<Option<Decimal>, Problem> {
    let computed = compute(cx, report, period).await?;
    Ok(figure.value(&computed.total).map(|value| figure.shown(value)))
}

/// Values of a figure by day, one for each day of the period: a day without rows is a day with nothing for what is counted
/// or summed, and left out for what is a rate.
pub(crate) async fn by_day(
    cx: &mut Cx,
    report: &Report,
    figure: &Figure,
    period: Period,
) -> Result<Vec<(NaiveDate, Decimal)>, Problem> {
    let computed = compute(cx, report, period).await?;
    let Some(lines) = computed.sections.get("day") else {
        // No rows at all, or a report that is not told by day.
        return Ok(Vec::new());
    };
    let mut known: BTreeMap<NaiveDate, Decimal> = BTreeMap::new();
    for line in lines {
        let day = line.key.parse::<NaiveDate>().ok();
        if let Some((day, value)) = day.zip(figure.value(&line.measures)) {
            known.insert(day, figure.shown(value));
        }
    }
    if matches!(figure.formula, Formula::Of(_)) && adds_up(figure) {
        for day in period.from.iter_days().take_while(|day| *day <= period.to) {
            known.entry(day).or_default();
        }
    }
    Ok(known.into_iter().collect())
}

/// Whether nothing happening on a day makes the figure zero rather than unknown.
pub(crate) fn adds_up(figure: &Figure) -> bool {
    use crate::catalogue::Unit;
    match figure.unit {
        Unit::Count | Unit::Money | Unit::Kilometres | Unit::Hours | Unit::Days => !figure.name.starts_with("average"),
        Unit::Number | Unit::Percent | Unit::Minutes | Unit::Years => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("good")
    }

    #[test]
    fn periods_and_what_they_are_compared_with() {
        let june = Period::new(day("2026-06-01"), day("2026-06-30")).expect("good");
        assert_eq!(june.days, 30);
        let before = june.before(Compare::Preceding).expect("there");
        assert_eq!((before.from, before.to), (day("2026-05-02"), day("2026-05-31")));
        let year = june.before(Compare::Year).expect("there");
        assert_eq!((year.from, year.to), (day("2025-06-01"), day("2025-06-30")));
        assert_eq!(june.before(Compare::None), None);
        let usual = Period::asked(None, None, day("2026-06-30")).expect("good");
        assert_eq!(usual, june);
        assert!(Period::new(day("2026-06-02"), day("2026-06-01")).is_err());
        assert!(Period::new(day("2000-06-02"), day("2026-06-01")).is_err());
    }
}
