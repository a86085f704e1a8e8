//! A request as handlers see it.

use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{Locale, Problem};

/// A request, read completely.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Values of the path's `{name}` parts, in order.
    pub path: Vec<(String, String)>,
    /// The query string as it came.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Address of the caller, for throttling and sessions.
    pub address: String,
}

impl Request {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The caller's language.
    pub fn locale(&self) -> Locale {
        Locale::from_accept(self.header("accept-language"))
    }

    /// A value of the path.
    pub fn part(&self, name: &str) -> &str {
        self.path
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// An id of the path: what is not even an id is not there either.
    pub fn id(&self, name: &str) -> Result<Uuid, Problem> {
        Uuid::try_parse(self.part(name)).map_err(|_| Problem::not_found())
    }

    /// The query as pairs.
    pub fn pairs(&self) -> Result<Vec<(String, String)>, Problem> {
        serde_urlencoded::from_str(&self.query).map_err(Problem::malformed)
    }

    /// The body as a JSON object; an absent body is an empty one.
    pub fn object(&self) -> Result<Map<String, Json>, Problem> {
        if self.body.is_empty() {
            return Ok(Map::new());
        }
        let json = self
            .header(header::CONTENT_TYPE.as_str())
            .is_none_or(|kind| kind.contains("json"));
        if !json {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"));
        }
        match crate::json::parse(&self.body) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => Err(Problem::malformed("an object is expected")),
            Err(error) => Err(Problem::malformed(error)),
        }
    }

    /// Path and query as a typed input.
    pub fn query_as<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut pairs = self.pairs()?;
        pairs.extend(self.path.iter().cloned());
        // PostgreSQL takes it in no text.
        if let Some((name, _)) = pairs.iter().find(|(_, value)| value.contains('\0')) {
            return Err(Problem::field(name, "bad_character"));
        }
        let text = serde_urlencoded::to_string(&pairs).map_err(Problem::malformed)?;
        serde_urlencoded::from_str(&text).map_err(Problem::malformed)
    }

    /// Path and body as a typed input.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut object = self.object()?;
        for (name, value) in &self.path {
            object.insert(name.clone(), value.clone().into());
        }
        T::deserialize(Json::Object(object)).map_err(Problem::malformed)
    }
}
