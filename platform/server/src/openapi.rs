//! The OpenAPI 3.1 document of everything that can be called.

use std::collections::BTreeMap;

use platform_core::{Operation, Permit, Registry};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value as Json, json};

/// The document while operations are added. Each is kept as text: two thousand of them as trees are a hundred megabytes.
pub struct Document {
    paths: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
    schemas: Map<String, Json>,
    parameters: Map<String, Json>,
}

impl Document {
    /// A document of the rows of all resources, which nobody can call yet.
    pub fn new(registry: &Registry) -> Self {
        let rows = registry
            .resources()
            .map(|resource| (resource.full_name(), platform_engine::row_schema(resource)));
        Self {
            paths: BTreeMap::new(),
            schemas: rows.chain([("Problem".into(), problem())]).collect(),
            parameters: Map::new(),
        }
    }

    /// Describes an operation.
    pub fn add(&mut self, operation: &Operation) {
        let described = to_raw_value(&self.describe(operation)).expect("JSON is text");
        let methods = self.paths.entry(format!("/api/v1{}", operation.path)).or_default();
        methods.insert(operation.method.name().to_lowercase(), described);
    }

    /// The text. Its order is that of names, so that a committed copy changes only where something changed.
    pub fn text(&self) -> String {
        #[derive(serde::Serialize)]
        struct Whole<'a> {
            openapi: &'a str,
            info: Json,
            servers: Json,
            security: Json,
            paths: &'a BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
            components: Json,
        }
        let whole = Whole {
            openapi: "3.1.0",
            info: json!({
                "title": "BARQ",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Courier fleets: couriers, vehicles, fuel and what connects them. Every answer concerns the \
                    organization of the access token; what belongs to another one is answered like what does not exist.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            }),
            servers: json!([{"url": "/"}]),
            security: json!([{"bearer": []}]),
            paths: &self.paths,
            components: json!({
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
                "schemas": self.schemas,
                "parameters": self.parameters,
                "responses": {"Refused": {"description": "Refused", "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
            }),
        };
        serde_json::to_string(&whole).expect("JSON is text")
    }

    /// A reference to a parameter that many operations share: by its name, or by its resource's where names collide.
    fn share(&mut self, tag: &str, parameter: Json) -> Json {
        let name = parameter["name"].as_str().unwrap_or_default();
        for key in [name.to_owned(), format!("{tag}.{name}")] {
            if *self.parameters.entry(&key).or_insert_with(|| parameter.clone()) == parameter {
                return json!({"$ref": format!("#/components/parameters/{key}")});
            }
        }
        parameter
    }

    fn describe(&mut self, operation: &Operation) -> Json {
        let doc = &operation.doc;
        let path = operation.path_names().into_iter();
        let mut parameters: Vec<Json> = path
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": path_schema(name)}))
            .chain(doc.query.iter().cloned())
            .collect();
        if doc.versioned && operation.method.name() != "GET" {
            parameters.push(header(
                "If-Match",
                "The version that the caller saw; refused with 412 when it is stale.",
            ));
        }
        if operation.method.name() == "POST" && operation.permit != Permit::Public {
            parameters.push(header(
                "Idempotency-Key",
                "A repeated request with the same key gets the first answer.",
            ));
        }
        let parameters: Vec<Json> = parameters.into_iter().map(|one| self.share(&doc.tag, one)).collect();
        let mut responses = Map::new();
        if let Some((status, media, schema)) = &doc.answer {
            let mut response = json!({"description": "Done"});
            if *status != 204 {
                let forms = media.split(", ").map(|media| (media.into(), json!({"schema": schema})));
                response["content"] = Json::Object(forms.collect());
            }
            responses.insert(status.to_string(), response);
        }
        responses.insert("default".into(), json!({"$ref": "#/components/responses/Refused"}));
        let mut document = json!({
            "operationId": operation.id,
            "summary": doc.summary,
            "parameters": parameters,
            "responses": responses,
        });
        if !doc.tag.is_empty() {
            document["tags"] = json!([doc.tag]);
        }
        if let Some((media, schema)) = &doc.request {
            document["requestBody"] = json!({"required": true, "content": {*media: {"schema": schema}}});
        }
        match &operation.permit {
            Permit::Public => document["security"] = json!([]),
            Permit::SignedIn => {}
            Permit::Needs(permission) => document["x-permission"] = json!([permission]),
            Permit::AnyOf(permissions) => document["x-permission"] = json!(permissions),
        }
        document
    }
}

fn path_schema(name: &str) -> Json {
    match name {
        "id" => json!({"type": "string", "format": "uuid"}),
        other if other.ends_with("_id") => json!({"type": "string", "format": "uuid"}),
        _ => json!({"type": "string"}),
    }
}

fn header(name: &str, description: &str) -> Json {
    json!({"name": name, "in": "header", "required": false, "schema": {"type": "string"}, "description": description})
}

fn problem() -> Json {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string", "description": "what happened, in the caller's language"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "stable; the last part of type"},
            "errors": {"type": "array", "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "row": {"type": "integer"},
                    "value": {"type": "string"},
                },
            }},
        },
    })
}
