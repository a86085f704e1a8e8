//! From what a caller gave to a checked value: strictly from JSON, leniently from the text of a file or a query.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::{Kind, Value, normalize_plate};

/// Why a value was refused: a stable code and the numbers its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code, a key of the catalogue's `problem` section.
    pub code: &'static str,
    /// What fills the sentence's `{name}` holes.
    pub params: Vec<(&'static str, String)>,
}

fn refuse<T>(code: &'static str) -> Result<T, Refusal> {
    Err(Refusal {
        code,
        params: Vec::new(),
    })
}

fn refuse_with<T>(code: &'static str, name: &'static str, value: impl ToString) -> Result<T, Refusal> {
    Err(Refusal {
        code,
        params: vec![(name, value.to_string())],
    })
}

/// Largest amount and exact number: 15 digits before the point, so that sums of many rows still fit.
const LARGEST: i64 = 999_999_999_999_999;

/// Arabic-Indic and Persian digits and marks as ASCII.
pub fn ascii_digits(raw: &str) -> String {
    raw.chars()
        .map(|character| match character {
            '٠'..='٩' => char::from(b'0' + u8::try_from(u32::from(character) - 0x660).unwrap_or(0)),
            '۰'..='۹' => char::from(b'0' + u8::try_from(u32::from(character) - 0x6f0).unwrap_or(0)),
            '٫' => '.',
            other => other,
        })
        .collect()
}

impl Kind {
    /// A value from JSON, in exactly the form the API documents.
    pub fn parse(self, json: &Json) -> Result<Value, Refusal> {
        match (self, json) {
            (_, Json::Null) => Ok(Value::Null),
            (Self::Json, Json::Object(_) | Json::Array(_)) => Ok(Value::Json(json.clone())),
            (Self::Json, _) => refuse("not_an_object"),
            (Self::Boolean, Json::Bool(yes)) => Ok(Value::Boolean(*yes)),
            (Self::Boolean, _) => refuse("not_a_boolean"),
            (Self::Integer { min, max }, Json::Number(number)) => match number.as_i64().or_else(|| whole(number)) {
                Some(value) => in_range(value, min, max),
                None => refuse("not_a_whole_number"),
            },
            (Self::Integer { .. }, _) => refuse("not_a_whole_number"),
            (Self::Decimal { .. } | Self::Money { .. }, Json::Number(number)) => self.parse_text(&number.to_string()),
            (_, Json::String(text)) => self.parse_exact(text),
            (Self::Decimal { .. } | Self::Money { .. }, _) => refuse("not_a_number"),
            _ => refuse("not_text"),
        }
    }

    /// A value from JSON text: no trimming, no synonyms.
    fn parse_exact(self, text: &str) -> Result<Value, Refusal> {
        match self {
            Self::Choice { values } => match values.contains(&text) {
                true => Ok(Value::Text(text.into())),
                false => refuse_with("not_a_choice", "allowed", values.join(", ")),
            },
            Self::Date => match text.parse::<NaiveDate>() {
                Ok(day) if text.len() == 10 => sane_day(day),
                _ => refuse("not_a_date"),
            },
            Self::Instant => match DateTime::parse_from_rfc3339(text) {
                Ok(at) => sane_day(at.date_naive()).map(|_| Value::Instant(at.with_timezone(&Utc))),
                Err(_) => refuse("not_an_instant"),
            },
            _ => self.parse_text(text),
        }
    }

    /// A value from the text of a file's cell or a query string.
    pub fn parse_text(self, raw: &str) -> Result<Value, Refusal> {
        if raw.is_empty() {
            return Ok(Value::Null);
        }
        match self {
            Self::Text { max } => plain_text(raw, max, false),
            Self::LongText { max } => plain_text(raw, max, true),
            Self::Choice { values } => match values.iter().find(|value| same_word(value, raw)) {
                Some(value) => Ok(Value::Text((*value).into())),
                None => refuse_with("not_a_choice", "allowed", values.join(", ")),
            },
            Self::Integer { min, max } => match whole_text(&ascii_digits(raw)) {
                Some(value) => in_range(value, min, max),
                None => refuse("not_a_whole_number"),
            },
            Self::Decimal { scale, signed } => exact(raw, scale, signed).map(Value::Decimal),
            Self::Money { signed } => minor_units(raw, signed),
            Self::Date => match ascii_digits(raw).parse::<NaiveDate>() {
                Ok(day) => sane_day(day),
                Err(_) => refuse("not_a_date"),
            },
            Self::Instant => match raw.parse::<DateTime<Utc>>() {
                Ok(at) => Ok(Value::Instant(at)),
                Err(_) => refuse("not_an_instant"),
            },
            Self::Boolean => match raw.to_lowercase().as_str() {
                "true" | "yes" | "1" | "y" | "on" | "نعم" => Ok(Value::Boolean(true)),
                "false" | "no" | "0" | "n" | "off" | "لا" => Ok(Value::Boolean(false)),
                _ => refuse("not_a_boolean"),
            },
            Self::Time => time(raw),
            Self::Reference { .. } | Self::Member | Self::File => match uuid::Uuid::try_parse(raw) {
                Ok(id) => Ok(Value::Uuid(id)),
                Err(_) => refuse("not_an_id"),
            },
            Self::Json => match serde_json::from_str::<Json>(raw) {
                Ok(json @ (Json::Object(_) | Json::Array(_))) => Ok(Value::Json(json)),
                _ => refuse("not_an_object"),
            },
            Self::Phone => phone(raw),
            Self::Email => email(raw),
            Self::Iban => iban(raw),
            Self::NationalId => national_id(raw),
            Self::Plate => match normalize_plate(raw) {
                Some(plate) => Ok(Value::Text(plate)),
                None => refuse("not_a_plate"),
            },
        }
    }
}

/// Hours and minutes, with or without seconds, which are dropped.
fn time(raw: &str) -> Result<Value, Refusal> {
    let text = ascii_digits(raw.trim());
    let parsed = ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|form| chrono::NaiveTime::parse_from_str(&text, form).ok());
    match parsed {
        Some(time) => Ok(Value::Text(time.format("%H:%M").to_string())),
        None => refuse("not_a_time"),
    }
}

fn same_word(value: &str, raw: &str) -> bool {
    let fold = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
    fold(raw) == value
}

/// A JSON number such as `3.0` is the whole number 3, as JSON Schema has it.
fn whole(number: &serde_json::Number) -> Option<i64> {
    whole_text(&number.to_string())
}

fn whole_text(text: &str) -> Option<i64> {
    let number = text
        .trim()
        .parse::<Decimal>()
        .or_else(|_| Decimal::from_scientific(text.trim()))
        .ok()?;
    if number.fract().is_zero() {
        i64::try_from(number.trunc()).ok()
    } else {
        None
    }
}

fn in_range(value: i64, min: i64, max: i64) -> Result<Value, Refusal> {
    if value < min {
        refuse_with("too_small", "min", min)
    } else if value > max {
        refuse_with("too_large", "max", max)
    } else {
        Ok(Value::Integer(value))
    }
}

/// Years beyond these are slips of the pen; the database and calendars agree on everything between.
fn sane_day(day: NaiveDate) -> Result<Value, Refusal> {
    use chrono::Datelike;
    if (1900..=2200).contains(&day.year()) {
        Ok(Value::Date(day))
    } else {
        refuse("date_out_of_range")
    }
}

fn plain_text(raw: &str, max: u32, lines: bool) -> Result<Value, Refusal> {
    let forbidden = |character: char| character.is_control() && !(lines && matches!(character, '\n' | '\r' | '\t'));
    if raw.chars().any(forbidden) {
        refuse("bad_character")
    } else if raw.trim().is_empty() {
        refuse("blank")
    } else if raw.chars().count() > max as usize {
        refuse_with("too_long", "max", max)
    } else {
        Ok(Value::Text(raw.into()))
    }
}

fn exact(raw: &str, scale: u32, signed: bool) -> Result<Decimal, Refusal> {
    let text = ascii_digits(raw).replace(['٬', ' ', '\u{a0}'], "");
    // "1,234.50" has grouping commas; a single comma before one or two last digits is a decimal comma.
    let text = match text.split_once(',') {
        Some((_, cents)) if !text.contains('.') && matches!(cents.len(), 1 | 2) => text.replace(',', "."),
        _ => text.replace(',', ""),
    };
    let Ok(number) = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&text)) else {
        return refuse("not_a_number");
    };
    if number.is_sign_negative() && !number.is_zero() && !signed {
        return refuse_with("too_small", "min", 0);
    }
    // The column has 18 digits; what the fraction takes, the whole part lacks.
    let largest = LARGEST.min(10_i64.pow(18_u32.saturating_sub(scale)) - 1);
    if number.abs() >= Decimal::from(largest + 1) {
        return refuse_with("too_large", "max", largest);
    }
    if number.normalize().scale() > scale {
        return refuse_with("too_precise", "scale", scale);
    }
    Ok(number)
}

fn minor_units(raw: &str, signed: bool) -> Result<Value, Refusal> {
    let minor = exact(raw, 2, signed)? * Decimal::from(100);
    i64::try_from(minor)
        .map(Value::Integer)
        .or_else(|_| refuse("not_a_number"))
}

/// E.164; Saudi mobiles are accepted as people write them: 05…, 5…, 9665…, 009665…, +9665….
fn phone(raw: &str) -> Result<Value, Refusal> {
    let text = ascii_digits(raw);
    let trimmed = text.trim();
    if !trimmed
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.'))
    {
        return refuse("not_a_phone");
    }
    let digits: String = trimmed.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("00").unwrap_or(&digits);
    let full = match national.len() {
        10 if national.starts_with("05") => format!("966{}", &national[1..]),
        9 if national.starts_with('5') && !trimmed.starts_with('+') => format!("966{national}"),
        _ => national.to_owned(),
    };
    if (9..=15).contains(&full.len()) && !full.starts_with('0') {
        Ok(Value::Text(format!("+{full}")))
    } else {
        refuse("not_a_phone")
    }
}

fn email(raw: &str) -> Result<Value, Refusal> {
    let good = |(local, domain): (&str, &str)| {
        (1..=64).contains(&local.len())
            && domain.len() <= 190
            && domain.split('.').count() >= 2
            && domain.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && !label.starts_with('-')
            })
            && !local.starts_with('.')
            && !local.ends_with('.')
    };
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "()<>[]:;,\\\"".contains(c);
    if raw.chars().any(forbidden) || raw.matches('@').count() != 1 || !raw.split_once('@').is_some_and(good) {
        return refuse("not_an_email");
    }
    Ok(Value::Text(raw.to_lowercase()))
}

/// ISO 13616: checksum 97; a Saudi number has 24 characters.
fn iban(raw: &str) -> Result<Value, Refusal> {
    let text: String = ascii_digits(raw)
        .chars()
        .filter(|c| *c != ' ')
        .collect::<String>()
        .to_uppercase();
    let shape = (15..=34).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && text.chars().take(2).all(|c| c.is_ascii_uppercase())
        && (!text.starts_with("SA") || text.len() == 24);
    if !shape {
        return refuse("not_an_iban");
    }
    let rest = text[4..]
        .chars()
        .chain(text[..4].chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0_u32, |sum, digit| {
            if digit > 9 {
                (sum * 100 + digit) % 97
            } else {
                (sum * 10 + digit) % 97
            }
        });
    if rest == 1 {
        Ok(Value::Text(text))
    } else {
        refuse("bad_checksum")
    }
}

/// Ten digits that begin with 1 (citizens) or 2 (residents), Luhn checksum.
fn national_id(raw: &str) -> Result<Value, Refusal> {
    let text = ascii_digits(raw.trim());
    if text.len() != 10 || !text.chars().all(|c| c.is_ascii_digit()) || !text.starts_with(['1', '2']) {
        return refuse("not_a_national_id");
    }
    let sum: u32 = text
        .chars()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                digit
            }
        })
        .sum();
    if sum.is_multiple_of(10) {
        Ok(Value::Text(text))
    } else {
        refuse("bad_checksum")
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
