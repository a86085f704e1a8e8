//! XLSX out: typed cells, so that sums and sorting work in the sheet, and text that is never a formula.

use crate::error::WriteError;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};
use std::collections::HashMap;

/// A value with the type that the sheet should give it.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    Empty,
    Text(String),
    /// Shown with as many decimals as it has.
    Number(Decimal),
    Date(NaiveDate),
    DateTime(NaiveDateTime),
    Boolean(bool),
}

/// What Excel calls a sheet at most, and what it refuses in the name.
const SHEET_NAME_CHARS: usize = 31;
const SHEET_NAME_FORBIDDEN: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
/// Rows of a sheet, the header line among them.
const SHEET_ROWS: u32 = 1_048_576;
/// Characters of a cell; a longer text is cut, because one remark must not cost the whole export.
const CELL_CHARS: usize = 32_767;
/// Excel keeps 15 digits; a longer number goes out as text rather than wrong.
const NUMBER_DIGITS: usize = 15;

/// A workbook of one sheet with a bold, frozen header line.
pub fn write_xlsx<R: AsRef<[Cell]>>(
    sheet_name: &str,
    headers: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
    right_to_left: bool,
) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    // The same rows give the same bytes, whenever they are written.
    let created = ExcelDateTime::from_ymd(2020, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    // Rows go to a temporary file as they come: a sheet of a million cells would take half a gigabyte.
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(safe_sheet_name(sheet_name))?;
    sheet.set_right_to_left(right_to_left);
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let mut widths: Vec<usize> = Vec::with_capacity(headers.len());
    for (column, header) in (0u16..).zip(headers) {
        sheet.write_string_with_format(0, column, cut(header.as_ref()), &bold)?;
        widths.push(header.as_ref().chars().count());
    }
    let mut formats = Formats::default();
    for (row_number, cells) in (1u32..).zip(rows) {
        let cells = cells.as_ref();
        if row_number >= SHEET_ROWS {
            return Err(WriteError::TooManyRows { limit: SHEET_ROWS - 1 });
        }
        if cells.len() != headers.len() {
            let row = usize::try_from(row_number).unwrap_or(usize::MAX);
            return Err(WriteError::Ragged {
                row,
                expected: headers.len(),
                found: cells.len(),
            });
        }
        for ((column, cell), width) in (0u16..).zip(cells).zip(&mut widths) {
            *width = (*width).max(write_cell(sheet, row_number, column, cell, &mut formats)?);
        }
    }
    for (column, width) in (0u16..).zip(widths) {
        // Room for the sort arrow and the wider Arabic letters; a long text does not push the rest off the screen.
        sheet.set_column_width(column, u32::try_from(width.clamp(8, 48)).unwrap_or(48) + 2)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Writes the cell and answers about how many characters it shows.
fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    formats: &mut Formats,
) -> Result<usize, WriteError> {
    match cell {
        Cell::Empty => return Ok(0),
        Cell::Text(text) if text.is_empty() => return Ok(0),
        Cell::Text(text) => {
            sheet.write_string(row, column, cut(text))?;
            return Ok(text.chars().count());
        }
        Cell::Number(number) => {
            let text = number.to_string();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            match number.to_f64() {
                Some(value) if digits <= NUMBER_DIGITS => {
                    sheet.write_number_with_format(row, column, value, formats.number(number.scale()))?;
                }
                _ => {
                    sheet.write_string(row, column, &text)?;
                }
            }
            return Ok(text.len());
        }
        Cell::Date(day) => match excel_day(*day) {
            Some(value) => sheet.write_datetime_with_format(row, column, &value, formats.named("yyyy-mm-dd"))?,
            None => sheet.write_string(row, column, day.to_string())?,
        },
        Cell::DateTime(moment) => match excel_moment(*moment) {
            Some(value) => {
                sheet.write_datetime_with_format(row, column, &value, formats.named("yyyy-mm-dd hh:mm:ss"))?
            }
            None => sheet.write_string(row, column, moment.to_string())?,
        },
        Cell::Boolean(value) => sheet.write_boolean(row, column, *value)?,
    };
    Ok(match cell {
        Cell::DateTime(_) => 19,
        _ => 10,
    })
}

/// The day for Excel, which knows none before 1900.
fn excel_day(day: NaiveDate) -> Option<ExcelDateTime> {
    let (year, month, date) = (
        u16::try_from(day.year()).ok()?,
        u8::try_from(day.month()).ok()?,
        u8::try_from(day.day()).ok()?,
    );
    ExcelDateTime::from_ymd(year, month, date).ok()
}

fn excel_moment(moment: NaiveDateTime) -> Option<ExcelDateTime> {
    let (hour, minute) = (u16::try_from(moment.hour()).ok()?, u8::try_from(moment.minute()).ok()?);
    excel_day(moment.date())?.and_hms(hour, minute, moment.second()).ok()
}

fn cut(text: &str) -> String {
    text.chars().take(CELL_CHARS).collect()
}

fn safe_sheet_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| if SHEET_NAME_FORBIDDEN.contains(&c) { ' ' } else { c })
        .collect();
    let name: String = name.trim().trim_matches('\'').chars().take(SHEET_NAME_CHARS).collect();
    if name.trim().is_empty() {
        "Sheet1".to_owned()
    } else {
        name
    }
}

/// A format is made once for a workbook.
#[derive(Default)]
struct Formats(HashMap<String, Format>);

impl Formats {
    fn number(&mut self, scale: u32) -> &Format {
        let decimals = "0".repeat(usize::try_from(scale).unwrap_or(0));
        if decimals.is_empty() {
            self.named("0")
        } else {
            self.named(&format!("0.{decimals}"))
        }
    }

    fn named(&mut self, pattern: &str) -> &Format {
        self.0
            .entry(pattern.to_owned())
            .or_insert_with(|| Format::new().set_num_format(pattern))
    }
}
