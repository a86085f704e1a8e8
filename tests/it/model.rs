//! Random histories of three organizations against a model in memory: what one does is seen by it at once and by nobody else.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use barq_tests::{Dice, Harness, Person, beside};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::check;

const COURIERS: &str = "/api/v1/fleet/couriers";
const STEPS: usize = 50;
/// Few, so that the same name is wanted in every organization and again and again.
const NAMES: [&str; 4] = ["M-1", "M-2", "M-3", "M-4"];

/// What an organization has: name, note and version of each courier.
type Rows = BTreeMap<Uuid, (String, String, i64)>;

struct World {
    people: Vec<Person>,
    rows: Vec<Rows>,
    /// Every id that was ever given out, with whose it was.
    ids: Vec<Uuid>,
    history: Vec<String>,
}

impl World {
    /// One operation of one organization, as the model expects it to end.
    async fn step(&mut self, dice: &mut Dice, number: usize) -> Result<()> {
        let who = dice.below(3);
        let id = match dice.below(8) {
            0 | 1 if !self.ids.is_empty() => beside(self.ids[dice.below(self.ids.len())]),
            _ if self.ids.is_empty() => platform_core::ids::new_id(),
            _ => self.ids[dice.below(self.ids.len())],
        };
        let one = format!("{COURIERS}/{id}");
        let (person, rows) = (&self.people[who], &mut self.rows[who]);
        let known = rows.get(&id).cloned();
        let what = dice.below(7);
        self.history.push(format!("{who} does {what} with {id}"));
        match what {
            0 | 1 => {
                let name = NAMES[dice.below(NAMES.len())];
                let body = json!({"barq_id": name, "full_name": "Model", "notes": number.to_string()});
                let answer = person.post(COURIERS, &body).await?;
                let taken = rows.values().any(|(other, ..)| other == name);
                if taken {
                    ensure!(
                        answer.refused() == ["barq_id:taken"],
                        "{} {}",
                        answer.status,
                        answer.text()
                    );
                } else {
                    let row = answer.expect(201)?;
                    let id: Uuid = row["id"].as_str().context("an id")?.parse()?;
                    ensure!(!self.ids.contains(&id), "{id} is given out twice");
                    let version = row["version"].as_i64().context("a version")?;
                    rows.insert(id, (name.to_owned(), number.to_string(), version));
                    self.ids.push(id);
                }
            }
            2 => {
                let answer = person.get(&one).await?;
                match known {
                    Some(known) => ensure!(same(&answer.expect(200)?, &known), "{known:?}: {}", answer.text()),
                    None => ensure!(answer.status == 404, "{} {}", answer.status, answer.text()),
                }
            }
            3 => {
                let answer = person.patch(&one, &json!({"notes": format!("n{number}")})).await?;
                match known {
                    Some((name, ..)) => {
                        let row = answer.expect(200)?;
                        let version = row["version"].as_i64().context("a version")?;
                        rows.insert(id, (name, format!("n{number}"), version));
                    }
                    None => ensure!(answer.status == 404, "{} {}", answer.status, answer.text()),
                }
            }
            4 => {
                let answer = person.delete(&one).await?;
                let expected = if known.is_some() { 204 } else { 404 };
                ensure!(answer.status == expected, "{} {}", answer.status, answer.text());
                rows.remove(&id);
            }
            5 => {
                let name = NAMES[dice.below(NAMES.len())];
                let list = person
                    .get(&format!("{COURIERS}?barq_id={name}&limit=100"))
                    .await?
                    .expect(200)?;
                let wanted = rows.iter().filter(|(_, (other, ..))| other == name).map(|(id, _)| *id);
                ensure!(listed(&list)? == wanted.collect::<Vec<_>>(), "{name}: {list}");
            }
            _ => {
                let list = person
                    .get(&format!("{COURIERS}?limit=100&sort=id&total=true"))
                    .await?
                    .expect(200)?;
                ensure!(listed(&list)? == rows.keys().copied().collect::<Vec<_>>(), "{list}");
                ensure!(list["total"] == rows.len(), "{list}");
                for row in list["data"].as_array().context("rows")? {
                    let id: Uuid = row["id"].as_str().context("an id")?.parse()?;
                    ensure!(rows.get(&id).is_some_and(|known| same(row, known)), "{row}");
                }
            }
        }
        Ok(())
    }
}

fn same(row: &Json, (name, note, version): &(String, String, i64)) -> bool {
    row["barq_id"] == name.as_str() && row["notes"] == note.as_str() && row["version"] == *version
}

fn listed(list: &Json) -> Result<Vec<Uuid>> {
    let rows = list["data"].as_array().context("rows")?;
    let ids = rows.iter().map(|row| Ok(row["id"].as_str().context("an id")?.parse()?));
    let mut ids = ids.collect::<Result<Vec<Uuid>>>()?;
    ids.sort_unstable();
    Ok(ids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_organizations_live_as_if_each_were_alone() -> Result<()> {
    let harness = Harness::start().await?;
    let cases = if crate::is_long() { 500 } else { 25 };
    let mut dice = Dice::seeded();
    let seed = dice.seed;
    let mut world = World {
        people: vec![harness.owner().await?, harness.owner().await?, harness.owner().await?],
        rows: vec![Rows::new(), Rows::new(), Rows::new()],
        ids: Vec::new(),
        history: Vec::new(),
    };
    let mut calls = 0;
    for case in 0..cases {
        world.history.clear();
        // Of old ids some are enough: each case begins with what the last ones left.
        let keep = world.ids.len().saturating_sub(12);
        world.ids.drain(..keep);
        let held = world.rows.iter().flat_map(|rows| rows.keys().copied());
        let held: Vec<Uuid> = held.filter(|id| !world.ids.contains(id)).collect();
        world.ids.extend(held);
        for number in 0..STEPS {
            let step = world.step(&mut dice, case * STEPS + number).await;
            if let Err(error) = step {
                check("F10", false, &format!("case {case}, seed {seed}: {error:#}"))?;
                let last = world.history.len().saturating_sub(5);
                return Err(error.context(format!("case {case}, seed {seed}, after {:?}", &world.history[last..])));
            }
            calls += 1;
        }
    }
    // The model can tell: an organization that is shown another one's rows is not what it says.
    let list = world.people[0]
        .get(&format!("{COURIERS}?limit=100"))
        .await?
        .expect(200)?;
    let shown = listed(&list)?;
    let differs = world.rows[1].keys().copied().collect::<Vec<_>>() != shown || shown.is_empty();
    ensure!(differs, "the model cannot tell two organizations apart");
    check(
        "F10",
        true,
        &format!(
            "{cases} histories of {STEPS} operations by 3 organizations, {calls} calls, 0 divergences (seed {seed})"
        ),
    )
}
