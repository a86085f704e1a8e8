//! Numbers for people: counted per organization, without a gap and without a double, however many create at once.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person, Sampler};
use platform_resource::{Field, Kind, Resource, Verb};
use serde_json::Value as Json;

/// How many create at once.
const CREATORS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_creators_get_every_number_once() -> Result<()> {
    let harness = Harness::start().await?;
    let (one, other) = (harness.owner().await?, harness.owner().await?);
    let registry = &harness.app.platform.registry;
    let numbered = |resource: &&'static Resource| {
        resource.has(Verb::Create) && resource.fields.iter().any(|field| field.numbering.is_some())
    };
    let mut resources: Vec<&'static Resource> = registry.resources().filter(numbered).collect();
    ensure!(!resources.is_empty(), "nothing is numbered");
    let points = |field: &&Field| field.required && matches!(field.kind, Kind::Reference { .. });
    resources.sort_by_key(|resource| resource.fields.iter().filter(points).count());
    for resource in &resources {
        // All of them at full width would take minutes and say the same.
        let count = if resource.name == resources[0].name {
            CREATORS
        } else {
            4
        };
        for person in [&one, &other] {
            let mut sampler = Sampler::new(&harness.app.platform, person);
            numbers(resource, person, &mut sampler, count)
                .await
                .with_context(|| resource.full_name())?;
        }
    }
    Ok(())
}

async fn numbers(resource: &'static Resource, person: &Person, sampler: &mut Sampler<'_>, count: usize) -> Result<()> {
    let field = resource.fields.iter().find(|field| field.numbering.is_some());
    let field = field.context("a numbered field")?;
    // The first also shows which optional fields the resource's rules let stand side by side.
    let (form, first) = sampler.created(resource).await?;
    let mut found = BTreeSet::from([text(&first.expect(201)?, field.name)?]);
    let mut bodies = Vec::new();
    for _ in 0..count {
        // Rows of their own to point at: some can be pointed at only once.
        sampler.made.clear();
        let mut body = sampler.body(resource).await?;
        body.retain(|name, _| form.contains_key(name));
        bodies.push(Json::Object(body));
    }
    let path = resource.path();
    let tasks: Vec<_> = bodies
        .into_iter()
        .map(|body| {
            let (person, path) = (person.clone(), path.clone());
            tokio::spawn(async move { person.post(&path, &body).await })
        })
        .collect();
    for task in tasks {
        let row = task.await??.expect(201)?;
        ensure!(found.insert(text(&row, field.name)?), "{} twice", row[field.name]);
    }
    // Midnight may fall between two creators: each day counts from 1.
    let mut days: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for number in &found {
        let (day, count) = number.rsplit_once('-').context("a count")?;
        days.entry(day).or_default().push(count.parse()?);
    }
    for counts in days.values() {
        ensure!(counts.iter().copied().eq(1..=counts.len()), "gaps: {found:?}");
    }
    Ok(())
}

fn text(row: &Json, field: &str) -> Result<String> {
    Ok(row[field]
        .as_str()
        .with_context(|| format!("{field} of {row}"))?
        .to_owned())
}
