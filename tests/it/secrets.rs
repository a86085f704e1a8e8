//! Secrets come out nowhere: whatever is sent or set as one is looked for in every answer and every line of the log.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Overheard, Stock, example, unique};
use platform_core::{Method, Operation, Permit};
use serde_json::{Map, Value as Json, json};
use tracing_subscriber::filter::LevelFilter;

use crate::check;
use crate::walk::plan::{Plan, with_words};

/// Names of what nobody else may know.
const SECRET: [&str; 9] = [
    "password",
    "secret",
    "token",
    "code",
    "credential",
    "refresh",
    "recovery",
    "ticket",
    "private",
];
/// Names that hold such a word and are none.
const OPEN: [&str; 6] = [
    "currency_code",
    "plate_code",
    "country_code",
    "problem_code",
    "promo_code",
    "bank_code",
];

fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|word| name.contains(word)) && !OPEN.contains(&name)
}

struct Scan {
    seeded: Vec<(String, String)>,
    findings: Vec<String>,
    answers: usize,
}

impl Scan {
    fn seed(&mut self, place: String) -> String {
        let secret = unique("Zx9-seeded-");
        self.seeded.push((place, secret.clone()));
        secret
    }

    fn look(&mut self, place: &str, text: &str) {
        for (seeded, secret) in &self.seeded {
            if text.contains(secret.as_str()) {
                self.findings.push(format!("{place} shows the {seeded}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_an_answer_or_a_log_line() -> Result<()> {
    let heard = Overheard::from_now_on(LevelFilter::TRACE);
    let mut scan = Scan {
        seeded: Vec::new(),
        findings: Vec::new(),
        answers: 0,
    };
    let google = scan.seed("client secret of Google".into());
    let mut harness = Harness::with(|config| {
        config.google = Some(("client.example.test".into(), google));
    })
    .await?;
    // A handler that fails in the middle, with a secret in its hands.
    let panics = Operation::raw(
        Method::Post,
        "/planted/panic",
        "planted.panic",
        Permit::SignedIn,
        |_, request| {
            Box::pin(async move {
                let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
                panic!("cannot go on with {} fields", body.as_object().map_or(0, Map::len))
            })
        },
    );
    harness.app.operations.push(Arc::new(panics));
    harness.router = barq::router(&harness.app, None);
    let owner = harness.owner().await?;
    let stock = Stock::fill(&harness, &owner).await?;
    scan.seeded.push(("access token".into(), owner.token.clone()));
    let document = owner.get("/api/v1/openapi.json").await?.expect(200)?;
    let plan = Plan::of(&document, &harness.app.platform.registry)?;
    heard.take();

    // Each field of each operation that is named like a secret.
    for operation in &plan.operations {
        let Some(schema) = operation.body() else { continue };
        let own = |name: &str| {
            let stem = name.strip_suffix("_id")?;
            let found = stock.ids.iter().find(|(what, _)| what.ends_with(&format!("{stem}s")));
            found.map(|(_, id)| *id)
        };
        let names: Vec<&String> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        for name in names.into_iter().filter(|name| is_secret(name)) {
            let property = &schema["properties"][name];
            let text = property["type"] == "string"
                || property["type"]
                    .as_array()
                    .is_some_and(|kinds| kinds.contains(&json!("string")));
            if !text
                || operation
                    .resource
                    .is_some_and(|resource| resource.field(name).is_some())
            {
                continue;
            }
            let mut body = example(schema, "", &own);
            body[name.as_str()] = json!(scan.seed(format!("{name} of {}", operation.id)));
            let path = with_words(&operation.path).replace(['{', '}'], "");
            for caller in [&owner, &owner.stranger()] {
                // Signing out and switching would end the session of the others.
                if operation.path.starts_with("/api/v1/auth/") && !caller.token.is_empty() && name.contains("refresh") {
                    continue;
                }
                let bytes = serde_json::to_vec(&body)?;
                let headers = [("x-barq-request", "1")];
                let answer = caller.call(&operation.method, &path, &headers, bytes).await?;
                scan.answers += 1;
                scan.look(&operation.id, &format!("{:?} {}", answer.headers, answer.text()));
            }
        }
    }
    // Headers, the address, and a body that cannot be read.
    for path in [
        "/api/v1/auth/me",
        "/api/v1/fleet/vehicles",
        "/api/v1/auth/refresh",
        "/api/v1/nothing",
    ] {
        let secrets = [
            "bearer token",
            "API key",
            "refresh cookie",
            "basic password",
            "query",
            "broken body",
        ]
        .map(|place| scan.seed(format!("{place} of {path}")));
        let [bearer, key, cookie, basic, query, broken] = &secrets;
        let stranger = owner.stranger();
        for (header, value) in [
            ("authorization", format!("Bearer {bearer}")),
            ("authorization", format!("Bearer barq_{key}")),
            ("cookie", format!("__Host-barq_refresh={cookie}")),
            ("authorization", format!("Basic {basic}")),
        ] {
            for method in ["GET", "POST"] {
                let answer = stranger
                    .call(method, path, &[(header, &value), ("x-barq-request", "1")], Vec::new())
                    .await?;
                scan.answers += 1;
                scan.look(path, &format!("{:?} {}", answer.headers, answer.text()));
            }
        }
        for caller in [&owner, &stranger] {
            let answer = caller.get(&format!("{path}?token={query}&limit=x")).await?;
            scan.look(path, &format!("{:?} {}", answer.headers, answer.text()));
            let body = format!("{{\"password\": \"{broken}\", ").into_bytes();
            let answer = caller.call("POST", path, &[], body).await?;
            scan.look(path, &format!("{:?} {}", answer.headers, answer.text()));
            scan.answers += 2;
        }
    }
    let inside = scan.seed("password in the hands of a handler that panics".into());
    let answer = owner
        .post("/api/v1/planted/panic", &json!({"password": inside}))
        .await?;
    ensure!(answer.status == 500, "{}", answer.text());
    scan.look("a panic", &answer.text());
    let said = heard.take();
    ensure!(said.contains("panic"), "the log says nothing of the panic");
    let lines = said.lines().count();
    scan.look("the log", &said);
    let (seeds, answers) = (scan.seeded.len(), scan.answers);
    let passed = scan.findings.is_empty() && seeds >= 30 && lines > 20;
    check(
        "S8",
        passed,
        &format!(
            "{seeds} seeded secrets looked for in {answers} answers and {lines} log lines of every level, a panic among them: {} hits",
            scan.findings.len()
        ),
    )?;
    ensure!(scan.findings.is_empty(), "{}", scan.findings.join("\n"));
    ensure!(
        seeds >= 30 && lines > 20,
        "{seeds} secrets, {lines} lines: too little is looked at"
    );
    // The look can fail.
    let own = stock.words.first().context("a word")?.clone();
    scan.seeded.push(("planted".into(), own.clone()));
    scan.look("planted", &own);
    ensure!(scan.findings.len() == 1, "the look finds nothing");
    Ok(())
}
