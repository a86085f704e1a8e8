//! What Twilio answers and calls back, without I/O.

use barq_plugin::{DeliveryReport, Failure, Money, SmsResult, SmsState};
use barq_plugin_common::value::{at, text, whole};
use serde_json::Value;

/// Reads the answer to one message; `None` when it is not one of Twilio's.
pub fn read(message_id: &str, status: u16, body: &[u8]) -> Option<SmsResult> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    if !(200..300).contains(&status) {
        let code = whole(&answer, &["code"])?;
        return (status != 429).then(|| SmsResult::refused(message_id, refusal(code, status)));
    }
    let mut result = SmsResult::accepted(message_id, text(&answer, &["sid"])?);
    result.state = state(&text(&answer, &["status"]).unwrap_or_default());
    // A text, as all figures of Twilio; zero while it is not counted yet.
    result.segments = segments(&answer);
    (result.cost, result.attributes) = cost(&answer);
    Some(result)
}

/// Reads the state of a message that was asked for.
pub fn message(message_id: &str, body: &[u8]) -> Option<DeliveryReport> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let word = text(&answer, &["status"])?;
    let (cost, attributes) = cost(&answer);
    Some(DeliveryReport {
        message_id: Some(message_id.to_owned()),
        segments: segments(&answer),
        cost,
        attributes,
        reason: text(&answer, &["error_code"]).map(|code| format!("Twilio error {code}")),
        state_name: Some(word.clone()),
        ..DeliveryReport::new(text(&answer, &["sid"])?, state(&word))
    })
}

/// Reads a callback's fields.
pub fn report(fields: &[(String, String)]) -> Option<DeliveryReport> {
    let field = |name: &str| {
        let found = fields.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let word = field("MessageStatus").or_else(|| field("SmsStatus"))?;
    Some(DeliveryReport {
        reason: field("ErrorCode").map(|code| format!("Twilio error {code}")),
        state_name: Some(word.to_owned()),
        ..DeliveryReport::new(field("MessageSid").or_else(|| field("SmsSid"))?, state(word))
    })
}

/// What Twilio signs: the address it calls, and the fields in the order of their names, without anything between.
pub fn signed_text(address: &str, fields: &[(String, String)]) -> String {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort();
    fields
        .iter()
        .fold(address.to_owned(), |text, (name, value)| text + name + value)
}

/// Base64 with its padding.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let text = text.trim();
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for c in digits.bytes() {
        bits = (bits << 6) | u32::from(value(c)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn segments(answer: &Value) -> Option<u32> {
    let parts = whole(answer, &["num_segments"])?;
    u32::try_from(parts).ok().filter(|parts| *parts > 0)
}

/// Null until the carrier was paid, then a negative text.
fn cost(answer: &Value) -> (Option<Money>, Vec<(String, String)>) {
    let currency = text(answer, &["price_unit"]).map(|unit| unit.to_ascii_uppercase());
    let money = at(answer, "price")
        .zip(currency)
        .and_then(|(price, currency)| Money::from_json(price, &currency));
    let Some(money) = money else {
        return (None, Vec::new());
    };
    // Prices of a message are smaller than a cent's step.
    let exact = text(answer, &["price"]).unwrap_or_default();
    let exact = ("cost".to_owned(), exact.trim_start_matches('-').to_owned());
    (Some(Money::new(money.minor.abs(), &money.currency)), vec![exact])
}

fn state(word: &str) -> SmsState {
    match word {
        "accepted" => SmsState::Accepted,
        "queued" | "scheduled" | "sending" => SmsState::Queued,
        "sent" => SmsState::Sent,
        "delivered" | "read" => SmsState::Delivered,
        "undelivered" => SmsState::Undelivered,
        "failed" => SmsState::Rejected,
        _ => SmsState::Other,
    }
}

fn refusal(code: i64, status: u16) -> Failure {
    let said = format!("Twilio refused the message (error {code}).");
    match code {
        20003 => Failure::auth("credentials_refused", "Twilio does not accept the account and its key."),
        21606 | 21212 | 21603 | 21659 | 21660 => {
            Failure::config("sender", "The sender does not belong to the Twilio account.")
        }
        20404 => Failure::config("account", "Twilio does not know the account."),
        21211 | 21214 | 21217 | 21408 | 21612 | 21614 => Failure::permanent("bad_number", said),
        21610 => Failure::permanent("unsubscribed", "The recipient does not want messages of this sender."),
        21602 | 21605 | 21617 => Failure::permanent("bad_text", said),
        _ if status == 401 || status == 403 => Failure::auth("credentials_refused", said),
        _ if status >= 500 => Failure::transient("provider_error", said),
        _ => Failure::permanent("provider_refused", said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn figures_that_are_texts_are_read() {
        let result = read("m-1", 201, include_bytes!("../fixtures/queued.json")).unwrap();
        assert_eq!(
            result.provider_ref.as_deref(),
            Some("SM00000000000000000000000000000001")
        );
        assert!(matches!(result.state, SmsState::Queued));
        assert_eq!(
            (result.segments, result.cost.is_none()),
            (Some(1), true),
            "the price comes later"
        );
        let body = br#"{"sid":"SM1","status":"delivered","num_segments":"2","price":"-0.07500","price_unit":"USD"}"#;
        let report = message("m-1", body).unwrap();
        let cost = report.cost.unwrap();
        assert_eq!(
            (cost.minor, cost.currency.as_str(), report.segments),
            (8, "USD", Some(2))
        );
        assert_eq!(report.attributes, pairs(&[("cost", "0.07500")]));
    }

    #[test]
    fn refusals_are_named() {
        let code = |status: u16, body: &str| {
            read("m-1", status, body.as_bytes())
                .map(|result| result.failure.map(|failure| failure.code).unwrap_or_default())
        };
        assert_eq!(
            code(400, include_str!("../fixtures/invalid_to.json")).as_deref(),
            Some("bad_number")
        );
        for (status, number, expected) in [
            (401, 20003, Some("credentials_refused")),
            (400, 21606, Some("sender")),
            (400, 21610, Some("unsubscribed")),
            (400, 1, Some("provider_refused")),
            (503, 20500, Some("provider_error")),
            (429, 20429, None),
        ] {
            assert_eq!(
                code(status, &format!(r#"{{"code":{number},"status":{status}}}"#)).as_deref(),
                expected,
                "{number}"
            );
        }
        assert_eq!(code(201, "<html>"), None);
    }

    #[test]
    fn callbacks_are_read() {
        let report = |status: &str, error: &str| {
            let fields = [("MessageSid", "SM1"), ("MessageStatus", status), ("ErrorCode", error)];
            super::report(&pairs(&fields)).unwrap()
        };
        assert!(matches!(report("delivered", "").state, SmsState::Delivered));
        let failed = report("undelivered", "30003");
        assert!(matches!(failed.state, SmsState::Undelivered));
        assert_eq!(failed.reason.as_deref(), Some("Twilio error 30003"));
        assert!(matches!(report("canceled", "").state, SmsState::Other));
        assert!(super::report(&pairs(&[("MessageSid", "SM1")])).is_none());
    }

    #[test]
    fn the_signed_text_has_the_fields_in_order() {
        // The example of Twilio's guide.
        let fields = [
            ("To", "+18005551212"),
            ("Digits", "1234"),
            ("CallSid", "CA1234567890ABCDE"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
        ];
        assert_eq!(
            signed_text("https://mycompany.com/myapp.php?foo=1&bar=2", &pairs(&fields)),
            "https://mycompany.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+14158675310Digits1234From+14158675310To+18005551212"
        );
    }

    #[test]
    fn base64_is_decoded_or_refused() {
        assert_eq!(unbase64("TWFu"), Some(b"Man".to_vec()));
        assert_eq!(unbase64("TWE="), Some(b"Ma".to_vec()));
        assert_eq!(unbase64("TQ=="), Some(b"M".to_vec()));
        assert_eq!(unbase64("+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
        for bad in ["TWF", "TW=u", "T===", "TWF!", "سلام"] {
            assert_eq!(unbase64(bad), None, "{bad}");
        }
    }
}
