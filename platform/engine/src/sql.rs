//! SQL text that is built at run time: here and nowhere else.
//!
//! Names come from declarations, which are constants of ours; every value is a bound parameter.

use std::fmt::Write;

use platform_core::Problem;
use platform_resource::{Field, Kind, Resource, Value};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, PgConnection};
use uuid::Uuid;

/// A statement with its bound values.
#[derive(Default)]
pub struct Statement {
    text: String,
    arguments: PgArguments,
    count: usize,
}

impl Statement {
    /// Adds text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Binds a value and adds its placeholder.
    pub fn bind<'q, T>(&mut self, value: T) -> &mut Self
    where
        T: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let number = self.argument(value);
        let _ = write!(self.text, "${number}");
        self
    }

    /// Binds a value for use at several places; returns its number.
    pub fn argument<'q, T>(&mut self, value: T) -> usize
    where
        T: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        // Encoding into memory fails only for values beyond the protocol's limits, which the body limit excludes.
        let _ = self.arguments.add(value);
        self.count += 1;
        self.count
    }

    /// Binds a field's value and adds its placeholder.
    pub fn value(&mut self, kind: Kind, value: &Value) -> &mut Self {
        match value {
            Value::Text(text) => self.bind(text.as_str()),
            Value::Integer(number) => self.bind(*number),
            Value::Decimal(number) => self.bind(*number),
            Value::Date(day) => self.bind(*day),
            Value::Instant(at) => self.bind(*at),
            Value::Boolean(yes) => self.bind(*yes),
            Value::Uuid(id) => self.bind(*id),
            Value::Json(json) => self.bind(json.clone()),
            Value::Null => match kind {
                Kind::Integer { .. } | Kind::Money { .. } => self.bind(None::<i64>),
                Kind::Decimal { .. } => self.bind(None::<rust_decimal::Decimal>),
                Kind::Date => self.bind(None::<chrono::NaiveDate>),
                Kind::Instant => self.bind(None::<chrono::DateTime<chrono::Utc>>),
                Kind::Boolean => self.bind(None::<bool>),
                Kind::Reference { .. } | Kind::Member | Kind::File => self.bind(None::<Uuid>),
                Kind::Json => self.bind(None::<serde_json::Value>),
                _ => self.bind(None::<String>),
            },
        }
    }

    /// Binds a column of values of one kind as an array and adds its placeholder.
    pub fn column(&mut self, kind: Kind, values: &[&Value]) -> &mut Self {
        macro_rules! bind {
            ($form:ident) => {
                self.bind(
                    values
                        .iter()
                        .map(|value| match value {
                            Value::$form(inner) => Some(Clone::clone(inner)),
                            _ => None,
                        })
                        .collect::<Vec<_>>(),
                )
            };
        }
        match kind {
            Kind::Integer { .. } | Kind::Money { .. } => bind!(Integer),
            Kind::Decimal { .. } => bind!(Decimal),
            Kind::Date => bind!(Date),
            Kind::Instant => bind!(Instant),
            Kind::Boolean => bind!(Boolean),
            Kind::Reference { .. } | Kind::Member | Kind::File => bind!(Uuid),
            Kind::Json => bind!(Json),
            _ => bind!(Text),
        }
    }

    /// Runs it and returns every row.
    pub async fn fetch(self, connection: &mut PgConnection) -> Result<Vec<PgRow>, sqlx::Error> {
        #[expect(clippy::disallowed_methods, reason = "this file is the one place of built SQL")]
        sqlx::query_with(sqlx::AssertSqlSafe(self.text), self.arguments)
            .fetch_all(connection)
            .await
    }
}

/// `fleet.vehicles`.
pub fn table(resource: &Resource) -> String {
    format!("{}.{}", resource.module, resource.name)
}

/// The array type that a column of this kind is bound as.
pub fn array_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer { .. } | Kind::Money { .. } => "bigint[]",
        Kind::Decimal { .. } => "numeric[]",
        Kind::Date => "date[]",
        Kind::Instant => "timestamptz[]",
        Kind::Boolean => "boolean[]",
        Kind::Reference { .. } | Kind::Member | Kind::File => "uuid[]",
        Kind::Json => "jsonb[]",
        _ => "text[]",
    }
}

/// The first of the title's fields that has a value, as text.
pub fn title(resource: &Resource, alias: &str) -> String {
    let parts: Vec<String> = resource
        .title_fields()
        .iter()
        .map(|name| format!("{alias}.\"{name}\"::text"))
        .collect();
    match parts.as_slice() {
        [] => format!("{alias}.id::text"),
        [one] => one.clone(),
        many => format!("coalesce({})", many.join(", ")),
    }
}

/// Turns the name of a broken constraint into the refusal of its field; anything else stays what it is.
pub fn constraint(resource: &Resource, error: sqlx::Error) -> Problem {
    let name = error
        .as_database_error()
        .and_then(|refusal| refusal.constraint())
        .map(ToOwned::to_owned);
    let field = |suffix: &str| -> Option<&'static Field> {
        let column = name
            .as_deref()?
            .strip_prefix(resource.name)?
            .strip_prefix('_')?
            .strip_suffix(suffix)?;
        resource.field(column)
    };
    if let Some(field) = field("_key") {
        Problem::field(field.name, "taken")
    } else if let Some(field) = field("_fkey") {
        Problem::field(field.name, "not_known")
    } else if let Some(field) = field("_check") {
        Problem::field(field.name, "not_allowed")
    } else {
        Problem::from(error)
    }
}
