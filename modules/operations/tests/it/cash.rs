//! Cash from the door to the bank.

use operations::{COD_DEPOSITS, COD_TRANSACTIONS};
use serde_json::json;

use crate::world::World;

const ACCOUNTS: &str = "SELECT string_agg(account || ' ' || balance, ', ' ORDER BY account) FROM (
        SELECT account, sum(amount)::text AS balance FROM (
            SELECT debit_account AS account, amount FROM operations.cod_ledger WHERE organization_id = $1
            UNION ALL SELECT credit_account, -amount FROM operations.cod_ledger WHERE organization_id = $1
        ) AS sides GROUP BY account
    ) AS accounts";

#[tokio::test]
async fn what_is_short_at_the_bank_is_the_courier_s_debt() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    world.delivered(courier, "120.00").await;
    let entry = "SELECT id::text FROM operations.cod_transactions WHERE organization_id = $1";
    let entry = world.admin_text(entry).await.unwrap().parse().unwrap();
    let early = world
        .act(&COD_TRANSACTIONS, entry, "reconcile", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(early.code, "not_in_state");
    world
        .act(&COD_TRANSACTIONS, entry, "collect", &json!({}))
        .await
        .unwrap();
    let given = json!({"transactions": [{"cod_transaction_id": entry}], "reference_number": "BNK-1"});
    let deposit = world.call("operations.cod_deposits.make", "", &given).await.unwrap();
    assert_eq!((&deposit["amount"], &deposit["entries"]), (&json!("120.00"), &json!(1)));
    assert_eq!(
        world.admin_text(ACCOUNTS).await.unwrap(),
        "bank 12000, courier_cash 0, merchant_payable -12000, supervisor_cash 0"
    );
    let batch = deposit["cod_deposit_id"].as_str().unwrap().parse().unwrap();
    let row = world
        .act(&COD_DEPOSITS, batch, "reconcile", &json!({"bank_amount": "117.50"}))
        .await
        .unwrap();
    assert_eq!(row.text("difference"), Some("-2.50"));
    assert!(world.load(&COD_TRANSACTIONS, entry).await.is("status", "reconciled"));
    assert_eq!(
        world.admin_text(ACCOUNTS).await.unwrap(),
        "bank 11750, courier_cash 0, courier_receivable 250, merchant_payable -12000, supervisor_cash 0"
    );
}

#[tokio::test]
async fn balances_ages_and_settlement() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    for (amount, day, step) in [
        ("120.00", "2026-06-15", None),
        ("75.50", "2026-06-05", None),
        ("300.00", "2026-05-01", Some("collect")),
        ("90.00", "2026-06-14", Some("deposit")),
    ] {
        let row = json!({"courier_id": courier, "amount": amount, "collected_on": day});
        let entry = crate::world::id(&world.create(&COD_TRANSACTIONS, &row).await.unwrap());
        if step.is_some() {
            world
                .act(&COD_TRANSACTIONS, entry, "collect", &json!({}))
                .await
                .unwrap();
        }
        if step == Some("deposit") {
            world
                .act(&COD_TRANSACTIONS, entry, "deposit", &json!({"reference_number": "OLD"}))
                .await
                .unwrap();
        }
    }
    let query = format!("courier_id={courier}");
    let balance = async || world.call("operations.cod.balances", &query, &json!({})).await;
    let row = balance().await.unwrap()["data"][0].clone();
    assert_eq!(
        (
            &row["pending"],
            &row["collected"],
            &row["balance"],
            &row["transactions"]
        ),
        (&json!("195.50"), &json!("300.00"), &json!("495.50"), &json!(3))
    );
    assert_eq!(
        row["ages"],
        json!({"days_0_7": "120.00", "days_8_14": "75.50", "days_15_30": "0.00", "days_over_30": "300.00"})
    );
    assert_eq!(row["ledger_cash"], "195.50");
    let settled = json!({"courier_id": courier, "reference_number": "SET-1"});
    let settled = world.call("operations.cod.settle", "", &settled).await.unwrap();
    assert_eq!((&settled["amount"], &settled["entries"]), (&json!("495.50"), &json!(3)));
    let sum =
        "SELECT sum(amount)::text FROM operations.cod_transactions WHERE organization_id = $1 AND status = 'deposited'";
    assert_eq!(world.admin_text(sum).await.as_deref(), Some("58550"));
    assert_eq!(balance().await.unwrap()["data"], json!([]));
    let again = json!({"courier_id": courier, "reference_number": "SET-2"});
    assert_eq!(
        world.call("operations.cod.settle", "", &again).await.unwrap_err().code,
        "nothing_to_settle"
    );
}

#[tokio::test]
async fn each_day_s_cash_is_what_its_deliveries_owed() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    world.delivered(courier, "50.00").await;
    world.delivered(courier, "0").await;
    let control = world
        .call("operations.cod.control", "from=2026-06-15&to=2026-06-15", &json!({}))
        .await
        .unwrap();
    let day = &control["data"][0];
    assert_eq!(
        (&day["delivered"], &day["entered"], &day["difference"]),
        (&json!("50.00"), &json!("50.00"), &json!("0.00"))
    );
}
