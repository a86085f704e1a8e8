//! From a declaration to operations: method, path, permission, handler and document of every verb and action.

use platform_core::{Boxed, Cx, Doc, Method, Operation, Permit, Problem, Reply, Request};
use platform_resource::{Field, Resource, Verb};
use serde_json::{Value as Json, json};

use crate::{bulk, export, history, query, read, schema, write};

const JSON: &str = "application/json";

/// A verb's handler.
pub type Run = for<'a> fn(&'a mut Cx, &'static Resource, Request) -> Boxed<'a, Result<Reply, Problem>>;

/// Operations of one resource, while they are collected.
pub struct Builder {
    resource: &'static Resource,
    base: String,
    /// What was collected so far.
    pub operations: Vec<Operation>,
}

impl Builder {
    /// Nothing collected yet.
    pub fn new(resource: &'static Resource) -> Self {
        let base = format!("/{}/{}", resource.module, resource.name);
        Self {
            resource,
            base,
            operations: Vec::new(),
        }
    }

    fn add(&mut self, method: Method, tail: &str, verb: &str, permit: Permit, run: Run) -> &mut Operation {
        let resource = self.resource;
        let id = format!("{}.{verb}", resource.full_name());
        let path = format!("{}{tail}", self.base);
        let mut operation = Operation::raw(method, path, id, permit, move |cx, request| run(cx, resource, request));
        let words = verb.replace('_', " ");
        operation.doc = Doc {
            summary: format!("{}: {words}", resource.name.replace('_', " ")),
            tag: resource.full_name(),
            ..Doc::default()
        };
        self.operations.push(operation);
        self.operations.last_mut().expect("just pushed")
    }

    /// Adds an operation that needs the permission of a verb.
    pub fn verb(&mut self, method: Method, tail: &str, name: &str, verb: Verb, run: Run) -> &mut Operation {
        let permit = Permit::Needs(self.resource.permission(verb));
        self.add(method, tail, name, permit, run)
    }
}

/// Every operation of a resource.
pub fn resource_operations(resource: &'static Resource) -> Vec<Operation> {
    let mut builder = Builder::new(resource);
    let row = || json!({"$ref": format!("#/components/schemas/{}", resource.full_name())});
    let page = || {
        json!({"type": "object", "required": ["data", "next"], "properties": {
            "data": {"type": "array", "items": row()}, "next": {"type": ["string", "null"]},
            "total": {"type": "integer"}}})
    };

    let list = builder.verb(Method::Get, "", "list", Verb::Read, |cx, r, q| {
        Box::pin(read::list(cx, r, q))
    });
    list.doc.query = list_parameters(
        resource,
        &["search", "sort", "fields", "limit", "after", "titles", "total"],
    );
    list.doc.answer = Some((200, JSON, page()));

    let one = builder.verb(Method::Get, "/{id}", "read", Verb::Read, |cx, r, q| {
        Box::pin(read::read(cx, r, q))
    });
    one.doc.query = vec![
        parameter("titles", json!({"type": "boolean"})),
        parameter("fields", json!({"type": "string"})),
    ];
    one.doc.answer = Some((200, JSON, row()));
    one.doc.versioned = true;

    let options = builder.verb(Method::Get, "/options", "options", Verb::Read, |cx, r, q| {
        Box::pin(read::options(cx, r, q))
    });
    options.doc.query = list_parameters(resource, &["search", "limit"]);
    options.doc.answer = Some((
        200,
        JSON,
        json!({"type": "object", "required": ["data"], "properties": {"data": {
        "type": "array", "items": {"type": "object", "required": ["id", "title"], "properties": {
            "id": {"type": "string", "format": "uuid"}, "title": {"type": ["string", "null"]}}}}}}),
    ));

    let past = builder.verb(Method::Get, "/{id}/history", "history", Verb::Read, |cx, r, q| {
        Box::pin(history::history(cx, r, q))
    });
    past.doc.query = vec![parameter("after", json!({"type": "string", "format": "uuid"}))];
    past.doc.answer = Some((200, JSON, history_schema()));

    if resource.has(Verb::Create) {
        let create = builder.verb(Method::Post, "", "create", Verb::Create, |cx, r, q| {
            Box::pin(write::create_verb(cx, r, q))
        });
        create.doc.request = Some((JSON, schema::input(resource, true)));
        create.doc.answer = Some((201, JSON, row()));
    }
    if resource.has(Verb::Update) {
        let update = builder.verb(Method::Patch, "/{id}", "update", Verb::Update, |cx, r, q| {
            Box::pin(write::update_verb(cx, r, q))
        });
        update.doc.request = Some((JSON, schema::input(resource, false)));
        update.doc.answer = Some((200, JSON, row()));
        update.doc.versioned = true;
    }
    if resource.has(Verb::Delete) {
        let delete = builder.verb(Method::Delete, "/{id}", "delete", Verb::Delete, |cx, r, q| {
            Box::pin(write::delete_verb(cx, r, q))
        });
        delete.doc.answer = Some((204, "", Json::Null));
        delete.doc.versioned = true;
    }
    add_bulk(&mut builder);
    if resource.has(Verb::Export) {
        let export = builder.verb(Method::Get, "/export", "export", Verb::Export, |cx, r, q| {
            Box::pin(export::export(cx, r, q))
        });
        export.doc.query = list_parameters(resource, &["search", "sort", "fields"]);
        export
            .doc
            .query
            .push(parameter("format", json!({"type": "string", "enum": ["csv", "xlsx"]})));
        export.doc.answer = Some((200, export::MEDIA, json!({"type": "string"})));
    }
    for action in resource.public_actions() {
        let id = format!("{}.{}", resource.full_name(), action.name);
        let permit = Permit::Needs(format!("{}.{}", resource.name, action.name));
        let path = format!("{}/{{id}}/{}", builder.base, action.name);
        let mut operation = Operation::raw(Method::Post, path, id, permit, move |cx, q| {
            Box::pin(write::act_verb(cx, resource, action, q))
        });
        let inputs: Vec<&Field> = action.inputs.iter().collect();
        operation.doc = Doc {
            summary: format!("{}: {}", resource.name.replace('_', " "), action.name.replace('_', " ")),
            tag: resource.full_name(),
            request: Some((JSON, schema::inputs(&inputs))),
            answer: Some((200, JSON, row())),
            versioned: true,
            ..Doc::default()
        };
        builder.operations.push(operation);
    }
    for operation in &mut builder.operations {
        operation.is_scoped = true;
    }
    builder.operations
}

fn add_bulk(builder: &mut Builder) {
    let verbs = [Verb::Create, Verb::Update, Verb::Delete];
    let names: Vec<&str> = verbs
        .iter()
        .filter(|verb| builder.resource.has(**verb))
        .map(|verb| verb.name())
        .collect();
    if names.is_empty() {
        return;
    }
    let permit = Permit::AnyOf(
        names
            .iter()
            .map(|name| format!("{}.{name}", builder.resource.name))
            .collect(),
    );
    let bulk = builder.add(Method::Post, "/bulk", "bulk", permit, |cx, r, q| {
        Box::pin(bulk::bulk(cx, r, q))
    });
    bulk.doc.request = Some((
        JSON,
        json!({"type": "object", "required": ["operations"], "additionalProperties": false,
        "properties": {"operations": {"type": "array", "maxItems": bulk::MOST, "items": {"type": "object",
            "required": ["op"], "additionalProperties": false, "properties": {
                "op": {"type": "string", "enum": names}, "id": {"type": ["string", "null"], "format": "uuid"},
                "version": {"type": ["integer", "null"]}, "data": {"type": "object"}}}}}}),
    ));
    bulk.doc.answer = Some((
        200,
        JSON,
        json!({"type": "object", "required": ["data"], "properties": {"data": {
        "type": "array", "items": {"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}}}}}}),
    ));
}

fn history_schema() -> Json {
    json!({"type": "object", "required": ["data", "next"], "properties": {
        "next": {"type": ["string", "null"], "format": "uuid"},
        "data": {"type": "array", "items": {"type": "object", "required": ["id", "at", "actor", "verb", "changes"],
            "properties": {
                "id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"},
                "actor": {"type": "object", "properties": {
                    "id": {"type": ["string", "null"], "format": "uuid"}, "name": {"type": ["string", "null"]}}},
                "on_behalf_of": {"type": ["string", "null"], "format": "uuid"}, "verb": {"type": "string"}, "changes": {"type": "object"}}}}}})
}

/// An optional query parameter of the document.
pub fn parameter(name: &str, schema: Json) -> Json {
    json!({"name": name, "in": "query", "required": false, "schema": schema})
}

/// The general parameters of a list and a filter for every plain field.
fn list_parameters(resource: &Resource, general: &[&str]) -> Vec<Json> {
    let mut parameters: Vec<Json> = general
        .iter()
        .map(|name| match *name {
            "limit" => parameter(
                name,
                json!({"type": "integer", "minimum": 1, "maximum": query::PAGE.1, "default": query::PAGE.0}),
            ),
            "titles" | "total" => parameter(name, json!({"type": "boolean"})),
            _ => parameter(name, json!({"type": "string"})),
        })
        .collect();
    for field in resource.fields {
        if query::compares(field.kind, query::Comparison::Equal) {
            let mut filter = parameter(field.name, json!({"type": "string"}));
            let suffixes = query::COMPARISONS
                .iter()
                .filter(|(_, comparison)| query::compares(field.kind, *comparison));
            let names: Vec<String> = suffixes.map(|(suffix, _)| format!("{}.{suffix}", field.name)).collect();
            filter["description"] = format!("equal; also {}", names.join(", ")).into();
            parameters.push(filter);
        }
    }
    parameters
}
