//! Files of rows as people have them: a real and dirty one, and every way to be broken that we know.

mod broken;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use barq_tests::{Answer, Harness, Person};
use serde_json::{Value as Json, json};

use crate::report;

const COURIERS: &str = "/api/v1/fleet/couriers";
const VEHICLES: &str = "/api/v1/fleet/vehicles";

/// The public file of 11,399 deliveries. It is not part of the repository.
fn food_orders() -> Option<Vec<u8>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever has the data elsewhere says so this way"
    )]
    let named = std::env::var("BARQ_SHARED_DATA").ok();
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    std::fs::read(named.map_or_else(beside, PathBuf::from).join("food-orders.csv")).ok()
}

async fn upload(person: &Person, base: &str, query: &str, file: Vec<u8>) -> Result<Answer> {
    person
        .call(
            "POST",
            &format!("{base}/imports?{query}"),
            &[("content-type", "text/csv")],
            file,
        )
        .await
}

/// Uploads, checks with the mapping (the proposed one when there is none) and commits; the answers of the three.
async fn import(person: &Person, base: &str, file: Vec<u8>, mapping: Option<Json>) -> Result<[Json; 3]> {
    let uploaded = upload(person, base, "file_name=file.csv", file).await?.expect(201)?;
    let one = format!("{base}/imports/{}", uploaded["id"].as_str().context("an id")?);
    let mapping = mapping.unwrap_or_else(|| uploaded["mapping"].clone());
    let checked = person
        .post(&format!("{one}/check"), &json!({"mapping": mapping}))
        .await?
        .expect(200)?;
    let committed = person.post(&format!("{one}/commit"), &json!({})).await?.expect(200)?;
    Ok([uploaded, checked, committed])
}

async fn total(person: &Person, base: &str) -> Result<Json> {
    Ok(person.get(&format!("{base}?total=true&limit=1")).await?.expect(200)?["total"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_file_of_deliveries_becomes_couriers_and_vehicles() -> Result<()> {
    let Some(file) = food_orders() else {
        return report("SKIPPED food-orders.csv is absent: BARQ_SHARED_DATA names the folder that has it");
    };
    let harness = Harness::start().await?;
    let (owner, other) = (harness.owner().await?, harness.owner().await?);
    let person = json!({"columns": ["Delivery_person_ID"]});
    let mapping = json!({"barq_id": person, "full_name": person});
    let [_, checked, committed] = import(&owner, COURIERS, file.clone(), Some(mapping.clone())).await?;
    ensure!(
        checked["rows"] == 11_399 && checked["ready"] == 1_297 && checked["bad"] == 0,
        "couriers: {}",
        short(&checked)
    );
    ensure!(
        checked["repeated"] == 11_399 - 1_297,
        "repeated: {}",
        checked["repeated"]
    );
    ensure!(
        committed["created"] == 1_297 && total(&owner, COURIERS).await? == 1_297,
        "created: {committed}"
    );

    // Words of the file that are none of ours wait for a translation.
    let kind = json!({"columns": ["Type_of_vehicle"]});
    let number = json!({"columns": ["Delivery_person_ID", "Type_of_vehicle"], "join": "-"});
    let uploaded = upload(&owner, VEHICLES, "file_name=food-orders.csv", file.clone())
        .await?
        .expect(201)?;
    let one = format!("{VEHICLES}/imports/{}", uploaded["id"].as_str().context("an id")?);
    let bare = json!({"mapping": {"internal_number": number, "vehicle_type": kind}});
    let checked = owner.post(&format!("{one}/check"), &bare).await?.expect(200)?;
    ensure!(
        checked["unmatched"]["vehicle_type"] == json!(["electric_scooter", "scooter"]),
        "unmatched: {}",
        short(&checked)
    );
    ensure!(checked["bad"] == 3_817 + 950, "bad: {}", short(&checked));
    let mut translated = kind.clone();
    translated["values"] = json!({"scooter": "motorcycle", "electric_scooter": "motorcycle"});
    let translated = json!({"internal_number": number, "vehicle_type": translated});
    let checked = owner
        .post(&format!("{one}/check"), &json!({"mapping": translated}))
        .await?
        .expect(200)?;
    ensure!(
        checked["ready"] == 2_982 && checked["bad"] == 0,
        "vehicles: {}",
        short(&checked)
    );
    ensure!(total(&owner, VEHICLES).await? == 0, "a dry run stored something");
    let first = owner.post(&format!("{one}/commit"), &json!({})).await?;
    ensure!(first.expect(200)?["created"] == 2_982, "created: {}", first.text());
    let again = owner.post(&format!("{one}/commit"), &json!({})).await?;
    ensure!(
        again.body == first.body,
        "a second commit answers otherwise: {}",
        again.text()
    );
    ensure!(
        owner
            .post(&format!("{one}/check"), &json!({"mapping": translated}))
            .await?
            .status
            == 409,
        "checked after the commit"
    );

    // The same files again: the mapping is remembered and nothing is created.
    for (base, remembered, stored) in [(COURIERS, mapping, 1_297), (VEHICLES, translated, 2_982)] {
        let [uploaded, checked, committed] = import(&owner, base, file.clone(), None).await?;
        ensure!(
            uploaded["mapping"] == remembered,
            "not remembered: {}",
            uploaded["mapping"]
        );
        ensure!(
            checked["ready"] == 0 && checked["bad"] == 0 && committed["created"] == 0,
            "again: {}",
            short(&checked)
        );
        ensure!(total(&owner, base).await? == stored, "doubled");
    }
    let foreign = upload(&other, COURIERS, "file_name=food-orders.csv", file)
        .await?
        .expect(201)?;
    ensure!(
        foreign["mapping"].get("full_name").is_none(),
        "another organization's mapping is proposed"
    );
    ensure!(total(&other, COURIERS).await? == 0, "another organization has couriers");
    report("Imports: 11,399 real rows: 1,297 couriers, 2,982 vehicles; the same files again: 0 created")
}

fn short(checked: &Json) -> String {
    let mut checked = checked.clone();
    checked["preview"] = Json::Null;
    checked["errors"]
        .as_array_mut()
        .into_iter()
        .for_each(|errors| errors.truncate(3));
    checked.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_row_says_where_and_why_in_both_languages() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let file = "barq_id,full_name,mobile_number,email,joined_on,national_id,iban,basic_salary,sponsorship_status,fms_asset_id\n\
        G-1,Good One,0501234567,good@example.test,03/02/2026,,,4000,inhouse,7\n\
        G-2,Bad Phone,12,,,,,,,\n\
        G-3,Bad Mail,,not-a-mail,,,,,,\n\
        G-4,Bad Day,,,31-02-2026,,,,,\n\
        G-5,Bad Id,,,,1234567890,,,,\n\
        G-6,Bad Account,,,,,SA00,,,\n\
        G-7,Bad Money,,,,,,-5,,\n\
        G-8,Bad Choice,,,,,,,sometimes,\n\
        G-9,Bad Number,,,,,,,,many\n\
        ,Nobody,,,,,,,,\n\
        G-1,Same Number,,,,,,,,\n";
    let uploaded = upload(&owner, COURIERS, "file_name=couriers.csv", file.as_bytes().to_vec())
        .await?
        .expect(201)?;
    let one = format!("{COURIERS}/imports/{}", uploaded["id"].as_str().context("an id")?);
    let body = serde_json::to_vec(&json!({"mapping": uploaded["mapping"]}))?;
    let mut errors = Vec::new();
    for language in ["en", "ar"] {
        let headers = [("accept-language", language), ("content-type", "application/json")];
        let checked = owner
            .call("POST", &format!("{one}/check"), &headers, body.clone())
            .await?
            .expect(200)?;
        ensure!(checked["ready"] == 1 && checked["bad"] == 10, "{}", short(&checked));
        errors.push(checked["errors"].as_array().context("errors")?.clone());
    }
    let expected = [
        (3, "mobile_number", "not_a_phone", "12"),
        (4, "email", "not_an_email", "not-a-mail"),
        (5, "joined_on", "not_a_date", "31-02-2026"),
        (6, "national_id", "bad_checksum", "1234567890"),
        (7, "iban", "not_an_iban", "SA00"),
        (8, "basic_salary", "too_small", "-5"),
        (9, "sponsorship_status", "not_a_choice", "sometimes"),
        (10, "fms_asset_id", "not_a_whole_number", "many"),
        (11, "barq_id", "required", ""),
        (12, "barq_id", "differs_in_file", "G-1"),
    ];
    for (row, field, code, value) in expected {
        let find = |errors: &[Json]| {
            errors
                .iter()
                .find(|error| error["row"] == row && error["field"] == field)
                .cloned()
        };
        let (en, ar) = (
            find(&errors[0]).with_context(|| format!("row {row}: no error"))?,
            find(&errors[1]).context("Arabic")?,
        );
        ensure!(en["code"] == code && ar["code"] == code, "row {row}: {en}");
        ensure!(value.is_empty() || en["value"] == value, "row {row}: {en}");
        let words = |error: &Json| error["message"].as_str().unwrap_or_default().to_owned();
        ensure!(in_two_languages(&words(&en), &words(&ar)), "row {row}: {en} {ar}");
    }
    for (language, word) in [("en", "Reason"), ("ar", "السبب")] {
        let rejected = owner
            .call(
                "GET",
                &format!("{one}/rejected"),
                &[("accept-language", language)],
                Vec::new(),
            )
            .await?;
        let text = rejected.text();
        ensure!(
            rejected.headers["content-type"] == "text/csv; charset=utf-8" && text.starts_with('\u{feff}'),
            "{:?}",
            rejected.headers
        );
        let lines: Vec<&str> = text.trim_end().lines().collect();
        ensure!(
            lines.len() == 11 && lines[0].contains(word) && lines[0].contains("barq_id"),
            "{text}"
        );
        ensure!(
            lines[1].contains("G-2,Bad Phone,12"),
            "rows are not as they were: {}",
            lines[1]
        );
    }
    // What was refused stays refused when the good rows beside it are stored.
    let before = owner.get(&format!("{one}/rejected")).await?.text();
    owner.post(&format!("{one}/commit"), &json!({})).await?.expect(200)?;
    ensure!(
        owner.get(&format!("{one}/rejected")).await?.text() == before,
        "the commit changed what was refused"
    );
    // Put right and brought again, the rejected rows go in; those that are there stay as they are.
    let mended = "barq_id,full_name,mobile_number\nG-1,Good One,0501234567\nG-2,Bad Phone,0551234567\n";
    let [_, checked, committed] = import(&owner, COURIERS, mended.into(), None).await?;
    ensure!(committed["created"] == 1 && checked["existing"] == 1, "{committed}");
    report(&format!(
        "Imports: {} refusals, each by row, field and code, in English and Arabic",
        expected.len()
    ))
}

/// Whether two sentences are English and Arabic.
fn in_two_languages(en: &str, ar: &str) -> bool {
    let is_arabic = |text: &str| text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
    !en.is_empty() && !is_arabic(en) && is_arabic(ar)
}
