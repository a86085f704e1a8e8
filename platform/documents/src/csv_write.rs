//! CSV out: UTF-8, commas, CRLF, and no cell that a spreadsheet would run.

use crate::error::WriteError;
use std::borrow::Cow;
use std::io::Write;

/// A spreadsheet takes a cell that begins with one of these for a formula.
pub(crate) const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// How the file is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct CsvOptions {
    /// Without the mark Excel reads Arabic as another encoding.
    pub byte_order_mark: bool,
}

/// The cell with an apostrophe before it when a spreadsheet would take it for a formula. A plain negative number cannot
/// be one and stays, so that sums keep working.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA_STARTS) && !is_negative_number(cell) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

fn is_negative_number(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix('-') else {
        return false;
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

/// Writes row by row to where it is told; nothing is kept in memory.
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
    columns: usize,
    rows: usize,
}

impl<W: Write> CsvWriter<W> {
    /// Starts the file with its header line.
    pub fn new(mut out: W, headers: &[impl AsRef<str>], options: CsvOptions) -> Result<Self, WriteError> {
        if options.byte_order_mark {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        let mut this = Self {
            writer,
            columns: headers.len(),
            rows: 0,
        };
        this.record(headers)?;
        Ok(this)
    }

    /// Adds a row, which must have a cell for each header.
    pub fn row(&mut self, cells: &[impl AsRef<str>]) -> Result<(), WriteError> {
        self.rows += 1;
        if cells.len() != self.columns {
            return Err(WriteError::Ragged {
                row: self.rows,
                expected: self.columns,
                found: cells.len(),
            });
        }
        self.record(cells)
    }

    fn record(&mut self, cells: &[impl AsRef<str>]) -> Result<(), WriteError> {
        for cell in cells {
            self.writer.write_field(guarded(cell.as_ref()).as_bytes())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes what is still buffered and gives the output back.
    pub fn finish(self) -> Result<W, WriteError> {
        self.writer
            .into_inner()
            .map_err(|error| WriteError::Output(error.into_error()))
    }
}

/// Headers and rows as CSV into `out`; answers the number of rows.
pub fn write_csv<W: Write, R: AsRef<[C]>, C: AsRef<str>>(
    out: W,
    headers: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
    options: CsvOptions,
) -> Result<usize, WriteError> {
    let mut writer = CsvWriter::new(out, headers, options)?;
    for row in rows {
        writer.row(row.as_ref())?;
    }
    let rows = writer.rows;
    writer.finish()?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadOptions, read};

    fn written(rows: &[Vec<&str>], byte_order_mark: bool) -> Vec<u8> {
        let mut out = Vec::new();
        write_csv(&mut out, &["name", "note"], rows, CsvOptions { byte_order_mark }).expect("memory does not fail");
        out
    }

    #[test]
    fn formulas_are_disarmed() {
        for cell in [
            "=1+1",
            "+1",
            "-1+1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "-",
            "--1",
            "-1.",
            "=HYPERLINK(\"x\")",
            "+966500000000",
        ] {
            assert_eq!(guarded(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["-1", "-12.50", "1", "a=b", "", "٣"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn the_file_is_what_excel_expects() {
        let out = written(&[vec!["سيارة", "a,\"b\"\nc"], vec!["", ""]], true);
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            "\u{feff}name,note\r\nسيارة,\"a,\"\"b\"\"\nc\"\r\n,\r\n"
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let rows = vec![
            vec!["=1+1", "-5"],
            vec!["أحمد", "two\nlines"],
            vec!["'quoted'", "x;y|z"],
        ];
        let table = read(&written(&rows, true), "x.csv", &ReadOptions::default()).expect("reads back");
        let cells: Vec<Vec<&str>> = table
            .rows
            .iter()
            .map(|row| row.cells.iter().map(String::as_str).collect())
            .collect();
        assert_eq!(cells, rows);
    }

    #[test]
    fn a_row_of_another_length_is_refused() {
        let error = write_csv(Vec::new(), &["a", "b"], [vec!["1"]], CsvOptions::default()).expect_err("is ragged");
        assert_eq!(error.to_string(), "row 1 has 1 cells for 2 headers");
    }
}
