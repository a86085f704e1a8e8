//! From how a call failed to a code that has words in both languages, and what follows from it.

use platform_plugin_host::{CallError, Failure, FailureKind, Fault, FaultKind};

/// Why a run did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// A problem code.
    pub code: &'static str,
    /// The particulars.
    pub detail: Option<String>,
    /// Whether only a person can mend it: the installation says so until then.
    pub needs_attention: bool,
}

impl Trouble {
    /// Something that the next run may not meet again.
    pub fn passing(code: &'static str, detail: impl Into<Option<String>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            needs_attention: false,
        }
    }

    /// Something that a person has to mend.
    pub fn lasting(code: &'static str, detail: impl Into<Option<String>>) -> Self {
        Self {
            needs_attention: true,
            ..Self::passing(code, detail)
        }
    }

    /// What a failed call means for its run.
    pub fn of(error: &CallError) -> Self {
        let (code, needs_attention) = match error {
            CallError::Failure(failure) => of_failure(failure),
            CallError::Fault(Fault { kind, .. }) => (of_fault(*kind), false),
        };
        let detail = match error {
            CallError::Failure(failure) => format!("{} ({})", failure.message, failure.code),
            CallError::Fault(fault) => fault.detail.clone(),
        };
        Self {
            code,
            detail: Some(detail),
            needs_attention,
        }
    }
}

/// Codes of the SDK say more than the kind.
fn of_failure(failure: &Failure) -> (&'static str, bool) {
    let code = match (failure.kind, failure.code.as_str()) {
        (FailureKind::Auth, "bad_signature") => return ("webhook_signature_wrong", false),
        (FailureKind::Auth, _) => return ("provider_refused_key", true),
        (FailureKind::Config, _) => return ("plugin_settings_wrong", true),
        (_, "bad_reply" | "unreadable_page" | "too_large") => "provider_garbage",
        (_, "timeout") => "provider_silent",
        (_, "no_connection") => "provider_unreachable",
        (_, "record_refused") => "plugin_record_refused",
        (_, "kv_conflict") => "plugin_kv_conflict",
        (_, "keeps_too_much") => "plugin_keeps_too_much",
        (_, "no_sink") => "no_sink",
        (_, "plugin_events_in_a_circle") => "plugin_events_in_a_circle",
        (_, "page_limit") => "endless_pages",
        (_, "repeated_page") => "same_page",
        (FailureKind::Transient, _) => "provider_failing",
        (FailureKind::RateLimited, _) => "provider_busy",
        (FailureKind::Permanent | FailureKind::Other, _) => "provider_refused",
        (FailureKind::Unsupported, _) => "plugin_unsupported",
    };
    (code, false)
}

pub(crate) const fn of_fault(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Trap => "plugin_crashed",
        FaultKind::Timeout => "plugin_too_slow",
        FaultKind::Memory => "plugin_memory",
        FaultKind::Budget => "plugin_budget",
        FaultKind::WorkerLost => "plugin_lost",
        FaultKind::Malformed => "plugin_malformed",
        FaultKind::Denied => "plugin_denied",
    }
}

/// How often a call that failed so may be tried again, of `most`. What a limit ended ends there again, mostly.
pub(crate) fn retries(error: &CallError, most: u32) -> u32 {
    match error {
        error if !error.retryable() => 0,
        CallError::Failure(_) => most,
        CallError::Fault(fault) => match fault.kind {
            FaultKind::WorkerLost => most,
            FaultKind::Trap => 2.min(most),
            FaultKind::Timeout | FaultKind::Memory | FaultKind::Budget => 1.min(most),
            FaultKind::Malformed | FaultKind::Denied => 0,
        },
    }
}
