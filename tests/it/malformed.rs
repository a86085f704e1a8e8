//! Input of people who mean harm: bodies that cost memory, and text that would be something else where somebody forgets that it is
//! text.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use barq_tests::{Dice, Harness, Person, Stock};
use platform_resource::{Kind, Resource, Verb};
use serde_json::json;

use crate::check;
use crate::faults::kept_settings;
use crate::robust::bodies;
use crate::walk::checksums;
use crate::walk::plan::{Plan, with_words};

const MEBIBYTES: u64 = 20;

fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("a figure")?.parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_bodies_cost_no_memory() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let document = owner.get("/api/v1/openapi.json").await?.expect(200)?;
    let plan = Plan::of(&document, &harness.app.platform.registry)?;
    let step = if crate::is_long() { 1 } else { 40 };
    let taking: Vec<_> = plan
        .operations
        .iter()
        .filter(|operation| operation.body().is_some())
        .step_by(step)
        .collect();
    let (mut calls, mut answers, mut sizes) = (0, BTreeMap::<u16, usize>::new(), Vec::new());
    // The first round fills what is kept; the second may not add to it.
    for _ in 0..2 {
        for operation in &taking {
            let path = with_words(&operation.path).replace(['{', '}'], "");
            let caller = if path.starts_with("/api/v1/auth/") {
                &owner.stranger()
            } else {
                &owner
            };
            for (name, body) in bodies() {
                let answer = caller.call(&operation.method, &path, &[], body).await?;
                calls += 1;
                *answers.entry(answer.status.as_u16()).or_default() += 1;
                ensure!(
                    !answer.status.is_server_error(),
                    "{} with {name}: {}",
                    operation.id,
                    answer.text()
                );
            }
        }
        sizes.push(resident_kib()?);
    }
    let grown_kib = sizes[1].saturating_sub(sizes[0]);
    let passed = grown_kib <= MEBIBYTES * 1024;
    check(
        "S3",
        passed,
        &format!(
            "{calls} malformed bodies to {} operations: 0 of 5xx, memory grows by {:.1} MiB in the second round ({answers:?})",
            taking.len(),
            f64::from(u32::try_from(grown_kib)?) / 1024.0
        ),
    )?;
    ensure!(passed, "memory grows by {grown_kib} KiB");
    Ok(())
}

const STEMS: [&str; 50] = [
    "' OR '1'='1",
    "'; DROP TABLE fleet.vehicles; --",
    "'; SET barq.organization_id = '00000000-0000-0000-0000-000000000000'; --",
    "'; RESET ALL; --",
    "'; COMMIT; SELECT pg_sleep(5); --",
    "') UNION SELECT email FROM platform.members --",
    "1; SELECT set_config('barq.organization_id', '', false)",
    "\" OR \"\"=\"",
    "$$; SELECT 1; $$",
    "$1",
    "$2::uuid",
    ":name",
    "?",
    "%",
    "_",
    "\\",
    "\\'",
    "E'\\x27'",
    "chr(39)||chr(59)",
    "/**/OR/**/1=1",
    "-- comment",
    "/* comment",
    "{\"$ne\": null}",
    "{\"$gt\": \"\"}",
    "[$ne]=1",
    "*)(uid=*))(|(uid=*",
    "' or count(/*)=1 or 'a'='b",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{constructor.constructor('return 1')()}}",
    "${jndi:ldap://127.0.0.1/a}",
    "; cat /etc/passwd",
    "| id",
    "`id`",
    "$(id)",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data",
    "%s%s%s%n",
    "%00",
    "%0d%0aSet-Cookie: a=b",
    "=cmd|' /C calc'!A0",
    "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
];

/// Five hundred strings: each stem as it is, and as somebody writes it who wants to slip past a filter.
fn corpus() -> Vec<String> {
    let shapes: [fn(&str) -> String; 10] = [
        str::to_owned,
        |stem| format!("Riyadh {stem}"),
        |stem| format!("{stem} --"),
        |stem| format!("\u{202e}{stem}"),
        |stem| stem.to_uppercase(),
        |stem| stem.replace(' ', "\t"),
        |stem| format!("{stem}\u{200b}"),
        |stem| stem.replace('\'', "\u{2019}"),
        |stem| format!("{stem}{stem}"),
        |stem| format!("\u{0645}{stem}\u{1f69a}"),
    ];
    shapes
        .iter()
        .flat_map(|shape| STEMS.iter().map(move |stem| shape(stem)))
        .collect()
}

fn encoded(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}

struct Injection<'a> {
    person: &'a Person,
    stock: &'a Stock,
    dice: Dice,
    calls: usize,
    created: usize,
    findings: Vec<String>,
}

impl Injection<'_> {
    /// One string at one place of a resource: a field of a new row, a filter, the search, the order, a header.
    async fn inject(&mut self, resource: &'static Resource, text: &str, place: usize) -> Result<()> {
        let is_text = |kind| matches!(kind, Kind::Text { .. } | Kind::LongText { .. });
        let path = resource.path();
        let fields: Vec<_> = resource
            .fields
            .iter()
            .filter(|field| is_text(field.kind) && field.permission.is_none())
            .collect();
        let answer = match place {
            0 if resource.has(Verb::Create) && fields.iter().any(|field| !field.read_only) => {
                let open: Vec<_> = fields.iter().filter(|field| !field.read_only).collect();
                let mut body = self.stock.body(resource);
                body.insert(open[self.dice.below(open.len())].name.to_owned(), json!(text));
                let answer = self.person.post(&path, &json!(body)).await?;
                self.created += usize::from(answer.status == 201);
                answer
            }
            1 if !fields.is_empty() => {
                let name = fields[self.dice.below(fields.len())].name;
                let suffix = ["", ".contains", ".starts", ".ne", ".in", ".gte"][self.dice.below(6)];
                self.person
                    .get(&format!("{path}?{name}{suffix}={}", encoded(text)))
                    .await?
            }
            2 => self.person.get(&format!("{path}?search={}", encoded(text))).await?,
            3 => {
                let name = ["sort", "fields", "after", "limit", "total", "titles"][self.dice.below(6)];
                self.person.get(&format!("{path}?{name}={}", encoded(text))).await?
            }
            _ => {
                let names = [
                    "accept-language",
                    "if-match",
                    "idempotency-key",
                    "x-request-id",
                    "user-agent",
                    "cookie",
                    "x-forwarded-for",
                ];
                let plain: String = text.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
                let headers = [(names[self.dice.below(names.len())], plain.as_str())];
                self.person.call("GET", &path, &headers, Vec::new()).await?
            }
        };
        self.calls += 1;
        if answer.status.is_server_error() {
            self.findings
                .push(format!("{} {place} {text:?}: {}", resource.full_name(), answer.text()));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn injected_text_stays_text() -> Result<()> {
    let corpus = corpus();
    ensure!(corpus.len() == 500, "{} strings", corpus.len());
    let harness = Harness::start().await?;
    let (owner, other) = (harness.owner().await?, harness.owner().await?);
    let stock = Stock::fill(&harness, &owner).await?;
    Stock::fill(&harness, &other).await?;
    let mut admin = harness.admin().await?;
    let theirs = checksums(&mut admin, &other).await?;
    let dice = Dice::seeded();
    let seed = dice.seed;
    let mut injection = Injection {
        person: &owner,
        stock: &stock,
        dice,
        calls: 0,
        created: 0,
        findings: Vec::new(),
    };
    let step = if crate::is_long() { 1 } else { 50 };
    let (mut resources, mut miscounted) = (0, Vec::new());
    for resource in harness
        .app
        .platform
        .registry
        .resources()
        .filter(|resource| resource.has(Verb::Read))
    {
        resources += 1;
        let count = async || {
            let list = owner
                .get(&format!("{}?total=true&limit=1", resource.path()))
                .await?
                .expect(200)?;
            list["total"].as_u64().context("a total")
        };
        let (before, created) = (count().await?, injection.created);
        let first = injection.dice.below(step);
        for (number, text) in corpus.iter().enumerate().skip(first).step_by(step) {
            let place = (number / step + resources) % 5;
            injection
                .inject(resource, text, place)
                .await
                .with_context(|| format!("{} {text:?}", resource.full_name()))?;
        }
        let more = count().await? - before;
        if more != u64::try_from(injection.created - created)? {
            miscounted.push(format!("{}: {more} more rows", resource.full_name()));
        }
    }
    let kept = kept_settings(&harness.app.platform, 4).await?;
    let same = checksums(&mut admin, &other).await? == theirs;
    let passed = injection.findings.is_empty() && kept.is_empty() && same && miscounted.is_empty();
    check(
        "S4",
        passed,
        &format!(
            "{} of 500 strings at fields, filters, search, order and headers of {resources} resources, {} calls, {} rows made: {} of 5xx, \
             {} kept organizations, {} wrong counts of rows, the other organization {} (seed {seed})",
            500 / step,
            injection.calls,
            injection.created,
            injection.findings.len(),
            kept.len(),
            miscounted.len(),
            if same { "unchanged" } else { "changed" }
        ),
    )?;
    ensure!(passed, "seed {seed}: {:?} {kept:?} {miscounted:?}", injection.findings);
    Ok(())
}

#[tokio::test]
async fn a_cell_is_never_a_formula() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let starts = ["=", "+", "-", "@", "\t", "\r", "=cmd|", "\t=", " ="];
    let mut marks = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let mark = format!("formula{number}mark");
        let body = json!({"barq_id": format!("{start}{mark}"), "full_name": format!("{start}{mark}"), "notes": format!("{start}{mark}")});
        let answer = owner.post("/api/v1/fleet/couriers", &body).await?;
        ensure!(!answer.status.is_server_error(), "{start:?}: {}", answer.text());
        if answer.status == 201 {
            marks.push(mark);
        }
    }
    ensure!(marks.len() >= 6, "only {} of {} were taken", marks.len(), starts.len());
    let file = owner.get("/api/v1/fleet/couriers/export?format=csv").await?;
    file.expect(200)?;
    let text = file.text();
    let (mut cells, mut open) = (0, Vec::new());
    for mark in &marks {
        for (at, _) in text.match_indices(mark.as_str()) {
            // The cell starts after a separator or a quotation mark.
            let start = text[..at].rfind([',', ';', '"', '\n']).map_or(0, |place| place + 1);
            cells += 1;
            if text[start..].starts_with(['=', '+', '-', '@', '\t', '\r']) {
                open.push(text[start..at + mark.len()].to_owned());
            }
        }
    }
    let book = owner.get("/api/v1/fleet/couriers/export?format=xlsx").await?;
    book.expect(200)?;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book.body))?;
    let (mut formulas, mut in_book) = (0, 0);
    for number in 0..archive.len() {
        let mut part = String::new();
        let mut file = archive.by_index(number)?;
        if file.name()?.ends_with(".xml") {
            std::io::Read::read_to_string(&mut file, &mut part)?;
            formulas += part.matches("<f>").count() + part.matches("<f ").count();
            in_book += marks
                .iter()
                .map(|mark| part.matches(mark.as_str()).count())
                .sum::<usize>();
        }
    }
    let passed = open.is_empty() && formulas == 0 && cells >= marks.len() * 3 && in_book >= marks.len();
    check(
        "S5",
        passed,
        &format!(
            "{cells} cells of a CSV file and {in_book} of a workbook that begin as formulas do: {} open, {formulas} formulas",
            open.len()
        ),
    )?;
    ensure!(passed, "{open:?}, {formulas} formulas, {cells} and {in_book} cells");
    Ok(())
}
