//! One row of everything that an organization can have.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use platform_resource::{Resource, Verb};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::client::Person;
use crate::harness::{Harness, unique};
use crate::sample::Sampler;

/// What an organization has one of, by what it is: `fleet.vehicles`, `import:fleet.vehicles`, `file`, `user`, `organization`.
#[derive(Default)]
pub struct Stock {
    /// Ids.
    pub ids: BTreeMap<String, Uuid>,
    /// Bodies that created the rows.
    pub bodies: BTreeMap<String, Map<String, Json>>,
    /// Page marks of lists, by path.
    pub cursors: BTreeMap<String, String>,
    /// Every text that says something of this organization.
    pub words: BTreeSet<String>,
}

/// Shorter texts occur by chance.
const SHORTEST_WORD: usize = 8;

impl Stock {
    /// Fills an organization by its owner.
    pub async fn fill(harness: &Harness, owner: &Person) -> Result<Self> {
        let platform = &harness.app.platform;
        let mut stock = Self::default();
        stock.take("organization", owner.organization_id);
        stock.read(&owner.get("/api/v1/auth/me").await?.expect(200)?);
        let colleague = owner.colleague("viewer", &["courier"]).await?;
        stock.take("user", colleague.user_id);
        stock.words.insert(colleague.email);
        let mark = unique("%PDF-1.7 receipt ");
        let path = format!("/api/v1/files?name={}.pdf", unique("receipt"));
        let upload = owner.call("POST", &path, &[], mark.into()).await?.expect(201)?;
        stock.take("file", upload["id"].as_str().context("an id")?.parse()?);
        stock.read(&upload);
        let mut sampler = Sampler::new(platform, owner);
        for resource in platform.registry.resources() {
            stock
                .make(resource, owner, &mut sampler)
                .await
                .with_context(|| resource.full_name())?;
        }
        // Rows that others brought along, as of modules that this build leaves out.
        for (name, row) in &sampler.made {
            if !stock.ids.contains_key(name) {
                stock.take(name, row["id"].as_str().context("an id")?.parse()?);
            }
        }
        stock.take_people(harness, owner).await?;
        Ok(stock)
    }

    async fn make(&mut self, resource: &'static Resource, owner: &Person, sampler: &mut Sampler<'_>) -> Result<()> {
        let name = resource.full_name();
        let row = match sampler.made.get(&name) {
            Some(row) => row.clone(),
            None if resource.has(Verb::Create) => {
                let (_, answer) = sampler.created(resource).await?;
                let row = answer.expect(201)?;
                sampler.made.insert(name.clone(), row.clone());
                row
            }
            None => sampler.row(&name).await?,
        };
        self.take(&name, row["id"].as_str().context("an id")?.parse()?);
        self.read(&row);
        if resource.has(Verb::Create) {
            let given = |field: &&platform_resource::Field| !field.read_only && !row[field.name].is_null();
            let body = resource
                .fields
                .iter()
                .filter(given)
                .map(|field| (field.name.to_owned(), row[field.name].clone()));
            self.bodies.insert(name.clone(), body.collect());
        }
        if resource.has(Verb::Import) {
            let content = format!("first,second\n{},{}\n", unique("cell"), unique("cell"));
            self.words.extend(content.split(['\n', ',']).map(ToOwned::to_owned));
            let path = format!("{}/imports?file_name={}.csv", resource.path(), unique("upload"));
            let upload = owner.call("POST", &path, &[], content.into()).await?.expect(201)?;
            self.take(
                &format!("import:{name}"),
                upload["id"].as_str().context("an id")?.parse()?,
            );
            self.read(&upload);
        }
        Ok(())
    }

    pub(crate) fn take(&mut self, what: &str, id: Uuid) {
        self.ids.insert(what.to_owned(), id);
        self.words.insert(id.to_string());
    }

    /// Remembers every text of an answer.
    pub fn read(&mut self, json: &Json) {
        match json {
            Json::String(text) => {
                self.words.insert(text.clone());
            }
            Json::Array(items) => items.iter().for_each(|item| self.read(item)),
            Json::Object(fields) => fields.values().for_each(|value| self.read(value)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// What is said of this organization and not also of another one.
    pub fn canaries(&self, other: &Self) -> Vec<String> {
        let own = self.words.iter().filter(|word| word.len() >= SHORTEST_WORD);
        own.filter(|word| !other.words.contains(*word)).cloned().collect()
    }

    /// A body that creates another row of the resource: what has to be unique is new.
    pub fn body(&self, resource: &'static Resource) -> Map<String, Json> {
        let mut body = self.bodies.get(&resource.full_name()).cloned().unwrap_or_default();
        for field in resource.fields.iter().filter(|field| field.unique) {
            if let Some(value) = body.get_mut(field.name) {
                *value = crate::sample(field);
            }
        }
        body
    }

    /// An id of something.
    pub fn id(&self, what: &str) -> Result<Uuid> {
        self.ids
            .get(what)
            .copied()
            .with_context(|| format!("nobody made {what}"))
    }
}

/// An id beside another one, so that both stand at the same place of every order; nothing has it.
pub fn beside(id: Uuid) -> Uuid {
    let mut bytes = id.into_bytes();
    bytes[8..].copy_from_slice(&platform_core::ids::random_bytes::<8>());
    bytes[8] = id.as_bytes()[8];
    Uuid::from_bytes(bytes)
}

/// A body of the shape that a schema asks for; ids are chosen by the caller.
pub fn example(schema: &Json, name: &str, ids: &dyn Fn(&str) -> Option<Uuid>) -> Json {
    if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        return choices.first().map_or(Json::Null, |first| example(first, name, ids));
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.first().cloned().unwrap_or_default();
    }
    let kind = match &schema["type"] {
        Json::String(kind) => kind.clone(),
        Json::Array(kinds) => kinds.first().and_then(Json::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    match kind.as_str() {
        "object" => {
            let required = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Json::as_str);
            required
                .map(|name| (name.to_owned(), example(&schema["properties"][name], name, ids)))
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => json!([]),
        "boolean" => json!(false),
        "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).into(),
        "string" => match (schema["format"].as_str(), name) {
            (Some("uuid"), _) => json!(ids(name).unwrap_or_else(platform_core::ids::new_id)),
            (Some("date"), _) => "2026-01-15".into(),
            (Some("date-time"), _) => "2026-01-15T09:30:00Z".into(),
            (_, "email") => format!("{}@example.test", unique("somebody")).into(),
            (_, "password") => "correct horse battery".into(),
            (_, "membership") => "viewer".into(),
            (_, "month") => "2026-01".into(),
            _ => unique("text").into(),
        },
        _ => Json::Null,
    }
}
