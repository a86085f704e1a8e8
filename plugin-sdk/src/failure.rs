//! Failures a plugin reports, by what the platform should do about them.

use crate::{Failure, FailureKind};

impl Failure {
    fn new(kind: FailureKind, code: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: message.into(),
            retry_after_ms: None,
            attributes: Vec::new(),
        }
    }

    /// Worth trying again later.
    pub fn transient(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Transient, code, message)
    }

    /// The provider asked to slow down.
    pub fn rate_limited(retry_after_ms: Option<u32>) -> Self {
        let mut failure = Self::new(
            FailureKind::RateLimited,
            "rate_limited",
            "The provider asks to wait before the next request.",
        );
        failure.retry_after_ms = retry_after_ms;
        failure
    }

    /// Credentials are refused: a person must act.
    pub fn auth(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Auth, code, message)
    }

    /// Wrong and will stay wrong.
    pub fn permanent(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Permanent, code, message)
    }

    /// Settings are missing or contradict each other: a person must act.
    pub fn config(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Config, code, message)
    }

    /// The plugin does not do that.
    pub fn unsupported(what: &str) -> Self {
        Self::new(
            FailureKind::Unsupported,
            "unsupported",
            format!("This plugin has no {what}."),
        )
    }

    /// Whether the same may be tried again by itself.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, FailureKind::Transient | FailureKind::RateLimited)
    }
}
