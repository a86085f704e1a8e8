//! A guest that misbehaves: the run says how, and what the guest kept for itself is kept only with a good page.

use serde_json::{Value as Json, json};
use sqlx::Row;

use crate::guests::block_on;
use crate::world::{World, few_pages, quick};

struct Guest {
    world: World,
    path: String,
}

impl Guest {
    async fn new() -> Option<Self> {
        let world = World::new(few_pages(), quick()).await?;
        let grants = json!({"hosts": ["{setting:base_url}", "localhost"], "effects": ["fuel-transactions"]});
        let install = json!({"plugin": "hostile-guest", "grants": grants});
        let row = world
            .post("/integrations/installations/install", install)
            .await
            .expect(201);
        let path = format!("/integrations/installations/{}", row["id"].as_str().unwrap());
        let settings = json!({"base_url": world.simulator.origin()});
        let secrets = json!({"api_key": "first-key", "sign_only": "second-key"});
        let configure = json!({"settings": settings, "secrets": secrets});
        let row = world.post(&format!("{path}/configure"), configure).await.expect(200);
        assert_eq!(row["status"], "active", "{row:#}");
        Some(Self { world, path })
    }

    async fn told(&self, behaviour: &str) -> Json {
        let settings = json!({"settings": {"behaviour": behaviour}});
        self.world
            .post(&format!("{}/configure", self.path), settings)
            .await
            .expect(200);
        self.world.run(&self.path).await
    }

    async fn kept(&mut self) -> Option<(Vec<u8>, i64)> {
        let row = sqlx::query("SELECT value, version FROM integrations.plugin_kv WHERE key = 'counter'")
            .fetch_optional(&mut self.world.admin)
            .await
            .unwrap();
        row.map(|row| (row.get(0), row.get(1)))
    }
}

#[test]
fn what_a_guest_keeps_comes_and_goes_with_its_page() {
    block_on(async {
        let Some(mut guest) = Guest::new().await else { return };
        let run = guest.told("kv_roundtrip").await;
        let log = guest.world.log(&run).await;
        assert!(log.contains("before=None") && log.contains("after=Some"), "{log}");
        let (value, first) = guest.kept().await.unwrap();
        assert_eq!(value, b"2");
        let run = guest.told("kv_roundtrip").await;
        assert!(
            guest.world.log(&run).await.contains("before=Some"),
            "the next call reads it"
        );
        let second = guest.kept().await.unwrap();
        assert_eq!(second.0, b"2");
        assert!(second.1 > first, "a number that was used is not used again");
        let run = guest.told("kv_then_fail").await;
        assert_eq!(run["status"], "failed");
        assert_eq!(guest.kept().await, Some(second), "a failed call writes nothing");
    });
}

#[test]
fn every_way_to_misbehave_has_its_name() {
    block_on(async {
        let Some(guest) = Guest::new().await else { return };
        for (behaviour, code) in [
            ("panic", "plugin_crashed"),
            ("loop", "plugin_too_slow"),
            ("allocate", "plugin_memory"),
            ("many_records", "plugin_budget"),
            ("cursor_too_long", "plugin_malformed"),
            ("more_without_cursor", "plugin_malformed"),
        ] {
            let run = guest.told(behaviour).await;
            assert_eq!(
                (&run["status"], &run["problem_code"]),
                (&json!("failed"), &json!(code)),
                "{behaviour}: {}",
                guest.world.log(&run).await
            );
            let detail = run["problem_detail"].as_str().unwrap();
            assert!(!detail.is_empty(), "{behaviour}");
            assert_eq!(guest.world.get(&guest.path).await["status"], "active", "{behaviour}");
        }
    });
}
