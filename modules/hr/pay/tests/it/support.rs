//! Tables of cases, and lines that say what was found.

use std::io::Write;

use chrono::NaiveDate;
use platform_documents::{ReadOptions, Row, Table};
use rust_decimal::Decimal;

/// One case of a table.
pub struct Case<'a> {
    headers: &'a [String],
    row: &'a Row,
}

impl Case<'_> {
    pub fn text(&self, column: &str) -> &str {
        let place = self.headers.iter().position(|header| header == column);
        &self.row.cells[place.unwrap_or_else(|| panic!("the table has a column {column}"))]
    }

    pub fn is_empty(&self, column: &str) -> bool {
        self.text(column).is_empty()
    }

    pub fn number(&self, column: &str) -> Decimal {
        let text = self.text(column);
        text.parse()
            .unwrap_or_else(|_| panic!("{column} of row {}: {text}", self.row.number))
    }

    pub fn some(&self, column: &str) -> Option<Decimal> {
        (!self.is_empty(column)).then(|| self.number(column))
    }

    pub fn count(&self, column: &str) -> i64 {
        self.text(column)
            .parse()
            .unwrap_or_else(|_| panic!("{column}: {}", self.text(column)))
    }

    pub fn day(&self, column: &str) -> NaiveDate {
        day(self.text(column))
    }

    pub fn name(&self) -> String {
        format!("row {}, {}", self.row.number, self.row.cells[0])
    }
}

/// Goes through every row of a table of `tests/vectors`, and says how many were equal.
pub fn each(file: &str, check: &str, what: &str, mut look: impl FnMut(&Case)) {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let table: Table = platform_documents::read(&bytes, file, &ReadOptions::default()).unwrap();
    assert!(!table.rows.is_empty(), "{file} has cases");
    for row in &table.rows {
        assert!(
            row.problems.is_empty(),
            "{file}, row {}: {:?}",
            row.number,
            row.problems
        );
        look(&Case {
            headers: &table.headers,
            row,
        });
    }
    said(
        check,
        &format!("{} of {} {what} ({file})", table.rows.len(), table.rows.len()),
    );
}

/// A line that the table of checks is made of.
pub fn said(check: &str, figure: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "CHECK {check} pass {figure}").unwrap();
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("a day: {text}"))
}

pub fn number(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("a number: {text}"))
}

/// How many random cases: ten thousand, or the share of every change.
pub fn cases() -> u32 {
    if std::env::var_os("BARQ_SHORT_TESTS").is_some() {
        500
    } else {
        10_000
    }
}
