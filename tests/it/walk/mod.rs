//! The cross-tenant walk: every operation of the document and every id that it takes, as another organization.

pub mod calls;
mod ear;
mod forms;
pub mod plan;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Overheard, Person, Stock};
use platform_resource::Verb;
use sqlx::{PgConnection, Row};
use tracing_subscriber::filter::LevelFilter;

use crate::{check, report};
use calls::Walk;
use ear::Ear;
use plan::Plan;

/// A hash of all rows of an organization, table by table, read past row security.
const ROWS: &str = "SELECT c.oid::regclass::text AS name,
        md5(query_to_xml(format('SELECT * FROM %s t WHERE organization_id = %L ORDER BY t::text', c.oid::regclass, $1),
            true, false, '')::text) AS rows,
        (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s WHERE organization_id = %L',
            c.oid::regclass, $1), true, true, '')))[1]::text::bigint AS count
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('identity', 'pg_catalog', 'information_schema')
    ORDER BY 1";

pub async fn checksums(admin: &mut PgConnection, owner: &Person) -> Result<BTreeMap<String, (String, i64)>> {
    let rows = sqlx::query(ROWS)
        .bind(owner.organization_id.to_string())
        .fetch_all(admin)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("name")?, (row.try_get("rows")?, row.try_get("count")?))))
        .collect()
}

#[tokio::test]
async fn another_organization_sees_changes_and_learns_nothing() -> Result<()> {
    let heard = Overheard::from_now_on(LevelFilter::DEBUG);
    let harness = Harness::start().await?;
    let (a, b) = (harness.owner().await?, harness.owner().await?);
    let document = b.get("/api/v1/openapi.json").await?.expect(200)?;
    let routes = documented_routes(&harness, &document, &b).await?;
    let b_again = b.colleague("owner", &[]).await?;
    let (of_a, of_b) = (Stock::fill(&harness, &a).await?, Stock::fill(&harness, &b).await?);
    let plan = Plan::of(&document, &harness.app.platform.registry)?;
    let mut admin = harness.admin().await?;
    let before = checksums(&mut admin, &a).await?;
    let tables = before.values().filter(|(_, count)| *count > 0).count();

    heard.take();
    let mut walk = Walk::new(&harness, &plan, &b, &of_b, &of_a)?;
    walk.everything().await?;
    let said = heard.take();
    let beside = Beside::look(&mut admin, &b_again, &harness, (&of_a, &of_b), &said).await?;
    let after = checksums(&mut admin, &a).await?;
    // The walk ends with signing out: a colleague of the same organization goes on.
    let mut keys = Walk::new(&harness, &plan, &b_again, &of_b, &of_a)?;
    keys.keys_of_the_other(&a).await?;
    walk.findings.append(&mut keys.findings);
    let findings = walk.findings.join("\n");
    ensure!(
        walk.findings.is_empty(),
        "{} findings:\n{findings}",
        walk.findings.len()
    );
    // Same bytes for both ids, but from a rule that asks first: few, or the walk has lost its sense.
    ensure!(
        walk.blocked.len() * 20 <= plan.spots(),
        "{} of {} ids were not reached:\n{:#?}",
        walk.blocked.len(),
        plan.spots(),
        walk.blocked
    );
    let missed: Vec<_> = plan
        .operations
        .iter()
        .map(|operation| &operation.id)
        .filter(|id| !walk.walked.contains(*id))
        .collect();
    ensure!(missed.is_empty(), "never called: {missed:?}");
    ensure!(
        walk.spots == plan.spots(),
        "{} of {} ids tried",
        walk.spots,
        plan.spots()
    );
    let touched: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    ensure!(
        touched.is_empty(),
        "rows of the other organization changed: {touched:?}"
    );
    let (operations, of_operations) = (walk.walked.len(), plan.operations.len());
    check(
        "F1",
        true,
        &format!(
            "{operations}/{of_operations} operations, {}/{} id fields, {} calls",
            walk.spots,
            plan.spots(),
            walk.calls
        ),
    )?;
    let canaries = walk.canaries();
    check(
        "F2",
        true,
        &format!(
            "0 findings in {} calls: {canaries} canaries looked for in every answer and in {} log lines",
            walk.calls,
            said.lines().count()
        ),
    )?;
    check(
        "F3",
        true,
        &format!(
            "{} pairs of answers, 0 differ; {} of {} ids behind another rule, in the same bytes",
            walk.pairs,
            walk.blocked.len(),
            plan.spots()
        ),
    )?;
    check(
        "F5",
        true,
        &format!(
            "{} creations with what is taken elsewhere: as with a fresh key",
            keys.calls
        ),
    )?;
    beside.verdict()?;
    check(
        "F7",
        true,
        &format!("{tables} tables with rows of the other organization, checksums equal"),
    )?;
    check(
        "S2",
        true,
        &format!("{routes} routes of the router and of the document, difference 0"),
    )?;

    // The walk can fail: as the organization itself, nearly everything is there.
    let nothing = Stock::default();
    let mut control = Walk::new(&harness, &plan, &a, &of_a, &of_a)?;
    control.everything().await?;
    let caught: BTreeSet<&String> = control.caught.iter().collect();
    let with_ids = plan
        .operations
        .iter()
        .filter(|operation| !operation.spots.is_empty())
        .count();
    ensure!(
        caught.len() * 10 >= with_ids * 8,
        "the control finds only {} of {with_ids} operations: {caught:?}",
        caught.len()
    );
    ensure!(
        checksums(&mut admin, &a).await? != before,
        "the control changed nothing"
    );
    // And it sees words that should not be there.
    let mut control = Walk::new(&harness, &plan, &a, &nothing, &of_a)?;
    control.reads().await?;
    ensure!(!control.findings.is_empty(), "the control reads nothing of its own");
    report(&format!(
        "F1-F7 control: as the organization itself, {} findings in {} of {with_ids} operations with ids",
        control.findings.len() + caught.len(),
        caught.len(),
    ))
}

/// Where else a word of somebody else could come out.
struct Beside {
    metrics: usize,
    searches: usize,
    rows: usize,
    findings: Vec<String>,
}

/// Every row of an organization as text.
const TEXTS: &str = "SELECT query_to_xml(format('SELECT * FROM %s t WHERE organization_id = %L', c.oid::regclass, $1),
        true, false, '')::text AS rows, c.oid::regclass::text AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('identity', 'pg_catalog', 'information_schema')";

impl Beside {
    /// Looks for words of the first stock, besides ids, which the walk itself has sent everywhere.
    async fn look(
        admin: &mut PgConnection,
        person: &Person,
        harness: &Harness,
        (theirs, own): (&Stock, &Stock),
        said: &str,
    ) -> Result<Self> {
        let mut words = theirs.canaries(own);
        words.retain(|word| word.parse::<uuid::Uuid>().is_err());
        let words = Ear::new(words)?;
        let mut beside = Self {
            metrics: 0,
            searches: 0,
            rows: 0,
            findings: Vec::new(),
        };
        let stranger = person.stranger();
        let metrics = stranger.get("/metrics").await?.text();
        beside.metrics = metrics.lines().count();
        beside.listen("the metrics", &metrics, &words);
        beside.listen("the log", said, &words);
        let ids = theirs.ids.values().map(ToString::to_string).collect::<Vec<_>>();
        beside.listen("the metrics", &metrics, &Ear::new(ids)?);
        for row in sqlx::query(TEXTS)
            .bind(person.organization_id.to_string())
            .fetch_all(admin)
            .await?
        {
            let (text, table): (String, String) = (row.try_get("rows")?, row.try_get("name")?);
            beside.rows += text.matches("<row>").count();
            beside.listen(&format!("{table} of the own organization"), &text, &words);
        }
        for resource in harness
            .app
            .platform
            .registry
            .resources()
            .filter(|resource| resource.has(Verb::Read))
        {
            let Some(body) = theirs.bodies.get(&resource.full_name()) else {
                continue;
            };
            let looked = resource.fields.iter().filter(|field| field.search);
            for word in looked.filter_map(|field| body.get(field.name)?.as_str()) {
                if !words.words().iter().any(|canary| canary == word) || !word.chars().all(char::is_alphanumeric) {
                    continue;
                }
                for path in [
                    format!("{}?search={word}", resource.path()),
                    format!("/api/v1/search?query={word}"),
                ] {
                    let answer = person.get(&path).await?;
                    beside.searches += 1;
                    let found = answer.text().replace(word, "");
                    beside.listen(&path, &found, &words);
                    if answer.status == 200 && answer.json()["data"].as_array().is_some_and(|data| !data.is_empty()) {
                        beside.findings.push(format!("{path} finds {}", answer.text()));
                    }
                }
            }
        }
        Ok(beside)
    }

    fn listen(&mut self, place: &str, text: &str, words: &Ear) {
        let heard: Vec<String> = words
            .hears(text)
            .into_iter()
            .map(|word| format!("{place} says {word:?}"))
            .collect();
        self.findings.extend(heard);
    }

    fn verdict(&self) -> Result<()> {
        check(
            "F6",
            self.findings.is_empty(),
            &format!(
                "{} hits in {} lines of metrics, {} searches and {} stored rows (jobs, events, exports, files, values of plugins among them)",
                self.findings.len(),
                self.metrics,
                self.searches,
                self.rows
            ),
        )?;
        ensure!(self.findings.is_empty(), "{}", self.findings.join("\n"));
        ensure!(
            self.searches > 5 && self.rows > 20 && self.metrics > 20,
            "the look beside sees too little"
        );
        Ok(())
    }
}

/// Paths that are served and belong to no operation. The first is where axum keeps its answer for everything else.
const OTHERS: [&str; 8] = [
    "/",
    "/api/v1/openapi.json",
    "/api/{*rest}",
    "/docs",
    "/docs.js",
    "/livez",
    "/metrics",
    "/readyz",
];

/// The router's own list of paths against the document; and no path takes a method that the document does not name.
async fn documented_routes(harness: &Harness, document: &serde_json::Value, person: &Person) -> Result<usize> {
    let text = format!("{:?}", harness.router);
    let routed: BTreeSet<&str> = text
        .split('"')
        .filter(|part| part.starts_with('/') && !part.contains("__private"))
        .collect();
    let paths = document["paths"].as_object().context("paths")?;
    let documented: BTreeSet<&str> = paths.keys().map(String::as_str).chain(OTHERS).collect();
    ensure!(
        routed == documented,
        "undocumented: {:?}\nnot served: {:?}",
        routed.difference(&documented).collect::<Vec<_>>(),
        documented.difference(&routed).collect::<Vec<_>>()
    );
    for (path, methods) in paths {
        let path = path.replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let named = !methods[method.to_lowercase()].is_null();
            if !named {
                let answer = person.call(method, &path, &[], Vec::new()).await?;
                // A path with an id is also matched by words that stand at the id's place.
                ensure!(
                    matches!(answer.status.as_u16(), 405 | 404),
                    "{method} {path}: {}",
                    answer.status
                );
            }
        }
    }
    Ok(routed.len())
}
