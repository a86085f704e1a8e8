//! The ledger: each step of the cash is one transfer between accounts, written in the transaction of the step.

use platform_core::{Cx, Event, Problem};
use platform_engine::{act, create, load};
use platform_resource::Record;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::rows::{amount, minor, row};
use crate::{COD_DEPOSITS, COD_LEDGER, COD_TRANSACTIONS};

pub(crate) const OF_DEPOSIT: &str = "SELECT id, courier_id, status, amount FROM operations.cod_transactions
    WHERE organization_id = $1 AND cod_deposit_id = $2 AND status <> 'cancelled' AND deleted_at IS NULL ORDER BY id";

/// What a transfer is about.
struct Transfer<'a> {
    kind: &'a str,
    debit: (&'a str, Json),
    credit: (&'a str, Json),
    amount: Json,
    transaction: Option<Uuid>,
    deposit: Json,
}

async fn post(cx: &mut Cx, transfer: Transfer<'_>) -> Result<(), Problem> {
    let written = json!({
        "kind": transfer.kind, "posted_on": cx.today(), "amount": transfer.amount,
        "debit_account": transfer.debit.0, "debit_courier_id": transfer.debit.1,
        "credit_account": transfer.credit.0, "credit_courier_id": transfer.credit.1,
        "cod_transaction_id": transfer.transaction, "cod_deposit_id": transfer.deposit,
    });
    create(cx, &COD_LEDGER, row(written)).await.map(drop)
}

/// Every step of an entry: from the customer to the courier, the supervisor and the bank.
pub(crate) async fn moved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let entry = load(cx, &COD_TRANSACTIONS, event.subject).await?;
    let courier = entry.get("courier_id").clone();
    let (kind, debit, credit) = match event.name.rsplit('.').next().unwrap_or_default() {
        "created" => ("delivery", ("courier_cash", courier), ("merchant_payable", Json::Null)),
        "collect" => ("collection", ("supervisor_cash", Json::Null), ("courier_cash", courier)),
        "deposit" => ("deposit", ("bank", Json::Null), ("supervisor_cash", Json::Null)),
        "cancel" => ("reversal", ("merchant_payable", Json::Null), ("courier_cash", courier)),
        "transfer" => (
            "handover",
            ("courier_cash", courier),
            ("courier_cash", event.before("courier_id").clone()),
        ),
        _ => return Ok(()),
    };
    let transfer = Transfer {
        kind,
        debit,
        credit,
        amount: entry.get("amount").clone(),
        transaction: Some(event.subject),
        deposit: entry.get("cod_deposit_id").clone(),
    };
    post(cx, transfer).await
}

/// Entries of a deposit: id, courier and amount in minor units.
async fn entries(cx: &mut Cx, deposit: Uuid) -> Result<Vec<(Uuid, Uuid, i64)>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(OF_DEPOSIT)
        .bind(organization_id)
        .bind(deposit)
        .fetch_all(cx.db())
        .await?;
    let entry =
        |row: &sqlx::postgres::PgRow| Ok((row.try_get("id")?, row.try_get("courier_id")?, row.try_get("amount")?));
    rows.iter()
        .map(entry)
        .collect::<Result<_, sqlx::Error>>()
        .map_err(Problem::from)
}

/// A bag goes to the bank with what is in it, counted.
pub(crate) async fn submitted(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let deposit = load(cx, &COD_DEPOSITS, event.subject).await?;
    let entries = entries(cx, event.subject).await?;
    if entries.is_empty() {
        return Err(Problem::refused("deposit_empty"));
    }
    if entries.iter().map(|(_, _, amount)| amount).sum::<i64>() != minor(deposit.decimal("amount")) {
        return Err(Problem::refused("amount_differs"));
    }
    let reference = row(json!({"reference_number": deposit.get("reference_number")}));
    for (id, ..) in entries {
        act(cx, &COD_TRANSACTIONS, id, "deposit", reference.clone()).await?;
    }
    Ok(())
}

/// The bank's line closes the entries. What is missing is the courier's debt when all of it was his, and unexplained
/// otherwise; what is too much is unexplained.
pub(crate) async fn reconciled(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let deposit = load(cx, &COD_DEPOSITS, event.subject).await?;
    let entries = entries(cx, event.subject).await?;
    for (id, ..) in &entries {
        act(cx, &COD_TRANSACTIONS, *id, "reconcile", Map::new()).await?;
    }
    let difference = minor(deposit.decimal("difference"));
    if difference == 0 {
        return Ok(());
    }
    let bank = ("bank", Json::Null);
    let only_courier = entries.first().map(|(_, courier, _)| *courier);
    let only_courier = only_courier.filter(|first| entries.iter().all(|(_, courier, _)| courier == first));
    let (debit, credit) = match (difference < 0, only_courier) {
        (true, Some(courier)) => (("courier_receivable", json!(courier)), bank),
        (true, None) => (("suspense", Json::Null), bank),
        (false, _) => (bank, ("suspense", Json::Null)),
    };
    let transfer = Transfer {
        kind: "reconciliation",
        debit,
        credit,
        amount: json!(amount(difference.abs())),
        transaction: None,
        deposit: json!(event.subject),
    };
    post(cx, transfer).await
}

/// Entries leave a deposit that does not go to the bank.
pub(crate) async fn deposit_cancelled(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    for (id, ..) in entries(cx, event.subject).await? {
        let left = Map::from_iter([("cod_deposit_id".to_owned(), Json::Null)]);
        platform_engine::change(cx, &COD_TRANSACTIONS, id, "leave_deposit", left).await?;
    }
    Ok(())
}

/// Puts collected entries into a deposit and submits it with their sum.
pub(crate) async fn deposit(
    cx: &mut Cx,
    ids: &[Uuid],
    reference: &str,
    bank_name: Option<&str>,
    slip_file_id: Option<Uuid>,
) -> Result<Record, Problem> {
    let opened = create(cx, &COD_DEPOSITS, row(json!({"bank_name": bank_name}))).await?;
    let id = crate::rows::own_id(&opened)?;
    let mut sum = Decimal::ZERO;
    for entry in ids {
        let joined = row(json!({"cod_deposit_id": id}));
        let entry = platform_engine::change(cx, &COD_TRANSACTIONS, *entry, "join_deposit", joined).await?;
        sum += entry.decimal("amount").unwrap_or_default();
    }
    let inputs = json!({"amount": sum.to_string(), "reference_number": reference, "slip_file_id": slip_file_id});
    act(cx, &COD_DEPOSITS, id, "submit", row(inputs)).await
}
