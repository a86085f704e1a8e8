//! A value of a field, between JSON and the database.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Kind;

/// A checked value of some kind, ready to be bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Text, choices and everything stored as text.
    Text(String),
    /// Whole numbers, and money in minor units.
    Integer(i64),
    /// Exact numbers.
    Decimal(Decimal),
    /// Calendar days.
    Date(NaiveDate),
    /// Points in time.
    Instant(DateTime<Utc>),
    /// Yes or no.
    Boolean(bool),
    /// Ids.
    Uuid(Uuid),
    /// Objects and lists.
    Json(serde_json::Value),
}

impl Value {
    /// Whether there is no value.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The JSON form that the API uses for a field of this kind.
    pub fn to_json(&self, kind: Kind) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text(text) => text.clone().into(),
            Self::Integer(minor) if matches!(kind, Kind::Money { .. }) => money_text(*minor).into(),
            Self::Integer(number) => (*number).into(),
            Self::Decimal(number) => match kind {
                Kind::Decimal { scale, .. } => format!("{number:.0$}", scale as usize).into(),
                _ => number.to_string().into(),
            },
            Self::Date(day) => day.to_string().into(),
            Self::Instant(at) => at.to_rfc3339_opts(SecondsFormat::Millis, true).into(),
            Self::Boolean(yes) => (*yes).into(),
            Self::Uuid(id) => id.to_string().into(),
            Self::Json(json) => json.clone(),
        }
    }
}

/// Minor units as a decimal string of major units: `-5` is `-0.05`.
pub fn money_text(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}
