//! Who may call what, for every membership and job role and every operation, against the committed matrix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person, Sampler, sample};
use platform_core::{Cx, Mode};
use platform_resource::{Field, Kind, Resource, Verb};
use serde_json::{Map, Value as Json, json};

use crate::report;

/// Role × permission as people reviewed it.
const MATRIX: &str = "docs/permissions.txt";

/// What each membership and job role may do.
type Matrix = BTreeMap<String, Column>;

/// What one of them may do.
#[derive(Default)]
struct Column {
    /// With every row.
    all: BTreeSet<String>,
    /// With every row, or some.
    some: BTreeSet<String>,
}

async fn matrix() -> Result<Matrix> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the repository")?;
    let text = std::fs::read_to_string(root.join(MATRIX)).context(MATRIX)?;
    ensure!(
        text == barq::permissions().await?,
        "{MATRIX} is out of date: run `cargo xtask generate` and look at what changed"
    );
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let head = lines.next().unwrap_or_default();
    let head = head.split_once(" what it is").map_or(head, |(head, _)| head);
    let head: Vec<&str> = head.split_whitespace().skip(1).collect();
    let mut matrix = Matrix::new();
    for line in lines {
        let mut cells = line.split_whitespace();
        let permission = cells.next().context("a permission")?;
        for (name, cell) in head.iter().zip(cells) {
            let allowed = matrix.entry((*name).to_owned()).or_default();
            match cell {
                "yes" => {
                    allowed.all.insert(permission.to_owned());
                    allowed.some.insert(permission.to_owned());
                }
                "team" | "own" => {
                    allowed.some.insert(permission.to_owned());
                }
                _ => ensure!(cell == "-", "{permission} for {name}: {cell}"),
            }
        }
    }
    let expected = tenancy::MEMBERSHIPS.len() + tenancy::ROLES.len();
    ensure!(
        matrix.len() == expected,
        "{} columns instead of {expected}",
        matrix.len()
    );
    Ok(matrix)
}

/// One person for each column of the matrix.
async fn staff(owner: &Person, matrix: &Matrix) -> Result<Vec<(String, Person)>> {
    let mut staff = Vec::new();
    for name in matrix.keys() {
        let person = if tenancy::MEMBERSHIPS.contains(&name.as_str()) {
            owner.colleague(name, &[]).await?
        } else {
            owner.colleague("viewer", &[name]).await?
        };
        staff.push((name.clone(), person));
    }
    Ok(staff)
}

/// An operation as the document shows it.
struct Operation {
    id: String,
    method: String,
    path: String,
    /// Nothing: everybody; otherwise at least one of these, all members when there are none.
    permit: Option<Vec<String>>,
}

fn operations(document: &Json) -> Result<Vec<Operation>> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().context("paths")? {
        for (method, operation) in methods.as_object().context("methods")? {
            let names = operation["x-permission"].as_array().into_iter().flatten();
            let names = names.filter_map(Json::as_str).map(ToOwned::to_owned).collect();
            let is_public = operation["security"].as_array().is_some_and(Vec::is_empty);
            let nothing = platform_core::ids::new_id().to_string();
            operations.push(Operation {
                id: operation["operationId"].as_str().context("a name")?.to_owned(),
                method: method.to_uppercase(),
                path: path
                    .split('/')
                    .map(|part| if part.starts_with('{') { nothing.as_str() } else { part })
                    .collect::<Vec<_>>()
                    .join("/"),
                permit: (!is_public).then_some(names),
            });
        }
    }
    Ok(operations)
}

async fn call(person: &Person, operation: &Operation) -> Result<barq_tests::Answer> {
    let body = if operation.method == "GET" || operation.method == "DELETE" {
        Vec::new()
    } else {
        b"{}".to_vec()
    };
    person.call(&operation.method, &operation.path, &[], body).await
}

#[tokio::test]
async fn each_role_may_do_what_the_matrix_says_and_nothing_else() -> Result<()> {
    let harness = Harness::start().await?;
    let matrix = matrix().await?;
    let owner = harness.owner().await?;
    let document = owner.get("/api/v1/openapi.json").await?.expect(200)?;
    let operations = operations(&document)?;
    let mut findings = Vec::new();

    let mut liar = Person::nobody(&harness.router);
    liar.token = format!("{}x", owner.token);
    for operation in operations.iter().filter(|operation| operation.permit.is_some()) {
        for stranger in [&Person::nobody(&harness.router), &liar] {
            let answer = call(stranger, operation).await?;
            if answer.status != 401 || answer.json()["code"] != "not_signed_in" {
                findings.push(format!("{}: a stranger gets {}", operation.id, answer.text()));
            }
        }
    }

    let staff = staff(&owner, &matrix).await?;
    let own = harness.app.operations.iter().filter(|operation| operation.is_scoped);
    let scoped: BTreeSet<String> = own.map(|operation| operation.id.clone()).collect();
    let (mut allowed, mut refused) = (0, 0);
    for (name, person) in &staff {
        for operation in &operations {
            // What keeps to rows is open to whoever has some; figures and files of all rows are not.
            let held = match scoped.contains(&operation.id) {
                true => &matrix[name].some,
                false => &matrix[name].all,
            };
            let may = |permission: &String| held.contains(permission);
            let Some(permit) = &operation.permit else { continue };
            let expected = permit.is_empty() || permit.iter().any(may);
            let answer = call(person, operation).await?;
            let status = answer.status.as_u16();
            // Of several permissions one lets the call in; what it asks for may need another of them, which is named then.
            let closer = |name: &String| !may(name) && answer.text().contains(name.as_str());
            let good = if expected {
                !matches!(status, 401 | 403 | 500..) || (status == 403 && permit.iter().any(closer))
            } else {
                status == 403 && answer.json()["code"] == "forbidden"
            };
            if !good {
                findings.push(format!(
                    "{name} {}: expected {expected}, got {}",
                    operation.id,
                    answer.text()
                ));
            }
            if expected {
                allowed += 1;
            } else {
                refused += 1;
            }
        }
        let may = |permission: &String| matrix[name].some.contains(permission);
        // In bulk each change needs its own permission.
        for resource in harness.app.platform.registry.resources() {
            for verb in [Verb::Create, Verb::Update, Verb::Delete]
                .into_iter()
                .filter(|verb| resource.has(*verb))
            {
                let change = json!({"op": verb.name(), "id": platform_core::ids::new_id(), "data": {}});
                let answer = person
                    .post(&format!("{}/bulk", resource.path()), &json!({"operations": [change]}))
                    .await?;
                if (answer.status == 403) == may(&resource.permission(verb)) {
                    findings.push(format!(
                        "{name} {} in bulk: {}",
                        resource.permission(verb),
                        answer.text()
                    ));
                }
            }
        }
    }
    ensure!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
    ensure!(allowed > 100 && refused > 100, "{allowed} allowed, {refused} refused");
    let figure = format!(
        "{} operations × {} roles: {allowed} allowed, {refused} refused, all as the matrix says",
        operations.len(),
        staff.len()
    );
    crate::check("F9", true, &figure)
}

/// Writes a value into a private field of a row, as the module's own code may, where the row's rules let it stand.
async fn fill(
    harness: &Harness,
    owner: &Person,
    resource: &'static Resource,
    row: &Json,
    field: &'static Field,
) -> Result<()> {
    let value = match field.kind {
        Kind::Date => json!("1990-01-15"),
        _ => sample(field),
    };
    let id = row["id"].as_str().context("an id")?.parse()?;
    let mut cx = Cx::begin_job(&harness.app.platform, owner.organization_id, "test", Mode::Write).await?;
    let change = Map::from_iter([(field.name.to_owned(), value)]);
    match platform_engine::change(&mut cx, resource, id, "update", change).await {
        Ok(_) => Ok(cx.commit().await?),
        Err(_) => Ok(cx.rollback().await?),
    }
}

#[tokio::test]
async fn private_fields_are_shown_to_whom_the_matrix_allows() -> Result<()> {
    let harness = Harness::start().await?;
    let matrix = matrix().await?;
    let owner = harness.owner().await?;
    let staff = staff(&owner, &matrix).await?;
    let registry = &harness.app.platform.registry;
    let mut sampler = Sampler::new(&harness.app.platform, &owner);
    let mut descriptions = BTreeMap::new();
    for (name, person) in &staff {
        descriptions.insert(name, person.get("/api/v1/description").await?.expect(200)?);
    }
    let (mut shown, mut hidden) = (0, 0);
    for resource in registry
        .resources()
        .filter(|resource| resource.fields.iter().any(|field| field.permission.is_some()))
    {
        let mut row = sampler.row(&resource.full_name()).await?;
        let one = format!("{}/{}", resource.path(), row["id"].as_str().context("an id")?);
        // What the sampler left out because the samples of two fields do not go together.
        for field in resource.fields.iter().filter(|field| field.permission.is_some()) {
            if row[field.name].is_null() {
                fill(&harness, &owner, resource, &row, field).await?;
            }
        }
        row = owner.get(&one).await?.expect(200)?;
        for (name, person) in &staff {
            let look = Look {
                resource,
                row: &row,
                person,
                described: &descriptions[name],
                may: &matrix[name].all,
            };
            for field in resource.fields {
                let Some(permission) = field.permission else { continue };
                let may_see = look.may.contains(&format!("{}.{permission}", resource.name));
                // A rule may keep a field empty beside the others.
                if !look.may.contains(&resource.permission(Verb::Read)) || row[field.name].is_null() {
                    continue;
                }
                look.field(field, may_see)
                    .await
                    .with_context(|| format!("{name}: {}.{}", resource.full_name(), field.name))?;
                if may_see {
                    shown += 1;
                } else {
                    hidden += 1;
                }
            }
        }
    }
    ensure!(shown > 20 && hidden > 20, "{shown} shown, {hidden} hidden");
    report(&format!(
        "F9 fields: private fields shown {shown} times and hidden {hidden} times, all as the matrix says"
    ))
}

/// One person's look at one row.
struct Look<'a> {
    resource: &'static Resource,
    row: &'a Json,
    person: &'a Person,
    described: &'a Json,
    may: &'a BTreeSet<String>,
}

impl Look<'_> {
    async fn field(&self, field: &Field, may_see: bool) -> Result<()> {
        let (name, person) = (field.name, self.person);
        let base = self.resource.path();
        let one = format!("{base}/{}", self.row["id"].as_str().context("an id")?);
        let value = self.row[name].clone();
        ensure!(!value.is_null(), "the row has no value to hide");
        let has = |row: &Json| row.get(name).is_some();
        ensure!(has(&person.get(&one).await?.expect(200)?) == may_see, "read");
        let list = person.get(&format!("{base}?limit=1")).await?.expect(200)?;
        ensure!(has(&list["data"][0]) == may_see, "list");
        let past = person.get(&format!("{one}/history")).await?.expect(200)?;
        let mut entries = past["data"].as_array().into_iter().flatten();
        ensure!(entries.any(|entry| has(&entry["changes"])) == may_see, "history");
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let mut questions = vec![format!("fields={name}"), format!("{name}.null=false")];
        // Objects and lists are neither compared nor sorted, whoever asks.
        if !matches!(field.kind, Kind::Json) {
            questions.push(format!("{name}.in={}", crate::contract::encode(&text)));
            questions.push(format!("sort=-{name}"));
        }
        for question in questions {
            let answer = person.get(&format!("{base}?{question}")).await?;
            if may_see {
                answer.expect(200).context(question)?;
            } else {
                let codes = answer.refused();
                ensure!(
                    answer.status == 422
                        && codes
                            .iter()
                            .all(|code| code.ends_with(":unknown_field") || code == "sort:bad_filter"),
                    "{question}: {}",
                    answer.text()
                );
            }
        }
        // A value that other fields share says nothing about this one.
        let sharing = self.row.as_object().into_iter().flat_map(|row| row.values());
        let is_alone = sharing.filter(|other| **other == value).count() == 1;
        if !may_see && !field.search && text.len() > 5 && is_alone {
            let found = person
                .get(&format!("{base}?search={}", crate::contract::encode(&text)))
                .await?
                .expect(200)?;
            ensure!(
                found["data"].as_array().is_some_and(Vec::is_empty),
                "found by its value"
            );
        }
        if self.may.contains(&self.resource.permission(Verb::Export)) {
            let csv = person.get(&format!("{base}/export?format=csv")).await?;
            csv.expect(200)?;
            ensure!(
                may_see || text.len() < 6 || !is_alone || !csv.text().contains(&text),
                "export shows the value"
            );
            ensure!(
                (person.get(&format!("{base}/export?fields={name}")).await?.status == 200) == may_see,
                "export of the field"
            );
        }
        let modules = self.described["modules"].as_array().into_iter().flatten();
        let resources = modules.flat_map(|module| module["resources"].as_array().into_iter().flatten());
        let fields = resources
            .filter(|found| found["path"] == base.as_str())
            .flat_map(|found| found["fields"].as_array().into_iter().flatten());
        ensure!(
            fields.filter(|found| found["name"] == name).count() == usize::from(may_see),
            "description"
        );
        let open = self.resource.has(Verb::Update) && !field.read_only && !field.create_only;
        if self.may.contains(&self.resource.permission(Verb::Update)) && open {
            let answer = person.patch(&one, &json!({name: value})).await?;
            ensure!(
                answer.refused().contains(&format!("{name}:field_forbidden")) != may_see,
                "update: {}",
                answer.text()
            );
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_changes_for_a_member_acts_on_the_next_request() -> Result<()> {
    const VEHICLES: &str = "/api/v1/fleet/vehicles";
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let member = owner.colleague("viewer", &[]).await?;
    let other = owner.colleague("viewer", &["courier"]).await?;
    ensure!(member.get(VEHICLES).await?.status == 200, "a viewer reads");
    ensure!(
        member.post(VEHICLES, &json!({})).await?.status == 403,
        "a viewer writes"
    );
    let place = format!("/api/v1/tenancy/members/{}", member.user_id);
    owner
        .post(&format!("{place}/roles"), &json!({"membership": "manager"}))
        .await?
        .expect(200)?;
    ensure!(
        member.post(VEHICLES, &json!({})).await?.status == 422,
        "the new membership does not act"
    );
    owner
        .post(
            &format!("{place}/roles"),
            &json!({"membership": "viewer", "roles": ["courier"]}),
        )
        .await?
        .expect(200)?;
    ensure!(
        member.get(VEHICLES).await?.status == 403,
        "the old membership still acts"
    );
    owner.post(&format!("{place}/remove"), &json!({})).await?.expect(200)?;
    for path in [VEHICLES, "/api/v1/auth/me", "/api/v1/description"] {
        ensure!(
            member.get(path).await?.status == 401,
            "{path}: a removed member is let in"
        );
    }
    ensure!(
        other.get("/api/v1/auth/me").await?.status == 200,
        "somebody else was removed too"
    );
    report("A4 a role that changes and a member who is removed: acts on the next request")
}
