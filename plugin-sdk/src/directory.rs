//! Rows of the organization the manifest asks to read and the administrator granted.

use serde::de::DeserializeOwned;

use crate::bindings::barq::plugin::directory::{self, Condition, DirectoryError, Operator, Query as RawQuery, Row};
use crate::{Failure, Result};

/// Rows of one page.
const PAGE: u32 = 200;

/// A question being put together: `directory::read("fleet.vehicles", &["plate_number"]).equals("status", "active")`.
#[derive(Debug)]
pub struct Query(RawQuery);

/// Begins a question about the rows of `source`.
pub fn read(source: &str, fields: &[&str]) -> Query {
    Query(RawQuery {
        source: source.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        conditions: Vec::new(),
        cursor: None,
        limit: PAGE,
    })
}

/// One row by its id.
pub fn get<T: DeserializeOwned>(source: &str, id: &str, fields: &[&str]) -> Result<Option<T>> {
    let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    let row = directory::get(source, id, &fields).map_err(failure)?;
    row.map(|row| parsed(&row)).transpose()
}

impl Query {
    fn condition(mut self, field: &str, operator: Operator, values: Vec<String>) -> Self {
        self.0.conditions.push(Condition {
            field: field.to_owned(),
            operator,
            values,
        });
        self
    }

    pub fn equals(self, field: &str, value: impl std::fmt::Display) -> Self {
        self.condition(field, Operator::Equals, vec![value.to_string()])
    }

    /// Any of up to 100 values.
    pub fn any_of(self, field: &str, values: &[&str]) -> Self {
        self.condition(
            field,
            Operator::AnyOf,
            values.iter().map(|value| (*value).to_owned()).collect(),
        )
    }

    pub fn at_least(self, field: &str, value: impl std::fmt::Display) -> Self {
        self.condition(field, Operator::AtLeast, vec![value.to_string()])
    }

    pub fn at_most(self, field: &str, value: impl std::fmt::Display) -> Self {
        self.condition(field, Operator::AtMost, vec![value.to_string()])
    }

    pub fn contains(self, field: &str, text: &str) -> Self {
        self.condition(field, Operator::Contains, vec![text.to_owned()])
    }

    /// Rows and the cursor of the next page.
    pub fn page<T: DeserializeOwned>(mut self, cursor: Option<String>) -> Result<(Vec<T>, Option<String>)> {
        self.0.cursor = cursor;
        let page = directory::read(&self.0).map_err(failure)?;
        let rows: Result<Vec<T>> = page.rows.iter().map(parsed).collect();
        Ok((rows?, page.cursor))
    }

    /// The first row, if there is any.
    pub fn first<T: DeserializeOwned>(mut self) -> Result<Option<T>> {
        self.0.limit = 1;
        Ok(self.page(None)?.0.into_iter().next())
    }
}

fn parsed<T: DeserializeOwned>(row: &Row) -> Result<T> {
    serde_json::from_str(&row.json).map_err(|e| Failure::permanent("row", format!("A row is not as expected: {e}.")))
}

fn failure(error: DirectoryError) -> Failure {
    match error {
        DirectoryError::Denied(why) => Failure::config("denied", format!("The rows may not be read: {why}.")),
        DirectoryError::Invalid(why) => Failure::permanent("query", format!("The question cannot be answered: {why}.")),
        DirectoryError::Budget => Failure::permanent("budget", "More rows were asked for than one call may read."),
        DirectoryError::Unavailable(_) | DirectoryError::Other(_) => {
            Failure::transient("storage", "Rows cannot be read at the moment.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_says_what_was_asked() {
        let Query(query) = read("fleet.vehicles", &["plate_number", "status"])
            .equals("status", "active")
            .any_of("brand", &["Toyota", "Hyundai"])
            .at_least("odometer_km", 1_000);
        assert_eq!(query.fields, ["plate_number", "status"]);
        let conditions: Vec<_> = query
            .conditions
            .iter()
            .map(|c| (c.field.as_str(), c.values.len()))
            .collect();
        assert_eq!(conditions, [("status", 1), ("brand", 2), ("odometer_km", 1)]);
        assert_eq!(query.conditions[2].values, ["1000"]);
    }
}
