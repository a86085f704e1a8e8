//! Numbers of the law and of the company as dated rows. A change of the law is a new row, so an old payslip finds the numbers of
//! its time; a number that nobody recorded is an error that names the rule and the day, never zero.

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One number with its source, and the days on which it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// As `gosi.saudi_new.annuities_employee`.
    pub id: String,
    pub value: Decimal,
    /// As `share`, `sar`, `days`.
    pub unit: String,
    /// The article that says so.
    pub article: String,
    /// Where it was read.
    pub source: String,
    pub from: NaiveDate,
    /// The last day; open without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Whose law: `SA`, or `organization` for the company's own row.
    pub jurisdiction: String,
}

/// No row of a rule holds on a day.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no row of the rule “{rule}” holds on {day}")]
pub struct Gap {
    pub rule: String,
    pub day: NaiveDate,
}

/// Rows that hold together: the law's, and the organization's in place of the law's for every rule that it has some of.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// By id, then by first day.
    rows: Vec<Arc<Rule>>,
}

/// The rows of Saudi law, as the table beside the source holds them.
const SAUDI: &str = include_str!("../rules/saudi.csv");

/// What the company's pay document says beside the law, until the organization has rows of its own.
const COMPANY: &str = include_str!("../rules/company.csv");

static STATUTE: LazyLock<Rules> = LazyLock::new(|| {
    let tables = [SAUDI, COMPANY].map(|table| read(table).expect("the tables of this crate are well formed"));
    Rules::new(tables.into_iter().flatten())
});

impl Rules {
    /// Rows in any order.
    pub fn new(rows: impl IntoIterator<Item = Rule>) -> Self {
        let mut rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
        rows.sort_by(|a, b| (&a.id, a.from).cmp(&(&b.id, b.from)));
        Self { rows }
    }

    /// Saudi law, and what the pay document adds to it.
    pub fn saudi() -> &'static Self {
        &STATUTE
    }

    /// These rows, with others in place of every rule that the others have.
    #[must_use]
    pub fn with(&self, own: impl IntoIterator<Item = Rule>) -> Self {
        let own = Self::new(own);
        let mut rows: Vec<_> = self.rows.iter().filter(|row| !own.knows(&row.id)).cloned().collect();
        rows.extend(own.rows);
        rows.sort_by(|a, b| (&a.id, a.from).cmp(&(&b.id, b.from)));
        Self { rows }
    }

    /// Every row, by id and first day.
    pub fn rows(&self) -> impl Iterator<Item = &Rule> {
        self.rows.iter().map(|row| &**row)
    }

    fn of(&self, id: &str) -> &[Arc<Rule>] {
        let start = self.rows.partition_point(|row| *row.id < *id);
        let length = self.rows[start..].partition_point(|row| row.id == id);
        &self.rows[start..start + length]
    }

    /// Whether there is any row of the rule.
    pub fn knows(&self, id: &str) -> bool {
        !self.of(id).is_empty()
    }

    /// The row that holds on a day: of those that began, the latest.
    pub fn at(&self, id: &str, day: NaiveDate) -> Result<&Arc<Rule>, Gap> {
        let rows = self.of(id).iter().rev();
        let mut in_force = rows.filter(|row| row.from <= day && row.to.is_none_or(|to| day <= to));
        in_force.next().ok_or_else(|| Gap {
            rule: id.to_owned(),
            day,
        })
    }

    /// The first day after a day on which another row of the rule may hold.
    pub fn changes_after(&self, id: &str, day: NaiveDate) -> Option<NaiveDate> {
        let rows = self.of(id).iter();
        let edges = rows.flat_map(|row| [Some(row.from), row.to.and_then(|to| to.succ_opt())]);
        edges.flatten().filter(|edge| *edge > day).min()
    }

    /// Its number.
    pub fn value(&self, id: &str, day: NaiveDate) -> Result<Decimal, Gap> {
        Ok(self.at(id, day)?.value)
    }

    /// Its number as a count.
    pub fn count(&self, id: &str, day: NaiveDate) -> Result<i64, Gap> {
        use rust_decimal::prelude::ToPrimitive;
        let gap = || Gap {
            rule: id.to_owned(),
            day,
        };
        self.value(id, day)?.to_i64().ok_or_else(gap)
    }
}

/// Why a table of rules cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("row {row}: {column} cannot be “{value}”")]
pub struct BadRow {
    pub row: usize,
    pub column: String,
    pub value: String,
}

const COLUMNS: [&str; 8] = [
    "rule",
    "value",
    "unit",
    "article",
    "source",
    "from",
    "to",
    "jurisdiction",
];

/// Rows of a table with the columns rule, value, unit, article, source, from, to, jurisdiction.
pub fn read(text: &str) -> Result<Vec<Rule>, BadRow> {
    let bad = |row: usize, column: &str, value: &str| BadRow {
        row,
        column: column.to_owned(),
        value: value.to_owned(),
    };
    let options = platform_documents::ReadOptions::default();
    let table = platform_documents::read(text.as_bytes(), "rules.csv", &options)
        .map_err(|error| bad(1, "table", &error.to_string()))?;
    if table.headers != COLUMNS {
        return Err(bad(1, "header", &table.headers.join(",")));
    }
    let mut rows: Vec<Rule> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let cell = |column: usize| row.cells.get(column).map_or("", String::as_str);
        let wrong = |column: usize| bad(row.number, COLUMNS[column], cell(column));
        let day = |column: usize| cell(column).parse::<NaiveDate>().map_err(|_| wrong(column));
        for column in [0, 2, 3, 7] {
            if cell(column).is_empty() {
                return Err(wrong(column));
            }
        }
        let rule = Rule {
            id: cell(0).to_owned(),
            value: cell(1).parse().map_err(|_| wrong(1))?,
            unit: cell(2).to_owned(),
            article: cell(3).to_owned(),
            source: cell(4).to_owned(),
            from: day(5)?,
            to: if cell(6).is_empty() { None } else { Some(day(6)?) },
            jurisdiction: cell(7).to_owned(),
        };
        let overlaps = |other: &&Rule| {
            other.id == rule.id
                && other.to.is_none_or(|to| rule.from <= to)
                && rule.to.is_none_or(|to| other.from <= to)
        };
        if rule.to.is_some_and(|to| to < rule.from) {
            return Err(wrong(6));
        }
        if rows.iter().any(|other| overlaps(&other)) {
            return Err(wrong(5));
        }
        rows.push(rule);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::number;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_row_holds_between_its_days() {
        let rules = Rules::saudi();
        let id = "gosi.saudi_new.annuities_employee";
        for (on, share) in [
            ("2024-07-31", "0.09"),
            ("2025-06-30", "0.09"),
            ("2025-07-01", "0.095"),
            ("2026-11-30", "0.10"),
            ("2030-01-31", "0.11"),
        ] {
            assert_eq!(rules.value(id, day(on)), Ok(number(share)), "{on}");
        }
    }

    #[test]
    fn a_missing_row_names_the_rule_and_the_day() {
        let gap = Rules::saudi().at("gosi.saudi_new.annuities_employee", day("2024-07-02"));
        let gap = gap.expect_err("the law was not there yet");
        assert_eq!(
            gap.to_string(),
            "no row of the rule “gosi.saudi_new.annuities_employee” holds on 2024-07-02"
        );
        assert!(
            Rules::saudi()
                .at("gosi.gcc.annuities_employee", day("2026-11-30"))
                .is_err()
        );
    }

    #[test]
    fn rows_of_the_organization_stand_in_place_of_the_laws() {
        let own = Rule {
            value: number("0.02"),
            from: day("2026-01-01"),
            jurisdiction: "organization".to_owned(),
            ..(**Rules::saudi()
                .at("work.overtime.premium", day("2026-01-01"))
                .expect("a row"))
            .clone()
        };
        let rules = Rules::saudi().with([own]);
        assert_eq!(
            rules.value("work.overtime.premium", day("2026-05-01")),
            Ok(number("0.02"))
        );
        // Also where the organization's row says nothing: two sources of one number are never mixed.
        assert!(rules.at("work.overtime.premium", day("2025-12-31")).is_err());
        assert!(rules.at("deduction.together", day("2025-12-31")).is_ok());
    }

    #[test]
    fn a_broken_table_is_refused_at_its_cell() {
        let header = COLUMNS.join(",");
        let refused = |row: &str| read(&format!("{header}\n{row}\n")).expect_err(row).column;
        assert_eq!(refused("a.b,x,share,Art. 1,,2025-01-01,,SA"), "value");
        assert_eq!(refused("a.b,1,share,,,2025-01-01,,SA"), "article");
        assert_eq!(refused("a.b,1,share,Art. 1,,2025-01-01,2024-01-01,SA"), "to");
        assert_eq!(
            refused("a.b,1,share,Art. 1,,2025-01-01,,SA\na.b,2,share,Art. 1,,2026-01-01,,SA"),
            "from"
        );
        assert!(read("rule,value\na,1\n").is_err());
    }
}
