//! Conditions over named values, as steps, triggers and automations have them.

use platform_resource::{Record, Violation};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value as Json;

const OPERATORS: &[&str] = &[
    "equals",
    "not_equals",
    "greater_than",
    "less_than",
    "contains",
    "exists",
    "in",
];

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Operator {
    Equals,
    NotEquals,
    GreaterThan,
    LessThan,
    Contains,
    Exists,
    In,
}

/// One condition: a field, by its way through the data (`request.days`), and what is asked of it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    field: String,
    operator: Operator,
    #[serde(default)]
    value: Json,
}

/// How many conditions have to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logic {
    All,
    Any,
}

impl Logic {
    pub(crate) fn of(row: &Record) -> Self {
        if row.is("condition_logic", "or") {
            Self::Any
        } else {
            Self::All
        }
    }
}

/// Conditions as they were written, or the code of what is wrong with them. None at all always hold.
pub(crate) fn parse(json: &Json) -> Result<Vec<Condition>, &'static str> {
    let list = match json {
        Json::Null => return Ok(Vec::new()),
        Json::Array(list) => list,
        _ => return Err("bad_conditions"),
    };
    let operators = list.iter().filter_map(|condition| condition["operator"].as_str());
    if operators.into_iter().any(|operator| !OPERATORS.contains(&operator)) {
        return Err("unknown_operator");
    }
    Vec::deserialize(json).map_err(|_| "bad_conditions")
}

/// What is wrong with a field of conditions.
pub(crate) fn violations(row: &Record, field: &'static str) -> Vec<Violation> {
    let code = parse(row.get(field)).err();
    code.map(|code| Violation::new(field, code)).into_iter().collect()
}

/// Whether the conditions hold for the data.
pub(crate) fn hold(conditions: &[Condition], logic: Logic, data: &Json) -> bool {
    match logic {
        _ if conditions.is_empty() => true,
        Logic::All => conditions.iter().all(|condition| condition.holds(data)),
        Logic::Any => conditions.iter().any(|condition| condition.holds(data)),
    }
}

/// A value by its way through the data; null where the way ends.
pub(crate) fn lookup<'a>(data: &'a Json, way: &str) -> &'a Json {
    way.split('.').fold(data, |data, key| &data[key])
}

impl Condition {
    fn holds(&self, data: &Json) -> bool {
        let found = lookup(data, &self.field);
        match self.operator {
            Operator::Equals => same(found, &self.value),
            Operator::NotEquals => !same(found, &self.value),
            Operator::GreaterThan => amount(found) > amount(&self.value),
            Operator::LessThan => amount(found) < amount(&self.value),
            Operator::Contains => match (found, &self.value) {
                (Json::String(text), Json::String(part)) => text.contains(part.as_str()),
                (Json::Array(list), value) => list.iter().any(|one| same(one, value)),
                _ => false,
            },
            Operator::Exists => found.is_null() == (self.value == Json::Bool(false)),
            Operator::In => self
                .value
                .as_array()
                .is_some_and(|list| list.iter().any(|one| same(found, one))),
        }
    }
}

/// Numbers and texts that are numbers are the same when their amounts are.
fn same(one: &Json, other: &Json) -> bool {
    one == other || number(one).is_some_and(|amount| Some(amount) == number(other))
}

/// A missing number counts as zero.
fn amount(json: &Json) -> Decimal {
    number(json).unwrap_or_default()
}

/// The number that a value is, also when it is written as text, as amounts of money are.
pub(crate) fn number(json: &Json) -> Option<Decimal> {
    match json {
        Json::Number(number) => {
            let text = number.to_string();
            text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
        }
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(operator: &str, value: &Json, data: &Json) -> bool {
        let conditions = parse(&json!([{"field": "a.b", "operator": operator, "value": value}])).expect("readable");
        hold(&conditions, Logic::All, data)
    }

    #[test]
    fn every_operator() {
        let with = |value: Json| json!({"a": {"b": value}});
        let table = [
            ("equals", json!(5), with(json!(5)), true),
            ("equals", json!(5), with(json!("5.00")), true),
            ("equals", json!("x"), with(json!("y")), false),
            ("not_equals", json!("x"), with(json!("y")), true),
            ("not_equals", json!("x"), json!({}), true),
            ("greater_than", json!(5), with(json!(7)), true),
            ("greater_than", json!(5), with(json!(5)), false),
            ("greater_than", json!(5), with(json!("5000.00")), true),
            // A number that is not there counts as zero.
            ("greater_than", json!(-1), json!({}), true),
            ("less_than", json!(1), json!({}), true),
            ("less_than", json!(5), with(json!(5.5)), false),
            ("contains", json!("lea"), with(json!("sick leave")), true),
            ("contains", json!(2), with(json!([1, 2])), true),
            ("contains", json!("x"), json!({}), false),
            ("exists", Json::Null, with(json!(0)), true),
            ("exists", Json::Null, json!({}), false),
            ("exists", json!(false), json!({}), true),
            ("in", json!(["sick", "annual"]), with(json!("sick")), true),
            ("in", json!(["sick"]), with(json!("unpaid")), false),
            ("in", json!("sick"), with(json!("sick")), false),
        ];
        let mut tried: Vec<&str> = Vec::new();
        for (operator, value, data, expected) in &table {
            assert_eq!(holds(operator, value, data), *expected, "{operator} {value} {data}");
            tried.push(operator);
        }
        assert!(
            OPERATORS.iter().all(|operator| tried.contains(operator)),
            "every operator is in the table"
        );
    }

    #[test]
    fn all_or_any() {
        let conditions = parse(&json!([
            {"field": "days", "operator": "greater_than", "value": 5},
            {"field": "kind", "operator": "equals", "value": "sick"},
        ]));
        let conditions = conditions.expect("readable");
        let data = json!({"days": 7, "kind": "annual"});
        assert!(!hold(&conditions, Logic::All, &data));
        assert!(hold(&conditions, Logic::Any, &data));
        assert!(hold(&[], Logic::Any, &data));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let table = [
            (json!({"days": 1}), "bad_conditions"),
            (json!([{"field": "days"}]), "bad_conditions"),
            (
                json!([{"field": "days", "operator": "equals", "vlaue": 1}]),
                "bad_conditions",
            ),
            (
                json!([{"field": "days", "operator": "resembles", "value": 1}]),
                "unknown_operator",
            ),
        ];
        for (given, code) in table {
            assert_eq!(parse(&given), Err(code), "{given}");
        }
    }
}
