//! Requests that arrived.

use serde::de::DeserializeOwned;

use crate::{Failure, Inbound, Result};

impl Inbound {
    /// A header by name, in any case of letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A value of the query by name.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).map_err(|_| Failure::permanent("bad_message", "The message is not UTF-8 text."))
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        parse(&self.body)
    }

    /// What to answer when the signature the plugin checks is not right: the platform drops the request.
    pub fn bad_signature() -> Failure {
        Failure::auth("bad_signature", "The signature of the message is not right.")
    }

    /// A body of `application/x-www-form-urlencoded`, in the order it came.
    pub fn form(&self) -> Result<Vec<(String, String)>> {
        let text = self.text()?;
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let decoded = decoded(name).zip(decoded(value));
                decoded.ok_or_else(|| Failure::permanent("bad_message", "The form cannot be read."))
            })
            .collect()
    }
}

/// JSON inside a JSON string, as some platforms send it.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|e| Failure::permanent("bad_message", format!("The message is not the expected JSON: {e}.")))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbound(body: &str) -> Inbound {
        Inbound {
            request_id: "r".into(),
            endpoint: "orders".into(),
            address: "https://fleet.example.com/in/abc?shop=7".into(),
            method: "POST".into(),
            path: String::new(),
            query: vec![("shop".into(), "7".into())],
            headers: vec![("x-event-id".into(), "42".into())],
            body: body.into(),
            received_at: 0,
            verified: true,
            attributes: vec![],
        }
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let request = inbound("");
        assert_eq!(request.header("X-Event-Id"), Some("42"));
        assert_eq!(request.header("x-other"), None);
        assert_eq!(request.query_value("shop"), Some("7"));
    }

    #[test]
    fn forms_are_decoded() {
        let pairs = inbound("MessageStatus=sent&To=%2B9665&Body=a+b%20%D8%B3&x")
            .form()
            .unwrap();
        let expected = [("MessageStatus", "sent"), ("To", "+9665"), ("Body", "a b س"), ("x", "")];
        let expected: Vec<_> = expected
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        assert_eq!(pairs, expected);
        for bad in ["a=%", "a=%g0", "a=%ff"] {
            assert_eq!(inbound(bad).form().unwrap_err().code, "bad_message", "{bad}");
        }
    }

    #[test]
    fn json_that_is_not_expected_names_the_place() {
        let failure = inbound("{\"id\": }").json::<serde_json::Value>().unwrap_err();
        assert!(failure.message.contains("column"), "{}", failure.message);
    }
}
