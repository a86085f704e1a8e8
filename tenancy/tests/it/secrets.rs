//! Secrets in what we say: answers, logs, traces, texts of errors.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use platform_core::Method;
use serde_json::{Value as Json, json};

use crate::catalogue;
use crate::shared::{World, unique};

/// What was logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The catalogue's S8: thirty secrets, shown rightly and wrongly.
#[tokio::test]
async fn no_secret_is_said_again() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let world = World::new().await;
    let _logging = tracing::subscriber::set_default(subscriber);
    let mut secrets: Vec<String> = Vec::new();
    // Everything that was answered, but for the one answer that hands a secret over.
    let mut said: Vec<String> = Vec::new();
    for number in 0..6 {
        let password = format!("kestrel-{number}-{}", platform_core::ids::new_id().simple());
        let email = unique("secret");
        let body =
            json!({"email": email, "password": password, "full_name": "Noura Al-Harbi", "organization_name": "S"});
        let owner = world.post("/auth/register", body.clone()).await;
        let (token, cookie) = (owner.token(), owner.cookie());
        said.push(world.post("/auth/register", body).await.json.to_string());
        let proof = json!({"password": password});
        said.push(world.post_as(&token, "/auth/step-up", proof).await.json.to_string());
        let body = json!({"name": "Seeded", "scopes": ["members.read"]});
        let made = world.post_as(&token, "/tenancy/api_keys", body).await;
        let key = made.text("/key");
        // Another second, and so another token.
        world.wait(1);
        let refreshed = world.with_cookie("/auth/refresh", &cookie).await;
        let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
        let spent = cookie.split('=').nth(1).unwrap().to_owned();
        let next = refreshed.cookie().split('=').nth(1).unwrap().to_owned();
        secrets.extend([
            password.clone(),
            signature(&token),
            key[54..].to_owned(),
            // The family is the same in both; what follows is the secret.
            spent[24..].to_owned(),
            next[24..].to_owned(),
        ]);
        // Rightly.
        for bearer in [&token, &key] {
            for path in [
                "/tenancy/members",
                "/tenancy/api_keys",
                "/organization/modules",
                "/auth/me",
            ] {
                said.push(world.get_as(bearer, path).await.json.to_string());
            }
        }
        // Wrongly: another place, another type, cut, unreadable.
        let wrong = [
            json!({"email": password, "password": password}),
            json!({"email": email, "password": [password]}),
            json!({"email": email, "password": {"is": password}}),
            json!({"email": email, "password": format!("{password}x")}),
            json!({"email": email, "password": password, "organization_id": platform_core::ids::new_id()}),
        ];
        for body in wrong {
            said.push(world.post("/auth/login", body).await.json.to_string());
        }
        for bearer in [
            &token[..token.len() - 4],
            &key[..key.len() - 4],
            &spent,
            &format!("{key}x"),
        ] {
            said.push(world.get_as(bearer, "/auth/me").await.json.to_string());
            let path = format!("/tenancy/members?after={bearer}");
            said.push(world.get_as(&token, &path).await.json.to_string());
        }
        said.push(world.with_cookie("/auth/refresh", &cookie).await.json.to_string());
        let headers = [("authorization", key.as_str()), ("idempotency-key", key.as_str())];
        let refused = world
            .call(Method::Post, "/tenancy/api_keys", &headers, &Json::Null)
            .await;
        said.push(refused.json.to_string());
    }
    assert_eq!(secrets.len(), 30);
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.len() > 10_000, "everything is logged: {} bytes", logged.len());
    for secret in &secrets {
        assert!(secret.len() >= 16, "{secret}");
        assert!(!logged.contains(secret.as_str()), "a log says {secret}");
        for answer in &said {
            assert!(!answer.contains(secret.as_str()), "{answer} says {secret}");
        }
    }
    let figure = format!(
        "0 of 30 secrets in {} answers and {} bytes of logs",
        said.len(),
        logged.len()
    );
    catalogue::line("S8", &figure);
}
