//! Operations that no module owns: the description that the console draws from, words, files.

use axum::http::StatusCode;
use platform_core::{Locale, Method, Module, Operation, Permit, Problem, Reply};

/// The system's own module.
pub fn module() -> Module {
    let description = Operation::raw(Method::Get, "/description", "description", Permit::SignedIn, |cx, _| {
        Box::pin(async move { Ok(Reply::json(StatusCode::OK, &platform_engine::describe(cx))) })
    });
    let mut description = description.summary("What the caller may see and do: the console draws itself from this");
    description.doc.answer = Some((200, "application/json", serde_json::json!({"type": "object"})));
    let mut operations = vec![words(), description];
    operations.extend(crate::files::operations());
    operations.push(crate::search::operation());
    Module {
        name: "system",
        resources: &[],
        operations,
        locales: ("{}", "{}"),
        grants: &[],
        permissions: &[],
        essential: true,
        ..Module::default()
    }
}

/// Words of one language; the same for everybody.
fn words() -> Operation {
    Operation::public::<(), serde_json::Map<String, serde_json::Value>>(
        Method::Get,
        "/locales/{locale}",
        "locales.read",
        200,
        |visit| {
            Box::pin(async move {
                let locale = match visit.request.part("locale") {
                    "en" => Locale::En,
                    "ar" => Locale::Ar,
                    _ => return Err(Problem::not_found()),
                };
                let reply = Reply::json(StatusCode::OK, visit.platform.catalogue.words(locale));
                Ok(reply.header("cache-control", "no-cache"))
            })
        },
    )
    .summary("Words for codes and names: en or ar")
}
