//! Pay of somebody else: every operation of HR that takes an id, as everybody who may not see it. Operations come from the document
//! and resources from the registry, so that what is added later is walked by itself.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person, Sampler, Stock};
use platform_resource::{Resource, Scope};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::report;
use crate::walk::calls::Walk;
use crate::walk::plan::{Place, Plan};

/// Rows by resource.
type Rows = HashMap<String, Json>;

/// Whether a row is about one courier: his own, or of a row that is.
fn is_personal(harness: &Harness, target: &str) -> bool {
    let resource = harness.app.platform.registry.resource(target);
    target == "fleet.couriers" || resource.is_some_and(|resource| resource.module == "hr" && resource.owner.is_some())
}

/// Of everybody at once: a run, its files, what they are paid from.
fn is_of_all(target: &str) -> bool {
    ["hr.payroll_runs", "hr.wage_files", "hr.paying_accounts"].contains(&target)
}

fn of_hr(harness: &Harness) -> Vec<&'static Resource> {
    let registry = &harness.app.platform.registry;
    registry
        .resources()
        .filter(|resource| resource.module == "hr")
        .collect()
}

/// One row of everything of HR, of one courier; what is nobody's in particular is shared.
async fn belongings(harness: &Harness, owner: &Person, shared: &Rows) -> Result<(Stock, Rows)> {
    let mut sampler = Sampler::new(&harness.app.platform, owner);
    let common = shared.iter().filter(|(name, _)| !is_personal(harness, name));
    sampler.made = common.map(|(name, row)| (name.clone(), row.clone())).collect();
    let mut stock = Stock::default();
    sampler.row("fleet.couriers").await?;
    for resource in of_hr(harness) {
        let name = resource.full_name();
        let row = sampler.row(&name).await.with_context(|| name.clone())?;
        if is_personal(harness, &name) {
            stock.read(&row);
        }
        let body = resource
            .fields
            .iter()
            .filter(|field| !field.read_only && !row[field.name].is_null());
        let body = body.map(|field| (field.name.to_owned(), row[field.name].clone()));
        stock.bodies.insert(name, body.collect());
    }
    for (name, row) in &sampler.made {
        stock
            .ids
            .insert(name.clone(), row["id"].as_str().context("an id")?.parse()?);
    }
    stock.ids.insert("user".to_owned(), owner.user_id);
    Ok((stock, sampler.made))
}

/// Everything that a role holds for every row.
fn held(harness: &Harness, roles: &[&str]) -> BTreeSet<String> {
    let registry = &harness.app.platform.registry;
    let granted = roles.iter().flat_map(|role| registry.granted(role));
    granted
        .filter(|(_, scope)| *scope == Scope::All)
        .map(|(name, _)| name)
        .collect()
}

/// What somebody may not call with another's id: operations whose permission he does not hold for every row.
fn forbidden(harness: &Harness, document: &Json, held: &BTreeSet<String>) -> Result<Plan> {
    let mut plan = Plan::of(document, &harness.app.platform.registry)?;
    plan.operations
        .retain(|operation| operation.path.starts_with("/api/v1/hr/"));
    for operation in &mut plan.operations {
        let names = operation.document["x-permission"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Json::as_str).collect();
        // What every member may call takes no ids of people.
        let may = names.iter().any(|name| held.contains(*name));
        // One's own rows may be looked for by the run that they are in.
        let looks = |place: &Place| matches!(place, Place::Query(_));
        operation.spots.retain(|spot| {
            !may && (is_personal(harness, &spot.target) || is_of_all(&spot.target) && !looks(&spot.place))
        });
    }
    plan.operations.retain(|operation| !operation.spots.is_empty());
    Ok(plan)
}

/// Lists, files, pickers and searches in which another's rows could turn up; answers how many were asked.
async fn looks(
    harness: &Harness,
    person: &Person,
    own: &Stock,
    other: &Stock,
    findings: &mut Vec<String>,
) -> Result<usize> {
    let said = other.canaries(own);
    let mut count = 0;
    for resource in of_hr(harness)
        .into_iter()
        .filter(|resource| is_personal(harness, &resource.full_name()))
    {
        let (base, name) = (resource.path(), resource.full_name());
        let courier = other.id("fleet.couriers")?;
        let mut paths = vec![
            format!("{base}?titles=true&total=true"),
            format!("{base}?sort=-created_at"),
            format!("{base}?sort=id&limit=1"),
            format!("{base}/options"),
            format!("{base}/export?format=csv"),
            format!("{base}/{}/history", other.id(&name)?),
        ];
        if resource.field("courier_id").is_some() {
            paths.push(format!("{base}?courier_id={courier}&total=true"));
            paths.push(format!("{base}?courier_id.in={courier}"));
            paths.push(format!("{base}/export?format=csv&courier_id={courier}"));
        }
        for path in paths {
            let answer = person.get(&path).await?;
            count += 1;
            let text = answer.text().replace(&courier.to_string(), "");
            if let Some(word) = said.iter().find(|word| text.contains(word.as_str())) {
                findings.push(format!("{path}: says {word:?} of somebody else"));
            }
            if answer.json()["total"].as_i64().is_some_and(|total| total > 1) {
                findings.push(format!("{path}: counts rows of others"));
            }
        }
    }
    for word in said
        .iter()
        .filter(|word| Uuid::try_parse(word).is_err() && word.is_ascii())
        .take(40)
    {
        let answer = person
            .get(&format!("/api/v1/search?q={}", crate::contract::encode(word)))
            .await?;
        count += 1;
        if answer.text().contains(&other.id("hr.salaries")?.to_string()) {
            findings.push(format!("a search for {word:?} finds somebody else's pay"));
        }
    }
    Ok(count)
}

#[tokio::test]
async fn nobody_reads_the_pay_of_another_by_any_path() -> Result<()> {
    let harness = Harness::start().await?;
    let (owner, stranger) = (harness.owner().await?, harness.owner().await?);
    let document = owner.get("/api/v1/openapi.json").await?.expect(200)?;
    let (of_one, rows) = belongings(&harness, &owner, &Rows::new()).await?;
    let (of_other, _) = belongings(&harness, &owner, &rows).await?;
    let person = owner.colleague("viewer", &["courier"]).await?;
    let place = format!("/api/v1/fleet/couriers/{}", of_one.id("fleet.couriers")?);
    owner
        .patch(&place, &json!({"member_id": person.user_id}))
        .await?
        .expect(200)?;

    let mut findings = Vec::new();
    let (mut refused, mut walked, mut asked) = (0, BTreeSet::new(), 0);
    for (name, roles) in [
        ("courier", vec!["courier"]),
        ("dispatcher", vec!["dispatcher"]),
        ("support agent", vec!["support_agent"]),
        ("fleet manager", vec!["fleet_manager"]),
        ("another organization's owner", vec![]),
    ] {
        let who = match name {
            "courier" => person.clone(),
            "another organization's owner" => stranger.clone(),
            _ => owner.colleague("viewer", &roles).await?,
        };
        let plan = forbidden(&harness, &document, &held(&harness, &roles))?;
        ensure!(plan.spots() > 20, "{name}: {} ids", plan.spots());
        let mut walk = Walk::new(&harness, &plan, &who, &of_one, &of_other)?;
        for operation in &plan.operations {
            for spot in &operation.spots {
                let calls = walk.is_hidden(operation, spot).await;
                refused += calls.with_context(|| format!("{name} {} {:?}", operation.id, spot.place))?;
            }
        }
        walked.append(&mut walk.walked);
        findings.extend(walk.findings.iter().map(|finding| format!("{name}: {finding}")));
        if name == "courier" {
            asked = looks(&harness, &who, &of_one, &of_other, &mut findings).await?;
        }
    }
    // The walk can fail: HR sees what these may not.
    let plan = forbidden(&harness, &document, &BTreeSet::new())?;
    let hr = owner.colleague("viewer", &["hr_manager", "finance"]).await?;
    let mut control = Walk::new(&harness, &plan, &hr, &of_one, &of_other)?;
    for operation in plan.operations.iter().filter(|operation| operation.method == "GET") {
        for spot in &operation.spots {
            control.is_hidden(operation, spot).await?;
        }
    }
    let seen = control.findings.len();
    ensure!(seen > 20, "HR sees {seen} rows of another");
    ensure!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
    report(&format!(
        "privacy of pay: {refused} calls with another's id over {} operations of HR by 5 roles, all refused; {asked} lists, files, \
         histories and searches of a courier, none with a row of another; HR and finance see {seen} of them",
        walked.len()
    ))
}
