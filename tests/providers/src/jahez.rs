//! Jahez: a token for an API key and a secret; statuses are letters. Tokens end without a word: the next call answers 401.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::server::Server;
use crate::webhook::Webhook;

/// Letters a shop may send.
const STATUSES: &[&str] = &["A", "R", "C"];

struct Platform {
    api_key: String,
    secret: String,
    /// The token that is good now, and how many there were.
    token: Mutex<(String, usize)>,
    told: Mutex<Vec<(String, String)>>,
}

/// A running platform.
pub struct Jahez {
    server: Server,
    platform: Arc<Platform>,
}

impl Deref for Jahez {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Jahez {
    pub async fn start(address: SocketAddr, api_key: &str, secret: &str) -> anyhow::Result<Self> {
        let platform = Arc::new(Platform {
            api_key: api_key.to_owned(),
            secret: secret.to_owned(),
            token: Mutex::default(),
            told: Mutex::default(),
        });
        let routes = Router::new()
            .route("/token", post(token))
            .route("/webhooks/status_update", post(status_update))
            .with_state(platform.clone());
        let server = Server::start(routes, address).await?;
        Ok(Self { server, platform })
    }

    /// Order ids and letters it was told.
    pub fn told(&self) -> Vec<(String, String)> {
        self.platform
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the token that is good now.
    pub fn end_token(&self) {
        self.platform
            .token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .clear();
    }

    /// A new order, as it is sent to the shop.
    pub fn order(url: &str, id: u64) -> Webhook {
        let body = json!({
            "jahez_id": id, "branch_id": "b-17", "payment_method": "CASH", "notes": "بدون بصل", "final_price": 42.50,
            "offer": {"amount": 5.00},
            "products": [
                {"product_id": "p-1", "quantity": 2, "original_price": 20.00, "final_price": 37.50, "notes": "",
                 "modifiers": [{"modifier_id": "m-1", "options": [{"id": "o-1", "quantity": 1, "final_price": 2.50}]}]},
                {"product_id": "p-2", "quantity": 1, "original_price": 5, "final_price": 5.0, "notes": "حار", "modifiers": []},
            ],
        });
        Webhook::json(url, body.to_string().into_bytes())
    }

    /// News of an order: a letter.
    pub fn event(url: &str, id: u64, status: &str) -> Webhook {
        let body = json!({"jahezOrderId": id, "status": status, "payment_method": "POS-MADA"});
        Webhook::json(url, body.to_string().into_bytes())
    }

    /// Serves until the process is ended.
    pub async fn run(self) {
        self.server.run().await;
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"success": false, "message": message}))).into_response()
}

impl Platform {
    fn knows(&self, headers: &HeaderMap) -> bool {
        headers.get("x-api-key").and_then(|value| value.to_str().ok()) == Some(&self.api_key)
    }
}

async fn token(State(platform): State<Arc<Platform>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !platform.knows(&headers) || body["secret"] != platform.secret.as_str() {
        return refusal(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let mut token = platform.token.lock().unwrap_or_else(PoisonError::into_inner);
    token.1 += 1;
    token.0 = format!("jahez-token-{:06}", token.1 * 7919);
    Json(json!({"success": true, "token": token.0})).into_response()
}

async fn status_update(State(platform): State<Arc<Platform>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let good = platform.token.lock().unwrap_or_else(PoisonError::into_inner).0.clone();
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    if !platform.knows(&headers) || good.is_empty() || given != Some(good.as_str()) {
        return refusal(StatusCode::UNAUTHORIZED, "Token is invalid");
    }
    let (Some(order), Some(status)) = (body["jahezOrderId"].as_str(), body["status"].as_str()) else {
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "jahezOrderId and status are required");
    };
    if !STATUSES.contains(&status) {
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "status is invalid");
    }
    let told = (order.to_owned(), status.to_owned());
    platform.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    Json(json!({"success": true, "message": "Order status updated"})).into_response()
}
