//! Operations: what can be called, by whom, with what. Verbs of resources and hand-made ones are the same kind of thing.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

use crate::{BODY_LIMIT_BYTES, Boxed, Cx, Locale, Platform, Problem, Reply, Request};

/// HTTP methods that operations use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads; never writes.
    Get,
    /// Creates or acts.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// `GET`, `POST`, …
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Anybody: sign-in, documents.
    Public,
    /// Every member.
    SignedIn,
    /// Members with this permission.
    Needs(String),
    /// Members with at least one of these; the handler looks closer.
    AnyOf(Vec<String>),
}

impl Permit {
    /// Members with this permission.
    pub fn needs(permission: &str) -> Self {
        Self::Needs(permission.to_owned())
    }
}

/// A request from outside any organization.
pub struct Visit {
    /// What the process shares.
    pub platform: Arc<Platform>,
    /// When the request began.
    pub now: DateTime<Utc>,
    /// The caller's language.
    pub locale: Locale,
    /// The request.
    pub request: Request,
}

pub(crate) type TenantFn = dyn for<'a> Fn(&'a mut Cx, Request) -> Boxed<'a, Result<Reply, Problem>> + Send + Sync;
type PublicFn = dyn for<'a> Fn(&'a Visit) -> Boxed<'a, Result<Reply, Problem>> + Send + Sync;

/// What runs.
#[derive(Clone)]
pub enum Handler {
    /// Within an organization's transaction.
    Tenant(Arc<TenantFn>),
    /// Outside any organization.
    Public(Arc<PublicFn>),
}

/// What the OpenAPI document says of an operation.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    /// One line.
    pub summary: String,
    /// Heading under which it is listed.
    pub tag: String,
    /// Query parameters as OpenAPI parameter objects.
    pub query: Vec<Json>,
    /// Media type and schema of the body.
    pub request: Option<(&'static str, Json)>,
    /// Status, media type (or several, with `, ` between them) and schema of the good answer.
    pub answer: Option<(u16, &'static str, Json)>,
    /// Whether `If-Match` and `ETag` are used.
    pub versioned: bool,
}

/// One thing that can be called.
#[derive(Clone)]
pub struct Operation {
    /// Unique name, as `fleet.vehicles.list`.
    pub id: String,
    /// The module that brings it: where an organization has switched it off, the operation is not there. Set where the
    /// product is put together; empty for what is always there.
    pub module: &'static str,
    /// Method.
    pub method: Method,
    /// Path below `/api/v1`, with `{name}` parts.
    pub path: String,
    /// Who may call it.
    pub permit: Permit,
    /// Whether the handler keeps to the rows that the caller's permission is for. Any other operation asks for a permission for
    /// every row.
    pub is_scoped: bool,
    /// Whether the caller has to have proven a short while ago that he is still there.
    pub step_up: bool,
    /// Whether calls could be used for guessing a secret: closed while instances that should count together cannot.
    pub can_guess: bool,
    /// Whether a person has to call it: an API key may not, whatever its scopes.
    pub people_only: bool,
    /// What runs.
    pub handler: Handler,
    /// What is documented.
    pub doc: Doc,
    /// Largest body.
    pub body_limit_bytes: usize,
}

/// JSON schema of a type, with everything inline.
pub fn schema_of<T: JsonSchema>() -> Json {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

impl Operation {
    /// An operation with a handler of its own making.
    pub fn raw<F>(method: Method, path: impl Into<String>, id: impl Into<String>, permit: Permit, run: F) -> Self
    where
        F: for<'a> Fn(&'a mut Cx, Request) -> Boxed<'a, Result<Reply, Problem>> + Send + Sync + 'static,
    {
        Self {
            id: id.into(),
            module: "",
            method,
            path: path.into(),
            permit,
            is_scoped: false,
            step_up: false,
            can_guess: false,
            people_only: false,
            handler: Handler::Tenant(Arc::new(run)),
            doc: Doc::default(),
            body_limit_bytes: BODY_LIMIT_BYTES,
        }
    }

    /// A read: path and query in, JSON out.
    pub fn get<In, Out>(
        path: &'static str,
        id: &'static str,
        permit: Permit,
        run: for<'a> fn(&'a mut Cx, In) -> Boxed<'a, Result<Out, Problem>>,
    ) -> Self
    where
        In: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
    {
        let mut operation = Self::raw(Method::Get, path, id, permit, move |cx, request| {
            Box::pin(async move { Ok(Reply::json(StatusCode::OK, &run(cx, request.query_as()?).await?)) })
        });
        operation.doc.query = parameters(&schema_of::<In>(), path);
        operation.doc.answer = Some((200, "application/json", schema_of::<Out>()));
        operation
    }

    /// An act: path and body in, JSON out.
    pub fn post<In, Out>(
        path: &'static str,
        id: &'static str,
        permit: Permit,
        run: for<'a> fn(&'a mut Cx, In) -> Boxed<'a, Result<Out, Problem>>,
    ) -> Self
    where
        In: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
    {
        Self::acting(path, id, permit, 200, run)
    }

    /// An act that answers with another status.
    pub fn acting<In, Out>(
        path: &'static str,
        id: &'static str,
        permit: Permit,
        status: u16,
        run: for<'a> fn(&'a mut Cx, In) -> Boxed<'a, Result<Out, Problem>>,
    ) -> Self
    where
        In: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
    {
        let good = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut operation = Self::raw(Method::Post, path, id, permit, move |cx, request| {
            Box::pin(async move { Ok(Reply::json(good, &run(cx, request.body_as()?).await?)) })
        });
        operation.doc.request = Some(("application/json", body(schema_of::<In>(), path)));
        operation.doc.answer = Some((status, "application/json", schema_of::<Out>()));
        operation
    }

    /// A call from outside any organization; `In` and `Out` are its documented forms.
    pub fn public<In: JsonSchema, Out: JsonSchema>(
        method: Method,
        path: &'static str,
        id: &'static str,
        status: u16,
        run: for<'a> fn(&'a Visit) -> Boxed<'a, Result<Reply, Problem>>,
    ) -> Self {
        let mut doc = Doc::default();
        match method {
            Method::Get | Method::Delete => doc.query = parameters(&schema_of::<In>(), path),
            Method::Post | Method::Patch => {
                doc.request = Some(("application/json", body(schema_of::<In>(), path)));
            }
        }
        doc.answer = Some(match status {
            204 => (204, "", Json::Null),
            _ => (status, "application/json", schema_of::<Out>()),
        });
        Self {
            id: id.into(),
            module: "",
            method,
            path: path.into(),
            permit: Permit::Public,
            is_scoped: false,
            step_up: false,
            can_guess: method != Method::Get,
            people_only: false,
            handler: Handler::Public(Arc::new(run)),
            doc,
            body_limit_bytes: 4096,
        }
    }

    /// Asks for a recent proof that the caller is still there.
    pub const fn step_up(mut self) -> Self {
        self.step_up = true;
        self
    }

    /// The handler keeps to the rows that the caller's permission is for.
    pub const fn scoped(mut self) -> Self {
        self.is_scoped = true;
        self
    }

    /// Adds the one line of the document.
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.doc.summary = summary.into();
        self
    }

    /// Names of the path's `{name}` parts.
    pub fn path_names(&self) -> Vec<&str> {
        names(&self.path)
    }
}

fn names(path: &str) -> Vec<&str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect()
}

/// Properties of an input that are not parts of the path, as query parameters.
fn parameters(schema: &Json, path: &str) -> Vec<Json> {
    let path = names(path);
    let required = |name: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|list| list.iter().any(|n| n == name))
    };
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .filter(|(name, _)| !path.contains(&name.as_str()))
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            let description = schema.as_object_mut().and_then(|object| object.remove("description"));
            json!({"name": name, "in": "query", "required": required(name), "schema": without_null(schema),
                   "description": description.unwrap_or_default()})
        })
        .collect()
}

/// A query has no null: an optional parameter is absent instead.
fn without_null(mut schema: Json) -> Json {
    if let Some(kinds) = schema["type"].as_array() {
        let kinds: Vec<Json> = kinds.iter().filter(|kind| **kind != "null").cloned().collect();
        schema["type"] = if let [one] = kinds.as_slice() {
            one.clone()
        } else {
            kinds.into()
        };
    }
    if let Some([one, null]) = schema["anyOf"].as_array().map(Vec::as_slice)
        && null["type"] == "null"
    {
        schema = one.clone();
    }
    schema
}

/// An input's schema without the parts of the path.
fn body(mut schema: Json, path: &str) -> Json {
    for name in names(path) {
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.remove(name);
        }
        if let Some(required) = schema["required"].as_array_mut() {
            required.retain(|required| required != name);
        }
    }
    schema
}
