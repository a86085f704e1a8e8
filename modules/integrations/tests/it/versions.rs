//! Versions: uploaded and believed or not, updates that wait for a grant, the way back, and what is left after the end.

use platform_plugin_package::SecretKey;
use serde_json::{Value as Json, json};

use crate::guests::{block_on, operator_key, package};
use crate::world::{World, few_pages, quick};

const UPLOAD: &str = "/integrations/plugin_versions/upload";
const NEXT: (&str, &str) = ("version = \"1.0.0\"", "version = \"1.1.0\"");

/// A package signed by the operator's publisher.
pub fn signed(plugin: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let mut package = package(plugin, changes);
    package.sign(&operator_key());
    package.to_bytes()
}

pub async fn ready(world: &World, bytes: Vec<u8>) -> Json {
    let row = world.upload(UPLOAD, bytes).await.expect(201);
    let path = format!("/integrations/plugin_versions/{}", row["id"].as_str().unwrap());
    world.when(&path, |row| row["status"] != "checking").await
}

#[test]
fn only_what_somebody_trusted_signed_gets_in() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let (_runner, _stop) = world.start();
        let unsigned = package("syarah-fuel", &[NEXT]);
        let refused = world.upload(UPLOAD, unsigned.to_bytes()).await;
        assert_eq!(refused.refused()["body"], "package_unsigned");
        let own = SecretKey::new(&[9; 32]);
        let mut private = unsigned.clone();
        private.sign(&own);
        let refused = world.upload(UPLOAD, private.to_bytes()).await;
        assert_eq!(refused.refused()["body"], "package_publisher_unknown");
        let mut changed = signed("syarah-fuel", &[NEXT]);
        let at = changed.len() / 2;
        changed[at] ^= 1;
        assert_eq!(world.upload(UPLOAD, changed).await.status.as_u16(), 422);
        assert_eq!(
            world.upload(UPLOAD, b"not a package".to_vec()).await.refused()["body"],
            "not_a_package"
        );

        // The organization believes the publisher itself.
        let key = json!({"publisher": "Our own", "public_key": own.public().to_string()});
        let key = world.post("/integrations/plugin_keys", key).await.expect(201);
        let row = ready(&world, private.to_bytes()).await;
        assert_eq!(
            (&row["status"], &row["trust"], &row["publisher"]),
            (&json!("ready"), &json!("organization"), &json!("Our own")),
            "{row:#}"
        );
        let again = world.upload(UPLOAD, private.to_bytes()).await.expect(201);
        assert_eq!(again["id"], row["id"], "the same package is the same version");
        // Another component under the same number is another thing.
        let mut other = package(
            "hostile-guest",
            &[("name = \"hostile-guest\"", "name = \"syarah-fuel\""), NEXT],
        );
        other.sign(&own);
        assert_eq!(
            world.upload(UPLOAD, other.to_bytes()).await.expect(409)["code"],
            "plugin_version_taken"
        );
        let revoke = format!("/integrations/plugin_keys/{}/revoke", key["id"].as_str().unwrap());
        world.post(&revoke, json!({})).await.expect(200);
        let mut third = package("syarah-fuel", &[("version = \"1.0.0\"", "version = \"1.2.0\"")]);
        third.sign(&own);
        assert_eq!(
            world.upload(UPLOAD, third.to_bytes()).await.refused()["body"],
            "package_key_revoked"
        );
    });
}

#[test]
fn a_component_that_is_none_is_refused_with_a_reason() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let (_runner, _stop) = world.start();
        // It does not export what its manifest says.
        let bytes = signed(
            "syarah-fuel",
            &[("exports = [\"fuel-source\"]", "exports = [\"sms-gateway\"]"), NEXT],
        );
        let row = ready(&world, bytes).await;
        assert_eq!(
            (&row["status"], &row["refused_code"]),
            (&json!("refused"), &json!("plugin_denied")),
            "{row:#}"
        );
        assert!(!row["refused_detail"].as_str().unwrap().is_empty());
        let install =
            json!({"plugin": "syarah-fuel", "plugin_version": "1.1.0", "grants": {"hosts": [], "effects": []}});
        let refused = world.post("/integrations/installations/install", install).await;
        assert_eq!(refused.refused()["plugin"], "not_known");
    });
}

#[test]
fn an_update_that_asks_for_more_waits_and_the_old_version_goes_on() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        let before = world.get(&path).await;
        let (_runner, _stop) = world.start();
        let asks = ("keeps_state = false", "keeps_state = true");
        let changes: Vec<(&str, &str)> = if has(asks.0) {
            vec![NEXT, asks]
        } else {
            vec![NEXT, MORE]
        };
        let version = ready(&world, signed("syarah-fuel", &changes)).await;
        assert_eq!(version["status"], "ready", "{version:#}");
        let row = world.post(&format!("{path}/upgrade"), json!({})).await.expect(202);
        assert_eq!(row["waiting_version_id"], version["id"]);
        assert_eq!(row["version_id"], before["version_id"]);
        assert!(!row["waiting_asks"]["asks"].as_array().unwrap().is_empty(), "{row:#}");
        // It goes on as it is.
        let run = world.ask(&path).await;
        assert_eq!(world.ended(&run).await["status"], "succeeded");
        assert_eq!(world.get(&path).await["plugin_version"], "1.0.0");
        let grant =
            json!({"hosts": before["grants"]["hosts"], "effects": before["grants"]["effects"], "accepts_update": true});
        world.post(&format!("{path}/grant"), grant).await.expect(200);
        let row = world.when(&path, |row| row["plugin_version"] == "1.1.0").await;
        assert_eq!(
            (
                &row["version_id"],
                &row["previous_version_id"],
                &row["waiting_version_id"]
            ),
            (&version["id"], &before["version_id"], &Json::Null),
            "{row:#}"
        );
        // And back, by moving a pointer.
        world.post(&format!("{path}/roll_back"), json!({})).await.expect(202);
        let row = world.when(&path, |row| row["plugin_version"] == "1.0.0").await;
        assert_eq!(
            (&row["previous_version_id"], &row["updates_itself"]),
            (&version["id"], &json!(false)),
            "{row:#}"
        );
        let run = world.ask(&path).await;
        assert_eq!(world.ended(&run).await["status"], "succeeded");
        assert_eq!(world.sunk().await, world.bills());
    });
}

/// An ask that the fuel plugin does not have.
const MORE: (&str, &str) = (
    "[[setting]]",
    "[[host]]\nhost = \"more.example.com\"\nreason = { en = \"More.\", ar = \"المزيد.\" }\nrequired = false\n\n[[setting]]",
);

fn has(text: &str) -> bool {
    package("syarah-fuel", &[]).contents().manifest().contains(text)
}

#[test]
fn what_is_withdrawn_stops_and_another_version_takes_over() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        let (_runner, _stop) = world.start();
        let version = ready(&world, signed("syarah-fuel", &[NEXT])).await;
        world.post(&format!("{path}/upgrade"), json!({})).await.expect(202);
        world.when(&path, |row| row["plugin_version"] == "1.1.0").await;
        let withdraw = format!(
            "/integrations/plugin_versions/{}/withdraw",
            version["id"].as_str().unwrap()
        );
        world.post(&withdraw, json!({})).await.expect(200);
        let row = world.get(&path).await;
        assert_eq!(
            (&row["status"], &row["status_reason"]),
            (&json!("suspended"), &json!("plugin_withdrawn"))
        );
        assert_eq!(
            world.post(&format!("{path}/run"), json!({})).await.expect(409)["code"],
            "plugin_disabled"
        );
        world.post(&format!("{path}/roll_back"), json!({})).await.expect(202);
        let row = world.get(&path).await;
        assert_eq!(
            (&row["status"], &row["plugin_version"]),
            (&json!("active"), &json!("1.0.0")),
            "{row:#}"
        );
    });
}

#[test]
fn a_plugin_goes_with_or_without_what_it_kept() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        assert_eq!(world.run(&path).await["status"], "succeeded");
        let uninstall = format!("{path}/uninstall");
        let row = world.post(&uninstall, json!({})).await.expect(200);
        assert_eq!(row["status"], "removed");
        assert_eq!(
            world.post(&format!("{path}/run"), json!({})).await.expect(409)["code"],
            "plugin_removed"
        );
        assert_eq!(world.count("cursors", "true").await, 1);
        // Installed again, it goes on where it was.
        let granted = json!({"hosts": ["{setting:base_url}"], "effects": ["fuel-transactions"]});
        let install = json!({"plugin": "syarah-fuel", "grants": granted});
        let again = world
            .post("/integrations/installations/install", install.clone())
            .await
            .expect(201);
        assert_eq!(
            (&again["id"], &again["status"]),
            (&row["id"], &json!("active")),
            "{again:#}"
        );
        let run = world.run(&path).await;
        assert_eq!(
            (&run["status"], &run["created"]),
            (&json!("succeeded"), &json!(0)),
            "{run:#}"
        );
        world.post(&uninstall, json!({"with_data": true})).await.expect(200);
        for table in ["cursors", "secrets", "plugin_kv", "plugin_recordings", "plugin_inputs"] {
            assert_eq!(world.count(table, "true").await, 0, "{table}");
        }
        assert_eq!(
            world.sunk().await,
            world.bills(),
            "records that it brought are the organization's"
        );
        let again = world
            .post("/integrations/installations/install", install)
            .await
            .expect(201);
        assert_eq!(again["status"], "needs_settings");
    });
}
