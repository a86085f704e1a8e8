//! What the console draws from: modules, resources, fields, verbs and actions, as far as the caller may use them.

use platform_core::Cx;
use platform_resource::{Field, Kind, Resource, Scope, Verb};
use serde_json::{Map, Value as Json, json};

use crate::query::visible;

/// The description of everything the caller may see.
pub fn describe(cx: &Cx) -> Json {
    let modules = cx.platform.registry.modules.iter().filter_map(|module| {
        let seen = module
            .resources
            .iter()
            .filter(|resource| cx.scope(&resource.permission(Verb::Read)).is_some());
        let resources: Vec<Json> = seen.map(|resource| describe_resource(cx, resource)).collect();
        (!resources.is_empty()).then(|| json!({"name": module.name, "resources": resources}))
    });
    json!({"modules": modules.collect::<Vec<_>>()})
}

fn describe_resource(cx: &Cx, resource: &Resource) -> Json {
    // Files bring rows of everybody.
    let least = |verb: Verb| if verb == Verb::Import { Scope::All } else { Scope::Own };
    let held = |verb: Verb| cx.scope(&resource.permission(verb));
    let may = |verb: Verb| resource.has(verb) && held(verb) >= Some(least(verb));
    let mut verbs = vec!["list", "read", "history"];
    let rest = [Verb::Create, Verb::Update, Verb::Delete, Verb::Import, Verb::Export];
    verbs.extend(rest.into_iter().filter(|verb| may(*verb)).map(Verb::name));
    if [Verb::Create, Verb::Update, Verb::Delete].into_iter().any(may) {
        verbs.push("bulk");
    }
    let fields: Vec<Json> = resource
        .fields
        .iter()
        .filter(|field| visible(cx, resource, field))
        .map(describe_field)
        .collect();
    let allowed = resource
        .actions
        .iter()
        .filter(|action| cx.scope(&format!("{}.{}", resource.name, action.name)).is_some());
    let actions: Vec<Json> = allowed
        .map(|action| {
            json!({
                "name": action.name,
                "inputs": action.inputs.iter().map(describe_field).collect::<Vec<_>>(),
                "when": action.offered(resource.fields).map(|(field, values)| json!({"field": field, "values": values})),
                "danger": action.danger,
            })
        })
        .collect();
    json!({
        "module": resource.module,
        "name": resource.name,
        "path": resource.path(),
        "title": resource.title_fields(),
        "sort": resource.sort,
        "scope": held(Verb::Read).map(Scope::name),
        "verbs": verbs,
        "fields": fields,
        "actions": actions,
    })
}

fn describe_field(field: &Field) -> Json {
    let mut description = Map::new();
    let mut put = |name: &str, value: Json| description.insert(name.to_owned(), value);
    put("name", field.name.into());
    put("kind", field.kind.name().into());
    for (name, flag) in [
        ("required", field.required),
        ("unique", field.unique),
        ("search", field.search),
        ("filter", field.filter),
        ("list", field.list),
        ("read_only", field.read_only),
        ("create_only", field.create_only),
        ("writable", !field.read_only),
    ] {
        put(name, flag.into());
    }
    for (name, text) in [("default", field.default), ("unit", field.unit), ("group", field.group)] {
        if let Some(text) = text {
            put(name, text.into());
        }
    }
    match field.kind {
        Kind::Text { max } | Kind::LongText { max } => {
            put("max", max.into());
        }
        Kind::Choice { values } => {
            put("values", values.into());
        }
        Kind::Integer { min, max } => {
            put("min", min.into());
            put("max", max.into());
        }
        Kind::Decimal { scale, signed } => {
            put("scale", scale.into());
            put("signed", signed.into());
        }
        Kind::Money { signed } => {
            put("scale", 2.into());
            put("signed", signed.into());
        }
        Kind::Reference { to } => {
            put("to", to.into());
        }
        _ => {}
    }
    Json::Object(description)
}
