//! Rows of the organization, as far as the manifest asks for them and the administrator granted them.

use serde::{Deserialize, Serialize};

use crate::host::BoxFuture;

const MAX_FIELDS: usize = 64;
const MAX_CONDITIONS: usize = 16;
const MAX_VALUES: usize = 100;
const MAX_VALUE_LENGTH: usize = 500;
const MAX_ROWS: u32 = 200;

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    Equals,
    AnyOf,
    AtLeast,
    AtMost,
    Contains,
}

/// One condition; those of a query hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub field: String,
    pub operator: Operator,
    /// As the product's API writes them.
    pub values: Vec<String>,
}

/// A question about rows of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryQuery {
    /// The resource, for example `fleet.vehicles`.
    pub source: String,
    pub fields: Vec<String>,
    pub conditions: Vec<Condition>,
    pub cursor: Option<String>,
    pub limit: u32,
}

/// A row with the fields that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRow {
    pub id: String,
    /// One JSON object.
    pub json: String,
}

/// A page of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPage {
    pub rows: Vec<DirectoryRow>,
    pub cursor: Option<String>,
}

/// Why there are no rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DirectoryError {
    /// Not asked for in the manifest, not granted, or not permitted.
    Denied(String),
    /// The query cannot be understood.
    Invalid(String),
    Budget,
    Unavailable(String),
}

/// Answers with the product's own engine, as the installation and under its permissions. Resource and fields were checked
/// against the grants before it is asked.
pub trait Directory: Send + Sync {
    fn read<'a>(&'a self, query: &'a DirectoryQuery) -> BoxFuture<'a, Result<DirectoryPage, DirectoryError>>;

    /// One row by its id.
    fn get<'a>(
        &'a self,
        source: &'a str,
        id: &'a str,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Option<DirectoryRow>, DirectoryError>>;
}

/// For calls that read nothing.
pub struct NoDirectory;

impl Directory for NoDirectory {
    fn read<'a>(&'a self, _: &'a DirectoryQuery) -> BoxFuture<'a, Result<DirectoryPage, DirectoryError>> {
        let denied = DirectoryError::Denied("no rows are offered to this call".to_owned());
        Box::pin(std::future::ready(Err(denied)))
    }

    fn get<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        _: &'a [String],
    ) -> BoxFuture<'a, Result<Option<DirectoryRow>, DirectoryError>> {
        let denied = DirectoryError::Denied("no rows are offered to this call".to_owned());
        Box::pin(std::future::ready(Err(denied)))
    }
}

/// A resource the administrator granted, with the fields of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadGrant {
    pub resource: String,
    pub fields: Vec<String>,
}

/// Whether these fields of this resource may be read.
pub(crate) fn permitted<'a>(
    grants: &[ReadGrant],
    source: &str,
    fields: impl IntoIterator<Item = &'a String>,
) -> Result<(), DirectoryError> {
    let granted: Vec<_> = grants.iter().filter(|grant| grant.resource == source).collect();
    if granted.is_empty() {
        return Err(DirectoryError::Denied(format!(
            "{source:?} is not granted to this plugin"
        )));
    }
    let missing = fields
        .into_iter()
        .find(|field| *field != "id" && !granted.iter().any(|grant| grant.fields.contains(field)));
    match missing {
        Some(field) => Err(DirectoryError::Denied(format!(
            "the field {field:?} of {source} is not granted"
        ))),
        None => Ok(()),
    }
}

/// Whether the query makes sense; its conditions count as reading.
pub(crate) fn check(grants: &[ReadGrant], query: &DirectoryQuery) -> Result<(), DirectoryError> {
    let invalid = |why: &str| Err(DirectoryError::Invalid(why.to_owned()));
    if query.limit == 0 || query.limit > MAX_ROWS {
        return invalid("the limit is 1 to 200");
    }
    if query.fields.is_empty() || query.fields.len() > MAX_FIELDS {
        return invalid("1 to 64 fields can be asked for");
    }
    if query.conditions.len() > MAX_CONDITIONS {
        return invalid("at most 16 conditions");
    }
    for condition in &query.conditions {
        let values = &condition.values;
        let many = condition.operator == Operator::AnyOf;
        if values.is_empty() || values.len() > if many { MAX_VALUES } else { 1 } {
            return invalid("a condition has one value, any-of 1 to 100");
        }
        if values.iter().any(|value| value.len() > MAX_VALUE_LENGTH) {
            return invalid("a value has at most 500 bytes");
        }
    }
    let compared = query.conditions.iter().map(|condition| &condition.field);
    permitted(grants, &query.source, query.fields.iter().chain(compared))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &[&str], condition: Option<(&str, Operator, usize)>) -> DirectoryQuery {
        DirectoryQuery {
            source: "fleet.vehicles".into(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            conditions: condition
                .map(|(field, operator, values)| Condition {
                    field: field.into(),
                    operator,
                    values: vec!["x".into(); values],
                })
                .into_iter()
                .collect(),
            cursor: None,
            limit: 200,
        }
    }

    #[test]
    fn only_granted_fields_are_read_or_compared() {
        let grants = [ReadGrant {
            resource: "fleet.vehicles".into(),
            fields: vec!["plate_number".into(), "status".into()],
        }];
        let verdict = |query: &DirectoryQuery| check(&grants, query);
        assert_eq!(
            verdict(&query(&["plate_number", "id"], Some(("status", Operator::Equals, 1)))),
            Ok(())
        );
        for denied in [
            query(&["purchase_price"], None),
            // A field that may not be read may not be guessed at either.
            query(&["status"], Some(("purchase_price", Operator::AtLeast, 1))),
            DirectoryQuery {
                source: "hr.employees".into(),
                ..query(&["status"], None)
            },
        ] {
            assert!(matches!(verdict(&denied), Err(DirectoryError::Denied(_))), "{denied:?}");
        }
        for invalid in [
            query(&[], None),
            DirectoryQuery {
                limit: 201,
                ..query(&["status"], None)
            },
            DirectoryQuery {
                limit: 0,
                ..query(&["status"], None)
            },
            query(&["status"], Some(("status", Operator::Equals, 2))),
            query(&["status"], Some(("status", Operator::AnyOf, 101))),
            query(&["status"], Some(("status", Operator::AnyOf, 0))),
        ] {
            assert!(
                matches!(verdict(&invalid), Err(DirectoryError::Invalid(_))),
                "{invalid:?}"
            );
        }
    }
}
