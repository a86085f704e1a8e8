//! Text with separators: encoding, delimiter, records.

use crate::builder::{Builder, RawRow};
use crate::error::ReadError;
use crate::table::{Encoding, ReadOptions, RowProblem, Table};
use std::borrow::Cow;

/// In the order in which they win a tie.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How much of the text is looked at to find the delimiter.
const SNIFF_BYTES: usize = 64 << 10;
const SNIFF_ROWS: usize = 100;

pub(crate) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Table, ReadError> {
    let text = decode(bytes, options.encoding)?;
    let (delimiter, skipped_lines, text) = delimiter_line(&text);
    let delimiter = delimiter.unwrap_or_else(|| sniff(text));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut builder = Builder::new(options);
    let mut lines = Lines {
        text: text.as_bytes(),
        offset: 0,
        line: 1 + skipped_lines,
    };
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                return Err(ReadError::Damaged {
                    detail: error.to_string(),
                });
            }
        }
        let start = record
            .position()
            .map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let (start, number) = lines.of_record_at(start);
        let mut problems = Vec::new();
        let cells: Vec<String> = record
            .iter()
            .enumerate()
            .map(|(column, cell)| unguarded(builder.cell(cell, column, &mut problems)))
            .collect();
        let end = usize::try_from(reader.position().byte())
            .unwrap_or(usize::MAX)
            .min(text.len());
        if end == text.len() && is_unclosed(&text.as_bytes()[start.min(end)..end]) {
            problems.push(RowProblem::UnclosedQuote);
        }
        builder.push(RawRow {
            number,
            cells,
            problems,
            counts_cells: true,
        })?;
    }
    builder.finish()
}

fn decode(bytes: &[u8], asked: Option<Encoding>) -> Result<Cow<'_, str>, ReadError> {
    let (encoding, bytes) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Encoding::Utf8, rest),
        [0xFF, 0xFE, rest @ ..] => (Encoding::Utf16LittleEndian, rest),
        [0xFE, 0xFF, rest @ ..] => (Encoding::Utf16BigEndian, rest),
        _ => (
            asked.or_else(|| utf_16_without_mark(bytes)).unwrap_or(Encoding::Utf8),
            bytes,
        ),
    };
    let text = match encoding {
        Encoding::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let good = &bytes[..error.valid_up_to()];
                let mut lines = Lines {
                    text: good,
                    offset: 0,
                    line: 1,
                };
                return Err(ReadError::NotUtf8 {
                    line: lines.at(good.len()),
                });
            }
        },
        Encoding::Utf16LittleEndian => encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0,
        Encoding::Utf16BigEndian => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
        Encoding::Windows1256 => encoding_rs::WINDOWS_1256.decode_without_bom_handling(bytes).0,
    };
    Ok(text)
}

/// UTF-16 of mostly Latin text shows as a NUL in every second byte.
fn utf_16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    let sample = &bytes[..bytes.len().min(1024) & !1];
    let pairs = sample.len() / 2;
    if pairs < 4 {
        return None;
    }
    let nul_at = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    if nul_at(1) * 10 > pairs * 7 && nul_at(0) == 0 {
        return Some(Encoding::Utf16LittleEndian);
    }
    (nul_at(0) * 10 > pairs * 7 && nul_at(1) == 0).then_some(Encoding::Utf16BigEndian)
}

/// The first line `sep=;` tells Excel the delimiter and is no content: delimiter, lines taken, the text behind it.
fn delimiter_line(text: &str) -> (Option<u8>, usize, &str) {
    let rest = text.strip_prefix("sep=").and_then(|rest| rest.split_at_checked(1));
    if let Some((delimiter, rest)) = rest
        && let Some(body) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r']))
    {
        return (Some(delimiter.as_bytes()[0]), 1, body);
    }
    (None, 0, text)
}

/// The delimiter that cuts most rows into the same number of cells, and more than one.
fn sniff(text: &str) -> u8 {
    let mut end = text.len().min(SNIFF_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut best = (b',', 0);
    for delimiter in DELIMITERS {
        let score = score(&text[..end], delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// Per mille of the rows that agree, doubled in weight against the number of columns they agree on.
fn score(text: &str, delimiter: u8) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let widths: Vec<usize> = reader
        .byte_records()
        .take(SNIFF_ROWS)
        .filter_map(Result::ok)
        .map(|row| row.len())
        .collect();
    let most = widths
        .iter()
        .map(|width| (widths.iter().filter(|other| *other == width).count(), *width))
        .max();
    match most {
        Some((count, width)) if width > 1 => count * 1000 / widths.len() * 2 + width.min(100),
        _ => 0,
    }
}

/// What [`crate::guarded`] put before a formula is taken away again: what is exported comes back as it was.
fn unguarded(mut cell: String) -> String {
    if cell.starts_with('\'') && cell[1..].starts_with(crate::csv_write::FORMULA_STARTS) {
        cell.remove(0);
    }
    cell
}

/// The last record runs to the end of the file because a quotation mark is missing.
fn is_unclosed(record: &[u8]) -> bool {
    let body = record.trim_ascii_end();
    body.contains(&b'\n') && body.split(|byte| *byte == b'"').count() % 2 == 0
}

/// Line numbers of rising offsets, each line end (`\n`, `\r\n`, lone `\r`) counted once.
struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        while self.offset < offset {
            let byte = self.text[self.offset];
            let next = self.text.get(self.offset + 1);
            if byte == b'\n' || byte == b'\r' && next != Some(&b'\n') {
                self.line += 1;
            }
            self.offset += 1;
        }
        self.line
    }

    /// Where the record that the reader found at `offset` really starts (it may have blank lines before it), and its line.
    fn of_record_at(&mut self, offset: usize) -> (usize, usize) {
        let mut start = offset.min(self.text.len());
        while matches!(self.text.get(start), Some(b'\r' | b'\n')) {
            start += 1;
        }
        (start, self.at(start))
    }
}
