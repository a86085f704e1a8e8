//! Refusals and failures, answered as RFC 9457 problem documents in the caller's language.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value as Json;

use crate::{Catalogue, Locale, Reply};

/// One refused value: which field, why, and for files which row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Name of the field as in the request.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What fills the sentence's holes.
    #[serde(skip)]
    pub params: Vec<(&'static str, String)>,
    /// Line of the file, for imports; position, for bulk requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// What was given, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl FieldError {
    /// A refused field.
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self {
            field: field.into(),
            code,
            params: Vec::new(),
            row: None,
            value: None,
        }
    }

    /// Adds what fills the sentence's holes.
    pub fn with(mut self, params: Vec<(&'static str, String)>) -> Self {
        self.params = params;
        self
    }

    /// The JSON form with the sentence in the caller's language.
    pub fn to_json(&self, catalogue: &Catalogue, locale: Locale) -> Json {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        json["message"] = catalogue.problem(locale, self.code, &self.params).into();
        json
    }
}

/// Why a request was not served.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code, the last part of `type`.
    pub code: &'static str,
    /// What fills the sentence's holes.
    pub params: Vec<(&'static str, String)>,
    /// Refused fields.
    pub errors: Vec<FieldError>,
    /// Seconds after which a try makes sense.
    pub retry_after_s: Option<u64>,
    /// The limit that was reached.
    pub limit: Option<Box<(platform_limits::Kind, platform_limits::State)>>,
}

impl Problem {
    /// A problem with a status and a code.
    pub const fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            status,
            code,
            params: Vec::new(),
            errors: Vec::new(),
            retry_after_s: None,
            limit: None,
        }
    }

    /// Not there, or not yours: one answer for both.
    pub const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// Nobody is signed in, or no longer.
    pub const fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in")
    }

    /// The caller may do that, once he has proved that he is still there. Not 401: the token is good, and another would not help.
    pub fn step_up_needed() -> Self {
        Self::new(StatusCode::FORBIDDEN, "step_up_needed")
    }

    /// The caller may not do that.
    pub fn forbidden(permission: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden").with("permission", permission)
    }

    /// The input breaks rules at these fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid")
        }
    }

    /// One field breaks a rule.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::invalid(vec![FieldError::new(field, code)])
    }

    /// The request cannot be read at all.
    pub fn malformed(detail: impl ToString) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed").with("detail", detail)
    }

    /// The row's state does not allow it.
    pub const fn refused(code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }

    /// Adds what fills a hole of the sentence.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// Something of ours failed. The cause is logged here, once; the caller learns nothing of it.
    pub fn internal(cause: &(dyn std::fmt::Display + Sync)) -> Self {
        tracing::error!(%cause, "Request failed: {cause}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// The answer, in the caller's language.
    pub fn reply(&self, catalogue: &Catalogue, locale: Locale) -> Reply {
        let title = catalogue.problem(locale, self.code, &self.params);
        let mut json = serde_json::json!({
            "type": format!("/problems/{}", self.code),
            "title": title,
            "status": self.status.as_u16(),
            "code": self.code,
        });
        if !self.errors.is_empty() {
            json["errors"] = self
                .errors
                .iter()
                .map(|error| error.to_json(catalogue, locale))
                .collect();
        }
        let mut reply = Reply::json(self.status, &json).media_type("application/problem+json");
        if let Some(seconds) = self.retry_after_s {
            reply = reply.header("retry-after", seconds.to_string());
        }
        if let Some((kind, state)) = self.limit.as_deref() {
            reply = crate::limited::speak(reply, *kind, *state);
        }
        reply
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.status.as_u16(), self.code)?;
        for error in &self.errors {
            write!(formatter, " {}={}", error.field, error.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl From<sqlx::Error> for Problem {
    /// Constraint names are turned into field errors by the engine; what arrives here is about time, locks or ourselves.
    fn from(error: sqlx::Error) -> Self {
        let busy = |code| Self {
            retry_after_s: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code)
        };
        match &error {
            sqlx::Error::PoolTimedOut => busy("busy"),
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed => {
                tracing::error!(%error, "Lost the database: {error}");
                busy("unavailable")
            }
            sqlx::Error::Database(refusal) => match refusal.code().as_deref() {
                // 55P03 lock not available, 40P01 deadlock, 40001 serialization.
                Some("55P03" | "40P01" | "40001") => Self::refused("try_again"),
                // 57014 statement timeout; 57P01.. the server is going down or coming up.
                Some("57014") => busy("too_slow"),
                Some("57P01" | "57P02" | "57P03") => busy("unavailable"),
                _ => Self::internal(&error),
            },
            _ => Self::internal(&error),
        }
    }
}
