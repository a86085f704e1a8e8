//! From what a caller sends to checked values of a resource's fields.

use platform_core::{Cx, FieldError, Problem};
use platform_resource::{Beginning, Field, Record, Resource, Value};
use serde_json::{Map, Value as Json};

use crate::query::visible;

/// Who writes: a caller through a verb, or an action or operation of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A caller creates a row.
    Create,
    /// A caller changes a row.
    Update,
    /// An action or operation, which may also write read-only fields.
    Rule,
}

/// One field's value, or why it is refused.
pub fn parse_field(field: &Field, json: &Json) -> Result<Value, FieldError> {
    let spelled = json
        .as_str()
        .filter(|_| !field.aliases.is_empty())
        .map(|text| field.word(text).into());
    match field.kind.parse(spelled.as_ref().unwrap_or(json)) {
        Ok(Value::Null) if field.required => Err(FieldError::new(field.name, "required")),
        Ok(value) => Ok(value),
        Err(refusal) => {
            let shown = json.as_str().map_or_else(|| json.to_string(), ToOwned::to_owned);
            let value = Some(shown.chars().take(80).collect());
            Err(FieldError {
                value,
                ..FieldError::new(field.name, refusal.code).with(refusal.params)
            })
        }
    }
}

/// A new row's values: what is given, defaults for the rest. Every refused field is named.
pub fn for_create(
    cx: &Cx,
    resource: &Resource,
    given: &Map<String, Json>,
    writer: Writer,
) -> Result<Vec<Value>, Vec<FieldError>> {
    let mut errors = refused_keys(cx, resource, given, writer);
    let mut values = Vec::with_capacity(resource.fields.len());
    for field in resource.fields {
        let value = match given.get(field.name) {
            Some(json) => parse_field(field, json),
            None => begun(cx, field),
        };
        match value {
            Ok(value) => values.push(value),
            Err(error) => {
                if !errors.iter().any(|other| other.field == error.field) {
                    errors.push(error);
                }
                values.push(Value::Null);
            }
        }
    }
    if errors.is_empty() {
        errors = broken(resource, None, &crate::record::record(resource, &values));
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// The value of a field that a new row does not give.
pub fn begun(cx: &Cx, field: &Field) -> Result<Value, FieldError> {
    match field.begins_as {
        Some(Beginning::Maker) if !cx.actor_id().is_nil() => Ok(Value::Uuid(cx.actor_id())),
        Some(Beginning::Today) => Ok(Value::Date(cx.today())),
        Some(Beginning::Maker) | None => absent(field),
    }
}

/// The value of a field that is not given, whoever does not give it.
pub fn absent(field: &Field) -> Result<Value, FieldError> {
    match field.default {
        Some(default) => field
            .kind
            .parse_text(default)
            .map_err(|refusal| FieldError::new(field.name, refusal.code)),
        None if field.required && field.numbering.is_none() => Err(FieldError::new(field.name, "required")),
        None => Ok(Value::Null),
    }
}

/// A row's values after a change, or every refused field.
pub fn for_update(
    cx: &Cx,
    resource: &Resource,
    before: &[Value],
    given: &Map<String, Json>,
    writer: Writer,
) -> Result<Vec<Value>, Vec<FieldError>> {
    let mut errors = refused_keys(cx, resource, given, writer);
    let mut values = before.to_vec();
    for (field, value) in resource.fields.iter().zip(&mut values) {
        if let Some(json) = given.get(field.name) {
            match parse_field(field, json) {
                Ok(new) => *value = new,
                Err(error) => errors.push(error),
            }
        }
    }
    if errors.is_empty() {
        let stored = crate::record::record(resource, before);
        errors = broken(resource, Some(&stored), &crate::record::record(resource, &values));
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// The inputs of an action as a record.
pub fn for_action(inputs: &[Field], given: &Map<String, Json>) -> Result<Record, Problem> {
    let unknown = given
        .keys()
        .filter(|key| !inputs.iter().any(|field| field.name == key.as_str()));
    let mut errors: Vec<_> = unknown.map(|key| FieldError::new(key, "unknown_field")).collect();
    let mut record = Record::default();
    for field in inputs {
        match given
            .get(field.name)
            .map_or_else(|| absent(field), |json| parse_field(field, json))
        {
            Ok(value) => {
                record.0.insert(field.name.into(), value.to_json(field.kind));
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(record)
    } else {
        Err(Problem::invalid(errors))
    }
}

/// The resource's own rules.
pub fn broken(resource: &Resource, before: Option<&Record>, after: &Record) -> Vec<FieldError> {
    let violations = resource.check.map(|check| check(before, after)).unwrap_or_default();
    violations
        .into_iter()
        .map(|violation| FieldError::new(violation.field, violation.code))
        .collect()
}

fn refused_keys(cx: &Cx, resource: &Resource, given: &Map<String, Json>, writer: Writer) -> Vec<FieldError> {
    let code = |key: &String| match resource.field(key) {
        None => Some("unknown_field"),
        Some(_) if writer == Writer::Rule => None,
        Some(field) if field.read_only => Some("read_only"),
        Some(field) if field.create_only && writer == Writer::Update => Some("create_only"),
        Some(field) if !visible(cx, resource, field) => Some("field_forbidden"),
        Some(_) => None,
    };
    given
        .keys()
        .filter_map(|key| code(key).map(|code| FieldError::new(key, code)))
        .collect()
}
