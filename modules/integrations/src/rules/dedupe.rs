//! What makes two requests the same request.

use std::fmt::Write;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// A longer key is kept as its hash.
const LONGEST: usize = 200;

/// A request, as far as its key goes.
pub(crate) struct Knock<'a> {
    pub header: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    pub query: &'a str,
    pub body: &'a [u8],
}

/// The key of a request by the rule of its manifest: `header:x-id`, `body:/id`, `form:Sid+Status`, `query:id`, or `digest` of
/// the body. A request that does not have what the rule names has the digest.
pub(crate) fn key(rule: &str, knock: &Knock<'_>) -> String {
    let named = match rule.split_once(':') {
        Some(("header", name)) => (knock.header)(name).map(ToOwned::to_owned),
        Some(("body", pointer)) => in_body(knock.body, pointer),
        Some(("form", names)) => std::str::from_utf8(knock.body)
            .ok()
            .and_then(|body| in_form(body, names)),
        Some(("query", names)) => in_form(knock.query, names),
        _ => None,
    };
    match named.filter(|key| !key.trim().is_empty()) {
        Some(key) if key.len() <= LONGEST && !key.chars().any(char::is_control) => format!("{rule}={key}"),
        Some(key) => format!("{rule}#{}", hex::encode(Sha256::digest(key.as_bytes()))),
        None => {
            let mut hash = Sha256::new();
            hash.update(knock.query.as_bytes());
            hash.update([0]);
            hash.update(knock.body);
            format!("digest={}", hex::encode(hash.finalize()))
        }
    }
}

/// Values of a body of JSON; several pointers with `+` between them are one key.
fn in_body(body: &[u8], pointers: &str) -> Option<String> {
    let json: Json = serde_json::from_slice(body).ok()?;
    joined(pointers, |pointer| match json.pointer(pointer)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(yes) => Some(yes.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    })
}

fn in_form(form: &str, names: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(form).ok()?;
    joined(names, |name| {
        let pair = pairs.iter().find(|(own, _)| own == name)?;
        Some(pair.1.clone())
    })
}

/// All of them or nothing: half a key would make different requests the same. Lengths keep `a+bc` and `ab+c` apart.
fn joined(names: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let values: Vec<String> = names.split('+').map(value).collect::<Option<_>>()?;
    if let [one] = values.as_slice() {
        return Some(one.clone());
    }
    let mut key = String::new();
    for value in values {
        let _ = write!(key, "{}:{value}", value.len());
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rule: &str, headers: &[(&str, &str)], query: &str, body: &[u8]) -> String {
        let header = |name: &str| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        key(
            rule,
            &Knock {
                header: &header,
                query,
                body,
            },
        )
    }

    #[test]
    fn the_key_is_where_the_manifest_says() {
        let headers = [("x-event-id", "e-7")];
        assert_eq!(of("header:x-event-id", &headers, "", b"{}"), "header:x-event-id=e-7");
        assert_eq!(
            of("body:/data/id", &[], "", br#"{"data":{"id":12}}"#),
            "body:/data/id=12"
        );
        assert_eq!(of("query:id", &[], "id=a%20b", b""), "query:id=a b");
        assert_eq!(
            of(
                "form:MessageSid+MessageStatus",
                &[],
                "",
                b"MessageStatus=sent&MessageSid=SM1"
            ),
            "form:MessageSid+MessageStatus=3:SM14:sent"
        );
    }

    #[test]
    fn other_requests_have_other_keys() {
        let form = |body: &[u8]| of("form:a+b", &[], "", body);
        assert_ne!(form(b"a=1&b=23"), form(b"a=12&b=3"));
        // Without the second part it is the whole body that counts.
        assert_ne!(form(b"a=1&c=2"), form(b"a=1&c=3"));
        assert_eq!(form(b"a=1&c=2"), form(b"a=1&c=2"));
        assert_ne!(of("digest", &[], "a=1", b"x"), of("digest", &[], "a=2", b"x"));
        assert_ne!(
            of("body:/id", &[], "", br#"{"id":null,"n":1}"#),
            of("body:/id", &[], "", br#"{"id":null,"n":2}"#)
        );
        // An id that is as long as a letter is kept as its hash, and still tells two requests apart.
        let long = |end: &str| of("header:x", &[("x", &format!("{}{end}", "y".repeat(500)))], "", b"");
        assert_ne!(long("1"), long("2"));
        assert!(long("1").len() < 100);
    }

    #[test]
    fn garbage_has_a_key_too() {
        for body in [&b"\xff\xfe"[..], b"", b"[[[", b"{\"id\":{}}"] {
            assert!(of("body:/id", &[], "", body).starts_with("digest="));
        }
    }
}
