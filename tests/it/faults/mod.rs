//! Faults in code, planted one at a time into an assembled product: each has to be caught by one of the nets that every change
//! passes, and the product without one by none of them.

mod plants;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person, Stock};
use platform_core::{Cx, Handler, Mode, Operation, Platform};
use platform_database::prove_on;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::schema::{of_tenants, unbound};
use crate::walk::calls::Walk;
use crate::walk::plan::Plan;
use crate::{check, report};
use plants::{REPORT, WITHOUT_REPORT, plants};

/// Faults of this list that are in tables: the prover has to name the rule.
const IN_TABLES: [(&str, &str, &str, &str); 3] = [
    (
        "drop policy",
        "T03",
        "fleet.vehicles",
        "drop policy tenant_isolation on fleet.vehicles",
    ),
    (
        "UNIQUE(id)",
        "T05",
        "planted_key",
        "create unique index planted_key on fleet.vehicles (id)",
    ),
    (
        "plain FK",
        "T06",
        "fleet.fuel_logs",
        "create unique index planted_key on fleet.vehicles (id);
         alter table fleet.fuel_logs drop constraint fuel_logs_vehicle_id_fkey,
            add constraint fuel_logs_vehicle_id_fkey foreign key (vehicle_id) references fleet.vehicles (id)",
    ),
];

/// What the plants are planted into: the walk goes through these.
const WALKED: [&str; 3] = ["fleet.vehicles.", "fleet.fuel_logs.", "tenancy.members."];

struct Scene {
    harness: Harness,
    plan: Plan,
    people: [Person; 2],
    stocks: [Stock; 2],
}

impl Scene {
    async fn start() -> Result<Self> {
        let harness = Harness::alone(|_| {}).await?;
        let people = [harness.owner().await?, harness.owner().await?];
        let stocks = [
            Stock::fill(&harness, &people[0]).await?,
            Stock::fill(&harness, &people[1]).await?,
        ];
        let document = people[0].get("/api/v1/openapi.json").await?.expect(200)?;
        let mut plan = Plan::of(&document, &harness.app.platform.registry)?;
        plan.operations
            .retain(|operation| WALKED.iter().any(|start| operation.id.starts_with(start)));
        Ok(Self {
            harness,
            plan,
            people,
            stocks,
        })
    }

    /// The good handler of an operation.
    fn handler(operations: &[Arc<Operation>], id: &str) -> Option<Handler> {
        let found = operations.iter().find(|operation| operation.id == id)?;
        Some(found.handler.clone())
    }

    /// What the walk and the look at what connections keep say of the product with these operations.
    async fn walked(&mut self, operations: Vec<Arc<Operation>>) -> Result<Vec<String>> {
        self.harness.app.operations = operations;
        let router = barq::router(&self.harness.app, None);
        let [a, b] = [0, 1].map(|number: usize| self.people[number].through(&router));
        // Whoever is first fills what is kept between requests.
        let mut first = Walk::new(&self.harness, &self.plan, &a, &self.stocks[0], &self.stocks[0])?;
        first.reads().await?;
        let mut walk = Walk::new(&self.harness, &self.plan, &b, &self.stocks[1], &self.stocks[0])?;
        walk.reads().await?;
        walk.ids().await?;
        let mut findings = walk.findings;
        let kept = kept_settings(&self.harness.app.platform, 4).await?;
        findings.extend(
            kept.into_iter()
                .map(|kept| format!("a connection keeps the organization {kept}")),
        );
        Ok(findings)
    }
}

/// Organizations that connections of the pool still hold when nobody uses them.
pub async fn kept_settings(platform: &Arc<Platform>, connections: usize) -> Result<Vec<String>> {
    let mut held = Vec::new();
    for _ in 0..connections {
        held.push(Cx::begin_job(platform, Uuid::nil(), "look", Mode::Read).await?);
    }
    let mut kept = Vec::new();
    for cx in &mut held {
        // Out of the transaction, where what was set for it alone is gone.
        sqlx::raw_sql("ROLLBACK").execute(cx.db()).await?;
        let setting: Option<String> =
            sqlx::query_scalar("SELECT nullif(current_setting('barq.organization_id', true), '')")
                .fetch_one(cx.db())
                .await?;
        kept.extend(setting);
        sqlx::raw_sql("RESET barq.organization_id").execute(cx.db()).await?;
    }
    for cx in held {
        cx.rollback().await?;
    }
    Ok(kept)
}

/// What the prover says of a database with a fault, which is then taken back.
async fn proved(admin: &mut PgConnection, sql: &'static str) -> Result<Vec<platform_database::Finding>> {
    let mut transaction = admin.begin().await?;
    sqlx::raw_sql(sql).execute(&mut *transaction).await?;
    let findings = prove_on(&mut transaction).await?.findings;
    transaction.rollback().await?;
    Ok(findings)
}

/// The first line of a finding, which says where it is.
fn line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(150).collect();
    short
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_planted_fault_is_caught() -> Result<()> {
    let mut scene = Scene::start().await?;
    let mut admin = scene.harness.admin().await?;
    let good = scene.harness.app.operations.clone();
    let control = scene.walked(good.clone()).await?;
    ensure!(
        control.is_empty(),
        "without a fault: {} findings\n{}",
        control.len(),
        control.join("\n")
    );
    let clean = prove_on(&mut admin).await?;
    ensure!(clean.is_clean(), "without a fault: {clean}");

    let (mut caught, mut missed) = (Vec::new(), Vec::new());
    for (name, rule, object, sql) in IN_TABLES {
        let findings = proved(&mut admin, sql).await.context(name)?;
        let found = findings
            .iter()
            .find(|finding| finding.rule == rule && finding.to_string().contains(object));
        match found {
            Some(found) => caught.push(format!("{name}: prover, {}", line(&found.to_string()))),
            None => missed.push(format!("{name}: {findings:?}")),
        }
    }
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_lazy(&scene.harness.target.admin_url())?;
    let missing = || {
        Handler::Public(Arc::new(|_| {
            Box::pin(async { Err(platform_core::Problem::not_found()) })
        }))
    };
    for plant in plants(&pool, |id| Scene::handler(&good, id).unwrap_or_else(missing)) {
        let is_report = plant.name.starts_with("materialized");
        if is_report {
            sqlx::raw_sql(REPORT).execute(&mut admin).await?;
        }
        let mut operations = good.clone();
        let place = operations.iter().position(|operation| operation.id == plant.operation);
        let place = place.with_context(|| format!("{} is no operation", plant.operation))?;
        let mut planted = Operation::clone(&operations[place]);
        planted.handler = plant.handler;
        operations[place] = Arc::new(planted);
        let mut findings = scene.walked(operations).await.context(plant.name)?;
        if is_report {
            let proved = prove_on(&mut admin).await?.findings;
            ensure!(
                proved.iter().any(|finding| finding.rule == "T07"),
                "the prover lets a materialized view pass"
            );
            findings.extend(proved.iter().map(|finding| format!("prover, {finding}")));
            sqlx::raw_sql(WITHOUT_REPORT).execute(&mut admin).await?;
        }
        // What else a plant breaks says nothing: it has to be found as what it is.
        let wanted = match plant.name {
            "403 instead of 404" => "differs",
            "session SET instead of SET LOCAL" => "keeps the organization",
            _ => "of the other organization",
        };
        match findings.iter().find(|finding| finding.contains(wanted)) {
            Some(found) => caught.push(format!(
                "{}: walk, {} findings, as {}",
                plant.name,
                findings.len(),
                line(found)
            )),
            None => missed.push(format!("{}: {findings:?}", plant.name)),
        }
    }
    // The same fault is found before anything runs: no statement may lose its condition.
    let (lost, seen) = without_conditions();
    let control = scene.walked(good).await?;
    let tables = IN_TABLES.len();
    for (number, line) in (1..).zip(&caught) {
        report(&format!("F11 {number:2} {line}"))?;
    }
    report(&format!(
        "F11 statements that lose their condition on the organization: {seen} of {lost} found by the lint"
    ))?;
    let all = caught.len() + missed.len();
    check(
        "F11",
        missed.is_empty() && all == 12 && control.is_empty() && seen * 100 >= lost * 95,
        &format!(
            "{}/{all} code faults caught ({tables} by the prover, {} by the walk); controls before and after: {} findings; lint finds \
             {seen}/{lost} lost predicates",
            caught.len(),
            caught.len().saturating_sub(tables),
            control.len()
        ),
    )?;
    ensure!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
    ensure!(control.is_empty(), "the plants left something behind: {control:?}");
    ensure!(all == 12, "{all} faults instead of 12");
    ensure!(seen * 100 >= lost * 95, "{seen} of {lost} lost predicates are found");
    Ok(())
}

/// Takes the condition from each statement in turn; how many that are, and how many the lint finds.
fn without_conditions() -> (usize, usize) {
    let (mut lost, mut seen) = (0, 0);
    for sql in of_tenants() {
        let bare = sql.replacen("organization_id = $1", "id = $1", 1);
        if bare != sql {
            lost += 1;
            seen += usize::from(unbound(&bare).is_some());
        }
    }
    (lost, seen)
}
