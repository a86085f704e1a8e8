//! What an installation accepts, and what becomes of its secrets.

use platform_core::Method;
use serde_json::json;
use sqlx::{Executor, Row};

use crate::guests::block_on;
use crate::world::{KEY, MANAGER, World, few_pages, quick};

#[test]
fn grants_are_what_was_asked_for_and_no_less_than_needed() {
    const HOST: &str = "{setting:base_url}";
    const EFFECT: &str = "fuel-transactions";
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let install = |hosts: &[&str], effects: &[&str]| {
            let grants = json!({"hosts": hosts, "effects": effects});
            json!({"plugin": "syarah-fuel", "grants": grants})
        };
        let path = "/integrations/installations/install";
        for (hosts, effects, field, code) in [
            (&[HOST, "evil.example"][..], &[EFFECT][..], "grants.hosts", "not_asked"),
            (&[], &[EFFECT], "grants.hosts", "grant_required"),
            (&[HOST], &[], "grants.effects", "grant_required"),
            (&[HOST], &[EFFECT, "payouts"], "grants.effects", "not_asked"),
        ] {
            let answer = world.post(path, install(hosts, effects)).await;
            assert_eq!(answer.refused().get(field), Some(&code), "{:#}", answer.json);
            answer.expect(422);
        }
        let unknown = world.post(path, json!({"plugin": "nobody"})).await;
        assert_eq!(unknown.refused()["plugin"], "not_known");

        // A host by its name is granted for that host alone.
        let named = install(&["service.petroapp.com.sa"], &["fuel-transactions"]);
        let row = world.post(path, named).await.expect(201);
        let path = format!("/integrations/installations/{}", row["id"].as_str().unwrap());
        assert_eq!(row["hosts"][0]["granted"], true);
        let row = world
            .post(&format!("{path}/configure"), world.settings())
            .await
            .expect(200);
        let host = world.simulator.address().to_string();
        assert_eq!(
            (&row["status"], &row["status_reason"]),
            (&json!("needs_settings"), &json!("grants_missing"))
        );
        assert_eq!(
            (&row["status_detail"], &row["hosts"][0]["granted"]),
            (&json!(host), &json!(false))
        );
        let grant = json!({"hosts": [host], "effects": ["fuel-transactions"]});
        let row = world.post(&format!("{path}/grant"), grant).await.expect(200);
        assert_eq!(
            (&row["status"], &row["status_reason"]),
            (&json!("active"), &json!(null))
        );

        let row = world.post(&format!("{path}/disable"), json!({})).await.expect(200);
        assert_eq!(row["status"], "disabled");
        let refused = world.post(&format!("{path}/run"), json!({})).await.expect(409);
        assert_eq!(refused["code"], "plugin_disabled");
        let row = world
            .post(&format!("{path}/configure"), json!({"settings": {}}))
            .await
            .expect(200);
        assert_eq!(row["status"], "disabled", "settings do not switch it on");
        let row = world.post(&format!("{path}/enable"), json!({})).await.expect(200);
        assert_eq!(row["status"], "active");
    });
}

#[test]
fn every_wrong_setting_is_named_in_both_languages() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = format!("{}/configure", world.install().await);
        let wrong = json!({
            "settings": {"mode": "telepathy", "base_url": "not an address", "mapping": "{", "page_limit": 0,
                "overlap_days": "three", "currency": "RIYAL", "colour": "blue"},
            "secrets": {"api_key": " ", "password": "x"},
        });
        for language in ["en", "ar"] {
            let answer = world
                .call_as((world.organization, MANAGER), language, Method::Post, &path, &wrong)
                .await;
            let refused = answer.refused();
            let expected = [
                ("secrets.api_key", "blank"),
                ("secrets.password", "unknown_secret"),
                ("settings.base_url", "invalid_url"),
                ("settings.colour", "unknown_setting"),
                ("settings.currency", "too_long"),
                ("settings.mapping", "invalid_json"),
                ("settings.mode", "not_a_choice"),
                ("settings.overlap_days", "wrong_type"),
                ("settings.page_limit", "out_of_range"),
            ];
            assert_eq!(refused.into_iter().collect::<Vec<_>>(), expected);
            for error in answer.json["errors"].as_array().unwrap() {
                let message = error["message"].as_str().unwrap();
                let arabic = message.chars().any(|c| ('\u{600}'..'\u{700}').contains(&c));
                assert_eq!(arabic, language == "ar", "{message}");
                assert!(!message.contains('{') && !message.contains('_'), "{message}");
            }
        }
        for (address, code) in [
            ("http://api.example.com", "not_https"),
            ("https://127.0.0.1", "address_not_allowed"),
            ("https://10.1.2.3/x", "address_not_allowed"),
            ("https://me:secret@api.example.com", "url_with_credentials"),
        ] {
            let answer = world.post(&path, json!({"settings": {"base_url": address}})).await;
            assert_eq!(
                answer.refused().get("settings.base_url"),
                Some(&code),
                "{address}: {:#}",
                answer.json
            );
        }
        let kept = world.get(path.strip_suffix("/configure").unwrap()).await;
        assert_eq!(
            (&kept["status"], kept["settings"].get("mode")),
            (&json!("active"), None),
            "nothing was saved"
        );
    });
}

#[test]
fn a_key_goes_only_where_it_was_meant_to() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        let configure = format!("{path}/configure");
        let harmless = json!({"settings": {"overlap_days": 4}});
        let row = world.post(&configure, harmless).await.expect(200);
        assert_eq!(row["secrets_set"], json!(["api_key"]));
        // Somebody who may configure but does not know the key points the plugin at a server of his own.
        let moved = json!({"settings": {"base_url": "https://collector.example"}});
        let row = world.post(&configure, moved).await.expect(200);
        assert_eq!(
            (&row["secrets_set"], &row["status"]),
            (&json!([]), &json!("needs_settings"))
        );
        assert_eq!(row["status_reason"], "secrets_missing");
        let back = world.post(&configure, world.settings()).await.expect(200);
        assert_eq!(back["status"], "active");
        let gone = world
            .post(&configure, json!({"secrets": {"api_key": null}}))
            .await
            .expect(200);
        assert_eq!(
            (&gone["secrets_set"], &gone["status"]),
            (&json!([]), &json!("needs_settings"))
        );
    });
}

#[test]
fn what_is_stored_of_a_secret_is_useless_elsewhere() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        let rows = sqlx::query(
            "SELECT ciphertext FROM integrations.secrets UNION ALL SELECT sealed_key FROM integrations.data_keys",
        )
        .fetch_all(&mut world.admin)
        .await
        .unwrap();
        assert_eq!(rows.len(), 2);
        for row in &rows {
            let bytes: Vec<u8> = row.get(0);
            assert!(!bytes.windows(4).any(|part| KEY.as_bytes().starts_with(part)));
        }
        // A row that somebody renamed, or moved here from elsewhere, does not open.
        world
            .admin
            .execute("UPDATE integrations.secrets SET name = 'other'")
            .await
            .unwrap();
        let run = world.run(&path).await;
        assert_eq!(
            (&run["status"], &run["problem_code"]),
            (&json!("failed"), &json!("secrets_unreadable"))
        );
        let row = world.get(&path).await;
        assert_eq!(
            (&row["status"], &row["status_reason"]),
            (&json!("needs_attention"), &json!("secrets_unreadable"))
        );
        assert_eq!(world.simulator.requests(), 0);
    });
}
