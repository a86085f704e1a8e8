//! What Taqnyat answers, without I/O.

use barq_plugin::{Failure, Health, Money, SmsResult};
use barq_plugin_common::sms::Outgoing;
use barq_plugin_common::value::{at, scaled, text, whole};
use serde_json::Value;

/// Good is 201, in the status and in the body.
const CREATED: i64 = 201;

/// Reads the answer to one message; `None` when it is not one of Taqnyat's.
pub fn read(one: &Outgoing, status: u16, body: &[u8]) -> Option<SmsResult> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let code = whole(&answer, &["statusCode"])?;
    if code != CREATED {
        return (status != 429 && code != 429).then(|| SmsResult::refused(one.id(), refusal(code, &answer)));
    }
    let listed = |name| {
        at(&answer, name)
            .map(numbers)
            .unwrap_or_default()
            .iter()
            .any(|number| number == one.to.digits())
    };
    if listed("rejected") || !listed("accepted") {
        let failure = Failure::permanent("bad_number", "Taqnyat did not accept the number.");
        return Some(SmsResult::refused(one.id(), failure));
    }
    let mut result = SmsResult::accepted(one.id(), text(&answer, &["messageId"])?);
    result.segments = whole(&answer, &["msgLength"]).and_then(|parts| u32::try_from(parts).ok());
    let currency = text(&answer, &["currency"]);
    result.cost = at(&answer, "cost")
        .zip(currency)
        .and_then(|(cost, currency)| Money::from_json(cost, &currency));
    // Prices of a message are smaller than a halala's step.
    if let Some(exact) = text(&answer, &["cost"]).filter(|_| result.cost.is_some()) {
        result.attributes.push(("cost".to_owned(), exact));
    }
    Some(result)
}

/// A list that is a text, `[9665…,9665…,]`, or one day a list.
fn numbers(value: &Value) -> Vec<String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let all: Vec<String> = match value {
        Value::String(text) => text.split(',').map(digits).collect(),
        Value::Array(list) => list.iter().map(|number| digits(&number.to_string())).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|number| !number.is_empty()).collect()
}

fn refusal(code: i64, answer: &Value) -> Failure {
    let words = text(answer, &["message"]).unwrap_or_default().to_lowercase();
    let said = format!("Taqnyat refused the message ({code}).");
    match code {
        401 | 403 => Failure::auth("credentials_refused", "Taqnyat does not accept the token."),
        500..=599 => Failure::transient("provider_error", said),
        _ if words.contains("sender") => Failure::config("sender", "The sender name is not registered with Taqnyat."),
        _ if words.contains("balance") || words.contains("credit") => {
            Failure::config("no_balance", "The Taqnyat account has no balance.")
        }
        _ if words.contains("recipient") || words.contains("number") => Failure::permanent("bad_number", said),
        _ => Failure::permanent("provider_refused", said),
    }
}

/// What the account's balance says.
pub fn health(body: &[u8]) -> Option<Health> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let balance = scaled(&answer, &["balance"], 2).ok()?;
    let status = text(&answer, &["accountStatus"]);
    Some(match (balance, status.as_deref()) {
        (_, Some(status)) if status != "active" => Health::Degraded(format!("The account is {status}.")),
        (Some(halalas), _) if halalas <= 0 => Health::Degraded("The account has no balance.".to_owned()),
        _ => Health::Ok,
    })
}

#[cfg(test)]
mod tests {
    use barq_plugin_common::sms::example_outgoing;

    use super::*;

    fn outcome(status: u16, body: &str) -> String {
        match read(&example_outgoing("0501234567", "سلام"), status, body.as_bytes()) {
            None => "by its status".to_owned(),
            Some(result) => result.failure.map_or_else(|| "sent".to_owned(), |failure| failure.code),
        }
    }

    #[test]
    fn lists_that_are_texts_are_read() {
        let one = example_outgoing("0501234567", "سلام");
        let result = read(&one, 201, include_bytes!("../fixtures/accepted.json")).unwrap();
        assert!(result.failure.is_none());
        assert_eq!(result.provider_ref.as_deref(), Some("5452899970"));
        assert_eq!((result.segments, result.cost.unwrap().minor), (Some(1), 5));
        assert_eq!(result.attributes, [("cost".to_owned(), "0.0490".to_owned())]);
        assert_eq!(outcome(201, include_str!("../fixtures/rejected.json")), "bad_number");
    }

    #[test]
    fn a_number_that_is_in_no_list_was_not_sent_to() {
        for (body, expected) in [
            (
                r#"{"statusCode":201,"messageId":"7","accepted":[966501234567],"rejected":[]}"#,
                "sent",
            ),
            (
                r#"{"statusCode":201,"messageId":7,"accepted":"[966501234568,966501234567,]"}"#,
                "sent",
            ),
            (
                r#"{"statusCode":201,"messageId":7,"accepted":"[9665012345670,]"}"#,
                "bad_number",
            ),
            (r#"{"statusCode":201,"messageId":7}"#, "bad_number"),
        ] {
            assert_eq!(outcome(201, body), expected, "{body}");
        }
    }

    #[test]
    fn refusals_are_named() {
        for (status, body, expected) in [
            (
                401,
                r#"{"statusCode":401,"message":"Unauthorized"}"#,
                "credentials_refused",
            ),
            (
                400,
                r#"{"statusCode":400,"message":"Sender Name is not accepted"}"#,
                "sender",
            ),
            (
                400,
                r#"{"statusCode":400,"message":"You have no balance"}"#,
                "no_balance",
            ),
            (
                400,
                r#"{"statusCode":400,"message":"No accepted recipients"}"#,
                "bad_number",
            ),
            (400, r#"{"statusCode":400,"message":"?"}"#, "provider_refused"),
            (500, r#"{"statusCode":500,"message":"?"}"#, "provider_error"),
            (429, r#"{"statusCode":429,"message":"?"}"#, "by its status"),
            (200, "<html>", "by its status"),
        ] {
            assert_eq!(outcome(status, body), expected, "{body}");
        }
    }

    #[test]
    fn an_empty_account_is_shown() {
        assert!(matches!(
            health(br#"{"balance":"250.50","accountStatus":"active"}"#),
            Some(Health::Ok)
        ));
        assert!(matches!(health(br#"{"balance":"0.00"}"#), Some(Health::Degraded(_))));
        assert!(matches!(
            health(br#"{"balance":"9","accountStatus":"suspended"}"#),
            Some(Health::Degraded(_))
        ));
        assert!(health(b"<html>").is_none());
    }
}
