//! What would become of each row of a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use platform_core::{Cx, FieldError, Locale, Problem};
use platform_documents::{Row as FileRow, RowProblem, Table, missing, parse_date, parse_date_time};
use platform_resource::{Field, Kind, Resource, Value};
use serde_json::Value as Json;
use sqlx::Row;

use crate::mapping::{Mapping, Source, importable};
use platform_engine::{Statement, array_type, begun, broken, record, table as table_of};

/// The outcome of a dry run.
#[derive(Default)]
pub struct Checked {
    /// Values of the rows that would be created.
    pub ready: Vec<Vec<Value>>,
    /// Rows with errors.
    pub bad: Vec<Bad>,
    /// Rows that say again what another row of the file said.
    pub repeated: usize,
    /// Rows that are stored already.
    pub existing: usize,
    /// Words of the file that are none of a choice's, by field: the console offers a translation.
    pub unmatched: BTreeMap<String, BTreeSet<String>>,
}

/// A row with errors.
pub struct Bad {
    /// Its place in the table.
    pub place: usize,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Checked {
    /// The first rows that would be created.
    pub fn preview(&self, resource: &Resource) -> Vec<Json> {
        self.ready
            .iter()
            .take(20)
            .map(|values| Json::Object(record(resource, values).0))
            .collect()
    }
}

/// A field with the columns that fill it.
struct Reader<'a> {
    place: usize,
    field: &'static Field,
    source: &'a Source,
    columns: Vec<usize>,
}

/// Checks every row against the fields' kinds, the resource's rules, the other rows and what is stored, or was stored before
/// a moment.
pub async fn check_rows(
    cx: &mut Cx,
    resource: &'static Resource,
    table: &Table,
    mapping: &Mapping,
    stored_before: Option<DateTime<Utc>>,
) -> Result<Checked, Problem> {
    let readers = readers(cx, resource, table, mapping)?;
    let known = known_references(cx, &readers, table).await?;
    let mut checked = Checked::default();
    let mut good: Vec<(usize, Vec<Value>)> = Vec::new();
    for (place, row) in table.rows.iter().enumerate() {
        let mut errors: Vec<FieldError> = row
            .problems
            .iter()
            .map(|problem| row_error(table, row, *problem))
            .collect();
        let values = row_values(cx, resource, row, &readers, &known, &mut errors, &mut checked.unmatched);
        if errors.is_empty() {
            errors = broken(resource, None, &record(resource, &values));
        }
        if errors.is_empty() {
            good.push((place, values));
        } else {
            let errors = errors
                .into_iter()
                .map(|error| FieldError {
                    row: Some(row.number),
                    ..error
                })
                .collect();
            checked.bad.push(Bad { place, errors });
        }
    }
    let stored = stored_keys(cx, resource, &good, stored_before).await?;
    sort_out(resource, table, good, &stored, &mut checked);
    Ok(checked)
}

fn readers<'a>(
    cx: &Cx,
    resource: &'static Resource,
    table: &Table,
    mapping: &'a Mapping,
) -> Result<Vec<Reader<'a>>, Problem> {
    let fields: Vec<&'static Field> = importable(cx, resource).collect();
    let mut errors = Vec::new();
    let mut readers = Vec::new();
    for (name, source) in mapping {
        let Some(field) = fields.iter().find(|field| field.name == name).copied() else {
            errors.push(FieldError::new(name, "unknown_field"));
            continue;
        };
        let mut columns = Vec::new();
        for column in &source.columns {
            match table.headers.iter().position(|header| header == column) {
                Some(column) => columns.push(column),
                None => errors.push(FieldError::new(name, "unknown_column").with(vec![("column", column.clone())])),
            }
        }
        let place = resource
            .fields
            .iter()
            .position(|other| other.name == field.name)
            .unwrap_or_default();
        readers.push(Reader {
            place,
            field,
            source,
            columns,
        });
    }
    for field in resource
        .fields
        .iter()
        .filter(|field| field.required && field.default.is_none() && field.numbering.is_none())
    {
        if !mapping.contains_key(field.name) {
            errors.push(FieldError::new(field.name, "required"));
        }
    }
    if errors.is_empty() {
        Ok(readers)
    } else {
        Err(Problem::invalid(errors))
    }
}

impl Reader<'_> {
    /// The text that a row has for the field; nothing when every cell of it is missing.
    fn text(&self, row: &FileRow) -> Option<String> {
        if let Some(constant) = &self.source.constant {
            return Some(constant.clone()).filter(|text| !text.trim().is_empty());
        }
        let cells: Vec<&str> = self
            .columns
            .iter()
            .map(|column| row.cells[*column].as_str())
            .filter(|cell| !missing(cell))
            .collect();
        if cells.is_empty() || cells.len() < self.columns.len() {
            return None;
        }
        let text = cells.join(self.source.join.as_deref().unwrap_or(" "));
        Some(self.source.values.get(&text).cloned().unwrap_or(text))
    }
}

fn row_error(table: &Table, row: &FileRow, problem: RowProblem) -> FieldError {
    let header = problem
        .column()
        .and_then(|column| table.headers.get(column))
        .cloned()
        .unwrap_or_default();
    let params = match problem {
        RowProblem::Oversized { chars, .. } => vec![("found", chars.to_string())],
        RowProblem::TooManyCells { expected, found } | RowProblem::TooFewCells { expected, found } => {
            vec![("expected", expected.to_string()), ("found", found.to_string())]
        }
        RowProblem::ErrorValue { .. } | RowProblem::UnclosedQuote => Vec::new(),
    };
    FieldError {
        row: Some(row.number),
        ..FieldError::new(header, problem.code()).with(params)
    }
}

fn row_values(
    cx: &Cx,
    resource: &'static Resource,
    row: &FileRow,
    readers: &[Reader<'_>],
    known: &HashMap<&'static str, HashMap<String, Value>>,
    errors: &mut Vec<FieldError>,
    unmatched: &mut BTreeMap<String, BTreeSet<String>>,
) -> Vec<Value> {
    let mut values: Vec<Value> = resource
        .fields
        .iter()
        .map(|field| begun(cx, field).unwrap_or(Value::Null))
        .collect();
    for reader in readers {
        let Some(text) = reader.text(row) else { continue };
        match cell_value(cx, resource, reader.field, &text, known) {
            Ok(value) => values[reader.place] = value,
            Err(mut error) => {
                if error.code == "not_a_choice" {
                    let words = unmatched.entry(reader.field.name.to_owned()).or_default();
                    if words.len() < 100 {
                        words.insert(text.clone());
                    }
                }
                error.value = Some(text.chars().take(80).collect());
                errors.push(error);
            }
        }
    }
    // Numbers are given by the engine when the rows are stored.
    let needed = |field: &Field| field.required && field.numbering.is_none();
    let empty = |place: &usize| values[*place].is_null() && needed(&resource.fields[*place]);
    for place in (0..values.len()).filter(empty) {
        let name = resource.fields[place].name;
        if !errors.iter().any(|error| error.field == name) {
            errors.push(FieldError::new(name, "required"));
        }
    }
    values
}

/// A cell's value: dates as people write them, choices by their labels, references by their titles.
fn cell_value(
    cx: &Cx,
    resource: &Resource,
    field: &'static Field,
    text: &str,
    known: &HashMap<&'static str, HashMap<String, Value>>,
) -> Result<Value, FieldError> {
    let error = |code| FieldError::new(field.name, code);
    match field.kind {
        Kind::Date => {
            let day = parse_date(text).map_or_else(|| text.to_owned(), |day| day.to_string());
            return field.kind.parse_text(&day).map_err(|refusal| error(refusal.code));
        }
        Kind::Instant => {
            if let Some(local) = parse_date_time(text) {
                let at = local.and_local_timezone(cx.time_zone()).earliest();
                return at
                    .map(|at| Value::Instant(at.to_utc()))
                    .ok_or_else(|| error("not_an_instant"));
            }
        }
        Kind::Choice { values } => {
            let full_name = resource.full_name();
            let label = |value: &str, locale| {
                cx.platform
                    .catalogue
                    .choice(locale, &full_name, field.name, value)
                    .to_lowercase()
                    == text.to_lowercase()
            };
            if let Some(value) = values
                .iter()
                .find(|value| label(value, Locale::En) || label(value, Locale::Ar))
            {
                return Ok(Value::Text((*value).to_owned()));
            }
        }
        Kind::Reference { .. } => {
            let found = known
                .get(field.name)
                .and_then(|titles| titles.get(&text.to_lowercase()));
            return found.cloned().ok_or_else(|| error("not_known"));
        }
        _ => {}
    }
    field
        .kind
        .parse_text(field.word(text))
        .map_err(|refusal| error(refusal.code).with(refusal.params))
}

/// For each reference field that the file fills: title or unique value, lower case → id. One query a field.
async fn known_references(
    cx: &mut Cx,
    readers: &[Reader<'_>],
    table: &Table,
) -> Result<HashMap<&'static str, HashMap<String, Value>>, Problem> {
    let mut known = HashMap::new();
    for reader in readers {
        let Kind::Reference { to } = reader.field.kind else {
            continue;
        };
        let platform = cx.platform.clone();
        let Some(target) = platform.registry.resource(to) else {
            continue;
        };
        let texts: BTreeSet<String> = table.rows.iter().filter_map(|row| reader.text(row)).collect();
        let names: BTreeSet<&str> = target
            .fields
            .iter()
            .filter(|field| field.unique && matches!(array_type(field.kind), "text[]"))
            .map(|field| field.name)
            .chain(target.title_fields().iter().copied())
            .collect();
        let mut titles = HashMap::new();
        for name in names {
            let Some(field) = target.field(name) else { continue };
            // A plate or a number is looked up in its normal form.
            let forms: HashMap<String, Vec<&String>> = texts.iter().fold(HashMap::new(), |mut forms, text| {
                if let Ok(Value::Text(form)) = field.kind.parse_text(text) {
                    forms.entry(form.to_lowercase()).or_insert_with(Vec::new).push(text);
                }
                forms
            });
            let wanted: Vec<&String> = forms.keys().collect();
            let mut statement = Statement::default();
            statement.push(&format!(
                "SELECT t.id, lower(t.\"{name}\") FROM {} t WHERE t.organization_id = ",
                table_of(target)
            ));
            statement
                .bind(cx.organization_id)
                .push(" AND t.deleted_at IS NULL AND lower(t.\"")
                .push(name);
            statement.push("\") = ANY (").bind(&wanted).push(")");
            for row in statement.fetch(cx.db()).await? {
                let (id, form): (uuid::Uuid, String) = (row.try_get(0)?, row.try_get(1)?);
                for text in forms.get(&form).into_iter().flatten() {
                    titles.insert(text.to_lowercase(), Value::Uuid(id));
                }
            }
        }
        for text in &texts {
            if let Ok(id) = uuid::Uuid::try_parse(text) {
                // The id itself works too; whether it exists is checked when the row is stored.
                titles.insert(text.to_lowercase(), Value::Uuid(id));
            }
        }
        known.insert(reader.field.name, titles);
    }
    Ok(known)
}

fn unique_places(resource: &Resource) -> Vec<usize> {
    resource
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.unique)
        .map(|(place, _)| place)
        .collect()
}

/// What is stored of each unique field among the file's values.
async fn stored_keys(
    cx: &mut Cx,
    resource: &'static Resource,
    rows: &[(usize, Vec<Value>)],
    before: Option<DateTime<Utc>>,
) -> Result<HashMap<usize, BTreeSet<String>>, Problem> {
    let mut stored = HashMap::new();
    for place in unique_places(resource) {
        let field = &resource.fields[place];
        let wanted: Vec<&Value> = rows
            .iter()
            .map(|(_, values)| &values[place])
            .filter(|value| !value.is_null())
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let mut statement = Statement::default();
        statement.push(&format!(
            "SELECT t.\"{}\"::text FROM {} t WHERE t.organization_id = ",
            field.name,
            table_of(resource)
        ));
        statement
            .bind(cx.organization_id)
            .push(" AND t.deleted_at IS NULL AND t.\"")
            .push(field.name);
        statement.push("\" = ANY (").column(field.kind, &wanted).push(")");
        if let Some(before) = before {
            statement.push(" AND t.created_at < ").bind(before);
        }
        let rows = statement.fetch(cx.db()).await?;
        let keys: Result<BTreeSet<String>, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
        stored.insert(place, keys?);
    }
    Ok(stored)
}

fn key(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// Splits good rows into new ones, repeated ones, stored ones and those that disagree with another row. The first unique
/// field that a row has is what names it.
fn sort_out(
    resource: &Resource,
    table: &Table,
    good: Vec<(usize, Vec<Value>)>,
    stored: &HashMap<usize, BTreeSet<String>>,
    checked: &mut Checked,
) {
    let unique = unique_places(resource);
    // Place among the ready rows, and number in the file.
    let mut seen: HashMap<(usize, String), (usize, usize)> = HashMap::new();
    for (place, values) in good {
        let keys: Vec<(usize, String)> = unique
            .iter()
            .filter(|at| !values[**at].is_null())
            .map(|at| (*at, key(&values[*at])))
            .collect();
        let mut error = None;
        let mut skip = false;
        for (order, (at, text)) in keys.iter().enumerate() {
            let name = resource.fields[*at].name;
            if let Some((first, number)) = seen.get(&(*at, text.clone())) {
                if checked.ready[*first] == values {
                    checked.repeated += 1;
                    skip = true;
                } else {
                    let params = vec![("number", number.to_string())];
                    error = Some(FieldError::new(name, "differs_in_file").with(params));
                }
                break;
            }
            if stored.get(at).is_some_and(|stored| stored.contains(text)) {
                if order == 0 {
                    checked.existing += 1;
                    skip = true;
                } else {
                    error = Some(FieldError::new(name, "taken"));
                }
                break;
            }
        }
        if let Some(error) = error {
            let value = keys
                .iter()
                .find(|(at, _)| resource.fields[*at].name == error.field)
                .map(|(_, text)| text.clone());
            let error = FieldError {
                row: Some(table.rows[place].number),
                value,
                ..error
            };
            checked.bad.push(Bad {
                place,
                errors: vec![error],
            });
        } else if !skip {
            for at in keys {
                seen.insert(at, (checked.ready.len(), table.rows[place].number));
            }
            checked.ready.push(values);
        }
    }
}
