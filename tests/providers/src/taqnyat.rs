//! Taqnyat: `POST /v1/messages` with a bearer token. Good is 201, and lists are texts.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::server::Server;
use crate::sms::{Outbox, Sent, parts, saudi_mobile};

struct Gateway {
    token: String,
    /// Sender names are registered before they can be used.
    senders: Vec<String>,
    outbox: Outbox,
}

/// A running gateway.
pub struct Taqnyat {
    server: Server,
    gateway: Arc<Gateway>,
}

impl Deref for Taqnyat {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Taqnyat {
    pub async fn start(address: SocketAddr, token: &str, senders: &[&str]) -> anyhow::Result<Self> {
        let gateway = Arc::new(Gateway {
            token: token.to_owned(),
            senders: senders.iter().map(|sender| (*sender).to_owned()).collect(),
            outbox: Outbox::default(),
        });
        let routes = Router::new()
            .route("/v1/messages", post(send))
            .route("/account/balance", get(balance))
            .with_state(gateway.clone());
        let server = Server::start(routes, address).await?;
        Ok(Self { server, gateway })
    }

    /// Messages it took, in their order.
    pub fn sent(&self) -> Vec<Sent> {
        self.gateway.outbox.all()
    }

    /// Serves until the process is ended.
    pub async fn run(self) {
        self.server.run().await;
    }
}

impl Gateway {
    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.and_then(|value| value.strip_prefix("Bearer ")) == Some(self.token.as_str())
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"statusCode": status.as_u16(), "message": message}))).into_response()
}

async fn balance(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    if !gateway.admits(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    Json(
        json!({"statusCode": 200, "accountStatus": "active", "balance": "250.50", "currency": "SAR", "points": "5010"}),
    )
    .into_response()
}

/// Numbers are a list, or one text with commas.
fn recipients(body: &Value) -> Vec<String> {
    match &body["recipients"] {
        Value::Array(list) => list
            .iter()
            .filter_map(|number| Some(number.as_str()?.to_owned()))
            .collect(),
        Value::String(text) => text.split(',').map(|number| number.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A list as the real one writes it: a text, with a comma after every number.
fn as_text(numbers: &[String]) -> String {
    let numbers: Vec<String> = numbers.iter().map(|number| format!("{number},")).collect();
    format!("[{}]", numbers.concat())
}

async fn send(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !gateway.admits(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let (sender, text) = (
        body["sender"].as_str().unwrap_or_default(),
        body["body"].as_str().unwrap_or_default(),
    );
    let numbers = recipients(&body);
    if text.is_empty() || numbers.is_empty() {
        return refusal(StatusCode::BAD_REQUEST, "body and recipients are required");
    }
    if !gateway.senders.iter().any(|known| known == sender) {
        return refusal(StatusCode::BAD_REQUEST, "Sender Name is not accepted");
    }
    let (accepted, rejected): (Vec<String>, Vec<String>) = numbers.into_iter().partition(|number| saudi_mobile(number));
    let mut id = 0_u64;
    for number in &accepted {
        let sent = gateway.outbox.put(|count| Sent {
            id: (5_452_899_000 + count).to_string(),
            reference: String::new(),
            sender: sender.to_owned(),
            to: number.clone(),
            body: text.to_owned(),
            parts: parts(text),
        });
        if id == 0 {
            id = sent.id.parse().unwrap_or(0);
        }
    }
    if accepted.is_empty() {
        return refusal(StatusCode::BAD_REQUEST, "No accepted recipients");
    }
    let length = parts(text);
    // Ten-thousandths of a riyal.
    let cost = accepted.len() * length * 490;
    let answer = json!({
        "statusCode": 201, "messageId": id, "cost": format!("0.{cost:04}"), "currency": "SAR",
        "totalCount": accepted.len(), "msgLength": length,
        "accepted": as_text(&accepted), "rejected": as_text(&rejected),
    });
    (StatusCode::CREATED, Json(answer)).into_response()
}
