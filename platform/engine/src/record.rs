//! Rows as typed values, for rules, histories and page marks.

use platform_core::Problem;
use platform_resource::{Kind, Record, Resource, Value};
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row, ValueRef};
use uuid::Uuid;

use crate::sql::Statement;

/// A stored row.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: i64,
    /// When it was made.
    pub created_at: Value,
    /// When it last changed.
    pub updated_at: Value,
    /// The values of the declared fields, in order.
    pub values: Vec<Value>,
}

/// Reads one column of a row.
pub fn decode(row: &PgRow, place: usize, kind: Kind) -> Result<Value, Problem> {
    fn of<'r, T: Decode<'r, Postgres>>(raw: sqlx::postgres::PgValueRef<'r>) -> Result<T, Problem> {
        T::decode(raw).map_err(|error| Problem::internal(&error))
    }
    let raw = row.try_get_raw(place)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match kind {
        Kind::Integer { .. } | Kind::Money { .. } => Value::Integer(of(raw)?),
        Kind::Decimal { .. } => Value::Decimal(of(raw)?),
        Kind::Date => Value::Date(of(raw)?),
        Kind::Instant => Value::Instant(of(raw)?),
        Kind::Boolean => Value::Boolean(of(raw)?),
        Kind::Reference { .. } | Kind::Member | Kind::File => Value::Uuid(of(raw)?),
        Kind::Json => Value::Json(of(raw)?),
        _ => Value::Text(of(raw)?),
    })
}

impl Stored {
    /// Adds the columns that [`Stored::of`] reads.
    pub fn select(statement: &mut Statement, resource: &Resource) {
        statement.push("t.id, t.version, t.created_at, t.updated_at");
        for field in resource.fields {
            statement.push(&format!(", t.\"{}\"", field.name));
        }
    }

    /// Reads a row whose first columns are those of [`Stored::select`].
    pub fn of(resource: &Resource, row: &PgRow) -> Result<Self, Problem> {
        let fields = resource.fields.iter().enumerate();
        Ok(Self {
            id: row.try_get(0)?,
            version: row.try_get(1)?,
            created_at: decode(row, 2, Kind::Instant)?,
            updated_at: decode(row, 3, Kind::Instant)?,
            values: fields
                .map(|(place, field)| decode(row, place + 4, field.kind))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The row as rules see it: every declared field and the standard ones.
    pub fn record(&self, resource: &Resource) -> Record {
        let mut record = record(resource, &self.values);
        record.0.insert("id".into(), self.id.to_string().into());
        record.0.insert("version".into(), self.version.into());
        record
            .0
            .insert("created_at".into(), self.created_at.to_json(Kind::Instant));
        record
            .0
            .insert("updated_at".into(), self.updated_at.to_json(Kind::Instant));
        record
    }
}

/// Values of the declared fields as a record.
pub fn record(resource: &Resource, values: &[Value]) -> Record {
    let pairs = resource.fields.iter().zip(values);
    Record(
        pairs
            .map(|(field, value)| (field.name.to_owned(), value.to_json(field.kind)))
            .collect(),
    )
}
