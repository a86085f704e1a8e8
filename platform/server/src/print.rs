//! Documents that are generated, committed and reviewed.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Deref;

use anyhow::Result;
use platform_core::{Operation, Permit, Registry};
use serde_json::Value as Json;
use tenancy::{MEMBERSHIPS, Policy, ROLES};

use crate::app::registry;
use crate::modules::operations;

pub(crate) fn document(registry: &Registry, operations: &[impl Deref<Target = Operation>]) -> Json {
    platform_engine::openapi(registry, operations)
}

/// The OpenAPI document of this build, indented for review.
pub fn openapi_document() -> Result<String> {
    let registry = registry()?;
    let operations: Vec<_> = operations(&registry).into_iter().map(Box::new).collect();
    Ok(serde_json::to_string_pretty(&document(&registry, &operations))? + "\n")
}

/// One line for each operation: method, path, who may call it.
pub fn endpoints() -> Result<String> {
    let registry = registry()?;
    let mut text = String::new();
    let operations = operations(&registry);
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
