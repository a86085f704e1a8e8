//! HungerStation, through Delivery Hero's middleware: a login, an address for every answer in the order itself, and signed
//! callbacks. Prices are texts.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use serde_json::{Value, json};

use crate::server::Server;
use crate::webhook::{Webhook, hmac_sha256_hex};

struct Platform {
    user: String,
    password: String,
    webhook_secret: String,
    told: Mutex<Vec<(String, String)>>,
}

/// A running platform.
pub struct HungerStation {
    server: Server,
    platform: Arc<Platform>,
}

impl Deref for HungerStation {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

const ACCESS_TOKEN: &str = "hungerstation-access-token";

impl HungerStation {
    pub async fn start(address: SocketAddr, user: &str, password: &str, webhook_secret: &str) -> anyhow::Result<Self> {
        let platform = Arc::new(Platform {
            user: user.to_owned(),
            password: password.to_owned(),
            webhook_secret: webhook_secret.to_owned(),
            told: Mutex::default(),
        });
        let routes = Router::new()
            .route("/v2/login", post(login))
            .route("/v2/order/status/{token}", post(status))
            .route("/v2/orders/{token}/preparation-completed", post(prepared))
            .with_state(platform.clone());
        let server = Server::start(routes, address).await?;
        Ok(Self { server, platform })
    }

    /// Order tokens and what it was told of them.
    pub fn told(&self) -> Vec<(String, String)> {
        self.platform
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn signed(&self, url: &str, body: &Value) -> Webhook {
        let body = body.to_string().into_bytes();
        let signature = hmac_sha256_hex(self.platform.webhook_secret.as_bytes(), &body);
        Webhook::json(url, body).with_header("x-signature-sha256", signature)
    }

    /// A new order.
    pub fn order(&self, url: &str, token: &str) -> Webhook {
        let answers = format!("{}/v2/order/status/{token}", self.origin());
        let body = json!({
            "token": token, "code": "hs-8841-x2", "shortCode": "41", "createdAt": "2026-11-20T08:55:10.000Z",
            "expeditionType": "delivery", "preOrder": false, "test": false,
            "comments": {"customerComment": "الباب الخلفي"},
            "customer": {"firstName": "نورة", "lastName": "", "mobilePhone": "0501234567", "email": "", "id": "c-1"},
            "delivery": {"expectedDeliveryTime": "2026-11-20T09:40:00.000Z", "riderPickupTime": null, "expressDelivery": false,
                "address": {"city": "Riyadh", "street": "Olaya", "number": "12", "deliveryInstructions": "الدور الثاني",
                            "latitude": 24.6951, "longitude": 46.6853}},
            "payment": {"status": "pending", "type": "Cash On Delivery"},
            "price": {"grandTotal": "58.90", "subTotal": "49.90", "totalNet": "51.22", "vatTotal": "7.68", "payRestaurant": "0.00",
                "collectFromCustomer": "58.90", "riderTip": null, "deliveryFees": [{"name": "delivery", "value": 9.0}]},
            "products": [
                {"id": "p1", "remoteCode": "SKU-1", "name": "شاورما", "quantity": "2", "unitPrice": "18.00", "paidPrice": "36.00",
                 "selectedToppings": []},
                {"id": "p2", "remoteCode": null, "name": "Water", "quantity": "1", "unitPrice": "13.90", "paidPrice": "13.90"},
            ],
            "localInfo": {"countryCode": "SA", "currencySymbol": "SAR", "platform": "Hungerstation", "platformKey": "HS_SA"},
            "platformRestaurant": {"id": "sa-7781"},
            "callbackUrls": {"orderAcceptedUrl": answers, "orderRejectedUrl": answers, "orderPickedUpUrl": answers,
                "orderPreparedUrl": format!("{}/v2/orders/{token}/preparation-completed", self.origin())},
        });
        self.signed(url, &body)
    }

    /// The order is cancelled.
    pub fn cancelled(&self, url: &str, token: &str) -> Webhook {
        self.signed(
            url,
            &json!({"token": token, "status": "ORDER_CANCELLED", "message": "CUSTOMER_CANCELLED",
                                 "updatedAt": "2026-11-20T09:10:00.000Z"}),
        )
    }

    /// News of a rider.
    pub fn rider(&self, url: &str, order: &str, status: &str, updated_at_s: u64) -> Webhook {
        self.signed(
            url,
            &json!({"order_id": order, "client_order_id": order, "status": status, "updated_at": updated_at_s,
                                 "driver": {"id": "r-5", "name": "Imran", "phone_number": "+966509999999"}}),
        )
    }

    /// Where a rider is: about every 15 seconds.
    pub fn location(&self, url: &str, order: &str, updated_at_s: u64) -> Webhook {
        self.signed(
            url,
            &json!({"order_id": order, "updated_at": updated_at_s,
                                 "driver": {"id": "r-5", "latitude": 24.7013, "longitude": 46.6790}}),
        )
    }

    /// Serves until the process is ended.
    pub async fn run(self) {
        self.server.run().await;
    }
}

fn refusal(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({"code": code, "message": code}))).into_response()
}

async fn login(State(platform): State<Arc<Platform>>, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    if field("username") != Some(&platform.user) || field("password") != Some(&platform.password) {
        return refusal(StatusCode::UNAUTHORIZED, "UNAUTHORIZED");
    }
    Json(json!({"access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 1800})).into_response()
}

fn admitted(headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bearer ")) == Some(ACCESS_TOKEN)
}

impl Platform {
    fn tell(&self, token: &str, what: &str) -> Response {
        if token == "unknown" {
            return refusal(StatusCode::BAD_REQUEST, "ORDER_NOT_FOUND");
        }
        let told = (token.to_owned(), what.to_owned());
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        StatusCode::OK.into_response()
    }
}

async fn status(
    State(platform): State<Arc<Platform>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    match body["status"].as_str() {
        _ if !admitted(&headers) => refusal(StatusCode::UNAUTHORIZED, "UNAUTHORIZED"),
        Some(what @ ("order_accepted" | "order_rejected" | "order_picked_up")) => platform.tell(&token, what),
        _ => refusal(StatusCode::BAD_REQUEST, "INVALID_STATUS"),
    }
}

async fn prepared(State(platform): State<Arc<Platform>>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    if !admitted(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, "UNAUTHORIZED");
    }
    platform.tell(&token, "prepared")
}
