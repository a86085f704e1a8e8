//! Cash of couriers: who holds how much and for how long, whether each day's cash was entered, and its way to the bank.
#![expect(clippy::struct_field_names, reason = "fields are called as the answer calls them")]

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use platform_engine::act;
use platform_resource::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::COD_TRANSACTIONS;
use crate::handover_effects::nothing;
use crate::period::Period;
use crate::rows::{amount, own_id};

pub(crate) const BALANCES: &str = "SELECT f.id, f.full_name, f.barq_id, count(*) AS transactions,
    coalesce(sum(t.amount) FILTER (WHERE t.status = 'pending'), 0)::bigint AS pending,
    coalesce(sum(t.amount) FILTER (WHERE t.status = 'collected'), 0)::bigint AS collected,
    coalesce(sum(t.amount) FILTER (WHERE $3::date - t.collected_on <= 7), 0)::bigint AS days_0_7,
    coalesce(sum(t.amount) FILTER (WHERE $3::date - t.collected_on BETWEEN 8 AND 14), 0)::bigint AS days_8_14,
    coalesce(sum(t.amount) FILTER (WHERE $3::date - t.collected_on BETWEEN 15 AND 30), 0)::bigint AS days_15_30,
    coalesce(sum(t.amount) FILTER (WHERE $3::date - t.collected_on > 30), 0)::bigint AS days_over_30,
    (SELECT coalesce(sum(CASE WHEN l.debit_account = 'courier_cash' AND l.debit_courier_id = f.id THEN l.amount ELSE 0 END
            - CASE WHEN l.credit_account = 'courier_cash' AND l.credit_courier_id = f.id THEN l.amount ELSE 0 END), 0)::bigint
        FROM operations.cod_ledger l WHERE l.organization_id = $1
        AND (l.debit_courier_id = f.id OR l.credit_courier_id = f.id)) AS ledger_cash
    FROM operations.cod_transactions t
    JOIN fleet.courier_facts f ON f.organization_id = t.organization_id AND f.id = t.courier_id
    WHERE t.organization_id = $1 AND t.status IN ('pending', 'collected') AND t.deleted_at IS NULL
    AND ($2::uuid IS NULL OR t.courier_id = $2)
    GROUP BY f.id, f.full_name, f.barq_id ORDER BY sum(t.amount) DESC, f.id";

pub(crate) const CONTROL: &str = "SELECT (d.delivered_at AT TIME ZONE $4)::date AS day, count(*) AS deliveries,
    sum(d.cod_amount)::bigint AS delivered, coalesce(sum(t.amount), 0)::bigint AS entered
    FROM operations.deliveries d
    LEFT JOIN operations.cod_transactions t ON t.organization_id = d.organization_id AND t.delivery_id = d.id
        AND t.status <> 'cancelled' AND t.deleted_at IS NULL
    WHERE d.organization_id = $1 AND d.status = 'delivered' AND d.deleted_at IS NULL
    AND d.delivered_at >= $2::date::timestamp AT TIME ZONE $4 AND d.delivered_at < ($3::date + 1)::timestamp AT TIME ZONE $4
    GROUP BY 1 ORDER BY 1";

pub(crate) const HELD: &str = "SELECT id, status FROM operations.cod_transactions WHERE organization_id = $1
    AND courier_id = $2 AND status IN ('pending', 'collected') AND cod_deposit_id IS NULL AND deleted_at IS NULL ORDER BY id";

/// Whose cash.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedBalances {
    /// One courier only.
    courier_id: Option<Uuid>,
}

/// Cash that has not reached the bank.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Balances {
    /// Couriers with cash, the largest balance first.
    data: Vec<Balance>,
    /// Sum of the balances.
    total: String,
}

/// Cash of one courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Balance {
    courier_id: Uuid,
    courier_title: String,
    /// With the courier.
    pending: String,
    /// With the supervisor.
    collected: String,
    /// Pending and collected together.
    balance: String,
    /// Entries of the balance.
    transactions: i64,
    /// The balance by the days since it was taken in.
    ages: Ages,
    /// What the ledger says the courier has in hand: the same as `pending`.
    ledger_cash: String,
}

/// A balance by age.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ages {
    days_0_7: String,
    days_8_14: String,
    days_15_30: String,
    days_over_30: String,
}

/// `GET /operations/cod/balances`.
pub(crate) async fn balances(cx: &mut Cx, asked: AskedBalances) -> Result<Balances, Problem> {
    let (organization_id, today) = (cx.organization_id, cx.today());
    let rows = sqlx::query(BALANCES)
        .bind(organization_id)
        .bind(asked.courier_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    let mut total = 0;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        total += row.try_get::<i64, _>("pending")? + row.try_get::<i64, _>("collected")?;
        data.push(balance(row)?);
    }
    Ok(Balances {
        data,
        total: amount(total),
    })
}

fn balance(row: &PgRow) -> Result<Balance, sqlx::Error> {
    let sum = |name: &str| row.try_get::<i64, _>(name);
    let text = |name: &str| sum(name).map(amount);
    Ok(Balance {
        courier_id: row.try_get("id")?,
        courier_title: row.try_get("full_name")?,
        pending: text("pending")?,
        collected: text("collected")?,
        balance: amount(sum("pending")? + sum("collected")?),
        transactions: row.try_get("transactions")?,
        ages: Ages {
            days_0_7: text("days_0_7")?,
            days_8_14: text("days_8_14")?,
            days_15_30: text("days_15_30")?,
            days_over_30: text("days_over_30")?,
        },
        ledger_cash: text("ledger_cash")?,
    })
}

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedDays {
    /// First day; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
}

/// The daily control of cash.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Control {
    /// Days with deliveries, oldest first.
    data: Vec<ControlDay>,
    /// Whether every day agrees.
    agrees: bool,
}

/// What a day's deliveries owed, and what was entered for them.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ControlDay {
    day: NaiveDate,
    deliveries: i64,
    /// Cash that the delivered deliveries owed.
    delivered: String,
    /// Cash entered for them.
    entered: String,
    /// Entered less delivered: anything but zero needs a look.
    difference: String,
}

/// `GET /operations/cod/control`.
pub(crate) async fn control(cx: &mut Cx, asked: AskedDays) -> Result<Control, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let (organization_id, zone) = (cx.organization_id, cx.time_zone().name());
    let rows = sqlx::query(CONTROL)
        .bind(organization_id)
        .bind(period.from)
        .bind(period.to)
        .bind(zone)
        .fetch_all(cx.db())
        .await?;
    let mut agrees = true;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        let (delivered, entered): (i64, i64) = (row.try_get("delivered")?, row.try_get("entered")?);
        agrees &= delivered == entered;
        data.push(ControlDay {
            day: row.try_get("day")?,
            deliveries: row.try_get("deliveries")?,
            delivered: amount(delivered),
            entered: amount(entered),
            difference: amount(entered - delivered),
        });
    }
    Ok(Control { data, agrees })
}

/// What goes to the bank.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDeposit {
    /// Entries that the supervisor has received.
    transactions: Vec<Entry>,
    /// Number on the bank's slip.
    reference_number: String,
    /// The bank.
    bank_name: Option<String>,
}

/// One entry.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    cod_transaction_id: Uuid,
}

/// Whose cash goes to the bank.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settlement {
    /// The courier.
    courier_id: Uuid,
    /// Number on the bank's slip.
    reference_number: String,
}

/// A deposit that was made.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Deposited {
    cod_deposit_id: Uuid,
    deposit_number: String,
    /// Sum of its entries.
    amount: String,
    /// How many.
    entries: usize,
}

/// Most entries of one deposit.
const MOST: usize = 500;

fn reference(given: &str) -> Result<&str, Problem> {
    let given = given.trim();
    match given.chars().count() {
        0 => Err(Problem::field("reference_number", "required")),
        1..=100 => Ok(given),
        _ => Err(Problem::invalid(vec![
            platform_core::FieldError::new("reference_number", "too_long").with(vec![("max", "100".into())]),
        ])),
    }
}

fn deposited(deposit: &Record, entries: usize) -> Result<Deposited, Problem> {
    let text = |field: &str| deposit.text(field).unwrap_or_default().to_owned();
    Ok(Deposited {
        cod_deposit_id: own_id(deposit)?,
        deposit_number: text("deposit_number"),
        amount: text("amount"),
        entries,
    })
}

/// `POST /operations/cod/deposits`.
pub(crate) async fn make_deposit(cx: &mut Cx, given: NewDeposit) -> Result<Deposited, Problem> {
    let mut ids: Vec<Uuid> = given
        .transactions
        .iter()
        .map(|entry| entry.cod_transaction_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST {
        return Err(Problem::field("transactions", "deposit_empty"));
    }
    let reference = reference(&given.reference_number)?;
    let bank = given.bank_name.as_deref();
    let deposit = crate::cod_effects::deposit(cx, &ids, reference, bank, None).await?;
    deposited(&deposit, ids.len())
}

/// `POST /operations/cod/settle`: receives what the courier still has, and deposits all of it under one reference.
pub(crate) async fn settle(cx: &mut Cx, given: Settlement) -> Result<Deposited, Problem> {
    let reference = reference(&given.reference_number)?;
    let organization_id = cx.organization_id;
    let held: Vec<(Uuid, String)> = sqlx::query_as(HELD)
        .bind(organization_id)
        .bind(given.courier_id)
        .fetch_all(cx.db())
        .await?;
    if held.is_empty() {
        return Err(Problem::refused("nothing_to_settle"));
    }
    for (id, status) in &held {
        if status == "pending" {
            act(cx, &COD_TRANSACTIONS, *id, "collect", nothing()).await?;
        }
    }
    let ids: Vec<Uuid> = held.into_iter().map(|(id, _)| id).collect();
    let deposit = crate::cod_effects::deposit(cx, &ids, reference, None, None).await?;
    deposited(&deposit, ids.len())
}
