//! What reaches a plugin from outside and from the organization, and what it may answer.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::check::Verdict;
use crate::{Attributes, RefusedRow};

/// A request that arrived at an address of an installation, stored already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The platform's id of this request; the same for every attempt.
    pub request_id: String,
    /// Name of the `[[webhook]]`.
    pub endpoint: String,
    /// The whole public address as the sender called it.
    pub address: String,
    pub method: String,
    /// What follows the endpoint's address.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case, without `authorization` and `cookie`.
    pub headers: Vec<(String, String)>,
    #[serde(with = "crate::inbound::bytes")]
    pub body: Vec<u8>,
    pub received_at: DateTime<Utc>,
    /// Whether the host checked a signature.
    pub verified: bool,
    pub attributes: Attributes,
}

/// An event of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginEvent {
    pub event_id: String,
    pub name: String,
    pub version: u32,
    pub occurred_at: DateTime<Utc>,
    pub subject_id: Option<String>,
    /// JSON.
    pub data: String,
    pub attributes: Attributes,
}

/// A plugin's answer to a sender that waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    #[serde(with = "crate::inbound::bytes")]
    pub body: Vec<u8>,
}

const MAX_REPLY_HEADERS: usize = 16;
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// Whether a reply may be sent: it must not redirect, set cookies, or speak for the server.
pub fn check_reply(reply: &Reply) -> Result<(), RefusedRow> {
    let verdict = |reply: &Reply| -> Verdict {
        if !matches!(reply.status, 200..=299 | 400..=499) {
            return Err(("reply.status", "out_of_range"));
        }
        if reply.headers.len() > MAX_REPLY_HEADERS {
            return Err(("reply.headers", "too_many"));
        }
        for (name, value) in &reply.headers {
            let name = name.to_ascii_lowercase();
            let named = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let allowed = name == "content-type" || (name.starts_with("x-") && name.chars().all(named));
            if !allowed || value.len() > 256 || !value.chars().all(|c| (' '..='~').contains(&c)) {
                return Err(("reply.headers", "unknown"));
            }
        }
        if reply.body.len() > MAX_REPLY_BYTES {
            return Err(("reply.body", "too_long"));
        }
        Ok(())
    };
    verdict(reply).map_err(|(field, reason)| RefusedRow {
        record: "reply".to_owned(),
        field: field.to_owned(),
        reason: reason.to_owned(),
        ..RefusedRow::default()
    })
}

/// Bytes: as they are in compact formats, as text in JSON where that is possible, because stored requests are read by
/// people.
pub(crate) mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Readable {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return bytes.serialize(serializer);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => text.serialize(serializer),
            Err(_) => bytes.serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        if !deserializer.is_human_readable() {
            return Vec::deserialize(deserializer);
        }
        Ok(match Readable::deserialize(deserializer)? {
            Readable::Text(text) => text.into_bytes(),
            Readable::Bytes(bytes) => bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)], body: usize) -> Result<(), RefusedRow> {
        let headers = headers
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        check_reply(&Reply {
            status,
            headers,
            body: vec![b'x'; body],
        })
    }

    type Case<'a> = (u16, &'a [(&'a str, &'a str)], usize, &'a str);

    #[test]
    fn a_reply_is_data_and_no_more() {
        assert_eq!(
            reply(200, &[("Content-Type", "application/json"), ("x-code", "0")], 65_536),
            Ok(())
        );
        assert_eq!(reply(422, &[], 0), Ok(()));
        let many = [("x-a", ""); 17];
        let cases: [Case<'_>; 9] = [
            (302, &[], 0, "reply.status"),
            (500, &[], 0, "reply.status"),
            (100, &[], 0, "reply.status"),
            (200, &[("set-cookie", "a=b")], 0, "reply.headers"),
            (200, &[("location", "https://elsewhere.example")], 0, "reply.headers"),
            (200, &[("x-a\r\nset-cookie", "a")], 0, "reply.headers"),
            (200, &[("x-a", "b\r\nset-cookie: a")], 0, "reply.headers"),
            (200, &many, 0, "reply.headers"),
            (200, &[], 65_537, "reply.body"),
        ];
        for (status, headers, body, field) in cases {
            assert_eq!(
                reply(status, headers, body).unwrap_err().field,
                field,
                "{status} {headers:?} {body}"
            );
        }
    }
}
