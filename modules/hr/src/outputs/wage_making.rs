//! The wage file of a run: looked at before it is made, made once with a record of who did it, and the same bytes ever after.

use chrono::NaiveDate;
use platform_core::{Cx, Problem, Reply, Request};
use platform_resource::Record;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use hr_pay::money::half_up;
use hr_pay::wage_file::Known;

use super::run_pay::RunPay;
use super::wage_rows::{Assembled, PayingAccount, Severity, Speaker, Terms, WageFinding, assemble};
use crate::refusals::refusal;
use crate::{PAYING_ACCOUNTS, WAGE_FILES, rates};

/// The account that is taken where nobody names one: the latest default, or the only one.
pub(crate) const ACCOUNT: &str = "SELECT a.id FROM hr.paying_accounts a
WHERE a.organization_id = $1 AND a.deleted_at IS NULL
    AND (a.is_default OR 1 = (SELECT count(*) FROM hr.paying_accounts o WHERE o.organization_id = $1 AND o.deleted_at IS NULL))
ORDER BY a.is_default DESC, a.created_at DESC, a.id DESC
LIMIT 1";

/// References that the establishment has used, also of files that were taken back.
pub(crate) const REFERENCES: &str = "SELECT f.reference FROM hr.wage_files f WHERE f.organization_id = $1";

/// The latest file of the same run, account and days.
pub(crate) const SAME: &str = "SELECT f.id FROM hr.wage_files f
WHERE f.organization_id = $1 AND f.run_id = $2 AND f.paying_account_id = $3 AND f.value_date = $4::date
    AND f.debit_date IS NOT DISTINCT FROM $5::date AND f.deleted_at IS NULL
ORDER BY f.created_at DESC, f.id DESC
LIMIT 1";

/// Which file.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The payroll run.
    id: Uuid,
    /// The account that pays; the default one unless given.
    paying_account_id: Option<Uuid>,
    /// The day on which workers get their money; the run's day of payment or today unless given.
    value_date: Option<NaiveDate>,
    /// The day on which the account is debited, where the bank wants one.
    debit_date: Option<NaiveDate>,
}

/// What a bank or the ministry would say.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Checked {
    paying_account_id: Option<Uuid>,
    value_date: NaiveDate,
    debit_date: Option<NaiveDate>,
    reference: String,
    /// Whom the file would pay.
    workers: usize,
    /// What it would pay them.
    total: String,
    errors: usize,
    warnings: usize,
    findings: Vec<WageFinding>,
}

/// A record of a file that was made.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FileMade {
    id: Uuid,
    run_id: Uuid,
    paying_account_id: Uuid,
    reference: String,
    value_date: NaiveDate,
    made_on: NaiveDate,
    workers: i64,
    total: String,
    /// SHA-256 of the file.
    sha256: String,
}

async fn account(cx: &mut Cx, named: Option<Uuid>) -> Result<Option<PayingAccount>, Problem> {
    let organization_id = cx.organization_id;
    let id = match named {
        Some(id) => Some(id),
        None => {
            sqlx::query_scalar(ACCOUNT)
                .bind(organization_id)
                .fetch_optional(cx.db())
                .await?
        }
    };
    let Some(id) = id else { return Ok(None) };
    let row = platform_engine::load(cx, &PAYING_ACCOUNTS, id).await?;
    let text = |name: &str| row.text(name).unwrap_or_default().to_owned();
    Ok(Some(PayingAccount {
        id,
        iban: text("iban"),
        establishment_number: text("establishment_number"),
        ministry_number: text("ministry_number"),
    }))
}

async fn references(cx: &mut Cx) -> Result<Vec<String>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(REFERENCES).bind(organization_id).fetch_all(cx.db()).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// `WPS2026050007`: the month, and a number that no file of the establishment has had.
fn next_reference((year, month): (i64, i64), used: &[String]) -> String {
    let mut number = used.len() + 1;
    loop {
        let reference = format!("WPS{year}{month:02}{number:04}");
        if !used.contains(&reference) {
            return reference;
        }
        number += 1;
    }
}

/// The file's text, with what it was assembled for.
struct Draft {
    account: Option<PayingAccount>,
    value_date: NaiveDate,
    reference: String,
    is_approved: bool,
    assembled: Assembled,
}

async fn draft(cx: &mut Cx, asked: Asked) -> Result<Draft, Problem> {
    let pay = RunPay::load(cx, asked.id).await?;
    pay.is_calculated()?;
    for (field, day) in [("value_date", asked.value_date), ("debit_date", asked.debit_date)] {
        day.map(|day| crate::inputs::day(field, day)).transpose()?;
    }
    let account = account(cx, asked.paying_account_id).await?;
    let today = cx.today();
    let paid_on = pay.run.date("paid_on").unwrap_or(today);
    let value_date = asked.value_date.unwrap_or_else(|| paid_on.max(today));
    let used = references(cx).await?;
    let reference = next_reference(pay.month(), &used);
    let known = Known::new(&rates::rules(cx).await?, today, used).map_err(|error| refusal(&error))?;
    let terms = Terms {
        account: account.as_ref(),
        value_date,
        debit_date: asked.debit_date,
        reference: reference.clone(),
        known,
    };
    let speaker = Speaker {
        catalogue: &cx.platform.catalogue,
        locale: cx.locale,
    };
    let mut assembled = assemble(&pay, &terms, speaker);
    let is_approved = ["approved", "paid", "locked"]
        .iter()
        .any(|status| pay.run.is("status", status));
    if !is_approved {
        let finding = speaker.finding(None, None, "status", "run_not_approved", Severity::Warning);
        assembled.findings.push(finding);
    }
    Ok(Draft {
        account,
        value_date,
        reference,
        is_approved,
        assembled,
    })
}

fn amount(amount: Decimal) -> String {
    half_up(amount, 2).to_string()
}

/// `GET /hr/payroll_runs/{id}/wage_file_check`.
pub(crate) async fn check(cx: &mut Cx, asked: Asked) -> Result<Checked, Problem> {
    let draft = draft(cx, asked).await?;
    let findings = draft.assembled.findings;
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    Ok(Checked {
        paying_account_id: draft.account.map(|account| account.id),
        value_date: draft.value_date,
        debit_date: asked.debit_date,
        reference: draft.reference,
        workers: draft.assembled.workers,
        total: amount(draft.assembled.total),
        errors,
        warnings: findings.len() - errors,
        findings,
    })
}

/// `POST /hr/payroll_runs/{id}/wage_file`: the same again answers the file that was made.
pub(crate) async fn make(cx: &mut Cx, asked: Asked) -> Result<FileMade, Problem> {
    let draft = draft(cx, asked).await?;
    if !draft.is_approved {
        return Err(Problem::refused("run_not_approved"));
    }
    let (Some(text), Some(account)) = (draft.assembled.text, draft.account) else {
        let errors = draft.assembled.findings.iter();
        let errors = errors.filter(|finding| finding.severity == Severity::Error);
        return Err(Problem::invalid(errors.map(WageFinding::refusal).collect()));
    };
    let (organization_id, today) = (cx.organization_id, cx.today());
    let same: Option<Uuid> = sqlx::query_scalar(SAME)
        .bind(organization_id)
        .bind(asked.id)
        .bind(account.id)
        .bind(draft.value_date)
        .bind(asked.debit_date)
        .fetch_optional(cx.db())
        .await?;
    if let Some(id) = same {
        let row = platform_engine::load(cx, &WAGE_FILES, id).await?;
        if again(cx, &row).await?.is_some() {
            return made(&row);
        }
    }
    let row = json!({
        "run_id": asked.id, "paying_account_id": account.id, "reference": draft.reference,
        "value_date": draft.value_date, "debit_date": asked.debit_date, "made_on": today, "made_by": maker(cx),
        "workers": draft.assembled.workers, "total": amount(draft.assembled.total),
        "sha256": checksum(&text),
    });
    let given: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    let row = platform_engine::create(cx, &WAGE_FILES, given).await?;
    made(&row)
}

/// Who made it; nobody where a job did.
fn maker(cx: &Cx) -> Option<Uuid> {
    Some(cx.actor_id()).filter(|id| !id.is_nil())
}

fn checksum(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn made(row: &Record) -> Result<FileMade, Problem> {
    let lacks = || Problem::internal(&"a wage file lacks a field that it needs");
    let id = |name: &str| row.uuid(name).ok_or_else(lacks);
    let day = |name: &str| row.date(name).ok_or_else(lacks);
    let text = |name: &str| row.text(name).unwrap_or_default().to_owned();
    Ok(FileMade {
        id: id("id")?,
        run_id: id("run_id")?,
        paying_account_id: id("paying_account_id")?,
        reference: text("reference"),
        value_date: day("value_date")?,
        made_on: day("made_on")?,
        workers: row.integer("workers").unwrap_or_default(),
        total: row.decimal("total").map(amount).unwrap_or_default(),
        sha256: text("sha256"),
    })
}

/// A file that was made, from the rows that it was made of; nothing when they have changed since.
async fn again(cx: &mut Cx, row: &Record) -> Result<Option<String>, Problem> {
    let made = made(row)?;
    let pay = RunPay::load(cx, made.run_id).await?;
    // An account that was deleted has changed too.
    let account = account(cx, Some(made.paying_account_id)).await.ok().flatten();
    let mut used = references(cx).await?;
    used.retain(|reference| *reference != made.reference);
    let known = Known::new(&rates::rules(cx).await?, made.made_on, used).map_err(|error| refusal(&error))?;
    let terms = Terms {
        account: account.as_ref(),
        value_date: made.value_date,
        debit_date: row.date("debit_date"),
        reference: made.reference,
        known,
    };
    let speaker = Speaker {
        catalogue: &cx.platform.catalogue,
        locale: cx.locale,
    };
    let text = assemble(&pay, &terms, speaker).text;
    Ok(text.filter(|text| checksum(text) == made.sha256))
}

/// `GET /hr/wage_files/{id}/download`.
pub(crate) async fn download(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let row = platform_engine::load(cx, &WAGE_FILES, id).await?;
    let text = again(cx, &row).await?;
    let text = text.ok_or_else(|| Problem::refused("wage_file_outdated"))?;
    let name = format!("{}.txt", row.text("reference").unwrap_or_default());
    let reply = Reply::file("text/plain; charset=utf-8", &name, text.into_bytes());
    Ok(reply.header("cache-control", "private, no-store"))
}
