//! Which column of a file fills which field: what a person chose, or a guess from the headers.

use std::collections::BTreeMap;

use platform_core::{Catalogue, Cx, Locale};
use platform_documents::Table;
use platform_resource::{Field, Resource};
use serde::{Deserialize, Serialize};

use platform_engine::visible;

/// Field → where its values come from.
pub type Mapping = BTreeMap<String, Source>;

/// Where the values of a field come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Columns of the file; several are joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What stands between joined columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
    /// The same value for every row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// Words of the file → words of ours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Every name under which a person may know a field.
fn names(catalogue: &Catalogue, resource: &Resource, field: &'static Field) -> Vec<String> {
    let full_name = resource.full_name();
    let labels = [Locale::En, Locale::Ar].map(|locale| catalogue.label(locale, &full_name, field.name).to_owned());
    let stem = field.name.strip_suffix("_id").unwrap_or(field.name).to_owned();
    [field.name.to_owned(), stem]
        .into_iter()
        .chain(labels)
        .map(|name| fold(&name))
        .collect()
}

/// Columns whose header is a field's name or label in either language.
pub fn guess(cx: &Cx, resource: &Resource, table: &Table) -> Mapping {
    let mut mapping = Mapping::new();
    for field in importable(cx, resource) {
        let names = names(&cx.platform.catalogue, resource, field);
        if let Some(header) = table.headers.iter().find(|header| names.contains(&fold(header))) {
            mapping.insert(
                field.name.into(),
                Source {
                    columns: vec![header.clone()],
                    ..Source::default()
                },
            );
        }
    }
    mapping
}

/// Fields that a file may fill.
pub fn importable<'a>(cx: &'a Cx, resource: &'a Resource) -> impl Iterator<Item = &'static Field> + 'a {
    resource
        .fields
        .iter()
        .filter(move |field| !field.read_only && visible(cx, resource, field))
}
