//! Rows become JSON in Rust, straight from the database's binary values: no value tree, no JSON built by the database.

use std::borrow::Cow;
use std::io::Write;

use chrono::{Datelike, Days, NaiveDate};
use platform_core::Problem;
use platform_resource::{Kind, Resource};
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Row, ValueRef};
use uuid::Uuid;

/// How a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As a field of this kind.
    Field(Kind),
    /// As text, for titles of referenced rows.
    Title,
}

/// One column of an answer.
#[derive(Clone, Debug)]
pub struct Column {
    /// JSON key.
    pub key: Cow<'static, str>,
    /// How it is written.
    pub form: Form,
}

impl Column {
    /// A column with its key.
    pub fn new(key: impl Into<Cow<'static, str>>, form: Form) -> Self {
        Self { key: key.into(), form }
    }
}

const VERSION: Kind = Kind::Integer { min: 1, max: i64::MAX };

/// The columns that every row has, before its fields.
pub fn standard_columns() -> [Column; 4] {
    const ID: Kind = Kind::Reference { to: "" };
    [
        Column::new("id", Form::Field(ID)),
        Column::new("version", Form::Field(VERSION)),
        Column::new("created_at", Form::Field(Kind::Instant)),
        Column::new("updated_at", Form::Field(Kind::Instant)),
    ]
}

/// The kind of a standard column or of a field.
pub fn kind_of(resource: &Resource, name: &str) -> Option<Kind> {
    match name {
        "id" => Some(Kind::Reference { to: "" }),
        "version" => Some(VERSION),
        "created_at" | "updated_at" => Some(Kind::Instant),
        _ => resource.field(name).map(|field| field.kind),
    }
}

/// Writes one row as a JSON object.
pub fn write_row(out: &mut Vec<u8>, row: &PgRow, columns: &[Column]) -> Result<(), Problem> {
    out.push(b'{');
    for (place, column) in columns.iter().enumerate() {
        out.extend_from_slice(if place > 0 { b",\"" } else { b"\"" });
        out.extend_from_slice(column.key.as_bytes());
        out.extend_from_slice(b"\":");
        write_value(out, &row.try_get_raw(place)?, column.form).map_err(|error| Problem::internal(&error))?;
    }
    out.push(b'}');
    Ok(())
}

/// Seconds and microseconds count from here in the database's binary forms.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar");

fn write_value(out: &mut Vec<u8>, value: &PgValueRef<'_>, form: Form) -> Result<(), sqlx::error::BoxDynError> {
    if value.is_null() {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    let bytes = value.as_bytes()?;
    let Form::Field(kind) = form else {
        serde_json::to_writer(out, std::str::from_utf8(bytes)?)?;
        return Ok(());
    };
    match kind {
        Kind::Integer { .. } => serde_json::to_writer(out, &integer(bytes)?)?,
        Kind::Money { .. } => write_money(out, integer(bytes)?),
        Kind::Decimal { scale, .. } => write_decimal(out, bytes, scale as usize)?,
        Kind::Date => {
            out.push(b'"');
            write_day(out, i64::from(i32::from_be_bytes(bytes.try_into()?)));
            out.push(b'"');
        }
        Kind::Instant => write_instant(out, integer(bytes)?),
        Kind::Boolean => out.extend_from_slice(if bytes == [1] { b"true" } else { b"false" }),
        Kind::Reference { .. } | Kind::Member | Kind::File => {
            let mut text = [0; 36];
            out.push(b'"');
            out.extend_from_slice(Uuid::from_slice(bytes)?.hyphenated().encode_lower(&mut text).as_bytes());
            out.push(b'"');
        }
        // The first byte is the version of the binary form.
        Kind::Json => out.extend_from_slice(bytes.get(1..).unwrap_or(b"null")),
        Kind::Text { .. }
        | Kind::LongText { .. }
        | Kind::Choice { .. }
        | Kind::Time
        | Kind::Phone
        | Kind::Email
        | Kind::Iban
        | Kind::NationalId
        | Kind::Plate => serde_json::to_writer(out, std::str::from_utf8(bytes)?)?,
    }
    Ok(())
}

fn integer(bytes: &[u8]) -> Result<i64, sqlx::error::BoxDynError> {
    Ok(i64::from_be_bytes(bytes.try_into()?))
}

/// The binary form: count, weight, sign and scale, then groups of four digits, of which the first is worth 10000^weight.
fn write_decimal(out: &mut Vec<u8>, bytes: &[u8], scale: usize) -> Result<(), sqlx::error::BoxDynError> {
    let part = |place: usize| {
        bytes
            .get(place * 2..place * 2 + 2)
            .map(|two| i16::from_be_bytes([two[0], two[1]]))
    };
    let (count, weight, sign) = (
        part(0).ok_or("count")?,
        part(1).ok_or("weight")?,
        part(2).ok_or("sign")?,
    );
    out.extend_from_slice(match sign {
        0 => b"\"",
        0x4000 => b"\"-",
        _ => return Err("not a number".into()),
    });
    let group = |place: i16| {
        let group = if (0..count).contains(&place) {
            part(4 + usize::try_from(place).ok()?)
        } else {
            Some(0)
        };
        group.and_then(|group| u32::try_from(group).ok())
    };
    serde_json::to_writer(&mut *out, &group(0).filter(|_| weight >= 0).unwrap_or(0))?;
    for place in 1..=weight {
        four(out, group(place).ok_or("digits")?);
    }
    if scale > 0 {
        out.push(b'.');
        let end = out.len() + scale;
        for place in weight + 1.. {
            if out.len() >= end {
                break;
            }
            four(out, group(place).ok_or("digits")?);
        }
        out.truncate(end);
    }
    out.push(b'"');
    Ok(())
}

fn four(out: &mut Vec<u8>, number: u32) {
    two(out, number / 100);
    two(out, number);
}

fn write_money(out: &mut Vec<u8>, minor: i64) {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    // Writing into memory does not fail.
    let _ = write!(out, "\"{sign}{}.{:02}\"", minor / 100, minor % 100);
}

fn two(out: &mut Vec<u8>, number: u32) {
    out.push(b'0' + u8::try_from(number / 10 % 10).unwrap_or(0));
    out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
}

fn write_day(out: &mut Vec<u8>, days: i64) {
    let distance = Days::new(days.unsigned_abs());
    let day = if days < 0 {
        EPOCH.checked_sub_days(distance)
    } else {
        EPOCH.checked_add_days(distance)
    };
    let day = day.unwrap_or(EPOCH);
    let year = u32::try_from(day.year()).unwrap_or(0);
    two(out, year / 100);
    two(out, year % 100);
    out.push(b'-');
    two(out, day.month());
    out.push(b'-');
    two(out, day.day());
}

/// RFC 3339 in UTC with milliseconds.
fn write_instant(out: &mut Vec<u8>, micros: i64) {
    const DAY: i64 = 86_400_000_000;
    let rest = u64::try_from(micros.rem_euclid(DAY)).unwrap_or(0);
    let part = |divisor: u64, modulus: u64| u32::try_from(rest / divisor % modulus).unwrap_or(0);
    out.push(b'"');
    write_day(out, micros.div_euclid(DAY));
    out.push(b'T');
    two(out, part(3_600_000_000, 24));
    out.push(b':');
    two(out, part(60_000_000, 60));
    out.push(b':');
    two(out, part(1_000_000, 60));
    out.push(b'.');
    let millis = part(1000, 1000);
    out.push(b'0' + u8::try_from(millis / 100).unwrap_or(0));
    two(out, millis % 100);
    out.extend_from_slice(b"Z\"");
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, SecondsFormat, Utc};

    use super::*;

    #[test]
    fn instants_are_written_as_chrono_writes_them() {
        for text in [
            "2026-11-22T17:45:16.123Z",
            "1999-12-31T23:59:59.999Z",
            "2000-01-01T00:00:00.000Z",
        ] {
            let at: DateTime<Utc> = text.parse().expect("an instant");
            let epoch = EPOCH.and_hms_opt(0, 0, 0).expect("midnight").and_utc();
            let mut out = Vec::new();
            write_instant(&mut out, (at - epoch).num_microseconds().expect("in range"));
            let expected = format!("\"{}\"", at.to_rfc3339_opts(SecondsFormat::Millis, true));
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
    }

    #[test]
    fn decimals_are_written_with_their_scale() {
        let cases: [(&[u16], usize, &str); 7] = [
            (&[0, 0, 0, 2], 2, "\"0.00\""),
            (&[2, 0, 0, 3, 31, 2500], 3, "\"31.250\""),
            (&[1, 1, 0x4000, 2, 12], 2, "\"-120000.00\""),
            (&[3, 1, 0, 2, 1, 2, 300], 2, "\"10002.03\""),
            (&[1, 0xFFFF, 0, 4, 7], 4, "\"0.0007\""),
            (&[1, 0xFFFE, 0, 7, 7000], 7, "\"0.0000700\""),
            (&[1, 0, 0, 0, 42], 0, "\"42\""),
        ];
        for (parts, scale, text) in cases {
            let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_be_bytes()).collect();
            let mut out = Vec::new();
            write_decimal(&mut out, &bytes, scale).expect("a number");
            assert_eq!(String::from_utf8(out).expect("text"), text);
        }
    }

    #[test]
    fn amounts_keep_their_sign() {
        for (minor, text) in [(0, "\"0.00\""), (-5, "\"-0.05\""), (123_456, "\"1234.56\"")] {
            let mut out = Vec::new();
            write_money(&mut out, minor);
            assert_eq!(String::from_utf8(out).expect("text"), text);
        }
    }
}
