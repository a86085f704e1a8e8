//! CSV and XLSX, read and written: the table in a file that a person chose, and the file made of a table. PDF, written.
//!
//! Reading is forgiving about form and strict about content: what was skipped is in [`Table::notes`], what is wrong
//! with a row is in [`Row::problems`], and nothing is dropped in silence. What the cells mean (a plate, a phone, a
//! known courier) is decided by the import in `platform-engine`, with the help of [`arabic`] and [`parse_date`].

pub mod arabic;
mod builder;
mod cells;
mod csv_read;
mod csv_write;
mod dates;
mod error;
mod hijri;
mod numbers;
pub mod pdf;
mod table;
mod xlsx_read;
mod xlsx_write;
mod zip_guard;

pub use cells::{clean, missing};
pub use csv_write::{CsvOptions, CsvWriter, guarded, write_csv};
pub use dates::{parse_date, parse_date_time, parse_time};
pub use error::{ReadError, WriteError};
pub use hijri::{HijriDate, from_hijri, to_hijri};
pub use numbers::parse_number;
pub use table::{Encoding, Note, ReadOptions, Row, RowProblem, Table};
pub use xlsx_write::{Cell, write_xlsx};
pub use zip_guard::check_workbook;

/// What the bytes of a file say it is; the name is not asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Text,
    Workbook,
}

/// Reads the table in `bytes`. `file_name` only serves a note when the name promises another format.
pub fn read(bytes: &[u8], file_name: &str, options: &ReadOptions) -> Result<Table, ReadError> {
    let format = format_of(bytes)?;
    let mut table = match format {
        Format::Text => csv_read::read(bytes, options)?,
        Format::Workbook => xlsx_read::read(bytes, options)?,
    };
    if named_otherwise(file_name, format) {
        table.notes.push(Note::NameDiffers);
    }
    Ok(table)
}

fn named_otherwise(file_name: &str, format: Format) -> bool {
    let Some((_, extension)) = file_name.rsplit_once('.') else {
        return false;
    };
    let text = ["csv", "tsv", "txt"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    let workbook = ["xlsx", "xlsm"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    match format {
        Format::Text => workbook,
        Format::Workbook => text,
    }
}

fn format_of(bytes: &[u8]) -> Result<Format, ReadError> {
    const OLD_OFFICE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    let unsupported = |found| Err(ReadError::UnsupportedFormat { found });
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Format::Workbook);
    }
    if bytes.starts_with(OLD_OFFICE) {
        return Err(ReadError::OldWorkbook);
    }
    if bytes.starts_with(b"%PDF-") {
        return unsupported("PDF");
    }
    if bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xFF\xD8\xFF") || bytes.starts_with(b"GIF8") {
        return unsupported("PNG, JPEG, GIF");
    }
    if bytes.starts_with(b"\x1F\x8B") || bytes.starts_with(b"Rar!") || bytes.starts_with(b"7z\xBC\xAF") {
        return unsupported("GZ, RAR, 7Z");
    }
    // Many systems save an HTML page or SpreadsheetML under the name .xls.
    let start: String = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).to_lowercase();
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if ["<html", "<!doctype", "<table", "<?xml", "<head", "<meta"]
        .iter()
        .any(|tag| start.starts_with(tag))
    {
        return unsupported("HTML, XML");
    }
    Ok(Format::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content() {
        let options = ReadOptions::default();
        for (bytes, code, word) in [
            (&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest"[..], "old_workbook", "password"),
            (b"%PDF-1.7", "unsupported_format", "PDF"),
            (b"\x89PNG\r\n", "unsupported_format", "PNG"),
            (b"\xEF\xBB\xBF<html><table>", "unsupported_format", "HTML"),
            (b"\x1F\x8B\x08", "unsupported_format", "GZ"),
        ] {
            let error = read(bytes, "vehicles.csv", &options).expect_err("is no table");
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn a_name_that_promises_another_format_is_noted() {
        let table = read(b"plate,km\nA,1\n", "vehicles.XLSX", &ReadOptions::default()).expect("is CSV");
        assert_eq!(table.notes, [Note::NameDiffers]);
        let table = read(b"plate,km\nA,1\n", "vehicles.csv", &ReadOptions::default()).expect("is CSV");
        assert!(table.notes.is_empty());
    }
}
