//! Small things that effects and operations share.

use platform_core::{Cx, FieldError, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Reads a row into a struct whose fields are called like the columns.
macro_rules! from_row {
    ($kind:ident { $($field:ident),+ $(,)? }) => {
        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $kind {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),+ })
            }
        }
    };
}
pub(crate) use from_row;

/// Without its nulls: an absent field takes its default.
pub(crate) fn row(json: Json) -> Map<String, Json> {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// The id of a JSON value.
pub(crate) fn id_of(json: &Json) -> Option<Uuid> {
    json.as_str()?.parse().ok()
}

/// The row's own id.
pub(crate) fn own_id(record: &Record) -> Result<Uuid, Problem> {
    record.uuid("id").ok_or_else(Problem::not_found)
}

/// Minor units as an amount in major units.
pub(crate) fn amount(minor: i64) -> String {
    Decimal::new(minor, 2).to_string()
}

/// An amount in major units as minor units.
pub(crate) fn minor(amount: Option<Decimal>) -> i64 {
    use rust_decimal::prelude::ToPrimitive;
    let minor = amount.unwrap_or_default() * Decimal::ONE_HUNDRED;
    minor.to_i64().unwrap_or(0)
}

/// A word of a closed set, or its default.
pub(crate) fn word<'a>(
    field: &str,
    given: Option<&'a str>,
    allowed: &[&str],
    usual: Option<&'a str>,
) -> Result<Option<&'a str>, Problem> {
    match given {
        None => Ok(usual),
        Some(word) if allowed.contains(&word) => Ok(Some(word)),
        Some(_) => Err(Problem::invalid(vec![
            FieldError::new(field, "not_a_choice").with(vec![("allowed", allowed.join(", "))]),
        ])),
    }
}

pub(crate) const SETTING: &str = "SELECT number_value FROM operations.operations_settings
    WHERE organization_id = $1 AND setting_key = $2 AND is_active AND deleted_at IS NULL";

/// A number that the company set; none when it did not.
pub(crate) async fn setting(cx: &mut Cx, key: &str) -> Result<Option<Decimal>, Problem> {
    let organization_id = cx.organization_id;
    let found: Option<Option<Decimal>> = sqlx::query_scalar(SETTING)
        .bind(organization_id)
        .bind(key)
        .fetch_optional(cx.db())
        .await?;
    Ok(found.flatten())
}
