//! Why a file could not be read or written.

use thiserror::Error;

/// Why there is no table in the file. What concerns one row is a [`crate::RowProblem`] instead.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ReadError {
    #[error("the file is empty")]
    Empty,
    #[error("the file has headers but no rows below them")]
    NoRows { headers: Vec<String> },
    #[error("line {line} is not valid UTF-8; if the file comes from an older Arabic system, read it as windows-1256")]
    NotUtf8 { line: usize },
    /// `found` is the name of the format, the same in every language.
    #[error("the file is of the kind {found}; CSV and XLSX can be read")]
    UnsupportedFormat { found: &'static str },
    #[error("the file is an old Excel file (.xls) or protected by a password; save it as .xlsx without one")]
    OldWorkbook,
    #[error("the workbook is damaged: {detail}")]
    Damaged { detail: String },
    #[error("the file has more than {limit} rows")]
    TooManyRows { limit: usize },
    #[error("row {row} has {found} columns; {limit} are the most")]
    TooManyColumns { row: usize, found: usize, limit: usize },
    #[error("rows times columns is more than {limit}")]
    TooManyCells { limit: usize },
    #[error("the file holds too much text: {detail}")]
    TooLarge { detail: String },
}

impl ReadError {
    /// The stable code of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::NoRows { .. } => "no_rows",
            Self::NotUtf8 { .. } => "not_utf_8",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::OldWorkbook => "old_workbook",
            Self::Damaged { .. } => "damaged_file",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::TooLarge { .. } => "too_large",
        }
    }
}

/// Why a file could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    #[error("writing the file: {0}")]
    Output(#[from] std::io::Error),
    #[error("writing CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("row {row} has {found} cells for {expected} headers")]
    Ragged { row: usize, expected: usize, found: usize },
    #[error("a sheet holds {limit} rows at the most")]
    TooManyRows { limit: u32 },
    #[error("writing XLSX: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    #[error("writing PDF: {0}")]
    Pdf(String),
}
