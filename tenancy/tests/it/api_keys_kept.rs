//! What is kept of an API key, and what is not.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::api_keys::{company, key, status, yard};
use crate::shared::{World, admin};

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_nowhere() {
    let world = World::with(vec![yard()]).await;
    let owner = company(&world, "Once").await.token();
    let bearer = format!("Bearer {owner}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", "one-key-please"),
    ];
    let body = json!({"name": "Once", "scopes": ["yard.read"]});
    let post = platform_core::Method::Post;
    let made = world.call(post, "/tenancy/api_keys", &headers, &body).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    let again = world.call(post, "/tenancy/api_keys", &headers, &body).await;
    assert_eq!((again.status.as_u16(), again.text("/code")), (409, "shown_once".into()));
    let listed = world.get_as(&owner, "/tenancy/api_keys").await;
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1, "it was made once");

    let secret = made.text("/key")[54..97].to_owned();
    let mut connection = admin().await;
    let tables =
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('platform', 'identity')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    for table in &tables {
        #[expect(clippy::disallowed_methods, reason = "names of tables from the catalogue")]
        let text = sqlx::AssertSqlSafe(format!(
            "SELECT count(*) FROM {table} t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0"
        ));
        let found: i64 = sqlx::query_scalar(text)
            .bind(&secret)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(found, 0, "{table}");
    }
    assert!(tables.len() > 10);
}

#[tokio::test]
async fn its_use_is_noted_once_a_minute() {
    let world = World::with(vec![yard()]).await;
    let owner = company(&world, "Noted").await.token();
    let (text, _) = key(&world, &owner, json!({})).await;
    let noted = async || world.get_as(&owner, "/tenancy/api_keys").await.json["data"][0]["last_used_at"].clone();
    assert_eq!(noted().await, Json::Null);
    let waits = async |expected: &str| {
        for _ in 0..500 {
            if noted().await == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{expected} is not noted");
    };
    assert_eq!(status(&world, &text, "/yard/look").await, 200);
    waits("2026-03-01T12:00:00Z").await;
    world.wait(59);
    assert_eq!(status(&world, &text, "/yard/look").await, 200);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(noted().await, "2026-03-01T12:00:00Z");
    world.wait(1);
    assert_eq!(status(&world, &text, "/yard/look").await, 200);
    waits("2026-03-01T12:01:00Z").await;
}
