//! What leaves payroll as files: payslips, wage files, registers, the ledger's entry; and who may see none of it.

mod paid;
mod privacy;
mod wage_reader;

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Person};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::report;
use paid::{Month, PayLine, halalas, table};

const FIRST: &[PayLine<'_>] = &[
    ("basic", "1600.04", None),
    ("bonus", "400.00", None),
    ("gas", "-138.96", None),
    ("rounding", "-0.04", None),
    ("extra_bonus", "200.00", None),
    ("gosi", "-195.00", Some("195.00")),
    ("loan", "-206.10", Some("500.00")),
    ("penalty", "-100.00", Some("100.00")),
];
const SECOND: &[PayLine<'_>] = &[("basic", "3200.00", None), ("bonus", "-250.50", None)];

/// Two couriers with a bank account and an id, and what they are paid.
async fn month<'a>(harness: &'a Harness, owner: &'a Person) -> Result<(Month<'a>, [Uuid; 2])> {
    let month = Month::new(harness, owner).await?;
    let one = month
        .courier(
            "=cmd|' /C calc'!A0",
            json!({"barq_id": "C-1", "iban": "SA0380000000608010167519", "national_id": "1000000008"}),
        )
        .await?;
    let two = month
        .courier(
            "محمد أحمد",
            json!({"barq_id": "C-2", "iban": "SA4420000001234567891234", "iqama_number": "2000000006"}),
        )
        .await?;
    let salaries = [
        month.pay(one, FIRST, "235.00").await?,
        month.pay(two, SECOND, "0.00").await?,
    ];
    month.set("calculated").await?;
    Ok((month, salaries))
}

#[tokio::test]
async fn a_wage_file_is_checked_made_once_and_read_by_other_eyes() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let (month, salaries) = month(&harness, &owner).await?;
    let base = format!("/api/v1/hr/payroll_runs/{}", month.run);
    let check = async || owner.get(&format!("{base}/wage_file_check")).await?.expect(200);
    let codes = |checked: &Json| -> Vec<String> {
        let findings = checked["findings"].as_array().cloned().unwrap_or_default();
        let code = |finding: &Json| finding["code"].as_str().unwrap_or_default().to_owned();
        findings.iter().map(code).collect()
    };
    ensure!(codes(&check().await?) == ["wage_no_paying_account", "run_not_approved"]);

    let account = json!({"name": "Payroll", "iban": "SA0380000000608010167519", "establishment_number": "1234567890",
        "ministry_number": "2-1234567", "is_default": true});
    let account = owner.post("/api/v1/hr/paying_accounts", &account).await?.expect(201)?;
    let early = owner.post(&format!("{base}/wage_file"), &json!({})).await?;
    ensure!(
        early.status == 409 && early.json()["code"] == "run_not_approved",
        "{}",
        early.text()
    );
    month.set("approved").await?;
    let good = check().await?;
    ensure!(codes(&good).is_empty(), "{good}");
    ensure!(
        (&good["workers"], &good["total"]) == (&json!(2), &json!("4509.44")),
        "{good}"
    );

    // Somebody without an account is found, by name and field, and the file is refused with that.
    let lines: &[PayLine<'_>] = &[("basic", "10.00", None), ("penalty", "-6.00", Some("6.00"))];
    let third = month
        .courier("Nobody's Bank", json!({"barq_id": "C-3", "national_id": null}))
        .await?;
    let place = format!("/api/v1/fleet/couriers/{third}");
    let bare = json!({"iban": null, "national_id": null, "iqama_number": null});
    owner.patch(&place, &bare).await?.expect(200)?;
    month.pay(third, lines, "0.00").await?;
    let found = check().await?;
    let expected = ["wage_no_iban", "wage_no_person_number", "wage_deductions_above_half"];
    let found_codes = codes(&found);
    ensure!(
        expected.iter().all(|code| found_codes.contains(&(*code).to_owned())) && found_codes.len() == 3,
        "{found}"
    );
    let finding = &found["findings"][0];
    ensure!(
        finding["courier_id"] == json!(third) && finding["row"] == 3,
        "{finding}"
    );
    ensure!(finding["messages"]["ar"] != finding["messages"]["en"], "{finding}");
    let refused = owner.post(&format!("{base}/wage_file"), &json!({})).await?;
    ensure!(
        refused.refused().contains(&"iban:wage_no_iban".to_owned()),
        "{}",
        refused.text()
    );
    let rows = owner
        .get(&format!("/api/v1/hr/salaries?courier_id={third}"))
        .await?
        .expect(200)?;
    let third_salary = rows["data"][0]["id"].as_str().context("an id")?.to_owned();
    let held = json!({"hold_reason": "No bank account"});
    owner
        .post(&format!("/api/v1/hr/salaries/{third_salary}/hold"), &held)
        .await?
        .expect(200)?;
    ensure!(codes(&check().await?) == ["wage_pay_held"]);

    let make = async || owner.post(&format!("{base}/wage_file"), &json!({})).await?.expect(200);
    let (made, again) = (make().await?, make().await?);
    ensure!(made == again, "{made} and {again}");
    let address = format!(
        "/api/v1/hr/wage_files/{}/download",
        made["id"].as_str().context("an id")?
    );
    let (file, same) = (owner.get(&address).await?, owner.get(&address).await?);
    file.expect(200)?;
    ensure!(file.body == same.body, "other bytes");
    let read = wage_reader::read(&file.body)?;
    ensure!(
        read.total == 450_944 && json!(read.reference) == made["reference"],
        "{read:?}"
    );
    ensure!(read.account == account["iban"].as_str().unwrap_or_default(), "{read:?}");
    ensure!(
        read.establishment == "1234567890" && read.ministry == "2-1234567",
        "{read:?}"
    );
    ensure!(
        read.value_date == made["value_date"].as_str().unwrap_or_default().replace('-', ""),
        "{read:?}"
    );
    let first = &read.workers[0];
    ensure!(
        first.earned == [160_004, 0, 46_100] && first.deducted == 50_110 && first.net == 155_994,
        "{first:?}"
    );
    ensure!(read.workers[1].earned == [294_950, 0, 0], "{read:?}");

    // What was paid into another account since is not this file any more.
    let two = owner
        .get(&format!("/api/v1/hr/salaries/{}", salaries[1]))
        .await?
        .expect(200)?;
    let courier = two["courier_id"].as_str().context("an id")?;
    let moved = json!({"iban": "SA0380000000608010167519"});
    owner
        .patch(&format!("/api/v1/fleet/couriers/{courier}"), &moved)
        .await?
        .expect(200)?;
    let outdated = owner.get(&address).await?;
    ensure!(
        outdated.status == 409 && outdated.json()["code"] == "wage_file_outdated",
        "{}",
        outdated.text()
    );
    let anew = make().await?;
    ensure!(
        anew["reference"] != made["reference"] && anew["sha256"] != made["sha256"],
        "{anew}"
    );
    report("wage file: 2 workers, read by an independent reader; 4 findings by courier and field; the same bytes twice")
}

#[tokio::test]
async fn registers_and_the_ledger_agree_with_the_lines() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let (month, _) = month(&harness, &owner).await?;
    let base = format!("/api/v1/hr/payroll_runs/{}", month.run);
    let file = async |path: &str| -> Result<Vec<u8>> {
        let answer = owner.get(&format!("{base}/{path}")).await?;
        answer.expect(200).context(path.to_owned())?;
        Ok(answer.body)
    };
    let sheet = file("register?language=ar").await?;
    let text = file("register?language=en&format=csv").await?;
    let (xlsx, csv) = (table(&sheet, "register.xlsx")?, table(&text, "register.csv")?);
    ensure!(xlsx.rows.len() == 3 && csv.rows.len() == 3, "{xlsx:?}");
    ensure!(sheet == file("register?language=ar").await?, "other bytes");
    // In text a formula would run; in a sheet the cell is text.
    ensure!(String::from_utf8_lossy(&text).contains("'=cmd"), "a formula");
    ensure!(xlsx.rows[0].cells[1].starts_with("=cmd"), "{xlsx:?}");
    let column = |name: &str| {
        csv.headers
            .iter()
            .position(|header| header == name)
            .context(name.to_owned())
    };
    for (name, each) in [
        ("Gross", [206_104, 294_950, 501_054]),
        ("Net", [155_994, 294_950, 450_944]),
        ("Employer's share", [23_500, 0, 23_500]),
        ("Loan instalments", [-20_610, 0, -20_610]),
    ] {
        let place = column(name).with_context(|| format!("{:?}", csv.headers))?;
        for (row, amount) in each.into_iter().enumerate() {
            ensure!(
                halalas(&csv.rows[row].cells[place])? == amount,
                "{name}: {:?}",
                csv.rows[row]
            );
            ensure!(
                halalas(&xlsx.rows[row].cells[place])? == amount,
                "{name}: {:?}",
                xlsx.rows[row]
            );
        }
    }
    let gosi = table(&file("gosi_report").await?, "gosi.csv")?;
    ensure!(gosi.rows.len() == 2, "{gosi:?}");
    let totals = &gosi.rows[1].cells;
    ensure!(
        (halalas(&totals[5])?, halalas(&totals[6])?) == (19_500, 23_500),
        "{gosi:?}"
    );

    let own = json!({"posting": "wages", "account_code": "60100", "account_name": "Couriers' wages"});
    owner.post("/api/v1/hr/ledger_accounts", &own).await?.expect(201)?;
    let journal = table(&file("journal").await?, "journal.csv")?;
    let (lines, total) = journal.rows.split_at(journal.rows.len() - 1);
    let (mut debit, mut credit) = (0, 0);
    for line in lines {
        debit += halalas(&line.cells[5])?;
        credit += halalas(&line.cells[6])?;
    }
    ensure!(debit == credit && debit == 524_554, "{debit} and {credit}: {journal:?}");
    ensure!(halalas(&total[0].cells[5])? == debit, "{total:?}");
    ensure!(lines.iter().any(|line| line.cells[3] == "60100"), "{journal:?}");
    ensure!(
        lines
            .iter()
            .any(|line| line.cells[3] == "2110" && line.cells[6] == "4509.44"),
        "{journal:?}"
    );
    report("register, GOSI report and journal of a run: equal to its lines to the halala, debit = credit = 5245.54")
}

#[tokio::test]
async fn a_payslip_is_its_owners_and_the_same_every_time() -> Result<()> {
    let harness = Harness::start().await?;
    let owner = harness.owner().await?;
    let (_, salaries) = month(&harness, &owner).await?;
    let courier = owner.colleague("viewer", &["courier"]).await?;
    let row = owner
        .get(&format!("/api/v1/hr/salaries/{}", salaries[0]))
        .await?
        .expect(200)?;
    let place = format!(
        "/api/v1/fleet/couriers/{}",
        row["courier_id"].as_str().context("an id")?
    );
    owner
        .patch(&place, &json!({"member_id": courier.user_id}))
        .await?
        .expect(200)?;
    let slip = |id: Uuid, language: &str| format!("/api/v1/hr/salaries/{id}/payslip?language={language}");
    for language in ["ar", "en"] {
        let (own, hr) = (
            courier.get(&slip(salaries[0], language)).await?,
            owner.get(&slip(salaries[0], language)).await?,
        );
        own.expect(200)?;
        ensure!(
            own.body.starts_with(b"%PDF-") && own.body == hr.body,
            "{language}: other bytes"
        );
        ensure!(own.headers["content-type"] == "application/pdf", "{:?}", own.headers);
        let missing = courier.get(&slip(Uuid::from_u128(7), language)).await?;
        let other = courier.get(&slip(salaries[1], language)).await?;
        ensure!(other.status == 404 && other.body == missing.body, "{}", other.text());
    }
    let dispatcher = owner.colleague("viewer", &["dispatcher"]).await?;
    ensure!(
        dispatcher.get(&slip(salaries[0], "ar")).await?.status == 403,
        "a dispatcher reads a payslip"
    );
    let strange = owner.get(&slip(salaries[0], "fr")).await?;
    ensure!(strange.status == 422, "{}", strange.text());
    report("payslip: a courier's own in two languages, the same bytes for him and for HR; another's is not there")
}
