//! The call of the benchmark as extism does it: text in, text out.

use extism_pdk::{FnResult, plugin_fn};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Context {
    now: i64,
}

#[derive(Serialize)]
struct Money {
    minor: i64,
    currency: String,
}

#[derive(Serialize)]
struct Transaction {
    external_id: String,
    occurred_at: i64,
    time_known: bool,
    product: String,
    volume_ml: i64,
    amount: Money,
    card_ref: Option<String>,
    station_name: Option<String>,
    attributes: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Page {
    transactions: Vec<Transaction>,
    cursor: Option<String>,
    more: bool,
}

#[plugin_fn]
pub fn pull(context: String) -> FnResult<String> {
    let context: Context = serde_json::from_str(&context)?;
    let text = |length: usize| "x".repeat(length);
    let transaction = Transaction {
        external_id: text(32),
        occurred_at: context.now - 3_600_000,
        time_known: true,
        product: "gasoline91".to_owned(),
        volume_ml: 10_000,
        amount: Money {
            minor: 2_180,
            currency: "SAR".to_owned(),
        },
        card_ref: Some(text(32)),
        station_name: Some(text(120)),
        attributes: (0..8).map(|i| (format!("attribute-{i}"), text(80))).collect(),
    };
    let page = Page {
        transactions: vec![transaction],
        cursor: Some("c".to_owned()),
        more: false,
    };
    Ok(serde_json::to_string(&page)?)
}
