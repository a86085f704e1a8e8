//! What there is to call, and where each operation takes an id: from the document, with what the declarations know of it.

use anyhow::{Context, Result, bail, ensure};
use platform_core::Registry;
use platform_resource::{Kind, Resource};
use serde_json::Value as Json;

/// A place of an id.
#[derive(Clone, Debug)]
pub enum Place {
    Path(String),
    Query(String),
    /// Names on the way through the body.
    Body(Vec<String>),
}

/// An id that an operation takes, and of what.
#[derive(Clone, Debug)]
pub struct Spot {
    pub place: Place,
    pub target: String,
}

/// One operation of the document.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub resource: Option<&'static Resource>,
    pub document: Json,
    pub spots: Vec<Spot>,
}

pub struct Plan {
    pub operations: Vec<Operation>,
}

/// An operation with the parameters that the document writes once for many.
fn with_parameters(operation: &Json, document: &Json) -> Result<Json> {
    let mut operation = operation.clone();
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        if let Some(reference) = parameter["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').context("a reference within the document")?;
            *parameter = document.pointer(pointer).context(reference.to_owned())?.clone();
        }
    }
    Ok(operation)
}

impl Plan {
    /// Fails where an operation takes something of which nobody says what it is the id of.
    pub fn of(document: &Json, registry: &Registry) -> Result<Self> {
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().context("paths")? {
            for (method, operation) in methods.as_object().context("methods")? {
                let document = with_parameters(operation, document)?;
                let id = document["operationId"]
                    .as_str()
                    .context("an operation without a name")?
                    .to_owned();
                let resource = registry
                    .resources()
                    .filter(|resource| path == &resource.path() || path.starts_with(&format!("{}/", resource.path())))
                    .max_by_key(|resource| resource.path().len());
                let mut operation = Operation {
                    id: id.clone(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    resource,
                    document,
                    spots: Vec::new(),
                };
                operation.find_spots(registry).with_context(|| id)?;
                operations.push(operation);
            }
        }
        Ok(Self { operations })
    }

    pub fn spots(&self) -> usize {
        self.operations.iter().map(|operation| operation.spots.len()).sum()
    }
}

impl Operation {
    /// The schema of the JSON body.
    pub fn body(&self) -> Option<&Json> {
        let schema = &self.document["requestBody"]["content"]["application/json"]["schema"];
        (!schema.is_null()).then_some(schema)
    }

    pub fn parameters(&self, place: &str) -> Vec<&Json> {
        let parameters = self.document["parameters"].as_array().into_iter().flatten();
        parameters.filter(|parameter| parameter["in"] == place).collect()
    }

    /// The verb or action, as the last part of the operation's name.
    pub fn verb(&self) -> &str {
        self.id.rsplit('.').next().unwrap_or_default()
    }

    fn find_spots(&mut self, registry: &Registry) -> Result<()> {
        let mut spots = Vec::new();
        for parameter in self.parameters("path") {
            let name = parameter["name"].as_str().context("a name")?;
            ensure!(self.path.contains(&format!("{{{name}}}")), "the path has no {name}");
            match (parameter["schema"]["format"].as_str(), name) {
                (Some("uuid"), _) => {
                    let target = self.target_of_path(registry, name)?;
                    spots.push(Spot {
                        place: Place::Path(name.to_owned()),
                        target,
                    });
                }
                (None, "id") if self.path.starts_with("/api/v1/roles/") => spots.push(Spot {
                    place: Place::Path(name.to_owned()),
                    target: "role".into(),
                }),
                _ if WORDS.iter().any(|(word, _)| *word == name) => {}
                _ => bail!("nobody knows what {name} of the path is"),
            }
        }
        for parameter in self.parameters("query") {
            let name = parameter["name"].as_str().context("a name")?;
            let declared = self.resource.and_then(|resource| resource.field(name));
            let target = match declared.map(|field| field.kind) {
                Some(Kind::Reference { to }) => Some(to.to_owned()),
                Some(Kind::File) => Some("file".to_owned()),
                Some(Kind::Member) => Some("user".to_owned()),
                Some(_) => None,
                // Page marks are tried one by one.
                None if name == "after" => None,
                None if parameter["schema"]["format"] == "uuid" => Some(target_of_name(registry, name)?),
                None => {
                    ensure!(!looks_like_an_id(name), "nobody knows what {name} of the query is");
                    None
                }
            };
            spots.extend(target.map(|target| Spot {
                place: Place::Query(name.to_owned()),
                target,
            }));
        }
        if let Some(schema) = self.body().cloned() {
            self.spots_of_body(registry, &schema, &mut Vec::new(), &mut spots)?;
        } else if !self.document["requestBody"].is_null() {
            let raw = self.document["requestBody"]["content"]["application/octet-stream"].is_object();
            ensure!(raw, "the body is neither JSON nor a file");
        }
        self.spots = spots;
        Ok(())
    }

    fn spots_of_body(
        &self,
        registry: &Registry,
        schema: &Json,
        way: &mut Vec<String>,
        spots: &mut Vec<Spot>,
    ) -> Result<()> {
        for key in ["anyOf", "oneOf"] {
            for choice in schema[key].as_array().into_iter().flatten() {
                self.spots_of_body(registry, choice, way, spots)?;
            }
        }
        if schema["items"].is_object() {
            way.push("0".into());
            self.spots_of_body(registry, &schema["items"], way, spots)?;
            way.pop();
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            way.push(name.clone());
            self.spots_of_body(registry, property, way, spots)?;
            way.pop();
        }
        // What stands in a list is called like the list.
        let mut names = way.iter().rev().filter(|name| name.parse::<usize>().is_err());
        let Some(name) = names
            .next()
            .filter(|_| schema["properties"].is_null() && schema["items"].is_null())
        else {
            return Ok(());
        };
        if schema["format"] == "uuid" || CALLED.iter().any(|(called, _)| called == name) {
            let target = self.target_of_body(registry, name)?;
            spots.push(Spot {
                place: Place::Body(way.clone()),
                target,
            });
        } else if schema["type"].is_string() || schema["type"].is_array() {
            let declared = self.fields().any(|field| field.name == name.as_str());
            ensure!(
                declared || !looks_like_an_id(name),
                "nobody knows what {name} of the body is"
            );
        }
        Ok(())
    }

    /// Declared fields and inputs that a body of this operation may have.
    pub fn fields(&self) -> impl Iterator<Item = &'static platform_resource::Field> {
        let resource = self.resource;
        let inputs = resource
            .into_iter()
            .flat_map(|resource| resource.actions)
            .flat_map(|action| action.inputs);
        resource.into_iter().flat_map(|resource| resource.fields).chain(inputs)
    }

    fn target_of_body(&self, registry: &Registry, name: &str) -> Result<String> {
        if name == "id" {
            return Ok(self.resource.context("an id of what?")?.full_name());
        }
        let mut kinds = self.fields().filter(|field| field.name == name).map(|field| field.kind);
        match kinds.find(|kind| matches!(kind, Kind::Reference { .. } | Kind::File | Kind::Member)) {
            Some(Kind::Reference { to }) => Ok(to.to_owned()),
            Some(Kind::Member) => Ok("user".into()),
            Some(_) => Ok("file".into()),
            None => target_of_name(registry, name),
        }
    }

    fn target_of_path(&self, registry: &Registry, name: &str) -> Result<String> {
        let before = self.path.split(&format!("/{{{name}}}")).next().unwrap_or_default();
        if let Some(resource) = self.resource {
            if before == resource.path() {
                return Ok(resource.full_name());
            }
            if before == format!("{}/imports", resource.path()) {
                return Ok(format!("import:{}", resource.full_name()));
            }
        }
        match KEPT.iter().find(|(path, _)| before == format!("/api/v1{path}")) {
            Some((_, target)) => Ok((*target).to_owned()),
            None => target_of_name(registry, name),
        }
    }
}

/// What is no declared resource, by its path.
const KEPT: [(&str, &str); 14] = [
    ("/auth/identities", "identity"),
    ("/auth/passkeys", "passkey"),
    ("/auth/sessions", "session"),
    ("/files", "file"),
    ("/organization/children", "child"),
    ("/organization/domains", "domain"),
    ("/organization/exports", "export"),
    ("/support/grants", "support_grant"),
    ("/tenancy/api_keys", "api_key"),
    ("/tenancy/invitations", "invitation"),
    ("/tenancy/members", "user"),
    ("/tenancy/members/{user_id}/sessions", "session"),
    ("/tenancy/service_accounts", "service_account"),
    ("/roles", "role"),
];
/// And by the name of a parameter.
const CALLED: [(&str, &str); 6] = [
    ("actor", "user"),
    // Of any resource: the history has all of them.
    ("record", "fleet.vehicles"),
    ("logo_file_id", "file"),
    ("grant_id", "support_grant"),
    ("service_account_id", "service_account"),
    ("organization_id", "organization"),
];

/// Parts of paths that are words, and one that is good; a module of no such name, because one of ours would be switched off.
const WORDS: [(&str, &str); 4] = [
    ("locale", "en"),
    ("name", "nothing"),
    ("report", "on-time-delivery"),
    // An address that nobody has: whose it is says the address itself.
    ("token", "nothing"),
];

/// A path with its words filled in.
pub fn with_words(path: &str) -> String {
    WORDS.iter().fold(path.to_owned(), |path, (name, word)| {
        path.replace(&format!("{{{name}}}"), word)
    })
}

/// Ids that other systems give: text to us.
const OUTSIDE: [&str; 1] = ["event_id"];

fn looks_like_an_id(name: &str) -> bool {
    if OUTSIDE.contains(&name) {
        return false;
    }
    name == "id" || name.ends_with("_id") || name.ends_with("_ids")
}

/// `vehicle_id` is the id of one of `vehicles`, `to_bed_id` of `beds`; other names mean what fields of that name mean.
fn target_of_name(registry: &Registry, name: &str) -> Result<String> {
    if let Some((_, target)) = CALLED.iter().find(|(called, _)| *called == name) {
        return Ok((*target).to_owned());
    }
    let mut stem = name
        .strip_suffix("_ids")
        .or_else(|| name.strip_suffix("_id"))
        .unwrap_or_default();
    if stem == "user" {
        return Ok(stem.to_owned());
    }
    let declared = registry.resources().flat_map(|resource| resource.fields);
    for field in declared.filter(|field| field.name == name) {
        match field.kind {
            Kind::Reference { to } => return Ok(to.to_owned()),
            Kind::Member => return Ok("user".into()),
            _ => {}
        }
    }
    while !stem.is_empty() {
        let many = match stem.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{stem}s"),
        };
        let mut targets = registry.resources().filter(|resource| resource.name == many);
        if let Some(target) = targets.next() {
            return Ok(target.full_name());
        }
        stem = stem.split_once('_').map_or("", |(_, rest)| rest);
    }
    bail!("nobody knows of what {name} is the id")
}
