//! People who call the product.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::harness::unique;

/// An answer, read completely.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is not.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON when the status is the expected one.
    pub fn expect(&self, status: u16) -> Result<Json> {
        ensure!(
            self.status.as_u16() == status,
            "{} instead of {status}: {}",
            self.status,
            self.text()
        );
        Ok(self.json())
    }

    /// Codes of refused fields, as `field:code`.
    pub fn refused(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().into_iter().flatten();
        errors
            .map(|error| {
                format!(
                    "{}:{}",
                    error["field"].as_str().unwrap_or(""),
                    error["code"].as_str().unwrap_or("")
                )
            })
            .collect()
    }
}

/// Somebody with or without a token.
#[derive(Clone)]
pub struct Person {
    router: Router,
    address: SocketAddr,
    /// Access token; empty for nobody.
    pub token: String,
    /// Address at sign-in.
    pub email: String,
    /// The person.
    pub user_id: Uuid,
    /// The organization of the token.
    pub organization_id: Uuid,
}

/// Password of everybody in tests.
pub const PASSWORD: &str = "correct horse battery";

impl Person {
    /// Somebody who is not signed in.
    pub fn nobody(router: &Router) -> Self {
        // Sign-up and sign-in are throttled by address: tests are not all from one place.
        let [a, b, c] = platform_core::ids::random_bytes();
        Self {
            router: router.clone(),
            address: SocketAddr::from((Ipv4Addr::new(10, a, b, c), 4000)),
            token: String::new(),
            email: String::new(),
            user_id: Uuid::nil(),
            organization_id: Uuid::nil(),
        }
    }

    /// Somebody at another place who is not signed in.
    pub fn stranger(&self) -> Self {
        Self::nobody(&self.router)
    }

    /// The same person at another instance.
    pub fn through(&self, router: &Router) -> Self {
        Self {
            router: router.clone(),
            ..self.clone()
        }
    }

    /// Signs up with a new company.
    pub async fn register(router: &Router) -> Result<Self> {
        let mut person = Self::nobody(router);
        person.email = format!("{}@example.test", unique("owner"));
        let body = json!({"email": person.email, "password": PASSWORD, "full_name": "Test Owner", "organization_name": unique("Org ")});
        let session = person.post("/api/v1/auth/register", &body).await?.expect(201)?;
        person.enter(&session)
    }

    fn enter(mut self, session: &Json) -> Result<Self> {
        let text = |json: &Json| json.as_str().map(ToOwned::to_owned).context("a session");
        self.token = text(&session["access_token"])?;
        self.user_id = text(&session["user"]["id"])?.parse()?;
        self.organization_id = text(&session["organization"]["id"])?.parse()?;
        Ok(self)
    }

    /// Adds a colleague and signs him in.
    pub async fn colleague(&self, membership: &str, roles: &[&str]) -> Result<Self> {
        let email = format!("{}@example.test", unique("member"));
        let body = json!({"email": email, "password": PASSWORD, "full_name": "Test Member", "membership": membership, "roles": roles});
        self.post("/api/v1/tenancy/members", &body).await?.expect(201)?;
        let mut person = Self::nobody(&self.router);
        person.email = email;
        let body = json!({"email": person.email, "password": PASSWORD});
        let session = person.post("/api/v1/auth/login", &body).await?.expect(200)?;
        person.enter(&session)
    }

    /// One call.
    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body))?;
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes().to_vec();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call("GET", path, &[], Vec::new()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Json) -> Result<Answer> {
        self.call("POST", path, &[], serde_json::to_vec(body)?).await
    }

    /// `PATCH` of JSON.
    pub async fn patch(&self, path: &str, body: &Json) -> Result<Answer> {
        self.call("PATCH", path, &[], serde_json::to_vec(body)?).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.call("DELETE", path, &[], Vec::new()).await
    }
}
