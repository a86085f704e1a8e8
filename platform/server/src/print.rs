//! Documents that are generated, committed and reviewed.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;
use platform_core::Permit;
use platform_resource::{Action, Kind, Resource};
use serde_json::Value as Json;
use tenancy::{MEMBERSHIPS, Policy, ROLES};

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

/// Role × permission, for people who do not read Rust. Memberships come first, then the job roles of a plain member.
pub async fn permissions() -> Result<String> {
    let registry = registry()?;
    let policy = Policy::new(&registry).await?;
    let nobody = uuid::Uuid::nil();
    let memberships = MEMBERSHIPS
        .iter()
        .rev()
        .map(|name| (*name, policy.snapshot(nobody, nobody, name, &[])));
    let roles = ROLES
        .iter()
        .map(|name| (*name, policy.snapshot(nobody, nobody, "viewer", &[(*name).to_owned()])));
    let columns: Vec<(&str, BTreeSet<String>)> = memberships.chain(roles).collect();
    let mut text = format!("{:<44}", "permission");
    for (name, _) in &columns {
        write!(text, " {name:<14}")?;
    }
    text = text.trim_end().to_owned() + "\n";
    for permission in registry.permissions() {
        let mut line = format!("{permission:<44}");
        for (_, allowed) in &columns {
            write!(line, " {:<14}", if allowed.contains(&permission) { "yes" } else { "-" })?;
        }
        writeln!(text, "{}", line.trim_end())?;
    }
    Ok(text)
}
