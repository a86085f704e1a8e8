//! The OpenAPI 3.1 document of everything that can be called.

use platform_core::{Operation, Permit, Registry};
use serde_json::{Map, Value as Json, json};

use crate::schema;

/// The document. Its order is that of the declarations, so that a committed copy changes only where something changed.
pub fn openapi(registry: &Registry, operations: &[impl std::ops::Deref<Target = Operation>]) -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for operation in operations {
        let path = format!("/api/v1{}", operation.path);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[operation.method.name().to_lowercase()] = describe(operation);
    }
    let mut schemas: Map<String, Json> = registry
        .resources()
        .map(|resource| (resource.full_name(), schema::row(resource)))
        .collect();
    schemas.insert("Problem".into(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "BARQ",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Courier fleets: couriers, vehicles, fuel and what connects them. Every answer concerns the \
                organization of the access token; what belongs to another one is answered like what does not exist.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": schemas,
        },
    })
}

fn describe(operation: &Operation) -> Json {
    let mut parameters: Vec<Json> = operation
        .path_names()
        .into_iter()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": path_schema(name)}))
        .collect();
    parameters.extend(operation.doc.query.iter().cloned());
    if operation.doc.versioned && operation.method.name() != "GET" {
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
    let mut responses = Map::new();
    if let Some((status, media, schema)) = &operation.doc.answer {
        let mut response = json!({"description": "Done"});
        if *status != 204 {
            response["content"] = json!({*media: {"schema": schema}});
        }
        responses.insert(status.to_string(), response);
    }
    let refusal = json!({"description": "Refused", "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    responses.insert("default".into(), refusal);
    let mut document = json!({
        "operationId": operation.id,
        "summary": operation.doc.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if !operation.doc.tag.is_empty() {
        document["tags"] = json!([operation.doc.tag]);
    }
    if let Some((media, schema)) = &operation.doc.request {
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
