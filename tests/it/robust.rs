//! Input that nobody should send, to every operation: it is refused, and never a failure of ours.

use anyhow::{Context, Result, ensure};
use barq_tests::{Answer, Dice, Harness, Person, Stock, example};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::walk::plan::{Operation, Place, Plan};

/// Values of one field that are tried in one run; others are drawn by other seeds.
const DRAWN: usize = 4;

/// Bodies that are wrong whatever is asked for.
pub fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("no JSON", b"{".to_vec()),
        ("not UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a text", b"\"text\"".to_vec()),
        ("null", b"null".to_vec()),
        ("NaN", b"{\"a\": NaN}".to_vec()),
        ("too large a number", b"{\"a\": 1e309}".to_vec()),
        ("an unknown field", b"{\"no_such_field\": 1}".to_vec()),
        ("the same key twice", b"{\"a\": 1, \"a\": 2}".to_vec()),
        ("deep lists", "[".repeat(10_000).into_bytes()),
        (
            "deep objects",
            format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)).into_bytes(),
        ),
        ("a byte too many", vec![b' '; 20 * 1024 * 1024 + 1]),
    ]
}

/// Values for a field of whatever kind.
fn values() -> Vec<Json> {
    let texts = [
        "\u{0}",
        "a\u{0}b",
        "' OR '1'='1",
        "'; DROP TABLE fleet.vehicles; --",
        "$1",
        "%",
        "\\",
        "\u{202e}txt",
        "=1+1",
        "NaN",
        "Infinity",
        "-0",
        "1e400",
        "0x10",
        "0001-01-01",
        "9999-12-31",
        "99999-01-01",
        "2026-02-30",
        "-2026-01-01",
        "2026-01-01T24:00:00Z",
        "9999-12-31T23:59:60Z",
        "+966",
        "a@b",
        "@",
        "SA",
        "٠١٢٣٤٥٦٧٨٩",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "../../etc/passwd",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        " ",
        "",
    ];
    let mut values: Vec<Json> = texts.iter().map(|text| json!(text)).collect();
    values.extend([
        Json::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1.5e300),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!("x".repeat(100_000)),
        json!("\u{1f69a}".repeat(300)),
    ]);
    values
}

struct Trial<'a> {
    person: &'a Person,
    stock: &'a Stock,
    dice: Dice,
    calls: usize,
    findings: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_input_makes_it_fail() -> Result<()> {
    let harness = Harness::start().await?;
    let (other, owner) = (harness.owner().await?, harness.owner().await?);
    let document = owner.get("/api/v1/openapi.json").await?.expect(200)?;
    let plan = Plan::of(&document, &harness.app.platform.registry)?;
    let (of_other, stock) = (
        Stock::fill(&harness, &other).await?,
        Stock::fill(&harness, &owner).await?,
    );
    let mut admin = harness.admin().await?;
    let before = crate::walk::checksums(&mut admin, &other).await?;
    let dice = Dice::seeded();
    let seed = dice.seed;
    let mut trial = Trial {
        person: &owner,
        stock: &stock,
        dice,
        calls: 0,
        findings: Vec::new(),
    };
    for operation in &plan.operations {
        trial.operation(operation).await.with_context(|| operation.id.clone())?;
    }
    let findings = trial.findings.join("\n");
    ensure!(
        trial.findings.is_empty(),
        "seed {seed}: {} findings:\n{findings}",
        trial.findings.len()
    );
    ensure!(
        before == crate::walk::checksums(&mut admin, &other).await?,
        "seed {seed}: another organization's rows changed"
    );
    ensure!(
        !of_other.words.is_empty() && owner.get("/api/v1/auth/me").await?.status == 200,
        "seed {seed}: it no longer serves"
    );
    let figure = format!(
        "{} calls of {} operations with drawn values: 0 failures (seed {seed})",
        trial.calls,
        plan.operations.len()
    );
    crate::check("S3", true, &figure)
}

impl Trial<'_> {
    async fn operation(&mut self, operation: &Operation) -> Result<()> {
        let path = self.path(operation, None);
        if operation.method != "GET" {
            for (name, body) in bodies() {
                let answer = self.send(operation, &path, &[], body).await?;
                // A file of strange bytes may be a fine file; JSON that cannot be read never is.
                let is_json = operation.body().is_some();
                let ignores = matches!(name, "nothing" | "null")
                    && operation
                        .body()
                        .is_none_or(|schema| schema["required"].as_array().is_none_or(Vec::is_empty));
                if is_json && !ignores && answer.status.is_success() && name != "the same key twice" {
                    self.findings
                        .push(format!("{} takes {name}: {}", operation.id, answer.text()));
                }
            }
        }
        for name in [
            "not-an-id",
            "%00",
            "..%2f..",
            "%27%20OR%201%3D1",
            "%ff",
            &"9".repeat(5_000),
        ] {
            for spot in &operation.spots {
                if let Place::Path(place) = &spot.place {
                    let path = self.path(operation, Some((place, name)));
                    let body = if operation.body().is_some() {
                        b"{}".to_vec()
                    } else {
                        Vec::new()
                    };
                    let answer = self.send(operation, &path, &[], body).await?;
                    if answer.status.is_success() {
                        self.findings
                            .push(format!("{} takes {name} for an id: {}", operation.id, answer.text()));
                    }
                }
            }
        }
        self.query(operation, &path).await?;
        self.headers(operation, &path).await?;
        if let Some(schema) = operation.body() {
            self.fields(operation, &path, &schema.clone()).await?;
        }
        Ok(())
    }

    fn path(&self, operation: &Operation, odd: Option<(&String, &str)>) -> String {
        let mut path = crate::walk::plan::with_words(&operation.path);
        for spot in &operation.spots {
            let Place::Path(name) = &spot.place else { continue };
            let id = self
                .stock
                .ids
                .get(&spot.target)
                .copied()
                .unwrap_or_else(Uuid::nil)
                .to_string();
            let id = odd
                .filter(|(place, _)| *place == name)
                .map_or(id, |(_, odd)| odd.to_owned());
            path = path.replace(&format!("{{{name}}}"), &id);
        }
        path
    }

    /// Every documented parameter, its comparisons and some that are not documented.
    async fn query(&mut self, operation: &Operation, path: &str) -> Result<()> {
        let mut names: Vec<String> = Vec::new();
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap_or_default();
            names.push(name.to_owned());
            let suffix = ["gte", "lt", "ne", "in", "contains", "starts", "null", "nonsense"][self.dice.below(8)];
            names.push(format!("{name}.{suffix}"));
        }
        names.extend(
            [
                "no_such_parameter",
                "id",
                "organization_id",
                "sort",
                "fields",
                "after",
                "%00",
                "a'b",
            ]
            .map(ToOwned::to_owned),
        );
        for name in names {
            for value in self.drawn(2) {
                let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                // An address of a hundred thousand letters is refused before it comes to us.
                let text: String = text.chars().take(2_000).collect();
                let body = if operation.body().is_some() {
                    b"{}".to_vec()
                } else {
                    Vec::new()
                };
                self.send(operation, &format!("{path}?{name}={}", encode(&text)), &[], body)
                    .await?;
            }
        }
        Ok(())
    }

    async fn headers(&mut self, operation: &Operation, path: &str) -> Result<()> {
        let body = if operation.body().is_some() {
            b"{}".to_vec()
        } else {
            Vec::new()
        };
        let long = "x".repeat(8_000);
        for (name, value) in [
            ("if-match", "*"),
            ("if-match", "\"99999999999999999999\""),
            ("if-match", "W/\"1\", nonsense"),
            ("idempotency-key", "' OR 1=1 --"),
            ("idempotency-key", long.as_str()),
            ("accept-language", "xx, ar;q=nonsense, \u{e9}"),
            ("x-request-id", "../../etc/passwd"),
            ("content-type", "text/plain; charset=\"nonsense"),
            ("cookie", "__Host-barq_refresh=%00;;;=="),
            ("authorization", "Bearer a.b.c"),
            ("authorization", "Basic \u{e9}"),
        ] {
            self.send(operation, path, &[(name, value)], body.clone()).await?;
        }
        Ok(())
    }

    /// Each field of the body with values of every kind beside good ones.
    async fn fields(&mut self, operation: &Operation, path: &str, schema: &Json) -> Result<()> {
        let own = |name: &str| {
            name.strip_suffix("_id")
                .and_then(|stem| {
                    self.stock
                        .ids
                        .iter()
                        .find(|(what, _)| what.ends_with(&format!("{stem}s")))
                })
                .map(|(_, id)| *id)
        };
        let good = match operation.resource.filter(|_| operation.verb() == "create") {
            Some(resource) => Json::Object(self.stock.body(resource)),
            None => example(schema, "", &own),
        };
        let names: Vec<String> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            for value in self.drawn(DRAWN) {
                let mut body: Map<String, Json> = good.as_object().cloned().unwrap_or_default();
                body.insert(name.clone(), value);
                self.send(operation, path, &[], serde_json::to_vec(&body)?).await?;
            }
        }
        Ok(())
    }

    fn drawn(&mut self, count: usize) -> Vec<Json> {
        let values = values();
        (0..count)
            .map(|_| values[self.dice.below(values.len())].clone())
            .collect()
    }

    async fn send(
        &mut self,
        operation: &Operation,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer> {
        // Signing out and switching end the session; a stranger's calls are as hostile.
        let stranger = self.person.stranger();
        let caller = if operation.path.starts_with("/api/v1/auth/") {
            &stranger
        } else {
            self.person
        };
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
        let answer = caller
            .call(&operation.method, path, headers, body)
            .await
            .with_context(|| format!("{path} {headers:?}"))?;
        self.calls += 1;
        if answer.status.is_server_error() {
            let path: String = path.chars().take(200).collect();
            self.findings.push(format!(
                "{} {path} {headers:?} {shown}: {}",
                operation.method,
                answer.text()
            ));
        } else if !answer.status.is_success() && answer.json()["code"].as_str().is_none() && answer.status != 304 {
            self.findings.push(format!(
                "{} {path} {shown}: no problem document: {}",
                operation.method,
                answer.text()
            ));
        }
        Ok(answer)
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
