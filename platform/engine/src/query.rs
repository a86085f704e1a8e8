//! What a list is asked for: filters, search, order, fields, page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use platform_core::{Cx, FieldError, Problem};
use platform_resource::{Field, Kind, Resource, Scope, Value, Verb, normalize_plate};

use crate::rows::kind_of;
use crate::sql::Statement;

/// Rows of a page when nothing else is asked for, and at most.
pub const PAGE: (u32, u32) = (50, 100);

/// A comparison of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `field=`
    Equal,
    /// `field.ne=`
    NotEqual,
    /// `field.gt=`, `.gte=`, `.lt=`, `.lte=`
    Ordered(&'static str),
    /// `field.contains=`
    Contains,
    /// `field.starts=`
    Starts,
    /// `field.in=a,b`
    In,
    /// `field.null=true`
    Null,
}

/// The suffixes of filters.
pub const COMPARISONS: [(&str, Comparison); 9] = [
    ("ne", Comparison::NotEqual),
    ("gt", Comparison::Ordered(">")),
    ("gte", Comparison::Ordered(">=")),
    ("lt", Comparison::Ordered("<")),
    ("lte", Comparison::Ordered("<=")),
    ("contains", Comparison::Contains),
    ("starts", Comparison::Starts),
    ("in", Comparison::In),
    ("null", Comparison::Null),
];

/// Which comparisons make sense for a kind.
pub fn compares(kind: Kind, comparison: Comparison) -> bool {
    let ordered = matches!(
        kind,
        Kind::Integer { .. } | Kind::Decimal { .. } | Kind::Money { .. } | Kind::Date | Kind::Instant
    );
    let text = matches!(
        kind,
        Kind::Text { .. }
            | Kind::LongText { .. }
            | Kind::Phone
            | Kind::Email
            | Kind::Iban
            | Kind::NationalId
            | Kind::Plate
    );
    match comparison {
        Comparison::Null => true,
        Comparison::Ordered(_) => ordered,
        Comparison::Contains | Comparison::Starts => text,
        Comparison::Equal | Comparison::NotEqual | Comparison::In => !matches!(kind, Kind::Json),
    }
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Column.
    pub field: String,
    /// Its kind.
    pub kind: Kind,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub values: Vec<Value>,
}

/// One part of the order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// Column.
    pub field: String,
    /// Its kind.
    pub kind: Kind,
    /// Largest first.
    pub descending: bool,
    /// Whether the column always has a value.
    pub required: bool,
}

/// A list as it is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Conditions, all of which hold.
    pub filters: Vec<Filter>,
    /// Words that are looked for.
    pub search: Option<String>,
    /// Order; the id always comes last.
    pub sort: Vec<Sort>,
    /// Fields that are answered; none means all that the caller may see.
    pub fields: Option<Vec<String>>,
    /// Most rows.
    pub limit: u32,
    /// Where the page begins: the last row's sort values and id.
    pub after: Option<Vec<Value>>,
    /// Whether references bring their titles.
    pub titles: bool,
    /// Whether all rows are counted.
    pub total: bool,
}

/// Whether the caller may see the field: in as many rows as he may read, so that all rows of an answer have the same fields.
pub fn visible(cx: &Cx, resource: &Resource, field: &Field) -> bool {
    let read = cx.scope(&resource.permission(Verb::Read)).unwrap_or(Scope::All);
    let held = |permission: &str| cx.scope(&format!("{}.{permission}", resource.name)) >= Some(read);
    field.permission.is_none_or(held)
}

impl Query {
    /// Reads the query string; every part that is wrong is named.
    pub fn parse(cx: &Cx, resource: &Resource, pairs: &[(String, String)]) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let mut query = Self {
            filters: Vec::new(),
            search: None,
            sort: Vec::new(),
            fields: None,
            limit: PAGE.0,
            after: None,
            titles: false,
            total: false,
        };
        let known = |name: &str| {
            let kind = kind_of(resource, name)?;
            resource
                .field(name)
                .is_none_or(|field| visible(cx, resource, field))
                .then_some(kind)
        };
        let mut sort = resource.sort;
        let mut cursor = None;
        for (name, value) in pairs {
            match name.as_str() {
                "search" if value.contains('\0') => errors.push(FieldError::new("search", "bad_character")),
                "search" => query.search = Some(value.trim().to_owned()).filter(|text| !text.is_empty()),
                "sort" => sort = value,
                "after" => cursor = Some(value),
                "titles" | "total" => match value.as_str() {
                    "true" | "false" if name == "titles" => query.titles = value == "true",
                    "true" | "false" => query.total = value == "true",
                    _ => errors.push(FieldError::new(name, "not_a_boolean")),
                },
                "limit" => match value.parse::<u32>() {
                    Ok(limit) if (1..=PAGE.1).contains(&limit) => query.limit = limit,
                    _ => errors.push(FieldError::new("limit", "bad_limit").with(vec![("max", PAGE.1.to_string())])),
                },
                "fields" => {
                    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
                    let unknown = names.iter().filter(|name| known(name).is_none());
                    errors.extend(unknown.map(|name| FieldError::new(name, "unknown_field")));
                    query.fields = Some(names);
                }
                _ => match filter(name, value, &known) {
                    Ok(filter) => query.filters.push(filter),
                    Err(error) => errors.push(error),
                },
            }
        }
        for part in sort.split(',').filter(|part| !part.is_empty()) {
            let (descending, field) = part.strip_prefix('-').map_or((false, part), |field| (true, field));
            match known(field).filter(|kind| !matches!(kind, Kind::Json)) {
                Some(kind) => {
                    let required = resource.field(field).is_none_or(|field| field.required);
                    query.sort.push(Sort {
                        field: field.to_owned(),
                        kind,
                        descending,
                        required,
                    });
                }
                None => errors.push(FieldError::new("sort", "bad_filter")),
            }
        }
        if query.sort.len() > 4 {
            errors.push(FieldError::new("sort", "bad_filter"));
        }
        if !query.sort.iter().any(|sort| sort.field == "id") {
            let descending = query.sort.last().is_some_and(|sort| sort.descending);
            let kind = Kind::Reference { to: "" };
            query.sort.push(Sort {
                field: "id".into(),
                kind,
                descending,
                required: true,
            });
        }
        if let Some(cursor) = cursor {
            match read_cursor(cursor, &query.sort) {
                Some(values) => query.after = Some(values),
                None => errors.push(FieldError::new("after", "bad_cursor")),
            }
        }
        if errors.is_empty() {
            Ok(query)
        } else {
            Err(Problem::invalid(errors))
        }
    }

    /// Adds the conditions, without the page.
    pub fn conditions(&self, statement: &mut Statement, resource: &Resource) {
        for filter in &self.filters {
            statement.push(" AND ");
            filter.write(statement);
        }
        if let Some(search) = &self.search {
            write_search(statement, resource, search);
        }
    }

    /// Adds the condition that a row comes after the cursor's.
    pub fn page(&self, statement: &mut Statement) {
        let Some(after) = &self.after else { return };
        // The bound follows from what comes behind it. An index can begin there; of alternatives it would read everything.
        if let ([sort, _, ..], [value, ..]) = (self.sort.as_slice(), after.as_slice())
            && !value.is_null()
            && (sort.descending || sort.required)
        {
            let sign = if sort.descending { " <= " } else { " >= " };
            statement
                .push(&format!(" AND t.\"{}\"{sign}", sort.field))
                .value(sort.kind, value);
        }
        statement.push(" AND (");
        for end in 0..self.sort.len() {
            statement.push(if end == 0 { "(" } else { " OR (" });
            for (place, (sort, value)) in self.sort.iter().zip(after).enumerate().take(end + 1) {
                if place > 0 {
                    statement.push(" AND ");
                }
                if place < end {
                    sort.same(statement, value);
                } else {
                    sort.beyond(statement, value);
                }
            }
            statement.push(")");
        }
        statement.push(")");
    }

    /// Adds the order.
    pub fn order(&self, statement: &mut Statement) {
        for (place, sort) in self.sort.iter().enumerate() {
            statement.push(if place == 0 { " ORDER BY " } else { ", " });
            statement
                .push(&format!("t.\"{}\"", sort.field))
                .push(if sort.descending { " DESC" } else { "" });
        }
    }
}

impl Sort {
    fn same(&self, statement: &mut Statement, value: &Value) {
        let column = format!("t.\"{}\"", self.field);
        if value.is_null() {
            statement.push(&column).push(" IS NULL");
        } else {
            statement.push(&column).push(" = ").value(self.kind, value);
        }
    }

    /// Rows without a value come last when the smallest is first, and first when the largest is: as the database's indexes do.
    fn beyond(&self, statement: &mut Statement, value: &Value) {
        let column = format!("t.\"{}\"", self.field);
        match (value.is_null(), self.descending) {
            (true, true) => statement.push(&column).push(" IS NOT NULL"),
            (true, false) => statement.push("false"),
            (false, true) => statement.push(&column).push(" < ").value(self.kind, value),
            (false, false) if self.required => statement.push(&column).push(" > ").value(self.kind, value),
            (false, false) => {
                statement.push("(").push(&column).push(" > ").value(self.kind, value);
                statement.push(" OR ").push(&column).push(" IS NULL)")
            }
        };
    }
}

impl Filter {
    fn write(&self, statement: &mut Statement) {
        let column = format!("t.\"{}\"", self.field);
        let value = self.values.first().unwrap_or(&Value::Null);
        match self.comparison {
            Comparison::Equal => statement.push(&column).push(" = ").value(self.kind, value),
            Comparison::NotEqual => statement
                .push(&format!("{column} IS DISTINCT FROM "))
                .value(self.kind, value),
            Comparison::Ordered(sign) => statement.push(&format!("{column} {sign} ")).value(self.kind, value),
            Comparison::Contains => {
                statement.push("position(lower(").value(self.kind, value);
                statement.push(") in lower(").push(&column).push(")) > 0")
            }
            Comparison::Starts => {
                statement
                    .push(&format!("starts_with({column}, "))
                    .value(self.kind, value);
                statement.push(")")
            }
            Comparison::In => {
                let values: Vec<&Value> = self.values.iter().collect();
                statement.push(&format!("{column} = ANY (")).column(self.kind, &values);
                statement.push(")")
            }
            Comparison::Null if matches!(value, Value::Boolean(true)) => statement.push(&column).push(" IS NULL"),
            Comparison::Null => statement.push(&column).push(" IS NOT NULL"),
        };
    }
}

fn filter(name: &str, raw: &str, known: &dyn Fn(&str) -> Option<Kind>) -> Result<Filter, FieldError> {
    let refused = |code| FieldError {
        value: Some(raw.chars().take(80).collect()),
        ..FieldError::new(name, code)
    };
    let (field, suffix) = name.split_once('.').unwrap_or((name, ""));
    let comparison = match suffix {
        "" => Comparison::Equal,
        _ => COMPARISONS
            .iter()
            .find(|(word, _)| *word == suffix)
            .map(|(_, comparison)| *comparison)
            .ok_or_else(|| refused("bad_filter"))?,
    };
    let kind = known(field).ok_or_else(|| FieldError::new(name, "unknown_field"))?;
    if !compares(kind, comparison) {
        return Err(refused("bad_filter"));
    }
    let parse = |kind: Kind, raw: &str| match kind.parse_text(raw) {
        Ok(Value::Null) => Err(refused("required")),
        Ok(value) => Ok(value),
        Err(refusal) => Err(refused(refusal.code).with(refusal.params)),
    };
    let values = match comparison {
        Comparison::Null => vec![parse(Kind::Boolean, raw)?],
        Comparison::In => raw
            .split(',')
            .take(100)
            .map(|part| parse(kind, part))
            .collect::<Result<_, _>>()?,
        // Half a plate or number is no plate or number yet.
        Comparison::Contains | Comparison::Starts => vec![parse(Kind::Text { max: 200 }, raw)?],
        _ => vec![parse(kind, raw)?],
    };
    Ok(Filter {
        field: field.to_owned(),
        kind,
        comparison,
        values,
    })
}

/// Every word must occur in one of the searched fields; a whole plate is also found in its other writing.
pub(crate) fn write_search(statement: &mut Statement, resource: &Resource, search: &str) {
    let fields: Vec<&Field> = resource.fields.iter().filter(|field| field.search).collect();
    if fields.is_empty() {
        statement.push(" AND false");
        return;
    }
    let plate = fields
        .iter()
        .find(|field| matches!(field.kind, Kind::Plate))
        .zip(normalize_plate(search));
    statement.push(" AND (");
    if let Some((field, plate)) = &plate {
        statement
            .push(&format!("t.\"{}\" = ", field.name))
            .bind(plate.as_str())
            .push(" OR ");
    }
    let search = search.to_lowercase();
    for (place, word) in search.split_whitespace().take(8).enumerate() {
        statement.push(if place == 0 { "(" } else { " AND (" });
        let number = statement.argument(word);
        for (place, field) in fields.iter().enumerate() {
            statement.push(if place == 0 { "" } else { " OR " });
            statement.push(&format!("position(${number} in lower(t.\"{}\")) > 0", field.name));
        }
        statement.push(")");
    }
    statement.push(")");
}

/// The page mark of a row: its sort values, opaque to callers.
pub fn cursor(sort: &[Sort], values: &[Value]) -> String {
    let exactly = |sort: &Sort, value: &Value| match value {
        // Answers show milliseconds; rows are ordered by microseconds.
        Value::Instant(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into(),
        other => other.to_json(sort.kind),
    };
    let json: Vec<_> = sort
        .iter()
        .zip(values)
        .map(|(sort, value)| exactly(sort, value))
        .collect();
    let signature = sort
        .iter()
        .map(|sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.field));
    let signature = signature.collect::<Vec<_>>().join(",");
    BASE64.encode(serde_json::json!([signature, json]).to_string())
}

fn read_cursor(text: &str, sort: &[Sort]) -> Option<Vec<Value>> {
    let bytes = BASE64.decode(text).ok()?;
    let (signature, json): (String, Vec<serde_json::Value>) = serde_json::from_slice(&bytes).ok()?;
    let expected = sort
        .iter()
        .map(|sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.field));
    if json.len() != sort.len() || signature != expected.collect::<Vec<_>>().join(",") {
        return None;
    }
    sort.iter()
        .zip(&json)
        .map(|(sort, json)| cursor_value(sort.kind, json))
        .collect()
}

/// Cursors carry what rows hold, so the rules of input do not apply; only the form must fit.
fn cursor_value(kind: Kind, json: &serde_json::Value) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    match kind {
        Kind::Integer { .. } => json.as_i64().map(Value::Integer),
        Kind::Decimal { .. } => json.as_str()?.parse().ok().map(Value::Decimal),
        Kind::Money { .. } => Kind::Money { signed: true }.parse(json).ok(),
        Kind::Date | Kind::Instant | Kind::Boolean | Kind::Reference { .. } | Kind::Member | Kind::File => {
            kind.parse(json).ok()
        }
        Kind::Json => None,
        _ => json
            .as_str()
            .filter(|text| !text.contains('\0'))
            .map(|text| Value::Text(text.to_owned())),
    }
}
