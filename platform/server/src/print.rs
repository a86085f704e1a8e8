//! Documents that are generated, committed and reviewed.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;
use platform_core::{Catalogue, Locale, Permissions, Permit, Registry};
use platform_resource::{Action, Kind, Resource, Scope};
use serde_json::Value as Json;
use tenancy::{MEMBERSHIPS, Own, Policy, ROLES};

use crate::app::registry;
use crate::modules::operations;
use crate::openapi::Document;

/// The OpenAPI document of this build, indented for review.
pub fn openapi_document() -> Result<String> {
    let registry = registry()?;
    let mut document = Document::new(&registry);
    operations(&registry).for_each(|operation| document.add(&operation));
    let document: Json = serde_json::from_str(&document.text())?;
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// One line for each operation: method, path, who may call it.
pub fn endpoints() -> Result<String> {
    let registry = registry()?;
    let mut text = String::new();
    let operations: Vec<_> = operations(&registry).collect();
    for operation in &operations {
        let permit = match &operation.permit {
            Permit::Public => "public".to_owned(),
            Permit::SignedIn => "signed in".to_owned(),
            Permit::Needs(permission) => permission.clone(),
            Permit::AnyOf(permissions) => permissions.join(" | "),
        };
        writeln!(
            text,
            "{:<6} /api/v1{:<60} {:<44} {permit}",
            operation.method.name(),
            operation.path,
            operation.id
        )?;
    }
    writeln!(text, "\n{} operations", operations.len())?;
    Ok(text)
}

/// State × action of every resource, for people who know the domain and do not read Rust.
pub fn states() -> Result<String> {
    let registry = registry()?;
    let mut text =
        "Where an action leads from a state. – is refused; * is decided by the row and stays in the state.\n"
            .to_owned();
    let mut machines = 0;
    for resource in registry.resources() {
        for field in resource.fields {
            if let Kind::Choice { values } = field.kind
                && let Some(table) = state_table(resource, field.name, values)
            {
                machines += 1;
                write!(text, "\n{}.{}\n{table}", resource.full_name(), field.name)?;
            }
        }
    }
    writeln!(text, "\n{machines} state machines")?;
    Ok(text)
}

/// The actions that depend on a field, by its states; nothing when none does.
fn state_table(resource: &Resource, field: &str, states: &[&'static str]) -> Option<String> {
    let to = |action: &Action, state: &str| match (action.moves, action.when) {
        (Some((of, moves)), _) if of == field => Some(moves(state).unwrap_or("–")),
        (None, Some((of, from))) if of == field => Some(if from.contains(&state) { "*" } else { "–" }),
        _ => None,
    };
    let columns: Vec<Vec<String>> = resource
        .actions
        .iter()
        .filter_map(|action| {
            let cells = states.iter().map(|state| to(action, state).map(str::to_owned));
            let cells: Option<Vec<String>> = cells.collect();
            let by = if action.internal { " (by the system)" } else { "" };
            Some([vec![format!("{}{by}", action.name)], cells?].concat())
        })
        .collect();
    if columns.is_empty() {
        return None;
    }
    let label: Vec<String> = [&[""], states].concat().into_iter().map(str::to_owned).collect();
    let mut text = String::new();
    for line in 0..=states.len() {
        let cells = std::iter::once(&label).chain(&columns).map(|column| {
            let width = column.iter().map(|cell| cell.chars().count()).max().unwrap_or_default();
            format!("{:<width$}", column[line])
        });
        let cells = cells.collect::<Vec<_>>().join("  ");
        text.push_str("  ");
        text.push_str(cells.trim_end());
        text.push('\n');
    }
    Some(text)
}

/// Role × permission × rows, for people who do not read Rust. Memberships come first, then the job roles of a plain member.
pub async fn permissions() -> Result<String> {
    let registry = registry()?;
    let policy = Policy::new(&registry).await?;
    let words = words(&registry)?;
    let (nobody, own) = (uuid::Uuid::nil(), Own::default());
    let memberships = MEMBERSHIPS
        .iter()
        .rev()
        .map(|name| (*name, policy.snapshot(&own, nobody, nobody, name, &[])));
    let roles = ROLES.iter().map(|name| {
        let roles = [(*name).to_owned()];
        (*name, policy.snapshot(&own, nobody, nobody, "viewer", &roles))
    });
    let columns: Vec<(&str, Permissions)> = memberships.chain(roles).collect();
    let mut text = "\
# Who may do what. The first four columns are memberships; the others are job roles of a viewer, who sees what his roles show.
# yes   every row of the organization
# team  own rows, and the rows of the people whom the person leads
# own   own rows
# -     not at all

"
    .to_owned();
    write!(text, "{:<44}", "permission")?;
    for (name, _) in &columns {
        write!(text, " {name:<14}")?;
    }
    writeln!(text, " what it is")?;
    let (mut count, mut narrow) = (0, 0);
    for (heading, lines) in permission_groups(&registry, &words) {
        write!(text, "\n# {heading}\n")?;
        for (permission, label) in lines {
            write!(text, "{permission:<44}")?;
            for (_, allowed) in &columns {
                let cell = match allowed.scope(&permission) {
                    None => "-",
                    Some(Scope::All) => "yes",
                    Some(scope) => scope.name(),
                };
                narrow += usize::from(matches!(cell, "own" | "team"));
                write!(text, " {cell:<14}")?;
            }
            writeln!(text, " {label}")?;
            count += 1;
        }
    }
    writeln!(text, "\n# {count} permissions; {narrow} times for some rows only")?;
    Ok(text)
}

fn words(registry: &Registry) -> Result<Json> {
    let locales: Vec<_> = registry
        .modules
        .iter()
        .map(|module| (module.name, module.locales.0, module.locales.1))
        .collect();
    Ok(Catalogue::new(&locales)?.words(Locale::En).clone())
}

/// A heading, and its permissions with what they are in English.
type Group = (String, Vec<(String, String)>);

/// Each permission once, under the first thing that it is about.
fn permission_groups(registry: &Registry, words: &Json) -> Vec<Group> {
    let word = |way: &[&str], otherwise: &str| -> String {
        let found = way.iter().fold(words, |words, key| &words[*key]);
        found.as_str().unwrap_or(otherwise).to_owned()
    };
    let (mut groups, mut listed): (Vec<Group>, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
    for module in &registry.modules {
        let title = word(&["module", module.name], module.name);
        for resource in module.resources {
            let full_name = resource.full_name();
            let label = |name: &str| -> String {
                let act = name.rsplit_once('.').map_or(name, |(_, act)| act);
                let field = |field: &str| word(&["resource", &full_name, "fields", field, "label"], field);
                let private = resource.fields.iter().filter(|field| field.permission == Some(act));
                let private: Vec<String> = private.map(|private| field(private.name)).collect();
                match private.is_empty() {
                    true => word(
                        &["resource", &full_name, "actions", act],
                        &word(&["permission", act], act),
                    ),
                    false => format!("Fields: {}", private.join(", ")),
                }
            };
            let names = resource
                .permissions()
                .into_iter()
                .filter(|name| listed.insert(name.clone()));
            let lines: Vec<_> = names.map(|name| (name.clone(), label(&name))).collect();
            let many = word(&["resource", &full_name, "many"], resource.name);
            let whose = |field: &str| word(&["resource", &full_name, "fields", field, "label"], field);
            let owner = resource.owner.map(|owner| format!(" (whose: {})", whose(owner)));
            groups.push((format!("{title} › {many}{}", owner.unwrap_or_default()), lines));
        }
        let others = module.permissions.iter().map(ToString::to_string);
        let others = others.filter(|name| listed.insert(name.clone()));
        let lines: Vec<_> = others
            .map(|name| (name.clone(), word(&["permission", &name], &name)))
            .collect();
        if !lines.is_empty() {
            groups.push((title, lines));
        }
    }
    groups
}
