//! Work in a table, pay in a table: what an accountant checks the formulas with. A row that cannot be paid is named with its column
//! and reason; the others are paid.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_documents::{CsvOptions, ReadError, ReadOptions, Row, Table, missing, parse_number, read, write_csv};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use thiserror::Error;

use crate::category::{CATEGORIES, Categories};
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

    fn pay<'a>(
        &self,
        table: &'a Table,
        row: &'a Row,
        categories: &Categories,
        period: Period,
        known: &mut BTreeMap<&'a str, usize>,
    ) -> Result<WorkPay, RowError> {
        let wrong = |column: &str, code: &'static str, reason: String| RowError {
            row: row.number,
            column: column.to_owned(),
            code,
            reason,
        };
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
        let days = whole(2)?.ok_or_else(|| refused(&wrong, &PayError::missing("days")))?;
        let work = Work {
            period_target: number(1)?,
            days: Days::Given(days),
            last_working_day: None,
            unpaid_days: 0,
            orders: whole(3)?,
            revenue: number(4)?,
            gas_usage: number(5)?,
        };
        let version = categories.at(&category, period.ends_on);
        let version = version.map_err(|error| refused(&wrong, &error))?;
        let pay = work_pay(version, period, &work, CapOptions::default()).map_err(|error| refused(&wrong, &error))?;
        // Only a row that is paid makes a second one of its courier wrong.
        if let Some(place) = self.courier {
            let courier = row.cells.get(place).map_or("", String::as_str);
            if !missing(courier) {
                if let Some(before) = known.get(courier) {
                    let reason = format!("“{courier}” is already paid by row {before}");
                    return Err(wrong(&table.headers[place], "taken", reason));
                }
                known.insert(courier, row.number);
            }
        }
        Ok(pay)
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
