//! Twilio: `POST …/Accounts/{Sid}/Messages.json`, a form with basic authentication. Figures are texts, the price comes later,
//! and callbacks are signed over the address they go to.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::server::Server;
use crate::sms::{Outbox, Sent, parts};
use crate::webhook::{Webhook, hmac_sha1_base64};

struct Gateway {
    account_sid: String,
    auth_token: String,
    numbers: Vec<String>,
    outbox: Outbox,
}

/// The id of the account's API key; its secret is the auth token, so that a test has one value to know.
pub const KEY_SID: &str = "SK0123456789abcdef0123456789abcdef";

/// A running gateway.
pub struct Twilio {
    server: Server,
    gateway: Arc<Gateway>,
}

impl Deref for Twilio {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Twilio {
    /// `numbers` are the senders that belong to the account: numbers or names.
    pub async fn start(
        address: SocketAddr,
        account_sid: &str,
        auth_token: &str,
        numbers: &[&str],
    ) -> anyhow::Result<Self> {
        let gateway = Arc::new(Gateway {
            account_sid: account_sid.to_owned(),
            auth_token: auth_token.to_owned(),
            numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
            outbox: Outbox::default(),
        });
        let routes = Router::new()
            .route("/2010-04-01/Accounts/{sid}/Messages.json", post(send))
            .route("/2010-04-01/Accounts/{sid}/Messages/{message}", get(message))
            .route("/2010-04-01/Accounts/{sid}", get(account))
            .with_state(gateway.clone());
        let server = Server::start(routes, address).await?;
        Ok(Self { server, gateway })
    }

    /// Messages it took, in their order.
    pub fn sent(&self) -> Vec<Sent> {
        self.gateway.outbox.all()
    }

    /// What it calls back when a message has come to a status.
    pub fn callback(&self, url: &str, sent: &Sent, status: &str) -> Webhook {
        let mut fields = vec![
            ("AccountSid", self.gateway.account_sid.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("From", sent.sender.clone()),
            ("MessageSid", sent.id.clone()),
            ("MessageStatus", status.to_owned()),
            ("SmsSid", sent.id.clone()),
            ("SmsStatus", status.to_owned()),
            ("To", sent.to.clone()),
        ];
        if status == "undelivered" || status == "failed" {
            fields.push(("ErrorCode", "30003".to_owned()));
        }
        let mut sorted = fields.clone();
        sorted.sort();
        let signed = sorted
            .iter()
            .fold(url.to_owned(), |text, (name, value)| text + name + value);
        let signature = hmac_sha1_base64(self.gateway.auth_token.as_bytes(), signed.as_bytes());
        Webhook::form(url, &fields).with_header("x-twilio-signature", signature)
    }

    /// Serves until the process is ended.
    pub async fn run(self) {
        self.server.run().await;
    }
}

impl Gateway {
    fn admits(&self, sid: &str, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Basic "));
        let knows = |user: &str| given == Some(STANDARD.encode(format!("{user}:{}", self.auth_token)).as_str());
        sid == self.account_sid && (knows(KEY_SID) || knows(&self.account_sid))
    }
}

fn refusal(status: StatusCode, code: u32, message: &str) -> Response {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let answer = json!({"code": code, "message": message, "more_info": more, "status": status.as_u16()});
    (status, Json(answer)).into_response()
}

fn shown(gateway: &Gateway, sent: &Sent, status: &str, price: Value) -> Value {
    json!({
        "account_sid": gateway.account_sid, "api_version": "2010-04-01", "body": sent.body, "direction": "outbound-api",
        "date_created": "Fri, 20 Nov 2026 09:00:00 +0000", "error_code": null, "error_message": null, "from": sent.sender,
        "num_media": "0", "num_segments": sent.parts.to_string(), "price": price, "price_unit": "USD", "sid": sent.id,
        "status": status, "to": sent.to,
    })
}

async fn account(State(gateway): State<Arc<Gateway>>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if !gateway.admits(sid.trim_end_matches(".json"), &headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    Json(json!({"sid": gateway.account_sid, "status": "active", "type": "Full"})).into_response()
}

async fn send(
    State(gateway): State<Arc<Gateway>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    if !gateway.admits(&sid, &headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (to, text, from) = (field("To"), field("Body"), field("From"));
    if !gateway.numbers.iter().any(|number| number == from) {
        return refusal(
            StatusCode::BAD_REQUEST,
            21606,
            "The From phone number is not a valid number of the account",
        );
    }
    if text.is_empty() {
        return refusal(StatusCode::BAD_REQUEST, 21602, "Message body is required");
    }
    let international = to
        .strip_prefix('+')
        .is_some_and(|digits| (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    if !international {
        return refusal(StatusCode::BAD_REQUEST, 21211, "Invalid 'To' Phone Number");
    }
    let sent = gateway.outbox.put(|count| Sent {
        id: format!("SM{count:032x}"),
        reference: String::new(),
        sender: from.to_owned(),
        to: to.to_owned(),
        body: text.to_owned(),
        parts: parts(text),
    });
    let answer = shown(&gateway, &sent, "queued", Value::Null);
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn message(
    State(gateway): State<Arc<Gateway>>,
    Path((sid, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !gateway.admits(&sid, &headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    let id = message.trim_end_matches(".json");
    match gateway.outbox.all().into_iter().find(|sent| sent.id == id) {
        Some(sent) => Json(shown(&gateway, &sent, "delivered", json!("-0.07500"))).into_response(),
        None => refusal(StatusCode::NOT_FOUND, 20404, "The requested resource was not found"),
    }
}
