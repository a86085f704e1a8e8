//! Cash on delivery: what couriers take in, how it comes to the bank, and the ledger in which each step is one transfer from
//! one account to another. Transfers balance by their form: what one side gets, the other gives.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Verb, Violation, choice, date, file, instant, long_text, member,
    money, moved, number, reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Cash of one delivery. It is cancelled rather than deleted: the ledger keeps both.
pub static COD_TRANSACTIONS: Resource = Resource::new("operations", "cod_transactions", FIELDS)
    .title(&["cod_number"])
    .without(&[Verb::Delete])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Collected,
    Deposited,
    Reconciled,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("cod_number", "COD", 4).group("cash"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .aliases(&[("remitted", "deposited")])
        .filter()
        .list()
        .group("cash"),
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list()
        .group("cash"),
    reference("delivery_id", "operations.deliveries")
        .create_only()
        .filter()
        .list()
        .group("cash"),
    money("amount").required().create_only().list().group("cash"),
    date("collected_on").required().filter().list().group("cash"),
    instant("collected_at").read_only().group("way"),
    member("collected_by").read_only().group("way"),
    reference("cod_deposit_id", "operations.cod_deposits")
        .filter()
        .group("way"),
    date("deposited_on").read_only().filter().group("way"),
    member("deposited_by").read_only().group("way"),
    text("reference_number", 100).read_only().search().list().group("way"),
    text("receipt_number", 100).search().group("way"),
    text("remitted_to", 200).group("way"),
    instant("reconciled_at").read_only().group("way"),
    member("reconciled_by").read_only().group("way"),
    instant("cancelled_at").read_only().group("way"),
    long_text("cancel_reason", 500).read_only().group("way"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("collect", "status", &[text("receipt_number", 100)], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Collected),
            Status::Collected | Status::Deposited | Status::Reconciled | Status::Cancelled => None,
        })
    })
    .stamps(&["collected_at"])
    .signs("collected_by"),
    transition(
        "deposit",
        "status",
        &[text("reference_number", 100).required()],
        |state| {
            moved(state, |status| match status {
                Status::Collected => Some(Status::Deposited),
                Status::Pending | Status::Deposited | Status::Reconciled | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["deposited_on"])
    .signs("deposited_by"),
    transition("reconcile", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Deposited => Some(Status::Reconciled),
            Status::Pending | Status::Collected | Status::Reconciled | Status::Cancelled => None,
        })
    })
    .stamps(&["reconciled_at"])
    .signs("reconciled_by")
    .decide(reconcile),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Cancelled),
                Status::Collected | Status::Deposited | Status::Reconciled | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["cancelled_at"])
    .danger(),
    transition(
        "transfer",
        "status",
        &[reference("courier_id", "fleet.couriers").required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Pending),
                Status::Collected | Status::Deposited | Status::Reconciled | Status::Cancelled => None,
            })
        },
    )
    .decide(transfer),
];

/// Who had the money in his hands does not confirm that it is all there.
fn reconcile(given: &Given<'_>) -> Decision {
    let handled = |field: &str| given.record.uuid(field) == Some(given.actor_id);
    if handled("collected_by") || handled("deposited_by") {
        return Err("same_person");
    }
    Ok(Map::new())
}

fn transfer(given: &Given<'_>) -> Decision {
    if given.record.uuid("courier_id") == given.input.uuid("courier_id") {
        return Err("same_courier");
    }
    Ok(Map::new())
}

/// Only what a supervisor has goes into a deposit, and what is in the bank does not leave it.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.decimal("amount").is_some_and(|amount| amount.is_zero()) {
        violations.push(Violation::new("amount", "must_be_positive"));
    }
    let batch = |record: &Record| record.uuid("cod_deposit_id");
    if before.map(batch) != Some(batch(after)) && batch(after).is_some() && !after.is("status", "collected") {
        violations.push(Violation::new("cod_deposit_id", "not_collected"));
    }
    if before.is_some_and(|before| batch(before) != batch(after) && !before.is("status", "collected")) {
        violations.push(Violation::new("cod_deposit_id", "not_collected"));
    }
    violations.dedup();
    violations
}

/// Bags of cash that go to the bank.
pub static COD_DEPOSITS: Resource = Resource::new("operations", "cod_deposits", DEPOSIT)
    .title(&["deposit_number"])
    .without(&[Verb::Delete])
    .actions(DEPOSIT_ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Batch {
    Open,
    Deposited,
    Reconciled,
    Cancelled,
}

const DEPOSIT: &[Field] = &[
    number("deposit_number", "DEP", 4).group("deposit"),
    choice("status", Batch::VARIANTS)
        .required()
        .read_only()
        .default("open")
        .filter()
        .list()
        .group("deposit"),
    text("bank_name", 100).list().group("deposit"),
    text("bank_account", 50).group("deposit"),
    money("amount").read_only().list().group("deposit"),
    text("reference_number", 100)
        .read_only()
        .search()
        .list()
        .group("deposit"),
    file("slip_file_id").read_only().group("deposit"),
    date("deposited_on").read_only().filter().list().group("deposit"),
    member("deposited_by").read_only().group("deposit"),
    money("bank_amount").read_only().group("bank"),
    text("bank_reference", 100).read_only().search().group("bank"),
    money("difference").signed().read_only().list().group("bank"),
    instant("reconciled_at").read_only().group("bank"),
    member("reconciled_by").read_only().group("bank"),
    long_text("cancel_reason", 500).read_only().group("deposit"),
    long_text("notes", 4000),
];

const DEPOSIT_ACTIONS: &[Action] = &[
    transition(
        "submit",
        "status",
        &[
            money("amount").required(),
            text("reference_number", 100).required(),
            file("slip_file_id"),
        ],
        |state| {
            moved(state, |batch| match batch {
                Batch::Open => Some(Batch::Deposited),
                Batch::Deposited | Batch::Reconciled | Batch::Cancelled => None,
            })
        },
    )
    .stamps(&["deposited_on"])
    .signs("deposited_by"),
    transition(
        "reconcile",
        "status",
        &[money("bank_amount").required(), text("bank_reference", 100)],
        |state| {
            moved(state, |batch| match batch {
                Batch::Deposited => Some(Batch::Reconciled),
                Batch::Open | Batch::Reconciled | Batch::Cancelled => None,
            })
        },
    )
    .stamps(&["reconciled_at"])
    .signs("reconciled_by")
    .decide(compare),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |batch| match batch {
                Batch::Open => Some(Batch::Cancelled),
                Batch::Deposited | Batch::Reconciled | Batch::Cancelled => None,
            })
        },
    )
    .danger(),
];

/// What the bank says less what the batch says.
fn compare(given: &Given<'_>) -> Decision {
    if given.record.uuid("deposited_by") == Some(given.actor_id) {
        return Err("same_person");
    }
    let amount = |record: &Record, field: &str| record.decimal(field).unwrap_or(Decimal::ZERO);
    let difference = amount(given.input, "bank_amount") - amount(given.record, "amount");
    Ok(Map::from_iter([(
        "difference".to_owned(),
        json!(difference.to_string()),
    )]))
}

/// The ledger: written by the steps of the cash alone, never changed.
pub static COD_LEDGER: Resource = Resource::new("operations", "cod_ledger", LEDGER)
    .title(&["ledger_number"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

/// Accounts of the ledger.
const ACCOUNTS: &[&str] = &[
    "courier_cash",
    "supervisor_cash",
    "bank",
    "merchant_payable",
    "courier_receivable",
    "suspense",
];

const LEDGER: &[Field] = &[
    number("ledger_number", "LED", 5),
    choice(
        "kind",
        &[
            "delivery",
            "collection",
            "deposit",
            "reconciliation",
            "handover",
            "reversal",
        ],
    )
    .required()
    .read_only()
    .filter()
    .list(),
    date("posted_on").required().read_only().filter().list(),
    choice("debit_account", ACCOUNTS).required().read_only().filter().list(),
    reference("debit_courier_id", "fleet.couriers")
        .read_only()
        .filter()
        .list(),
    choice("credit_account", ACCOUNTS)
        .required()
        .read_only()
        .filter()
        .list(),
    reference("credit_courier_id", "fleet.couriers")
        .read_only()
        .filter()
        .list(),
    money("amount").required().read_only().list(),
    reference("cod_transaction_id", "operations.cod_transactions")
        .read_only()
        .filter(),
    reference("cod_deposit_id", "operations.cod_deposits")
        .read_only()
        .filter(),
    long_text("memo", 500).read_only(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_handled_the_cash_does_not_reconcile_it() {
        let (one, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        let record = Record(
            json!({"deposited_by": one, "collected_by": one, "amount": "100.00"})
                .as_object()
                .cloned()
                .expect("an object"),
        );
        let input = Record(json!({"bank_amount": "97.50"}).as_object().cloned().expect("an object"));
        let given = |actor_id| Given {
            record: &record,
            input: &input,
            now: chrono::DateTime::UNIX_EPOCH,
            today: chrono::NaiveDate::default(),
            actor_id,
        };
        assert_eq!(reconcile(&given(one)), Err("same_person"));
        assert_eq!(reconcile(&given(other)), Ok(Map::new()));
        assert_eq!(compare(&given(one)), Err("same_person"));
        assert_eq!(compare(&given(other)).expect("allowed")["difference"], "-2.50");
    }

    #[test]
    fn only_collected_cash_goes_into_a_deposit() {
        let row = |status: &str, batch: Option<&str>| {
            Record(
                json!({"status": status, "cod_deposit_id": batch, "amount": "1.00"})
                    .as_object()
                    .cloned()
                    .expect("an object"),
            )
        };
        let batch = Some("00000000-0000-0000-0000-000000000001");
        assert!(check(Some(&row("collected", None)), &row("collected", batch)).is_empty());
        assert_eq!(check(Some(&row("pending", None)), &row("pending", batch)).len(), 1);
        assert_eq!(check(Some(&row("deposited", batch)), &row("deposited", None)).len(), 1);
        assert!(check(Some(&row("collected", batch)), &row("deposited", batch)).is_empty());
        assert!(check(None, &row("pending", None)).is_empty());
    }
}
