//! Workbooks: the first sheet with content, its stored values as text.

use crate::builder::{Builder, RawRow};
use crate::error::ReadError;
use crate::table::{Note, ReadOptions, RowProblem, Table};
use crate::zip_guard;
use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::{NaiveDate, TimeDelta, Timelike};
use std::io::Cursor;

pub(crate) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Table, ReadError> {
    zip_guard::check(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let sheets: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    // What a person sees comes first; a hidden sheet is read when nothing else has content.
    let (visible, hidden): (Vec<_>, Vec<_>) = sheets.iter().partition(|(_, visible)| *visible);
    for (name, _) in visible.into_iter().chain(hidden) {
        let mut builder = Builder::new(options);
        read_sheet(&mut workbook, name, &mut builder, options)?;
        if builder.is_empty() {
            continue;
        }
        if sheets.len() > 1 {
            builder.note(Note::SheetChosen {
                sheet: name.clone(),
                others: sheets.len() - 1,
            });
        }
        return builder.finish();
    }
    Err(ReadError::Empty)
}

/// Cells are taken one by one: a range would be allocated as wide and long as the farthest cell, which may be a lie.
fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    builder: &mut Builder,
    options: &ReadOptions,
) -> Result<(), ReadError> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(|error| damaged(&error))?;
    let mut row = RawRow {
        number: 0,
        cells: Vec::new(),
        problems: Vec::new(),
        counts_cells: false,
    };
    while let Some(cell) = reader.next_cell().map_err(|error| damaged(&error))? {
        let (row_index, column_index) = cell.get_position();
        let (number, column) = (row_index as usize + 1, column_index as usize);
        let mut problems = Vec::new();
        let text = match text_of(cell.get_value()) {
            Value::None => continue,
            Value::Borrowed(text) => builder.cell(text, column, &mut problems),
            Value::Owned(text) => builder.cell(&text, column, &mut problems),
            Value::Failed(text) => {
                problems.push(RowProblem::ErrorValue { column });
                text
            }
        };
        if text.is_empty() {
            continue;
        }
        if column >= options.max_columns {
            return Err(ReadError::TooManyColumns {
                row: number,
                found: column + 1,
                limit: options.max_columns,
            });
        }
        if number != row.number {
            let next = RawRow {
                number,
                cells: Vec::new(),
                problems: Vec::new(),
                counts_cells: false,
            };
            builder.push(std::mem::replace(&mut row, next))?;
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, String::new());
        }
        row.cells[column] = text;
        row.problems.append(&mut problems);
    }
    builder.push(row)
}

fn damaged(error: &XlsxError) -> ReadError {
    ReadError::Damaged {
        detail: error.to_string(),
    }
}

enum Value<'a> {
    None,
    Borrowed(&'a str),
    Owned(String),
    Failed(String),
}

fn text_of<'a>(data: &'a DataRef<'_>) -> Value<'a> {
    match data {
        DataRef::Empty => Value::None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Value::Borrowed(text),
        DataRef::SharedString(text) => Value::Borrowed(text),
        DataRef::Int(number) => Value::Owned(number.to_string()),
        DataRef::Float(number) => Value::Owned(number_text(*number)),
        DataRef::Bool(value) => Value::Owned(value.to_string()),
        DataRef::DateTime(moment) => Value::Owned(moment_text(moment)),
        // #N/A is how a lookup says that there is nothing; the other errors are mistakes in the sheet.
        DataRef::Error(CellErrorType::NA) => Value::Owned(CellErrorType::NA.to_string()),
        DataRef::Error(error) => Value::Failed(error.to_string()),
    }
}

/// The number as the sheet shows it: 15 digits are all that Excel keeps, and 0.1 + 0.2 is stored with 17.
fn number_text(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    if rounded.abs() >= 1e21 || rounded.abs() < 1e-9 {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

fn moment_text(moment: &ExcelDateTime) -> String {
    const DAY_S: f64 = 86_400.0;
    let value = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        let seconds = (value * DAY_S).round();
        let sign = if seconds < 0.0 { "-" } else { "" };
        let (minutes, seconds) = ((seconds.abs() / 60.0).floor(), seconds.abs() % 60.0);
        return format!(
            "{sign}{:02}:{:02}:{seconds:02}",
            (minutes / 60.0).floor(),
            minutes % 60.0
        );
    }
    let (year, month, day, hour, minute, second, millisecond) = moment.to_ymd_hms_milli();
    let exact = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
        .and_then(|day| day.and_hms_milli_opt(hour.into(), minute.into(), second.into(), millisecond.into()));
    // Half a second up: 20:30 is stored a little below 20:30.
    let Some(rounded) = exact.and_then(|exact| exact.checked_add_signed(TimeDelta::milliseconds(500))) else {
        return number_text(value);
    };
    let pattern = if rounded.num_seconds_from_midnight() == 0 {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    rounded.format(pattern).to_string()
}
