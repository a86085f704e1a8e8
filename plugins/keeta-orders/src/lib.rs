//! Orders of Keeta, and the answers to them.

mod answers;
mod messages;

use std::collections::BTreeMap;

use barq_plugin::secrets::{Hash, Part};
use barq_plugin::{
    CallContext, Failure, Health, Inbound, Lifecycle, NoticeResult, OrderNews, OrderSource, Result, StatusNotice, http,
    kv, secrets, settings,
};
use barq_plugin_common::notices::{Word, tell_each};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use messages::{Envelope, as_signed};

/// Names of the secrets in the manifest.
const APP_SECRET: &str = "app_secret";
const ACCESS_TOKEN: &str = "access_token";
const NOTICES_A_CALL: usize = 30;
/// How long the shop of an order is kept: no delivery takes longer.
const SHOP_KEPT_S: u32 = 14 * 24 * 3_600;

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    app_id: i64,
    #[serde(default)]
    shop_id: Option<i64>,
    #[serde(default)]
    delivery_statuses: Option<Value>,
}

struct Keeta;

fn shop_key(order: &str) -> String {
    format!("shop/{order}")
}

impl Settings {
    fn load() -> Result<Self> {
        settings::all()
    }

    /// Calls one of Keeta's addresses: the token is part of what is signed, and neither it nor the secret is seen here.
    fn call(&self, action: &str, parameters: &Map<String, Value>, again: bool) -> Result<()> {
        let url = format!("{}/order/{action}", self.base_url.trim().trim_end_matches('/'));
        let pairs: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("&{name}={}", as_signed(value)))
            .collect();
        // The token's name comes before all others.
        let parts = [
            Part::Plain(format!("{url}?accessToken=").into_bytes()),
            Part::Secret(ACCESS_TOKEN.to_owned()),
            Part::Plain(pairs.concat().into_bytes()),
            Part::Secret(APP_SECRET.to_owned()),
        ];
        let sig = secrets::hex(&secrets::digest(Hash::Sha256, &parts)?);
        let mut body = parameters.clone();
        body.insert("accessToken".to_owned(), json!("{{secret:access_token}}"));
        body.insert("sig".to_owned(), json!(sig));
        let answer = http::post(url).json_template(&Value::Object(body)).send()?.success()?;
        answers::read(again, answer.bytes())
    }

    /// Keeta's numbers of a courier's progress and what they mean: an object, or its text.
    fn delivery_words(&self) -> Result<BTreeMap<String, String>> {
        let words = match &self.delivery_statuses {
            None | Some(Value::Null) => return Ok(BTreeMap::new()),
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(value) => serde_json::from_value(value.clone()),
        };
        words.map_err(|e| Failure::config("delivery_statuses", format!("The meanings of courier statuses: {e}.")))
    }

    fn shop_of(&self, order: &str) -> Result<i64> {
        let kept: Option<i64> = kv::get(&shop_key(order))?;
        kept.or(self.shop_id)
            .ok_or_else(|| Failure::permanent("unknown_shop", "It is not known to which Keeta shop the order belongs."))
    }

    fn tell(&self, ctx: &CallContext, notice: &StatusNotice, action: &str, names_courier: bool) -> Result<()> {
        let order = notice.external_id.parse();
        let order = order.map_err(|_| Failure::permanent("unknown_order", "Ids of Keeta's orders are numbers."))?;
        let mut parameters = answers::parameters(self.app_id, self.shop_of(&notice.external_id)?, order, ctx.now);
        if let Some(courier) = answers::courier(notice).filter(|_| names_courier) {
            parameters.insert("courierInfo".to_owned(), courier);
        }
        self.call(action, &parameters, ctx.attempt > 1)
    }
}

impl Lifecycle for Keeta {
    /// Asks for an order that does not exist: whoever is told so has good credentials.
    fn check(ctx: &CallContext) -> Result<Health> {
        let settings = Settings::load()?;
        let parameters = answers::parameters(settings.app_id, settings.shop_id.unwrap_or(1), 1, ctx.now);
        match settings.call("get", &parameters, false) {
            Ok(()) => Ok(Health::Ok),
            Err(failure) if ["unknown_order", "provider_refused"].contains(&failure.code.as_str()) => Ok(Health::Ok),
            Err(failure) => Err(failure),
        }
    }
}

impl OrderSource for Keeta {
    fn event(ctx: &CallContext, message: Inbound) -> Result<OrderNews> {
        let settings = Settings::load()?;
        let envelope = Envelope::read(&message.body)?;
        let (sig, signed) = envelope.signed(&message.address).ok_or_else(Inbound::bad_signature)?;
        let tag = secrets::unhex(&sig).ok_or_else(Inbound::bad_signature)?;
        let parts = [Part::Plain(signed.into_bytes()), Part::Secret(APP_SECRET.to_owned())];
        if !secrets::matches(Hash::Sha256, &parts, &tag)? {
            return Err(Inbound::bad_signature());
        }
        let message = envelope.news(&settings.delivery_words()?, &ctx.currency)?;
        if let (Some(order), Some(shop)) = (
            &message.order_id,
            message.shop_id.and_then(|shop| shop.parse::<i64>().ok()),
        ) {
            kv::set_for(&shop_key(order), &shop, SHOP_KEPT_S)?;
        }
        Ok(message.news)
    }

    fn push_status(ctx: &CallContext, notices: Vec<StatusNotice>) -> Result<Vec<NoticeResult>> {
        let settings = Settings::load()?;
        let word = |notice: &StatusNotice| match answers::action(notice.status) {
            Some(action) => Word::Say(action),
            None => Word::Nothing("Keeta has no call for this status.".to_owned()),
        };
        tell_each(&notices, NOTICES_A_CALL, word, |notice, (action, names_courier)| {
            settings.tell(ctx, notice, action, names_courier)
        })
    }
}

barq_plugin::export!(Keeta: lifecycle, order_source);
