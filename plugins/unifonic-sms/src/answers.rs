//! What Unifonic answers and reports, without I/O.

use barq_plugin::time::{Zone, parse_moment};
use barq_plugin::{DeliveryReport, Failure, Money, SmsResult, SmsState};
use barq_plugin_common::value::{at, text, whole};
use serde_json::Value;

/// Reads the answer to one message; `None` when it is not one of Unifonic's. A message that is refused as a copy of one that
/// was tried before has been sent.
pub fn read(message_id: &str, again: bool, status: u16, body: &[u8]) -> Option<SmsResult> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let succeeded = match answer.get("success")? {
        Value::Bool(yes) => *yes,
        // Seen as a text, too.
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => return None,
    };
    if succeeded {
        return accepted(message_id, &answer);
    }
    let code = text(&answer, &["errorCode"]).unwrap_or_default();
    let code = code.trim_start_matches("ER-");
    let code = if code.is_empty() {
        status.to_string()
    } else {
        code.to_owned()
    };
    if again && is_copy(&code) {
        return Some(SmsResult {
            provider_ref: None,
            ..SmsResult::accepted(message_id, "")
        });
    }
    // Slowing down is in the headers, too: the status says it all.
    (code != "429").then(|| SmsResult::refused(message_id, refusal(&code)))
}

fn accepted(message_id: &str, answer: &Value) -> Option<SmsResult> {
    let id = text(answer, &["data.MessageID", "data.Messages.0.MessageID"])?;
    let state = match text(answer, &["data.Status", "data.Messages.0.Status"]).as_deref() {
        Some(word) => state(word),
        None => SmsState::Accepted,
    };
    let cost = at(answer, "data.Cost").filter(|_| text(answer, &["data.CurrencyCode"]).is_some());
    let cost = cost.and_then(|cost| Money::from_json(cost, &text(answer, &["data.CurrencyCode"])?));
    let mut result = SmsResult {
        state,
        segments: whole(answer, &["data.NumberOfUnits"])
            .and_then(|units| u32::try_from(units).ok())
            .filter(|units| *units > 0),
        cost: cost.filter(|cost| cost.minor > 0),
        ..SmsResult::accepted(message_id, id)
    };
    // Prices of a message are smaller than a halala's step.
    if let Some(exact) = text(answer, &["data.Cost"]).filter(|_| result.cost.is_some()) {
        result.attributes.push(("cost".to_owned(), exact));
    }
    Some(result)
}

fn is_copy(code: &str) -> bool {
    matches!(code, "09" | "409")
}

/// By Unifonic's two lists: its own statuses, and the reasons of messages that were not delivered.
fn refusal(code: &str) -> Failure {
    let said = format!("Unifonic refused the message (ER-{code}).");
    match code {
        "401" => Failure::auth("credentials_refused", "Unifonic does not know the AppSid."),
        "403" => Failure::auth(
            "address_refused",
            "Unifonic accepts this account from other addresses only.",
        ),
        "402" => Failure::config("credentials_missing", "The AppSid is missing."),
        "08" | "440" | "480" => Failure::config("sender", "The sender name is not registered with Unifonic."),
        "01" => Failure::config(
            "no_balance",
            "The Unifonic account has no balance, or no package for this country.",
        ),
        "02" | "03" | "04" | "05" | "410" | "422" | "481" | "482" | "483" => Failure::permanent("bad_number", said),
        "06" | "07" | "412" | "415" | "417" | "421" | "449" | "460" => Failure::permanent("bad_text", said),
        _ if is_copy(code) => Failure::permanent("repeated", said),
        "500" | "502" | "503" | "504" | "599" => Failure::transient("provider_error", said),
        _ => Failure::permanent("provider_refused", said),
    }
}

fn state(word: &str) -> SmsState {
    match word.to_ascii_lowercase().as_str() {
        "queued" => SmsState::Queued,
        "sent" => SmsState::Sent,
        "delivered" => SmsState::Delivered,
        "undeliverable" | "undelivered" | "failed" => SmsState::Undelivered,
        "rejected" => SmsState::Rejected,
        "expired" => SmsState::Expired,
        _ => SmsState::Other,
    }
}

/// A delivery report: fields of a form, of the address or of an object, in any case of letters.
pub fn report(fields: &[(String, String)]) -> Option<DeliveryReport> {
    let field = |names: &[&str]| {
        let named = |name: &&str| {
            fields
                .iter()
                .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty())
        };
        names.iter().find_map(named).map(|(_, value)| value.trim().to_owned())
    };
    let word = field(&["DLR", "Status"])?;
    let at = field(&["SCTS", "DLRTimestamp"])
        .and_then(|text| parse_moment(&text, "YYYY-MM-DD HH:mm:ss", Zone::named("Asia/Riyadh")?));
    Some(DeliveryReport {
        message_id: field(&["CorrelationID"]),
        at: at.map(|moment| moment.instant_ms),
        state_name: Some(word.clone()),
        ..DeliveryReport::new(field(&["MessageID"])?, state(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_ok(body: &str) -> SmsResult {
        read("m-1", false, 200, body.as_bytes()).unwrap()
    }

    fn code(again: bool, status: u16, body: &str) -> String {
        let result = read("m-1", again, status, body.as_bytes()).unwrap();
        result.failure.map_or_else(|| "sent".to_owned(), |failure| failure.code)
    }

    #[test]
    fn a_message_is_taken_with_its_parts_and_price() {
        let result = read_ok(include_str!("../fixtures/queued.json"));
        assert_eq!(result.provider_ref.as_deref(), Some("42000348806924"));
        assert!(matches!(result.state, SmsState::Queued) && result.failure.is_none());
        assert_eq!((result.segments, result.cost.unwrap().minor), (Some(2), 6));
        assert_eq!(result.attributes, [("cost".to_owned(), "0.055".to_owned())]);
    }

    #[test]
    fn success_may_be_a_text() {
        let result = read_ok(include_str!("../fixtures/queued_as_text.json"));
        assert!(matches!(result.state, SmsState::Sent) && result.failure.is_none());
        assert!(
            result.segments.is_none() && result.cost.is_none(),
            "zero stands for nothing"
        );
    }

    #[test]
    fn refusals_with_status_200_and_with_its_own_statuses_are_named() {
        assert_eq!(
            code(false, 200, include_str!("../fixtures/too_short.json")),
            "bad_number"
        );
        for (status, expected) in [
            (401, "credentials_refused"),
            (402, "credentials_missing"),
            (480, "sender"),
            (482, "bad_number"),
            (449, "bad_text"),
            (418, "provider_refused"),
            (599, "provider_error"),
        ] {
            assert_eq!(
                code(false, status, r#"{"success":false,"message":"x","data":{}}"#),
                expected,
                "{status}"
            );
        }
        assert_eq!(
            code(false, 200, r#"{"success":"false","errorCode":"ER-01"}"#),
            "no_balance"
        );
    }

    #[test]
    fn a_copy_of_a_message_that_was_tried_before_was_sent() {
        let copy = r#"{"success":false,"errorCode":"ER-09"}"#;
        assert_eq!(code(false, 200, copy), "repeated");
        assert_eq!(code(true, 200, copy), "sent");
    }

    #[test]
    fn what_is_not_of_unifonic_is_judged_by_its_status() {
        assert!(read("m-1", false, 200, b"<html>").is_none());
        assert!(read("m-1", false, 429, br#"{"success":false,"errorCode":"ER-429"}"#).is_none());
        assert!(read("m-1", false, 200, br#"{"success":true,"data":{}}"#).is_none());
    }

    #[test]
    fn reports_are_read_in_any_case_of_letters() {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let fields: Vec<_> = [
            ("messageid", "42"),
            ("dlr", "Delivered"),
            ("SCTS", "2026-11-20 12:00:03"),
        ]
        .iter()
        .map(pair)
        .collect();
        let read = report(&fields).unwrap();
        assert_eq!(
            (read.provider_ref.as_deref(), read.at),
            (Some("42"), Some(1_795_165_203_000))
        );
        assert!(matches!(read.state, SmsState::Delivered));
        assert!(report(&fields[..1]).is_none());
        let odd: Vec<_> = [("MessageID", "42"), ("Status", "Lost")].iter().map(pair).collect();
        assert!(matches!(report(&odd).unwrap().state, SmsState::Other));
    }
}
