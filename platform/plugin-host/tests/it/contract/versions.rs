//! Two majors of the contract on one host.

use platform_plugin_host::records::FuelProduct;
use platform_plugin_host::{Export, Plugin};
use serde_json::json;

use super::everything;
use crate::support::{Installation, block_on, host, plugin};

#[test]
fn a_plugin_of_the_first_contract_runs_beside_one_of_the_second() {
    block_on(async {
        let (Some(first), Some(second)) = (plugin("fuel-first"), plugin("fuel-second")) else {
            return;
        };
        let host = host("");
        let old = Installation::new(&first, json!({}))
            .pull(&host, None)
            .await
            .answer
            .unwrap();
        let new = Installation::new(&second, json!({}))
            .pull(&host, None)
            .await
            .answer
            .unwrap();
        let (old, new) = (&old.transactions[0], &new.transactions[0]);
        assert_eq!((old.product, old.discount_minor), (FuelProduct::Diesel, None));
        assert_eq!((new.product, new.discount_minor), (FuelProduct::Lpg, Some(500)));
        assert_eq!(
            (old.flags.as_slice(), new.flags.as_slice()),
            ([].as_slice(), [].as_slice())
        );
        let health = |plugin: &Plugin| Installation::new(plugin, json!({}));
        for plugin in [&first, &second] {
            assert!(host.call_check(health(plugin).call()).await.answer.is_ok());
        }
    });
}

#[test]
fn a_manifest_that_is_not_about_its_component_is_refused_in_words() {
    block_on(async {
        let Some(first) = plugin("fuel-first") else { return };
        let host = host("");
        let refusal = async |change: fn(&mut Plugin)| {
            let mut plugin = first.clone();
            change(&mut plugin);
            host.prepare(&plugin).await.unwrap_err().detail
        };
        let api = refusal(|plugin| plugin.manifest.api = "2.0".into()).await;
        assert!(
            api.contains("compiled against barq:plugin 1.0") && api.contains("api = \"2.0\""),
            "{api}"
        );
        let export = refusal(|plugin| plugin.manifest.exports.push(Export::Webhook)).await;
        assert!(export.contains("names webhook among its exports"), "{export}");

        let everything = everything().unwrap().plugin;
        let lacking = async |change: fn(&mut Plugin)| {
            let mut plugin = everything.clone();
            change(&mut plugin);
            host.prepare(&plugin).await.unwrap_err().detail
        };
        let rows = lacking(|plugin| plugin.manifest.reads.clear()).await;
        assert!(
            rows.contains("barq:plugin/directory") && rows.contains("[[read]]"),
            "{rows}"
        );
        let kv = lacking(|plugin| plugin.manifest.keeps_state = false).await;
        assert!(kv.contains("keeps_state = true"), "{kv}");
    });
}
