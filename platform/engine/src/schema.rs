//! JSON schemas of fields and rows.

use platform_resource::{Field, Kind, Resource};
use serde_json::{Map, Value as Json, json};

/// No control characters, and at least one that is not blank.
const VISIBLE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";

/// What a field's value looks like in an answer (`input` false) or a request.
pub fn field(field: &Field, input: bool) -> Json {
    let mut schema = match field.kind {
        Kind::Text { max } if input => {
            json!({"type": "string", "minLength": 1, "maxLength": max, "pattern": VISIBLE})
        }
        Kind::LongText { max } if input => {
            json!({"type": "string", "minLength": 1, "maxLength": max, "pattern": r"\S"})
        }
        Kind::Text { .. } | Kind::LongText { .. } => json!({"type": "string"}),
        Kind::Choice { values } => json!({"type": "string", "enum": values}),
        Kind::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Decimal { scale, signed } => number(scale, signed, input),
        Kind::Money { signed } => number(2, signed, input),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Instant => json!({"type": "string", "format": "date-time"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Reference { .. } | Kind::File => json!({"type": "string", "format": "uuid"}),
        Kind::Member => json!({"type": "string", "format": "uuid", "description": "user id of a member"}),
        Kind::Time => json!({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}),
        Kind::Json => json!({"type": ["object", "array"]}),
        Kind::Phone => json!({"type": "string", "description": "E.164; Saudi national forms are accepted"}),
        Kind::Email => json!({"type": "string", "format": "email", "maxLength": 255}),
        Kind::Iban => json!({"type": "string", "description": "ISO 13616", "maxLength": 42}),
        Kind::NationalId => json!({"type": "string", "description": "ten digits, Luhn", "maxLength": 20}),
        Kind::Plate => json!({"type": "string", "description": "Arabic or Latin letters and digits", "maxLength": 40}),
    };
    if let Kind::Reference { to } = field.kind {
        schema["description"] = format!("id of {to}").into();
    }
    if let Some(example) = field
        .example
        .filter(|_| input)
        .and_then(|text| field.kind.parse_text(text).ok())
    {
        schema["examples"] = json!([example.to_json(field.kind)]);
    }
    if let Some(unit) = field.unit {
        schema["x-unit"] = unit.into();
    }
    if field.required && !(input && field.default.is_some()) {
        schema
    } else {
        nullable(schema)
    }
}

fn number(scale: u32, signed: bool, input: bool) -> Json {
    let sign = if signed { "-?" } else { "" };
    let digits = 15.min(18_u32.saturating_sub(scale));
    let text = json!({"type": "string", "pattern": format!(r"^{sign}\d{{1,{digits}}}(\.\d{{1,{scale}}})?$")});
    if input {
        json!({"anyOf": [text, {"type": "number"}]})
    } else {
        text
    }
}

fn nullable(schema: Json) -> Json {
    match schema.get("type") {
        Some(Json::String(kind)) if schema.get("enum").is_none() => {
            let mut schema = schema.clone();
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// A row as it is answered.
pub fn row(resource: &Resource) -> Json {
    let mut properties = Map::new();
    properties.insert("id".into(), json!({"type": "string", "format": "uuid"}));
    properties.insert("version".into(), json!({"type": "integer", "minimum": 1}));
    properties.insert("created_at".into(), json!({"type": "string", "format": "date-time"}));
    properties.insert("updated_at".into(), json!({"type": "string", "format": "date-time"}));
    for declared in resource.fields {
        properties.insert(declared.name.into(), field(declared, false));
        if matches!(declared.kind, Kind::Reference { .. } | Kind::Member) {
            let stem = declared.name.strip_suffix("_id").unwrap_or(declared.name);
            properties.insert(format!("{stem}_title"), json!({"type": ["string", "null"]}));
        }
    }
    // Which keys a row has depends on the caller's permissions and on `fields`: only these are always there.
    json!({"type": "object", "properties": properties, "required": ["id", "version"]})
}

/// A body that creates or changes a row.
pub fn input(resource: &Resource, create: bool) -> Json {
    let writable = |declared: &&Field| !declared.read_only && (create || !declared.create_only);
    let fields: Vec<&Field> = resource.fields.iter().filter(writable).collect();
    let mut schema = inputs(&fields);
    if !create {
        schema["required"] = json!([]);
    }
    schema
}

/// A body of these fields.
pub fn inputs(fields: &[&Field]) -> Json {
    let properties: Map<String, Json> = fields
        .iter()
        .map(|declared| (declared.name.into(), field(declared, true)))
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|declared| declared.required && declared.default.is_none() && declared.numbering.is_none())
        .map(|declared| declared.name)
        .collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}
