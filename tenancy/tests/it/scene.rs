//! An organization with a domain, and a provider with people of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use platform_core::{Boxed, Method};
use serde_json::{Value as Json, json};
use tenancy::TextRecords;
use uuid::Uuid;

use crate::provider::{Running, Sent, name, world};
use crate::shared::{Answer, World, admin};

/// A zone that the test writes.
#[derive(Default)]
pub struct Zone(pub Mutex<HashMap<String, Vec<String>>>);

impl TextRecords for Zone {
    fn texts<'a>(&'a self, name: &'a str) -> Boxed<'a, anyhow::Result<Vec<String>>> {
        let found = self.0.lock().unwrap().get(name).cloned().unwrap_or_default();
        Box::pin(async move { Ok(found) })
    }
}

/// An organization with a domain, and a provider with people of it.
pub struct Scene {
    pub world: World,
    pub zone: Arc<Zone>,
    pub provider: Running,
    /// The provider's short name here.
    pub id: String,
    pub domain: String,
    pub owner: Answer,
}

pub fn person(sub: &str, email: &str, rest: Json) -> Json {
    let mut person = json!({"sub": sub, "email": email, "email_verified": true, "name": "Reem Al-Otaibi"});
    person
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    person
}

impl Scene {
    pub async fn new(is_shared: bool) -> Self {
        let zone = Arc::new(Zone::default());
        let world = world(zone.clone()).await;
        let domain = format!("{}.example", name());
        let (at, hd) = (|local: &str| format!("{local}@{domain}"), json!({"hd": domain}));
        let people = json!({
            "reem": person("sub-reem", &at("reem"), hd.clone()),
            "sami": person("sub-sami", &at("sami"), hd.clone()),
            "other-reem": person("sub-other-reem", &at("reem"), hd.clone()),
            "unverified": person("sub-unverified", &at("huda"), json!({"hd": domain, "email_verified": false})),
            "no-hd": person("sub-no-hd", &at("majed"), json!({})),
            "other-hd": person("sub-other-hd", &at("majed"), json!({"hd": "elsewhere.example"})),
            "other-mail": person("sub-other-mail", "majed@elsewhere.example", hd.clone()),
            "no-mail": {"sub": "sub-no-mail", "hd": domain},
            "gmail": person("sub-gmail", "majed@gmail.com", json!({})),
            "victim": person("sub-victim", &at("victim"), hd.clone()),
            "member": person("sub-member", &at("member"), hd),
        });
        let provider = Running::start(people).await;
        let id = name();
        let now = world.clock.now();
        world
            .tenancy
            .set_provider(&provider.entry(&id, is_shared), true, now)
            .await
            .unwrap();
        let (_, owner) = world.company("Najm Logistics").await;
        Self {
            world,
            zone,
            provider,
            id,
            domain,
            owner,
        }
    }

    pub async fn as_owner(&self, path: &str, body: Json) -> Answer {
        self.world.post_as(&self.owner.token(), path, body).await
    }

    /// Proves the domain and lets its people in.
    pub async fn open(&self) -> String {
        let named = self
            .as_owner("/organization/domains", json!({"domain": self.domain}))
            .await;
        assert_eq!(named.status, StatusCode::CREATED, "{named:?}");
        let id = named.text("/id");
        self.publish(&named);
        let verified = self
            .as_owner(&format!("/organization/domains/{id}/verify"), json!({}))
            .await;
        assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
        let path = format!("/organization/domains/{id}/joining");
        let open = self.as_owner(&path, json!({"provider": self.id})).await;
        assert_eq!(open.status, StatusCode::OK, "{open:?}");
        id
    }

    pub fn publish(&self, named: &Answer) {
        let texts = vec!["v=spf1 -all".to_owned(), named.text("/record_value")];
        self.zone.0.lock().unwrap().insert(named.text("/record_name"), texts);
    }

    pub async fn send(&self) -> Sent {
        let body = json!({"provider": self.id});
        Sent::of(&self.world.post("/auth/providers/sign-in/begin", body).await)
    }

    pub async fn finish(&self, sent: &Sent, state: &str, code: &str) -> Answer {
        self.back(
            "/auth/providers/sign-in",
            &[("cookie", &sent.cookie)],
            json!({"state": state, "code": code}),
        )
        .await
    }

    pub async fn back(&self, path: &str, headers: &[(&str, &str)], body: Json) -> Answer {
        let headers = [&[("x-barq-request", "1")][..], headers].concat();
        self.world.call(Method::Post, path, &headers, &body).await
    }

    /// Signs in from the beginning to the end.
    pub async fn sign_in(&self, login: &str) -> Answer {
        let sent = self.send().await;
        let back = self.provider.visit(&sent.url, login).await;
        self.finish(&sent, &back["state"], &back["code"]).await
    }

    /// How many people there are with an identity of this provider.
    pub async fn identities(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM identity.federated_identities WHERE issuer = $1")
            .bind(&self.provider.issuer)
            .fetch_one(&mut admin().await)
            .await
            .unwrap()
    }

    pub async fn members(&self) -> Vec<(String, String)> {
        let organization_id: Uuid = self.owner.text("/organization/id").parse().unwrap();
        sqlx::query_as("SELECT email, membership FROM platform.members WHERE organization_id = $1 ORDER BY email")
            .bind(organization_id)
            .fetch_all(&mut admin().await)
            .await
            .unwrap()
    }
}
