//! Unifonic: `POST /rest/SMS/messages`, a form with the account's `AppSid`. Refusals come with statuses of its own, or with
//! 200 and `success: false`; and what is a boolean here is a text in the answer of its sister for many recipients.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use serde_json::{Value, json};

use crate::server::Server;
use crate::sms::{Outbox, Sent, parts};
use crate::webhook::Webhook;

struct Gateway {
    app_sid: String,
    senders: Vec<String>,
    outbox: Outbox,
}

/// A running gateway.
pub struct Unifonic {
    server: Server,
    gateway: Arc<Gateway>,
}

impl Deref for Unifonic {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Unifonic {
    pub async fn start(address: SocketAddr, app_sid: &str, senders: &[&str]) -> anyhow::Result<Self> {
        let gateway = Arc::new(Gateway {
            app_sid: app_sid.to_owned(),
            senders: senders.iter().map(|sender| (*sender).to_owned()).collect(),
            outbox: Outbox::default(),
        });
        let routes = Router::new()
            .route("/rest/SMS/messages", post(send))
            .with_state(gateway.clone());
        let server = Server::start(routes, address).await?;
        Ok(Self { server, gateway })
    }

    /// Messages it took, in their order.
    pub fn sent(&self) -> Vec<Sent> {
        self.gateway.outbox.all()
    }

    /// The delivery report of a message, as a form, twice the same when it is not answered.
    pub fn report(&self, url: &str, sent: &Sent, delivered: bool) -> Webhook {
        let dlr = if delivered { "Delivered" } else { "Undeliverable" };
        Webhook::form(
            url,
            &[
                ("MessageID", sent.id.clone()),
                ("DLR", dlr.to_owned()),
                ("Recipient", sent.to.clone()),
                ("TimeCreated", "2026-11-20 11:59:58".to_owned()),
                ("SCTS", "2026-11-20 12:00:03".to_owned()),
                ("DLRTimestamp", "2026-11-20 12:00:04".to_owned()),
            ],
        )
    }

    /// Serves until the process is ended.
    pub async fn run(self) {
        self.server.run().await;
    }
}

/// Of its own list of statuses.
fn own_status(code: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    let answer = json!({"success": false, "message": message, "errorCode": format!("ER-{code}"), "data": {}});
    (status, Json(answer)).into_response()
}

/// With status 200.
fn quiet_refusal(code: &str, message: &str) -> Response {
    Json(json!({"success": false, "message": message, "errorCode": code, "data": {}})).into_response()
}

async fn send(State(gateway): State<Arc<Gateway>>, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (to, text, sender) = (field("Recipient"), field("Body"), field("SenderID"));
    match field("AppSid") {
        "" => return own_status(402, "Missing parameter AppSid"),
        given if given != gateway.app_sid => return own_status(401, "Authentication failed"),
        _ => {}
    }
    if !gateway.senders.iter().any(|known| known == sender) {
        return own_status(480, "This user cannot use specified SenderID");
    }
    if text.is_empty() {
        return own_status(449, "Message body is empty");
    }
    if to.starts_with("00") || to.starts_with('+') {
        return own_status(410, "Invalid recipient format");
    }
    if to.len() < 12 {
        return quiet_refusal("ER-04", "Dest num is too short");
    }
    let sent = gateway.outbox.put(|count| Sent {
        id: (42_000_348_806_000 + count).to_string(),
        reference: field("CorrelationID").to_owned(),
        sender: sender.to_owned(),
        to: to.to_owned(),
        body: text.to_owned(),
        parts: parts(text),
    });
    // As documented, a boolean; as its users see now and then, a text.
    let success = if sent.id.ends_with(['0', '2', '4', '6', '8']) {
        json!("true")
    } else {
        json!(true)
    };
    let id: Value = serde_json::from_str(&sent.id).unwrap_or_default();
    Json(json!({
        "success": success, "message": "", "errorCode": "ER-00",
        "data": {
            "MessageID": id, "CorrelationID": sent.reference, "Status": "Queued", "NumberOfUnits": sent.parts,
            "Cost": 0.055, "Balance": 812.4, "Recipient": sent.to, "TimeCreated": "2026-11-20 12:00:00.979",
            "CurrencyCode": "SAR",
        },
    }))
    .into_response()
}
