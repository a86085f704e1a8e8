//! A run as an entry of the ledger: what it costs against what is owed to whom.

use std::collections::BTreeMap;

use platform_core::{Cx, Problem, Reply};
use platform_documents::Cell;
use rust_decimal::Decimal;
use sqlx::Row;

use super::ledger_accounts::Posting;
use super::reports::{Asked, Format, Sheet, money, reply, text};
use super::run_pay::{RunPay, is_beside};
use super::words::Words;

/// Accounts that the organization set for postings, the latest last.
pub(crate) const ACCOUNTS: &str = "SELECT a.posting, a.account_code, a.account_name FROM hr.ledger_accounts a
WHERE a.organization_id = $1 AND a.deleted_at IS NULL
ORDER BY a.created_at, a.id";

/// `GET /hr/payroll_runs/{id}/journal`: one entry of the ledger, debit equal to credit.
pub(super) async fn journal(cx: &mut Cx, asked: Asked) -> Result<Reply, Problem> {
    let pay = RunPay::load(cx, asked.id).await?;
    pay.is_calculated()?;
    let organization_id = cx.organization_id;
    let own = sqlx::query(ACCOUNTS).bind(organization_id).fetch_all(cx.db()).await?;
    let mut accounts: BTreeMap<Posting, (String, String)> = BTreeMap::new();
    for row in &own {
        let posting: String = row.try_get("posting")?;
        if let Ok(posting) = posting.parse() {
            accounts.insert(posting, (row.try_get("account_code")?, row.try_get("account_name")?));
        }
    }
    let words = Words::of(cx, asked.language);
    let keys = [
        "day",
        "reference",
        "posting",
        "account",
        "account_name",
        "debit",
        "credit",
    ];
    let headers = keys.iter().map(|key| words.get("report", key).to_owned()).collect();
    let day = pay.people.first().map(|person| person.period_ends_on);
    let number = pay.run.text("run_number").unwrap_or_default();
    let mut totals = (Decimal::ZERO, Decimal::ZERO);
    let mut rows = Vec::new();
    for (posting, balance) in entry(&pay).into_iter().filter(|(_, balance)| !balance.is_zero()) {
        let (code, name) = posting.default_account(words.locale);
        let documented = || (code.to_owned(), name.to_owned());
        let (code, name) = accounts.get(&posting).cloned().unwrap_or_else(documented);
        let (debit, credit) = (balance.max(Decimal::ZERO), (-balance).max(Decimal::ZERO));
        totals = (totals.0 + debit, totals.1 + credit);
        rows.push(vec![
            day.map_or(Cell::Empty, Cell::Date),
            text(number),
            text(words.choice("hr.ledger_accounts", "posting", posting.into())),
            text(&code),
            text(&name),
            money(debit),
            money(credit),
        ]);
    }
    if totals.0 != totals.1 {
        return Err(Problem::refused("journal_unbalanced"));
    }
    let mut last = vec![text(words.get("report", "total"))];
    last.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]);
    last.extend([money(totals.0), money(totals.1)]);
    rows.push(last);
    let sheet = Sheet {
        name: number.to_owned(),
        headers,
        rows,
    };
    reply(
        &sheet,
        asked.format.unwrap_or(Format::Csv),
        &pay.file_name("journal"),
        words,
    )
}

/// Balances by posting: debits above zero, credits below.
fn entry(pay: &RunPay) -> BTreeMap<Posting, Decimal> {
    let mut balances: BTreeMap<Posting, Decimal> = BTreeMap::new();
    let mut add = |posting, amount: Decimal| *balances.entry(posting).or_default() += amount;
    for person in &pay.people {
        for (kind, found) in person.by_kind.iter().filter(|(kind, _)| !is_beside(**kind)) {
            // What is deducted is negative in its line, and so a credit.
            add(Posting::of(*kind), found.amount);
        }
        add(Posting::SocialInsurance, person.employer);
        add(Posting::SocialInsurancePayable, -person.employer);
        add(Posting::WagesPayable, -person.net);
    }
    balances
}
