//! Raw rows in, a table out: finds the header line, applies the limits, says what is wrong with a row.
//!
//! The header line is the first row with content, with one exception. A row above it is taken for a title, skipped and
//! noted, when
//! * it has one filled cell and the next row has two or more ("Vehicles of March 2022" over the headers), or
//! * at most half of the columns are filled and the next row fills all of them with different words, none a number
//!   (group headings such as "Vehicle, , Driver, " over the headers).
//!
//! At most [`MAX_TITLES`] rows are skipped like that.

use crate::cells::{clean, missing};
use crate::dates::parse_date;
use crate::error::ReadError;
use crate::numbers::parse_number;
use crate::table::{Note, ReadOptions, Row, RowProblem, Table};
use std::collections::HashSet;

/// A report's head has a name, a company, a period and a date; more lines than that are data.
const MAX_TITLES: usize = 5;
/// A header longer than this is a sentence; it is cut, because it becomes a key of the mapping.
const MAX_HEADER_CHARS: usize = 200;
/// What an oversized cell keeps, enough to recognise it by.
const OVERSIZED_KEPT_CHARS: usize = 80;
/// All cells together: a workbook may name one long shared text in every cell.
const MAX_TEXT_BYTES: usize = 128 << 20;

/// One row as the format gave it.
pub(crate) struct RawRow {
    pub number: usize,
    pub cells: Vec<String>,
    pub problems: Vec<RowProblem>,
    /// Whether a missing cell at the end is a mistake (CSV) or how the format writes blanks (XLSX).
    pub counts_cells: bool,
}

pub(crate) struct Builder<'a> {
    options: &'a ReadOptions,
    table: Table,
    raw_headers: Vec<String>,
    candidate: Option<RawRow>,
    titles: usize,
    text_bytes: usize,
    nul_seen: bool,
}

impl<'a> Builder<'a> {
    pub fn new(options: &'a ReadOptions) -> Self {
        Self {
            options,
            table: Table::default(),
            raw_headers: Vec::new(),
            candidate: None,
            titles: 0,
            text_bytes: 0,
            nul_seen: false,
        }
    }

    /// A cell without NUL characters, cleaned, and cut when it is too long.
    pub fn cell(&mut self, text: &str, column: usize, problems: &mut Vec<RowProblem>) -> String {
        let without_nul;
        let text = if text.contains('\0') {
            self.nul_seen = true;
            without_nul = text.replace('\0', "");
            clean(&without_nul)
        } else {
            clean(text)
        };
        // Bytes are counted first: they are never fewer than the characters, and counting those costs a walk.
        if text.len() > self.options.max_cell_chars {
            let chars = text.chars().count();
            if chars > self.options.max_cell_chars {
                problems.push(RowProblem::Oversized { column, chars });
                return text
                    .chars()
                    .take(OVERSIZED_KEPT_CHARS.min(self.options.max_cell_chars))
                    .collect();
            }
        }
        text.to_owned()
    }

    pub fn push(&mut self, mut row: RawRow) -> Result<(), ReadError> {
        let width = filled_width(&row.cells);
        if width == 0 {
            return Ok(());
        }
        if width > self.options.max_columns {
            return Err(ReadError::TooManyColumns {
                row: row.number,
                found: width,
                limit: self.options.max_columns,
            });
        }
        if !self.raw_headers.is_empty() {
            return self.push_data(row);
        }
        // Headers are compared without the blanks at the end; a data row keeps them to tell a short row.
        match self.candidate.take() {
            None => {
                row.cells.truncate(width);
                self.candidate = Some(row);
            }
            Some(title) if self.titles < MAX_TITLES && is_title(&title.cells, &row.cells[..width]) => {
                let text = title
                    .cells
                    .into_iter()
                    .filter(|cell| !cell.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ");
                self.table.notes.push(Note::TitleSkipped {
                    row: title.number,
                    text,
                });
                self.titles += 1;
                row.cells.truncate(width);
                self.candidate = Some(row);
            }
            Some(headers) => {
                self.set_headers(headers);
                self.push_data(row)?;
            }
        }
        Ok(())
    }

    fn set_headers(&mut self, row: RawRow) {
        let mut taken = HashSet::new();
        for (column, cell) in row.cells.iter().enumerate() {
            let name: String = cell.chars().take(MAX_HEADER_CHARS).collect();
            let name = clean(&name).to_owned();
            let base = if name.is_empty() {
                format!("Column {}", column + 1)
            } else {
                name.clone()
            };
            let mut now = base.clone();
            let mut copy = 2;
            while !taken.insert(now.clone()) {
                now = format!("{base} ({copy})");
                copy += 1;
            }
            if name.is_empty() {
                self.table.notes.push(Note::UnnamedColumn {
                    column,
                    now: now.clone(),
                });
            } else if now != name {
                self.table.notes.push(Note::DuplicateHeader {
                    column,
                    now: now.clone(),
                });
            }
            self.table.headers.push(now);
        }
        self.raw_headers = row.cells;
    }

    fn push_data(&mut self, mut row: RawRow) -> Result<(), ReadError> {
        let expected = self.raw_headers.len();
        let width = filled_width(&row.cells);
        if row.cells[..width] == self.raw_headers[..] {
            self.table.notes.push(Note::RepeatedHeader { row: row.number });
            return Ok(());
        }
        if width > expected {
            row.problems.push(RowProblem::TooManyCells { expected, found: width });
        } else if row.counts_cells && row.cells.len() < expected {
            row.problems.push(RowProblem::TooFewCells {
                expected,
                found: row.cells.len(),
            });
        }
        row.cells.resize(expected, String::new());
        row.problems
            .retain(|problem| problem.column().is_none_or(|column| column < expected));
        if self.table.rows.len() >= self.options.max_rows {
            return Err(ReadError::TooManyRows {
                limit: self.options.max_rows,
            });
        }
        if (self.table.rows.len() + 1) * expected > self.options.max_cells {
            return Err(ReadError::TooManyCells {
                limit: self.options.max_cells,
            });
        }
        self.text_bytes += row.cells.iter().map(String::len).sum::<usize>();
        if self.text_bytes > MAX_TEXT_BYTES {
            return Err(ReadError::TooLarge {
                detail: format!("more than {} MiB in cells", MAX_TEXT_BYTES >> 20),
            });
        }
        self.table.rows.push(Row {
            number: row.number,
            cells: row.cells,
            problems: row.problems,
        });
        Ok(())
    }

    /// Whether no row with content has come yet.
    pub fn is_empty(&self) -> bool {
        self.raw_headers.is_empty() && self.candidate.is_none()
    }

    pub fn note(&mut self, note: Note) {
        self.table.notes.push(note);
    }

    pub fn finish(mut self) -> Result<Table, ReadError> {
        if let Some(headers) = self.candidate.take() {
            self.set_headers(headers);
        }
        if self.raw_headers.is_empty() {
            return Err(ReadError::Empty);
        }
        if self.table.rows.is_empty() {
            return Err(ReadError::NoRows {
                headers: self.table.headers,
            });
        }
        if self.nul_seen {
            self.table.notes.push(Note::NulRemoved);
        }
        Ok(self.table)
    }
}

/// Cells up to the last one with content.
pub(crate) fn filled_width(cells: &[String]) -> usize {
    cells
        .iter()
        .rposition(|cell| !cell.is_empty())
        .map_or(0, |last| last + 1)
}

fn is_title(row: &[String], next: &[String]) -> bool {
    let filled = row.iter().filter(|cell| !cell.is_empty()).count();
    let next_filled = next.iter().filter(|cell| !cell.is_empty()).count();
    if filled == 1 && next_filled >= 2 {
        return true;
    }
    let distinct: HashSet<&String> = next.iter().collect();
    let words = next
        .iter()
        .all(|cell| !missing(cell) && parse_number(cell).is_none() && parse_date(cell).is_none());
    filled * 2 <= next.len() && next_filled == next.len() && distinct.len() == next.len() && words
}
