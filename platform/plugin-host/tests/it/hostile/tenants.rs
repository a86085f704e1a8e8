//! P6: whose data a call sees is decided by the host alone.

use serde_json::json;

use super::{check, is_long, told};
use crate::support::{Installation, block_on, host, plugin};

pub const GUESTS: [&str; 2] = ["forge", "scan"];

#[test]
fn no_name_leads_to_another_organization() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let rounds = if is_long() { 200 } else { 20 };
        let victim_id = "0190c5a0-0000-7000-8000-00000000000b";
        let mut victim = Installation::new(
            &guest,
            json!({"behaviour": "kv_roundtrip", "balance": "canary-setting"}),
        );
        victim.organization_id = victim_id.into();
        victim.secrets = [("api_key".to_owned(), "canary-secret".to_owned())]
            .into_iter()
            .collect();
        victim.put("counter", "1");
        victim.put("balance", "\"canary-value\"");
        let thief = Installation::new(&guest, json!({"behaviour": "forge", "other": victim_id}));
        let (mut seen, mut tried) = (0, 0);
        for _ in 0..rounds {
            // At the same time, in the same worker, with the same component.
            let (theirs, stolen) = tokio::join!(victim.pull(&host, None), thief.pull(&host, None));
            assert!(theirs.answer.is_ok(), "{:?}", theirs.answer);
            let said = told(&stolen);
            let everything = format!("{stolen:?}");
            seen += usize::from(everything.contains("canary") || said.contains("setting") || said.contains("kv "));
            tried += 12 * 3;
            // What it wrote under a forged name is its own installation's, and not even that after a failure.
            assert!(stolen.kv_writes.is_empty());
        }
        let figure = format!("{seen} of {tried} forged names answered with something of another organization");
        check("P6", seen == 0, &figure);
    });
}
