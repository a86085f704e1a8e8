//! Keeta: everything in JSON bodies, signed by a `sig` among the parameters: SHA-256 over address, sorted parameters and the
//! application's secret. Every answer has status 200; `code` says what came of it. A message is JSON in a JSON text.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{OriginalUri, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::server::Server;
use crate::webhook::Webhook;

struct Platform {
    app_id: u64,
    app_secret: String,
    access_token: String,
    /// The address its callers sign, known when the server runs.
    base: Mutex<String>,
    told: Mutex<Vec<(String, Value)>>,
}

/// A running platform.
pub struct Keeta {
    server: Server,
    platform: Arc<Platform>,
}

impl Deref for Keeta {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// `sig` of parameters: each as `name=value`, in the order of their names, between the address and the secret. Values that
/// are no texts stand as they are written in JSON.
pub fn signature(url: &str, parameters: &Map<String, Value>, app_secret: &str) -> String {
    let mut pairs: Vec<(&String, String)> = parameters
        .iter()
        .filter(|(name, _)| *name != "sig")
        .map(|(name, value)| match value {
            Value::String(text) => (name, text.clone()),
            other => (name, other.to_string()),
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    hex::encode(Sha256::digest(format!("{url}?{}{app_secret}", pairs.join("&"))))
}

impl Keeta {
    pub async fn start(address: SocketAddr, app_id: u64, app_secret: &str, access_token: &str) -> anyhow::Result<Self> {
        let platform = Arc::new(Platform {
            app_id,
            app_secret: app_secret.to_owned(),
            access_token: access_token.to_owned(),
            base: Mutex::default(),
            told: Mutex::default(),
        });
        let routes = Router::new()
            .route("/api/open/order/{action}", post(order))
            .with_state(platform.clone());
        let server = Server::start(routes, address).await?;
        *platform.base.lock().unwrap_or_else(PoisonError::into_inner) = server.origin();
        Ok(Self { server, platform })
    }

    /// Actions it was told, with their parameters.
    pub fn told(&self) -> Vec<(String, Value)> {
        self.platform
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// An event. The message is JSON in a text.
    pub fn event(&self, url: &str, event_id: u32, message_id: &str, message: &Value) -> Webhook {
        let mut body = Map::new();
        body.insert("appId".to_owned(), json!(self.platform.app_id));
        body.insert("eventId".to_owned(), json!(event_id));
        body.insert("message".to_owned(), json!(message.to_string()));
        body.insert("messageId".to_owned(), json!(message_id));
        body.insert("shopId".to_owned(), json!(145_541));
        body.insert("timestamp".to_owned(), json!(1_795_165_200));
        let sig = signature(url, &body, &self.platform.app_secret);
        body.insert("sig".to_owned(), json!(sig));
        Webhook::json(url, Value::Object(body).to_string().into_bytes())
    }

    /// Everything that happens to an order that is delivered, in the order it happens: placed, accepted, two news of the
    /// courier, completed.
    pub fn story(&self, url: &str, order: u64) -> Vec<Webhook> {
        let at = |minute: u64| 1_795_165_200_000 + minute * 60_000;
        let news = |status: u32, minute| json!({"orderViewId": order, "shopId": 145_541, "status": status, "opTime": at(minute)});
        let courier = |status: u32, minute| {
            json!({"orderViewId": order, "shopId": 145_541, "logisticsStatus": status, "opTime": at(minute),
                   "courierName": "سالم", "courierPhone": "+966501234567", "bigOrderTag": false})
        };
        let events = [
            (1001, placed(order, at(0))),
            (1002, news(30, 1)),
            (1006, courier(20, 9)),
            (1006, courier(40, 21)),
            (1003, news(50, 33)),
        ];
        let events = events.iter().enumerate();
        events
            .map(|(number, (event, message))| self.event(url, *event, &format!("{order}-{number}"), message))
            .collect()
    }

    /// Serves until the process is ended.
    pub async fn run(self) {
        self.server.run().await;
    }
}

/// As Keeta's own description of an order has it: amounts in the smallest unit, details of customers encrypted in part.
fn placed(order: u64, at_ms: u64) -> Value {
    json!({"orderInfo": {
        "baseOrder": {"orderViewId": order, "ctime": at_ms, "deliveryTime": at_ms + 2_400_000, "chooseTableware": 1,
                      "payType": "cash", "payTypeDesc": "Cash"},
        "merchantOrder": {"orderViewId": order, "shopId": 145_541, "shopName": "برجر العليا", "seqNoStr": "0041", "status": 10,
                          "ctime": at_ms + 700, "userGetMode": "delivery"},
        "merchantOrderDeliveries": [{"deliveryMode": "9001", "deliveryStatus": 0}],
        "recipientInfo": {"name": "ENC_9f8e", "phone": "501234567", "interCode": "+966", "addressName": "حي العليا، الرياض",
                          "houseNumber": "12", "point": {"latitude": 24.6951, "longitude": 46.6853}},
        "feeDtl": {"customerFee": {"i18n": {"currency": "SAR"}, "productPrice": 5650, "shippingFee": 700, "platformFee": 0,
                                   "discounts": 0, "tip": 0, "diffPrice": 0, "payTotal": 6350}, "merchantFee": null},
        "products": [{"spuId": 1, "skuId": 11, "name": "برجر", "skuOpenItemCode": "BRG-1", "count": 2, "price": 2500,
                      "currency": "SAR", "priceWithGroup": {"amount": 5000, "unitPrice": 2500}},
                     {"spuId": 2, "skuId": 21, "name": "Fries", "skuOpenItemCode": "FR-2", "count": 1, "price": 650,
                      "currency": "SAR", "priceWithGroup": {"amount": 650, "unitPrice": 650}}],
        "bigOrderTag": false,
    }})
}

/// Orders with smaller numbers do not exist.
const FIRST_ORDER: u64 = 1_000;

fn refused(code: u64, message: &str) -> Json<Value> {
    Json(json!({"code": code, "message": message}))
}

async fn order(State(platform): State<Arc<Platform>>, uri: OriginalUri, Json(body): Json<Value>) -> Json<Value> {
    let Some(parameters) = body.as_object() else {
        return refused(109_000_000, "Request parameter error");
    };
    let base = platform.base.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let url = format!("{base}{}", uri.path());
    if parameters.get("sig").and_then(Value::as_str) != Some(&signature(&url, parameters, &platform.app_secret)) {
        return refused(100_000_004, "Signature verification failed");
    }
    if body["accessToken"] != platform.access_token.as_str() || body["appId"] != platform.app_id {
        return refused(100_000_002, "accessToken is invalid");
    }
    let Some(order) = body["orderViewId"].as_u64() else {
        return refused(109_000_000, "merchantOrderViewId is null");
    };
    if order < FIRST_ORDER {
        return refused(209_000_101, "Order does not exist");
    }
    let action = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let mut told = platform.told.lock().unwrap_or_else(PoisonError::into_inner);
    if told
        .iter()
        .any(|(before, what)| *before == action && what["orderViewId"] == order)
    {
        return refused(
            209_000_102,
            &format!("order status is not in a valid state for {action}"),
        );
    }
    let mut shown = body.clone();
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("sig");
        shown.remove("accessToken");
    }
    told.push((action, shown));
    Json(json!({"code": 0, "message": "Success", "data": true}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_documentation() {
        // The example of Keeta's guide.
        let url = "https://open.mykeeta.com/api/open/product/shopcategory/update";
        let parameters = json!({
            "appId": 123, "shopId": 123, "accessToken": "abc", "timestamp": 1_682_566_749,
            "shopCategory": r#"{"id":123,"name":"test","type":0,"description":null}"#,
            "sig": "not part of it",
        });
        assert_eq!(
            signature(url, parameters.as_object().expect("an object"), "abc"),
            "48eb6d562bb0673e3db753831f032be237fc19d1e5c33fcb5386d89c0eebca86"
        );
    }

    #[test]
    fn a_message_is_json_in_a_text() {
        let message = placed(7, 1_795_165_200_000).to_string();
        let envelope: Value = serde_json::from_str(&json!({"message": message}).to_string()).expect("it is JSON");
        assert!(envelope["message"].is_string());
    }
}
