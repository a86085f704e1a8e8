//! Work in a table, pay in a table: what an accountant checks the formulas with. A row that cannot be paid is named with its column
//! and reason; the others are paid.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_documents::{CsvOptions, ReadError, ReadOptions, Row, Table, missing, parse_number, read, write_csv};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use thiserror::Error;

use crate::category::{CATEGORIES, Categories, documented_from};
use crate::error::PayError;
use crate::explain::Language;
use crate::money::half_up;
use crate::period::Period;
use crate::trace::{Line, Trace};
use crate::work::{CapOptions, Days, Warning, Work, WorkPay, work_pay};

/// Columns that a sheet has to have. Others are handed through.
pub const INPUTS: [&str; 6] = ["category", "target", "days", "orders", "revenue", "gas_usage"];

/// Columns that are added.
pub const OUTPUTS: [&str; 6] = [
    "final_target",
    "basic",
    "bonus",
    "gas_deserved",
    "gas_difference",
    "total",
];

/// Columns by which a courier is known: nobody is paid twice by one sheet.
const COURIERS: [&str; 4] = ["courier", "courier_id", "barq_id", "id_number"];

/// Why a sheet cannot be used at all.
#[derive(Debug, Error)]
pub enum SheetError {
    #[error("{0}")]
    Read(#[from] ReadError),
    #[error("the column “{0}” is missing")]
    NoColumn(&'static str),
    #[error("the table could not be written: {0}")]
    Write(String),
}

/// Why a row is not paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    pub row: usize,
    pub column: String,
    pub code: &'static str,
    pub reason: String,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// What a row says that somebody did in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowWork {
    pub category: String,
    pub target: Decimal,
    /// Days since joining, where the row counts them.
    pub days: Option<i64>,
    pub orders: i64,
    pub revenue: Decimal,
    pub gas_usage: Decimal,
}

/// A row of a sheet of work.
#[derive(Clone, Debug)]
pub struct WorkRow {
    pub row: usize,
    /// What the sheet calls the courier.
    pub courier: Option<String>,
    pub work: Result<RowWork, RowError>,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}, column “{}”: {}", self.row, self.column, self.reason)
    }
}

/// How a row's pay came about.
#[derive(Clone, Debug, Serialize)]
pub struct RowTrace {
    pub row: usize,
    pub category: String,
    pub total: Decimal,
    pub lines: Vec<Line>,
    pub total_trace: Trace,
    pub warnings: Vec<Warning>,
    /// The lines in words, by language.
    pub text: BTreeMap<&'static str, Vec<String>>,
}

/// What became of a sheet.
#[derive(Debug)]
pub struct Sheet {
    /// The rows that are paid, with their pay, as CSV.
    pub csv: Vec<u8>,
    pub paid: usize,
    pub errors: Vec<RowError>,
    pub traces: Vec<RowTrace>,
}

/// Pays every row of a sheet, CSV or XLSX, by the numbers that hold on a day. Days since joining are given, so no period is needed.
pub fn calculate(bytes: &[u8], categories: &Categories, on: NaiveDate, explains: bool) -> Result<Sheet, SheetError> {
    let period = Period {
        starts_on: on,
        ends_on: on,
    };
    let table = read(bytes, "", &ReadOptions::default())?;
    let columns = Columns::of(&table)?;
    let headers: Vec<&str> = table.headers.iter().map(String::as_str).chain(OUTPUTS).collect();
    let (mut rows, mut errors, mut traces) = (Vec::new(), Vec::new(), Vec::new());
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &table.rows {
        match columns.pay(&table, row, categories, period, &mut known) {
            Ok(pay) => {
                let figures = [
                    half_up(pay.final_target, 2),
                    pay.basic,
                    pay.bonus,
                    pay.gas_deserved,
                    pay.gas_difference,
                    pay.total,
                ];
                let cells = row.cells.iter().cloned();
                rows.push(
                    cells
                        .chain(figures.map(|figure| figure.to_string()))
                        .collect::<Vec<_>>(),
                );
                if explains {
                    traces.push(RowTrace::of(row.number, pay));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    let mut csv = Vec::new();
    let paid = write_csv(&mut csv, &headers, &rows, CsvOptions::default())
        .map_err(|error| SheetError::Write(error.to_string()))?;
    Ok(Sheet {
        csv,
        paid,
        errors,
        traces,
    })
}

/// Every row of a sheet, CSV or XLSX, as work that can be paid. Rows of numbers that no formula takes are named; days may be missing.
pub fn work_rows(bytes: &[u8]) -> Result<Vec<WorkRow>, SheetError> {
    let table = read(bytes, "", &ReadOptions::default())?;
    let columns = Columns::of(&table)?;
    if columns.courier.is_none() {
        return Err(SheetError::NoColumn("courier"));
    }
    let on = documented_from();
    let period = Period {
        starts_on: on,
        ends_on: on,
    };
    let work = |row: &Row| {
        let (category, work) = columns.work(&table, row, false)?;
        let mut counted = work.clone();
        if matches!(counted.days, Days::Joined(_)) {
            counted.days = Days::Given(1);
        }
        columns.paid(row, &category, &counted, Categories::documented(), period)?;
        Ok(RowWork {
            category,
            target: work.period_target.unwrap_or_default(),
            days: match work.days {
                Days::Given(days) => Some(days),
                Days::Joined(_) => None,
            },
            orders: work.orders.unwrap_or_default(),
            revenue: work.revenue.unwrap_or_default(),
            gas_usage: work.gas_usage.unwrap_or_default(),
        })
    };
    let row = |row: &Row| WorkRow {
        row: row.number,
        courier: columns.courier(row).map(ToOwned::to_owned),
        work: work(row),
    };
    Ok(table.rows.iter().map(row).collect())
}

impl RowTrace {
    fn of(row: usize, pay: WorkPay) -> Self {
        let text = [("en", Language::En), ("ar", Language::Ar)].map(|(word, language)| {
            let lines = pay.lines.iter().map(|line| line.explained(language));
            (word, lines.collect())
        });
        Self {
            row,
            category: pay.category,
            total: pay.total,
            lines: pay.lines,
            total_trace: pay.total_trace,
            warnings: pay.warnings,
            text: text.into(),
        }
    }
}

/// Places of the columns.
struct Columns {
    inputs: [usize; 6],
    courier: Option<usize>,
}

/// A heading or category as it is compared: small letters, words apart by one underline.
fn word(text: &str) -> String {
    let parts = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_").to_lowercase()
}

impl Columns {
    fn of(table: &Table) -> Result<Self, SheetError> {
        let place = |name: &str| table.headers.iter().position(|header| word(header) == name);
        let mut inputs = [0; 6];
        for (found, name) in inputs.iter_mut().zip(INPUTS) {
            *found = place(name).ok_or(SheetError::NoColumn(name))?;
        }
        Ok(Self {
            inputs,
            courier: COURIERS.into_iter().find_map(place),
        })
    }

    /// The courier, as the row calls him.
    fn courier<'a>(&self, row: &'a Row) -> Option<&'a str> {
        let cell = row.cells.get(self.courier?).map(String::as_str)?;
        (!missing(cell)).then_some(cell)
    }

    fn wrong(&self, row: &Row, column: &str, code: &'static str, reason: String) -> RowError {
        let place = INPUTS.iter().position(|name| *name == column);
        let found = place.and_then(|place| row.cells.get(self.inputs[place]));
        RowError {
            row: row.number,
            column: column.to_owned(),
            code,
            reason,
            found: found.filter(|cell| !missing(cell)).cloned(),
        }
    }

    /// The category that a row names, and its work. Days may be missing where somebody else knows them.
    fn work(&self, table: &Table, row: &Row, needs_days: bool) -> Result<(String, Work), RowError> {
        let wrong = |column: &str, code: &'static str, reason: String| self.wrong(row, column, code, reason);
        if let Some(problem) = row.problems.first() {
            let column = problem.column().and_then(|column| table.headers.get(column));
            let column = column.map_or("", String::as_str);
            return Err(wrong(column, problem.code(), problem.to_string()));
        }
        let cell = |place: usize| row.cells.get(self.inputs[place]).map_or("", String::as_str);
        let number = |place: usize| match cell(place) {
            text if missing(text) => Ok(None),
            text => parse_number(text)
                .map(Some)
                .ok_or_else(|| wrong(INPUTS[place], "not_a_number", format!("“{text}” is not a number"))),
        };
        let whole = |place: usize| match number(place)? {
            None => Ok(None),
            Some(count) if count.fract().is_zero() => match count.to_i64() {
                Some(count) => Ok(Some(count)),
                None => Err(wrong(
                    INPUTS[place],
                    "too_large",
                    format!("{count} is beyond all bounds"),
                )),
            },
            Some(count) => Err(wrong(
                INPUTS[place],
                "not_whole",
                format!("{count} is not a whole number"),
            )),
        };
        let category = match word(cell(0)) {
            empty if empty.is_empty() => return Err(refused(&wrong, &PayError::missing("category"))),
            other => other.replace("in_house", "inhouse"),
        };
        let days = match whole(2)? {
            Some(days) => Days::Given(days),
            None if needs_days => return Err(refused(&wrong, &PayError::missing("days"))),
            None => Days::Joined(None),
        };
        let work = Work {
            period_target: number(1)?,
            days,
            last_working_day: None,
            unpaid_days: 0,
            orders: whole(3)?,
            revenue: number(4)?,
            gas_usage: number(5)?,
        };
        Ok((category, work))
    }

    fn pay<'a>(
        &self,
        table: &'a Table,
        row: &'a Row,
        categories: &Categories,
        period: Period,
        known: &mut BTreeMap<&'a str, usize>,
    ) -> Result<WorkPay, RowError> {
        let (category, work) = self.work(table, row, true)?;
        let pay = self.paid(row, &category, &work, categories, period)?;
        // Only a row that is paid makes a second one of its courier wrong.
        if let Some((place, courier)) = self.courier.zip(self.courier(row)) {
            if let Some(before) = known.get(courier) {
                return Err(RowError {
                    row: row.number,
                    column: table.headers[place].clone(),
                    code: "taken",
                    reason: format!("“{courier}” is already paid by row {before}"),
                    found: Some(before.to_string()),
                });
            }
            known.insert(courier, row.number);
        }
        Ok(pay)
    }

    /// What a row's work is worth by the numbers of a day.
    fn paid(
        &self,
        row: &Row,
        category: &str,
        work: &Work,
        categories: &Categories,
        period: Period,
    ) -> Result<WorkPay, RowError> {
        let wrong = |column: &str, code: &'static str, reason: String| self.wrong(row, column, code, reason);
        let version = categories.at(category, period.ends_on);
        let version = version.map_err(|error| refused(&wrong, &error))?;
        work_pay(version, period, work, CapOptions::default()).map_err(|error| refused(&wrong, &error))
    }
}

fn refused(wrong: &impl Fn(&str, &'static str, String) -> RowError, error: &PayError) -> RowError {
    let reason = match error {
        PayError::UnknownCategory { category, .. } => {
            format!("“{category}” is no category; there are {}", CATEGORIES.join(", "))
        }
        other => other.to_string(),
    };
    wrong(error.field().unwrap_or_default(), error.code(), reason)
}
