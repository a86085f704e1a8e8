//! A row as rules see it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A row in the API's JSON form: money and decimals as strings, days as `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record(pub Map<String, Json>);

impl Record {
    /// The raw JSON of a field, `null` when absent.
    pub fn get(&self, field: &str) -> &Json {
        self.0.get(field).unwrap_or(&Json::Null)
    }

    /// Whether the field has a value.
    pub fn has(&self, field: &str) -> bool {
        !self.get(field).is_null()
    }

    /// Whether the field is exactly this text.
    pub fn is(&self, field: &str, text: &str) -> bool {
        self.text(field) == Some(text)
    }

    /// The field's text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).as_str()
    }

    /// The field's whole number.
    pub fn integer(&self, field: &str) -> Option<i64> {
        self.get(field).as_i64()
    }

    /// The field's exact number or amount in major units.
    pub fn decimal(&self, field: &str) -> Option<Decimal> {
        self.text(field)?.parse().ok()
    }

    /// The field's day.
    pub fn date(&self, field: &str) -> Option<NaiveDate> {
        self.text(field)?.parse().ok()
    }

    /// The field's point in time.
    pub fn instant(&self, field: &str) -> Option<DateTime<Utc>> {
        self.text(field)?.parse().ok()
    }

    /// The field's id.
    pub fn uuid(&self, field: &str) -> Option<Uuid> {
        self.text(field)?.parse().ok()
    }

    /// The row as a typed struct, for rules with an exhaustive match.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Json::Object(self.0.clone()))
    }
}

/// A rule that a row breaks: which field, and a stable code that both languages have words for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field at which the console shows it.
    pub field: &'static str,
    /// Stable code, a key of the catalogue's `problem` section.
    pub code: &'static str,
}

impl Violation {
    /// A broken rule at a field.
    pub const fn new(field: &'static str, code: &'static str) -> Self {
        Self { field, code }
    }
}
