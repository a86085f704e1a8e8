//! A provider's answer as rows, whatever its format.

use barq_plugin::{Failure, Result};
use barq_plugin_common::paging::{Answer, hash_of};
use barq_plugin_common::value::{at, text_of};
use serde_json::{Map, Value};

use crate::mapping::Mapping;
use crate::settings::Mode;

/// One page.
#[derive(Debug, Default)]
pub struct Reply {
    pub rows: Vec<Map<String, Value>>,
    pub last_page: Option<u32>,
    /// Whether the provider says that another page follows; `None` when it does not say.
    pub next: Option<bool>,
}

impl Reply {
    pub fn parse(mode: Mode, mapping: &Mapping, body: &[u8]) -> Result<Self> {
        match mode {
            Mode::Petroapp | Mode::Json => json(mapping, body),
            Mode::Csv => Ok(Self {
                rows: csv(mapping, body)?,
                next: Some(mapping.paged),
                ..Self::default()
            }),
        }
    }

    /// What paging goes by.
    pub fn answer(&self) -> Answer {
        Answer {
            rows: self.rows.len(),
            last_page: self.last_page,
            next: self.next,
            // Keys are sorted, so only content counts.
            hash: hash_of(self.rows.iter().map(|row| Value::Object(row.clone()).to_string())),
        }
    }
}

fn json(mapping: &Mapping, body: &[u8]) -> Result<Reply> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|e| Failure::transient("bad_reply", format!("The provider's answer is not JSON: {e}.")))?;
    if value.get("success") == Some(&Value::Bool(false)) {
        let message = value
            .get("message")
            .and_then(Value::as_str)
            .unwrap_or("no reason given");
        return Err(Failure::permanent(
            "provider_refused",
            format!("The provider refused: {message}."),
        ));
    }
    let list = mapping
        .rows
        .iter()
        .find_map(|path| at(&value, path).and_then(Value::as_array));
    let list = list.ok_or_else(|| {
        let where_ = mapping.rows.join(" or ");
        Failure::transient(
            "bad_reply",
            format!("The provider's answer has no list under {where_}."),
        )
    })?;
    let object = |row: &Value| row.as_object().cloned();
    let rows: Option<Vec<_>> = list.iter().map(object).collect();
    let rows = rows.ok_or_else(|| Failure::transient("bad_reply", "A row of the provider's list is not an object."))?;
    let last_page = mapping
        .last_page
        .iter()
        .find_map(|path| text_of(at(&value, path)?)?.parse().ok());
    let next = mapping
        .next
        .iter()
        .find_map(|path| at(&value, path))
        .map(|value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            _ => true,
        });
    let next = if mapping.paged { next } else { Some(false) };
    Ok(Reply {
        rows,
        last_page: last_page.filter(|_| mapping.paged),
        next,
    })
}

fn csv(mapping: &Mapping, body: &[u8]) -> Result<Vec<Map<String, Value>>> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Failure::permanent("bad_reply", "The provider's file is not UTF-8 text."))?;
    let text = text.trim_start_matches('\u{FEFF}');
    let first = text.lines().next().unwrap_or_default();
    if first.trim_start().starts_with(['<', '{']) {
        return Err(Failure::transient(
            "bad_reply",
            "The provider answered with a page instead of a CSV file.",
        ));
    }
    let delimiter = mapping.delimiter.unwrap_or_else(|| delimiter_of(first));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let bad = |e: csv::Error| Failure::transient("bad_reply", format!("The provider's file is not CSV: {e}."));
    let headers = reader.headers().map_err(bad)?.clone();
    let missing: Vec<_> = mapping
        .required_columns()
        .filter(|columns| !columns.iter().any(|c| headers.iter().any(|h| h == c)))
        .collect();
    if let Some(columns) = missing.first() {
        return Err(Failure::config(
            "missing_column",
            format!("The file has no column {}.", columns.join(" or ")),
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let cells = headers.iter().zip(record.iter());
        rows.push(
            cells
                .map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned())))
                .collect(),
        );
    }
    Ok(rows)
}

/// The one that stands in the header most often.
fn delimiter_of(header: &str) -> u8 {
    let count = |delimiter: &u8| header.bytes().filter(|b| b == delimiter).count();
    [b',', b';', b'\t', b'|']
        .into_iter()
        .rev()
        .max_by_key(count)
        .unwrap_or(b',')
}
