//! The cross-tenant walk: every operation of the document and every id that it takes, as another organization.

mod calls;
mod forms;
pub mod plan;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person, Stock};
use sqlx::{PgConnection, Row};

use crate::report;
use calls::Walk;
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

    let mut walk = Walk::new(&harness, &plan, &b, &of_b, &of_a);
    walk.everything().await?;
    let after = checksums(&mut admin, &a).await?;
    // The walk ends with signing out: a colleague of the same organization goes on.
    let mut keys = Walk::new(&harness, &plan, &b_again, &of_b, &of_a);
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
    report(&format!(
        "F1-F7 walk: {routes} routes, {}/{} operations, {}/{} id fields, {} calls, {} canaries, {} ids behind another rule (same bytes), {tables} tables unchanged: 0 findings",
        walk.walked.len(),
        plan.operations.len(),
        walk.spots,
        plan.spots(),
        walk.calls,
        walk.canaries(),
        walk.blocked.len(),
    ))?;

    // The walk can fail: as the organization itself, nearly everything is there.
    let nothing = Stock::default();
    let mut control = Walk::new(&harness, &plan, &a, &of_a, &of_a);
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
    let mut control = Walk::new(&harness, &plan, &a, &nothing, &of_a);
    control.reads().await?;
    ensure!(!control.findings.is_empty(), "the control reads nothing of its own");
    report(&format!(
        "F1-F7 control: as the organization itself, {} findings in {} of {with_ids} operations with ids",
        control.findings.len() + caught.len(),
        caught.len(),
    ))
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
