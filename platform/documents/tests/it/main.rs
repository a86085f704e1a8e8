//! Files as people have them: read whole, through the public door.

mod csv_files;
mod pdf;
mod pdf_reader;
mod pdf_tokens;
mod random;
mod real;
mod workbooks;

use platform_documents::{ReadError, ReadOptions, Table, read};

fn read_csv(text: &str) -> Result<Table, ReadError> {
    read(text.as_bytes(), "file.csv", &ReadOptions::default())
}

fn cells(table: &Table) -> Vec<Vec<&str>> {
    table
        .rows
        .iter()
        .map(|row| row.cells.iter().map(String::as_str).collect())
        .collect()
}

fn codes(table: &Table) -> Vec<&'static str> {
    table.notes.iter().map(platform_documents::Note::code).collect()
}
