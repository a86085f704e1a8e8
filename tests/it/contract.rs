//! One loop over every declared resource: what holds for one holds for all.

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person, Sampler, sample};
use platform_resource::{Kind, Resource, Verb};
use serde_json::{Value as Json, json};

#[tokio::test]
async fn every_resource_keeps_the_contract() -> Result<()> {
    let harness = Harness::start().await?;
    let (owner, other) = (harness.owner().await?, harness.owner().await?);
    let registry = &harness.app.platform.registry;
    let (mut count, mut findings) = (0, Vec::new());
    for resource in registry.resources().filter(|resource| resource.has(Verb::Create)) {
        let mut sampler = Sampler::new(&harness.app.platform, &owner);
        if let Err(error) = keeps(resource, &owner, &other, &mut sampler).await {
            findings.push(format!("{}: {error:#}", resource.full_name()));
        }
        count += 1;
    }
    ensure!(findings.is_empty(), "{}", findings.join("\n"));
    ensure!(count >= 4, "only {count} resources were walked");
    Ok(())
}

async fn keeps(resource: &'static Resource, owner: &Person, other: &Person, sampler: &mut Sampler<'_>) -> Result<()> {
    let base = resource.path();
    let (body, created) = sampler.created(resource).await?;
    let row = created.expect(201)?;
    let id = row["id"].as_str().context("an id")?.to_owned();
    let one = format!("{base}/{id}");
    ensure!(created.headers["location"] == one.as_str(), "location");
    ensure!(created.headers["etag"] == "\"1\"", "etag of a new row");

    // What was given comes back, in the same form, from create, read and list.
    let read = owner.get(&one).await?.expect(200)?;
    ensure!(read == row, "read differs from create:\n{read}\n{row}");
    for (name, value) in &body {
        let field = resource.field(name).context("a field")?;
        if !matches!(field.kind, Kind::Decimal { .. } | Kind::Instant) {
            ensure!(&row[name] == value, "{name}: {} instead of {value}", row[name]);
        }
    }
    let list = owner.get(&format!("{base}?limit=100")).await?.expect(200)?;
    ensure!(
        list["data"].as_array().is_some_and(|rows| rows.contains(&row)),
        "not in the list"
    );
    let sparse = owner
        .get(&format!("{base}?fields=created_at&limit=1&total=true"))
        .await?
        .expect(200)?;
    let keys: Vec<&String> = sparse["data"][0].as_object().context("a row")?.keys().collect();
    ensure!(keys == ["created_at", "id", "version"], "sparse fields: {keys:?}");
    ensure!(sparse["total"].as_i64() >= Some(1), "total");

    // Filters and orders by every plain field.
    for field in resource.fields.iter().filter(|field| !matches!(field.kind, Kind::Json)) {
        let value = row[field.name]
            .as_str()
            .map_or_else(|| row[field.name].to_string(), ToOwned::to_owned);
        let filter = if row[field.name].is_null() {
            format!("{}.null=true", field.name)
        } else {
            format!("{}={}", field.name, encode(&value))
        };
        let found = owner
            .get(&format!("{base}?{filter}&sort=-{}&limit=100&titles=true", field.name))
            .await?
            .expect(200)?;
        let hit = found["data"]
            .as_array()
            .is_some_and(|rows| rows.iter().any(|found| found["id"] == row["id"]));
        ensure!(hit, "not found by {filter}");
    }
    ensure!(
        owner.get(&format!("{base}?nonsense=1")).await?.refused() == ["nonsense:unknown_field"],
        "unknown filter"
    );
    ensure!(
        owner.get(&format!("{base}?limit=101")).await?.refused() == ["limit:bad_limit"],
        "page size"
    );
    ensure!(
        owner.get(&format!("{base}?after=xyz")).await?.refused() == ["after:bad_cursor"],
        "cursor"
    );

    // Every field refuses by name.
    for field in resource.fields.iter().filter(|field| !field.read_only) {
        let mut bad = body.clone();
        bad.insert(field.name.into(), json!({"not": ["this"]}));
        if matches!(field.kind, Kind::Json) {
            bad.insert(field.name.into(), json!(3));
        }
        let refused = owner.post(&base, &Json::Object(bad)).await?;
        ensure!(refused.status == 422, "{}: {}", field.name, refused.text());
        ensure!(
            refused.refused().iter().any(|error| error.starts_with(field.name)),
            "{}: {:?}",
            field.name,
            refused.refused()
        );
    }
    let unknown = owner.post(&base, &json!({"no_such_field": 1})).await?;
    ensure!(
        unknown.refused().contains(&"no_such_field:unknown_field".to_owned()),
        "unknown field"
    );

    // Unique fields are unique in the organization, and only there.
    let unique = || {
        resource
            .fields
            .iter()
            .filter(|field| field.unique && body.contains_key(field.name))
    };
    for field in unique() {
        let mut twin = body.clone();
        for other in unique().filter(|other| other.name != field.name) {
            twin.insert(other.name.into(), sample(other));
        }
        let answer = owner.post(&base, &Json::Object(twin)).await?;
        ensure!(
            answer.refused() == [format!("{}:taken", field.name)],
            "{}: {}",
            field.name,
            answer.text()
        );
    }

    if resource.has(Verb::Update) {
        updates(resource, owner, &one).await?;
    }

    // Another organization: not there, by any verb, with the same bytes as what never was.
    let missing = other.get(&format!("{base}/{}", uuid::Uuid::nil())).await?;
    let verbs = [
        ("GET", "", Verb::Read),
        ("PATCH", "{}", Verb::Update),
        ("DELETE", "", Verb::Delete),
    ];
    for (method, body, _) in verbs.into_iter().filter(|(_, _, verb)| resource.has(*verb)) {
        let answer = other.call(method, &one, &[], body.into()).await?;
        ensure!(
            answer.status == 404 && answer.body == missing.body,
            "{method} by another: {}",
            answer.text()
        );
    }

    let history = owner.get(&format!("{one}/history")).await?.expect(200)?;
    ensure!(
        history["data"].as_array().is_some_and(|entries| !entries.is_empty()),
        "history"
    );
    if resource.has(Verb::Export) {
        exports(owner, &base).await?;
    }
    let options = owner.get(&format!("{base}/options")).await?.expect(200)?;
    ensure!(
        options["data"]
            .as_array()
            .is_some_and(|rows| rows.iter().any(|option| option["id"] == row["id"])),
        "options"
    );

    if resource.has(Verb::Delete) {
        let fresh = sampler.fresh(resource).await;
        // A second row may be refused by the resource's own rules; the first one is deleted then.
        let victim = fresh.map_or(one, |row| format!("{base}/{}", row["id"].as_str().unwrap_or_default()));
        let answer = owner.delete(&victim).await?;
        // What its own creation has made may point at it, or a rule keeps it.
        let refused = answer.status == 409;
        ensure!(answer.status == 204 || refused, "delete: {}", answer.text());
        let expected = if refused { 200 } else { 404 };
        ensure!(owner.get(&victim).await?.status == expected, "after the deletion");
        ensure!(
            owner.get(&format!("{victim}/history")).await?.status == 200,
            "its history is gone"
        );
    }
    Ok(())
}

async fn exports(owner: &Person, base: &str) -> Result<()> {
    let csv = owner.get(&format!("{base}/export?format=csv")).await?;
    ensure!(csv.status == 200 && csv.text().lines().count() >= 2, "export");
    let workbook = owner.get(&format!("{base}/export?format=xlsx")).await?;
    ensure!(workbook.body.starts_with(b"PK"), "workbook");
    Ok(())
}

async fn updates(resource: &'static Resource, owner: &Person, one: &str) -> Result<()> {
    let changeable = resource.fields.iter().find(|field| {
        !field.read_only && !field.create_only && matches!(field.kind, Kind::LongText { .. } | Kind::Text { .. })
    });
    let Some(field) = changeable else {
        return Ok(());
    };
    let before = owner.get(one).await?.expect(200)?;
    let same = owner.patch(one, &json!({})).await?.expect(200)?;
    ensure!(
        same["version"] == before["version"],
        "a change of nothing raised the version"
    );
    let value = sample(&platform_resource::text(field.name, 12));
    let etag = format!("\"{}\"", before["version"]);
    let body = serde_json::to_vec(&json!({field.name: value}))?;
    let changed = owner.call("PATCH", one, &[("if-match", &etag)], body.clone()).await?;
    let row = changed.expect(200)?;
    ensure!(row[field.name] == value, "the change was not stored");
    ensure!(
        row["version"].as_i64() == before["version"].as_i64().map(|version| version + 1),
        "version"
    );
    let stale = owner.call("PATCH", one, &[("if-match", &etag)], body).await?;
    ensure!(stale.status == 412, "a stale change was taken");
    Ok(())
}

/// Percent-encodes a query value.
pub fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[tokio::test]
async fn pages_come_in_order_without_gaps() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let mut wanted = Vec::new();
    for number in 0..25 {
        // Some rows share the sort value, some have none.
        let city = match number % 5 {
            0 => Json::Null,
            n => format!("City {n}").into(),
        };
        let body = json!({"barq_id": format!("P-{number:03}"), "full_name": format!("Courier {number}"), "city": city});
        wanted.push(owner.post("/api/v1/fleet/couriers", &body).await?.expect(201)?["barq_id"].clone());
    }
    for sort in [
        "city",
        "-city",
        "city,-barq_id",
        "-city,full_name",
        "created_at",
        "-created_at",
        "-id",
    ] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let mark = if after.is_empty() {
                String::new()
            } else {
                format!("&after={after}")
            };
            let page = owner
                .get(&format!("/api/v1/fleet/couriers?limit=4&sort={sort}{mark}"))
                .await?
                .expect(200)?;
            seen.extend(
                page["data"]
                    .as_array()
                    .context("rows")?
                    .iter()
                    .map(|row| row["barq_id"].clone()),
            );
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => break,
            }
        }
        let all = owner
            .get(&format!("/api/v1/fleet/couriers?limit=100&sort={sort}"))
            .await?
            .expect(200)?;
        let at_once: Vec<Json> = all["data"]
            .as_array()
            .context("rows")?
            .iter()
            .map(|row| row["barq_id"].clone())
            .collect();
        ensure!(seen == at_once, "{sort}: {seen:?}\n{at_once:?}");
        ensure!(seen.len() == wanted.len(), "{sort}: {} of {}", seen.len(), wanted.len());
    }
    Ok(())
}

#[tokio::test]
async fn a_write_happens_once_per_key() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let key = [("idempotency-key", "import-7")];
    let body = |name: &str| serde_json::to_vec(&json!({"barq_id": "K-1", "full_name": name}));
    let calls = (0..6).map(|_| async { owner.call("POST", "/api/v1/fleet/couriers", &key, body("One")?).await });
    let mut bodies = Vec::new();
    for call in calls {
        let answer = call.await?;
        answer.expect(201)?;
        bodies.push(answer.body);
    }
    bodies.dedup();
    ensure!(bodies.len() == 1, "the answers differ");
    let other = owner.call("POST", "/api/v1/fleet/couriers", &key, body("Two")?).await?;
    ensure!(other.refused() == ["Idempotency-Key:key_reused"], "{}", other.text());
    let list = owner.get("/api/v1/fleet/couriers?total=true").await?.expect(200)?;
    ensure!(list["total"] == 1, "{list}");
    Ok(())
}
