//! What reading a file gives: headers, rows, and what a person should know about both.

use std::fmt;

/// A header line and the rows below it. Every row has as many cells as there are headers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    /// Cleaned, never empty, all different.
    pub headers: Vec<String>,
    /// In the order of the file, blank rows left out.
    pub rows: Vec<Row>,
    /// What was skipped or changed on the way.
    pub notes: Vec<Note>,
}

/// One row as it was in the file, cells cleaned by [`crate::clean`].
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The line of a text file, or the row of a sheet, counted from 1 as an editor shows it.
    pub number: usize,
    /// As many as the table has headers.
    pub cells: Vec<String>,
    /// What is wrong with the row whatever its cells mean; empty for a good row.
    pub problems: Vec<RowProblem>,
}

/// A row that cannot be taken as it is. `column` counts from 0 into the headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowProblem {
    /// The cell was longer than allowed; the row keeps its beginning.
    Oversized { column: usize, chars: usize },
    /// More filled cells than headers: the rest is not in `cells`.
    TooManyCells { expected: usize, found: usize },
    /// Fewer cells than headers; the missing ones are empty.
    TooFewCells { expected: usize, found: usize },
    /// A formula of the workbook ended in an error (`#DIV/0!`).
    ErrorValue { column: usize },
    /// A quotation mark was opened and never closed, so the rest of the file is in this row.
    UnclosedQuote,
}

impl RowProblem {
    /// The stable code of the problem.
    pub fn code(self) -> &'static str {
        match self {
            Self::Oversized { .. } => "oversized",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::TooFewCells { .. } => "too_few_cells",
            Self::ErrorValue { .. } => "error_value",
            Self::UnclosedQuote => "unclosed_quote",
        }
    }

    /// The column it is about, counted from 0.
    pub fn column(self) -> Option<usize> {
        match self {
            Self::Oversized { column, .. } | Self::ErrorValue { column } => Some(column),
            Self::TooManyCells { .. } | Self::TooFewCells { .. } | Self::UnclosedQuote => None,
        }
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oversized { column, chars } => write!(f, "the cell of column {} has {chars} characters", column + 1),
            Self::TooManyCells { expected, found } => write!(f, "{found} cells, but {expected} headers"),
            Self::TooFewCells { expected, found } => write!(f, "only {found} cells for {expected} headers"),
            Self::ErrorValue { column } => write!(f, "the formula of column {} ended in an error", column + 1),
            Self::UnclosedQuote => write!(f, "a quotation mark is opened and never closed"),
        }
    }
}

impl Table {
    /// A problem in words, with row number and header.
    pub fn describe(&self, row: &Row, problem: RowProblem) -> String {
        let header = problem.column().and_then(|column| self.headers.get(column));
        match header {
            Some(header) => format!("row {}, column “{header}”: {problem}", row.number),
            None => format!("row {}: {problem}", row.number),
        }
    }
}

/// Something that was skipped or changed and that a person may want to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A line above the headers was taken for a title.
    TitleSkipped { row: usize, text: String },
    /// The header line came again further down.
    RepeatedHeader { row: usize },
    /// Two columns had the same header; the later one is now called `now`.
    DuplicateHeader { column: usize, now: String },
    /// A column with values had no header; it is now called `now`.
    UnnamedColumn { column: usize, now: String },
    /// NUL characters were removed.
    NulRemoved,
    /// Of several sheets only this one was read.
    SheetChosen { sheet: String, others: usize },
    /// The file is of another format than its name says.
    NameDiffers,
}

impl Note {
    /// The stable code of the note.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TitleSkipped { .. } => "title_skipped",
            Self::RepeatedHeader { .. } => "repeated_header",
            Self::DuplicateHeader { .. } => "duplicate_header",
            Self::UnnamedColumn { .. } => "unnamed_column",
            Self::NulRemoved => "nul_removed",
            Self::SheetChosen { .. } => "sheet_chosen",
            Self::NameDiffers => "name_differs",
        }
    }
}

/// How the bytes of a text file become characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
    /// What older Windows systems in Arabic write.
    Windows1256,
}

impl Encoding {
    /// The encoding of that name, as used in the API.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "utf-16" | "utf-16le" => Some(Self::Utf16LittleEndian),
            "utf-16be" => Some(Self::Utf16BigEndian),
            "windows-1256" | "cp1256" => Some(Self::Windows1256),
            _ => None,
        }
    }
}

/// What to accept.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// None: a byte order mark decides, UTF-8 without one. A mark always wins over this.
    pub encoding: Option<Encoding>,
    /// Rows below the headers.
    pub max_rows: usize,
    /// A longer cell is cut and its row marked `oversized`.
    pub max_cell_chars: usize,
    pub max_columns: usize,
    /// Rows times columns: what a table costs in memory although its cells are empty.
    pub max_cells: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            max_rows: 100_000,
            max_cell_chars: 10_000,
            max_columns: 200,
            max_cells: 3_000_000,
        }
    }
}
