//! Answers, before they become HTTP.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;

/// What an answer carries.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// Bytes of the reply's media type.
    Bytes(Bytes),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers besides the content type.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Content type of the body.
    pub media_type: &'static str,
    /// The body.
    pub body: Body,
}

impl Reply {
    /// JSON of a serializable value.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Self {
        // Serializing our own types into memory fails only for maps with keys that are not text, which we do not have.
        Self::json_bytes(status, serde_json::to_vec(value).unwrap_or_default())
    }

    /// JSON that is already written.
    pub fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            media_type: "application/json",
            body: Body::Bytes(bytes.into()),
        }
    }

    /// 204.
    pub const fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: Vec::new(),
            media_type: "application/json",
            body: Body::Empty,
        }
    }

    /// A file to save.
    pub fn file(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Self {
        let safe: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "._-".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let encoded: String = name
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        let disposition = format!("attachment; filename=\"{safe}\"; filename*=UTF-8''{encoded}");
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            media_type,
            body: Body::Bytes(bytes.into()),
        }
        .header("content-disposition", disposition)
    }

    /// Adds a header; a value that HTTP cannot carry is left out.
    pub fn header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// Another content type.
    pub const fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_type = media_type;
        self
    }

    /// Another status.
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A header's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.as_str() == name)
            .and_then(|(_, value)| value.to_str().ok())
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Body::Empty => self.status.into_response(),
            Body::Bytes(bytes) => {
                let mut response = (self.status, bytes).into_response();
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
                response
            }
        };
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}
