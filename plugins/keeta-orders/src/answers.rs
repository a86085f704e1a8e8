//! What we tell Keeta about an order, and what it answers, without I/O.

use barq_plugin::{Failure, OrderStatus, Result, StatusNotice};
use barq_plugin_common::value::{text, whole};
use serde_json::{Map, Value, json};

/// The path under `/api/open/order/` for a courier's progress, and whether it names the courier.
pub fn action(status: OrderStatus) -> Option<(&'static str, bool)> {
    match status {
        OrderStatus::Accepted => Some(("confirm", false)),
        OrderStatus::Ready => Some(("prepare", false)),
        OrderStatus::PickedUp => Some(("dispatched", true)),
        OrderStatus::Delivered => Some(("delivered", true)),
        OrderStatus::Cancelled => Some(("cancel", false)),
        _ => None,
    }
}

/// The parameters of a call without `sig` and token.
pub fn parameters(app_id: i64, shop_id: i64, order: i64, now: i64) -> Map<String, Value> {
    let parameters =
        json!({"appId": app_id, "orderViewId": order, "shopId": shop_id, "timestamp": now.div_euclid(1_000)});
    parameters.as_object().cloned().unwrap_or_default()
}

/// The courier as Keeta wants him: the number apart from the country's code.
pub fn courier(notice: &StatusNotice) -> Option<Value> {
    let name = notice.courier_name.as_ref()?;
    let mut courier = json!({"courierName": name});
    if let Some(digits) = notice
        .courier_phone
        .as_deref()
        .and_then(|phone| phone.strip_prefix("+966"))
    {
        courier["courierPhone"] = json!(digits);
        courier["courierPhoneInterCode"] = json!("+966");
    }
    Some(courier)
}

/// Reads an answer: every one has status 200, and `code` says what came of it. The same step twice is refused as a wrong
/// state: where it was tried before, it is done.
pub fn read(again: bool, body: &[u8]) -> Result<()> {
    let unreadable = || Failure::transient("bad_reply", "Keeta's answer cannot be read.");
    let answer: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let code = whole(&answer, &["code"]).ok_or_else(unreadable)?;
    let words = text(&answer, &["message"]).unwrap_or_default().to_lowercase();
    let said = format!("Keeta refused the call ({code}).");
    match code {
        0 => Ok(()),
        _ if words.contains("valid state") && again => Ok(()),
        _ if words.contains("valid state") => Err(Failure::permanent("wrong_state", said)),
        _ if words.contains("does not exist") => Err(Failure::permanent("unknown_order", said)),
        _ if words.contains("sign")
            || words.contains("token")
            || words.contains("unauthor")
            || words.contains("permission") =>
        {
            Err(Failure::auth("credentials_refused", said))
        }
        _ if words.contains("frequen") || words.contains("too many") => Err(Failure::rate_limited(None)),
        300_000_000..=399_999_999 => Err(Failure::transient("provider_error", said)),
        _ => Err(Failure::permanent("provider_refused", said)),
    }
}

#[cfg(test)]
mod tests {
    use barq_plugin_common::notices::example;

    use super::*;

    #[test]
    fn refusals_come_with_status_200() {
        let code = |again, body: &str| read(again, body.as_bytes()).map_err(|failure| failure.code);
        let cases = [
            (r#"{"code":0,"message":"Success"}"#, Ok(())),
            (
                r#"{"code":209000101,"message":"Order does not exist"}"#,
                Err("unknown_order"),
            ),
            (
                r#"{"code":100000004,"message":"Signature verification failed"}"#,
                Err("credentials_refused"),
            ),
            (
                r#"{"code":100000002,"message":"accessToken is invalid"}"#,
                Err("credentials_refused"),
            ),
            (r#"{"code":309000000,"message":"System error"}"#, Err("provider_error")),
            (
                r#"{"code":109000000,"message":"Request parameter error"}"#,
                Err("provider_refused"),
            ),
            ("<html>", Err("bad_reply")),
        ];
        for (body, expected) in cases {
            assert_eq!(code(false, body), expected.map_err(ToOwned::to_owned), "{body}");
        }
        let repeated = r#"{"code":209000102,"message":"order status is not in a valid state for confirm"}"#;
        assert_eq!(code(false, repeated), Err("wrong_state".to_owned()));
        assert_eq!(code(true, repeated), Ok(()), "it was told before");
    }

    #[test]
    fn the_courier_is_named_with_his_number_in_two_parts() {
        let mut notice = example("n", "7", OrderStatus::PickedUp);
        assert_eq!(courier(&notice), None);
        notice.courier_name = Some("سالم".to_owned());
        notice.courier_phone = Some("+966501234567".to_owned());
        assert_eq!(
            courier(&notice),
            Some(json!({"courierName": "سالم", "courierPhone": "501234567", "courierPhoneInterCode": "+966"}))
        );
    }

    #[test]
    fn only_steps_keeta_knows_are_told() {
        assert_eq!(action(OrderStatus::Delivered), Some(("delivered", true)));
        assert_eq!(action(OrderStatus::AtPickup), None);
        assert_eq!(parameters(1, 2, 3, 1_749_008_143_999)["timestamp"], 1_749_008_143);
    }
}
