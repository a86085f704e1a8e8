//! Every way to be broken that we know, and files that only look it.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person};
use platform_documents::{Cell, write_xlsx};
use serde_json::json;

use super::{COURIERS, import, in_two_languages, short, upload};
use crate::report;

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
        writeln!(file, "F-{number},\"{}\"", cell.replace('"', "\"\""))?;
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
