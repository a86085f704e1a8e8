//! Files of rows as people have them: a real and dirty one, and every way to be broken that we know.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use barq_tests::{Answer, Harness, Person};
use platform_documents::{Cell, write_xlsx};
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

/// Arabic of a few words as old Windows systems write it.
fn windows_1256(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match c {
            'أ' => 0xC3,
            'ا' => 0xC7,
            'ح' => 0xCD,
            'د' => 0xCF,
            'ر' => 0xD1,
            'ع' => 0xDA,
            'ل' => 0xE1,
            'م' => 0xE3,
            'ي' => 0xED,
            other => u8::try_from(u32::from(other)).unwrap_or(b'?'),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_files_are_refused_by_name_or_read_as_far_as_they_are_good() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let mut tried = 0;

    // Refused as a whole, in the caller's language.
    let refused: [(&str, Vec<u8>, &str); 8] = [
        ("empty", Vec::new(), "empty_file"),
        ("header only", b"barq_id,full_name\n".to_vec(), "no_rows"),
        (
            "header and blank lines",
            b"barq_id,full_name\n\n  \n,\n".to_vec(),
            "no_rows",
        ),
        (
            "wrong encoding",
            windows_1256("barq_id,full_name\nW-1,أحمد علي\n"),
            "not_utf_8",
        ),
        ("a PDF", b"%PDF-1.7 nothing".to_vec(), "unsupported_format"),
        ("a picture", b"\x89PNG\r\n\x1a\n0000".to_vec(), "unsupported_format"),
        (
            "half a workbook",
            b"PK\x03\x04 and then nothing".to_vec(),
            "damaged_file",
        ),
        (
            "columns without end",
            format!("a{}\n1{}\n", ",b".repeat(5000), ",2".repeat(5000)).into_bytes(),
            "too_many_columns",
        ),
    ];
    for (name, file, code) in refused {
        let path = format!("{COURIERS}/imports?file_name=x.csv");
        let mut titles = Vec::new();
        for language in ["en", "ar"] {
            let answer = owner
                .call(
                    "POST",
                    &path,
                    &[("accept-language", language), ("content-type", "text/csv")],
                    file.clone(),
                )
                .await?;
            ensure!(
                answer.status == 422 && answer.refused() == [format!("file:{code}")],
                "{name}: {}",
                answer.text()
            );
            titles.push(
                answer.json()["errors"][0]["message"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
        ensure!(
            !titles[0].contains('{') && in_two_languages(&titles[0], &titles[1]),
            "{name}: {titles:?}"
        );
        tried += 1;
    }

    // The old encoding, when the person says so.
    let arabic = windows_1256("barq_id,full_name\nW-1,أحمد علي\n");
    let uploaded = upload(&owner, COURIERS, "file_name=x.csv&encoding=windows-1256", arabic)
        .await?
        .expect(201)?;
    ensure!(uploaded["columns"][1]["samples"] == json!(["أحمد علي"]), "{uploaded}");

    // Read as far as they are good: file, good rows, errors by row, field and code.
    let long = "x".repeat(200_000);
    let files: [(&str, String, u64, &[&str]); 10] = [
        (
            "a cell of 200,000 characters",
            format!("barq_id,full_name\nL-1,Ali\nL-2,{long}\n"),
            1,
            &["3 full_name oversized"],
        ),
        (
            "two header lines",
            "barq_id,full_name\nbarq_id,full_name\nH-1,Ali\nbarq_id,full_name\nH-2,Omar\n".into(),
            2,
            &[],
        ),
        (
            "a title above",
            "Couriers of March\nbarq_id,full_name\nT-1,Ali\n".into(),
            1,
            &[],
        ),
        (
            "NaN",
            "barq_id,full_name,email,joined_on\nN-1,Ali,NaN,NaN \nNaN,Omar,NaN,NaN\n".into(),
            1,
            &["3 barq_id required"],
        ),
        (
            "trailing blanks",
            "barq_id ,full_name\t,,\n B-1  , Ali \u{a0},,\n,,,\n   \n".into(),
            1,
            &[],
        ),
        (
            "too many and too few cells",
            "barq_id,full_name\nC-1,Omar\nC-2,Ali,x,y\nC-3\n".into(),
            1,
            &["3  too_many_cells", "4  too_few_cells", "4 full_name required"],
        ),
        (
            "a quotation mark that stays open",
            "barq_id,full_name\nQ-1,Ali\nQ-2,\"Omar\nQ-3,Sami\n".into(),
            1,
            &["3  unclosed_quote", "3 full_name bad_character"],
        ),
        (
            "line ends of three systems",
            "barq_id,full_name\r\nE-1,Ali\nE-2,Omar\rE-3,Sami".into(),
            3,
            &[],
        ),
        ("semicolons", "barq_id;full_name\nS-1;Ali\n".into(), 1, &[]),
        ("NUL", "barq_id,full_name\nZ-1,A\0li\n".into(), 1, &[]),
    ];
    for (name, file, good, errors) in files {
        let [_, checked, committed] = import(&owner, COURIERS, file.into_bytes(), None).await.context(name)?;
        let found: Vec<String> = checked["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                format!(
                    "{} {} {}",
                    error["row"],
                    error["field"].as_str().unwrap_or_default(),
                    error["code"].as_str().unwrap_or_default()
                )
            })
            .collect();
        ensure!(
            committed["created"] == good && found == errors,
            "{name}: {committed} {found:?}"
        );
        tried += 1;
    }
    let row = owner.get(&format!("{COURIERS}?barq_id=B-1")).await?.expect(200)?;
    ensure!(row["data"][0]["full_name"] == "Ali", "blanks are kept: {row}");

    formulas(&owner).await?;
    workbooks(&harness, &owner).await?;
    report(&format!(
        "Imports: {} broken and odd files, each refused by name or read as far as it is good",
        tried + 3
    ))
}

fn in_two_languages(en: &str, ar: &str) -> bool {
    let is_arabic = |text: &str| text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
    !en.is_empty() && !is_arabic(en) && is_arabic(ar)
}

/// Cells that a spreadsheet would run: kept as text, and harmless in what comes out again.
async fn formulas(owner: &Person) -> Result<()> {
    let evil = [
        "=HYPERLINK(\"http://x.example\")",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
    ];
    let mut file = "barq_id,full_name\n".to_owned();
    for (number, cell) in evil.iter().enumerate() {
        file.push_str(&format!("F-{number},\"{}\"\n", cell.replace('"', "\"\"")));
    }
    // The same cells in rows that are refused.
    file.push_str("F-9,\"=1+1\"\nF-9,\"=2+2\"\n");
    let [uploaded, checked, committed] = import(owner, COURIERS, file.into_bytes(), None).await?;
    ensure!(
        committed["created"] == 5 && checked["bad"] == 1,
        "formulas: {committed}"
    );
    let stored = owner
        .get(&format!("{COURIERS}?barq_id.starts=F-&sort=barq_id"))
        .await?
        .expect(200)?;
    ensure!(
        stored["data"][0]["full_name"] == evil[0],
        "a formula is not kept as text: {stored}"
    );
    let rejected = owner
        .get(&format!(
            "{COURIERS}/imports/{}/rejected",
            uploaded["id"].as_str().context("an id")?
        ))
        .await?;
    for (what, text) in [
        (
            "export",
            owner
                .get(&format!(
                    "{COURIERS}/export?format=csv&barq_id.starts=F-&fields=full_name"
                ))
                .await?
                .text(),
        ),
        ("rejected", rejected.text()),
    ] {
        let cells = text
            .split(['\n', ','])
            .map(|cell| cell.trim_start_matches(['\u{feff}', '"']));
        let loose: Vec<&str> = cells.filter(|cell| cell.starts_with(['=', '+', '-', '@'])).collect();
        ensure!(
            loose.is_empty() && text.contains("=2+2") | text.contains("=1+1"),
            "{what}: {loose:?} in {text}"
        );
    }
    Ok(())
}

/// A workbook in, and our own export into another organization.
async fn workbooks(harness: &Harness, owner: &Person) -> Result<()> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let rows = [
        vec![text("X-1"), text("سالم"), Cell::Empty],
        vec![text("X-2"), text(""), text("Jeddah")],
    ];
    let file = write_xlsx("Couriers", &["barq_id", "full_name", "city"], &rows, true)?;
    let [uploaded, checked, committed] = import(owner, COURIERS, file, None).await?;
    ensure!(
        committed["created"] == 1 && checked["bad"] == 1,
        "a workbook: {committed}"
    );
    let rejected = owner
        .get(&format!(
            "{COURIERS}/imports/{}/rejected",
            uploaded["id"].as_str().context("an id")?
        ))
        .await?;
    ensure!(
        rejected.text().contains("X-2") && rejected.text().contains("Jeddah"),
        "{}",
        rejected.text()
    );

    let other = harness.owner().await?;
    let fields = "barq_id,full_name,city,joined_on,mobile_number,basic_salary,sponsorship_status";
    let body = json!({"barq_id": "R-1", "full_name": "عمر", "city": "Riyadh", "joined_on": "2026-02-03", "mobile_number": "+966501234567",
        "basic_salary": "4000.50", "sponsorship_status": "ajeer"});
    owner.post(COURIERS, &body).await?.expect(201)?;
    for (format, language, name) in [("xlsx", "en", "R-1"), ("csv", "ar", "R-2")] {
        let row = owner.get(&format!("{COURIERS}?barq_id.starts=R-")).await?.expect(200)?;
        let id = row["data"][0]["id"].as_str().context("an id")?.to_owned();
        owner
            .patch(&format!("{COURIERS}/{id}"), &json!({"barq_id": name}))
            .await?
            .expect(200)?;
        let path = format!("{COURIERS}/export?format={format}&fields={fields}&barq_id={name}");
        let exported = owner
            .call("GET", &path, &[("accept-language", language)], Vec::new())
            .await?;
        ensure!(exported.status == 200, "{}", exported.text());
        let [_, checked, committed] = import(&other, COURIERS, exported.body, None).await?;
        ensure!(
            committed["created"] == 1,
            "our own {format} is not read: {}",
            short(&checked)
        );
        let there = other
            .get(&format!("{COURIERS}?barq_id={name}&fields={fields}"))
            .await?
            .expect(200)?;
        for (field, value) in body
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(field, _)| *field != "barq_id")
        {
            ensure!(
                there["data"][0][field] == *value,
                "{format}: {field} came back as {}",
                there["data"][0][field]
            );
        }
    }
    Ok(())
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
