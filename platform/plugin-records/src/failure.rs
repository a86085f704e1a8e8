//! How a call can end without a result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a plugin says about a call it could not finish. The platform owns the retry policy.
    FailureKind {
        /// Worth trying again later: network, 5xx, maintenance.
        Transient = "transient",
        /// The provider asked to slow down; see `retry_after_ms`.
        RateLimited = "rate_limited",
        /// Credentials refused: a person must act, no retry.
        Auth = "auth",
        /// Wrong and will stay wrong.
        Permanent = "permanent",
        /// Settings are missing or contradict each other: a person must act, no retry.
        Config = "config",
        /// This plugin does not do that.
        Unsupported = "unsupported",
        /// None of these; treated as permanent.
        Other = "other",
    }
}

impl FailureKind {
    /// Whether the same call may be tried again without a person changing something.
    pub fn retryable(self) -> bool {
        match self {
            Self::Transient | Self::RateLimited => true,
            Self::Auth | Self::Permanent | Self::Config | Self::Unsupported | Self::Other => false,
        }
    }
}

/// A failure the plugin reported itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// Stable and machine readable, e.g. `page_limit`.
    pub code: String,
    /// One sentence for an administrator.
    pub message: String,
    pub retry_after_ms: Option<u32>,
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

vocabulary! {
    /// Why the host ended a call.
    FaultKind {
        /// The plugin crashed.
        Trap = "trap",
        /// Wall time or processor time ran out.
        Timeout = "timeout",
        /// It asked for more memory than it may have.
        Memory = "memory",
        /// Too many host calls, or too much data across the boundary.
        Budget = "budget",
        /// The worker process ended during the call. Nothing was committed.
        WorkerLost = "worker_lost",
        /// The answer breaks the contract.
        Malformed = "malformed",
        /// The component needs something its manifest does not declare, or cannot be loaded.
        Denied = "denied",
    }
}

impl FaultKind {
    /// Whether trying once more can help.
    pub fn retryable(self) -> bool {
        match self {
            Self::Trap | Self::Timeout | Self::Memory | Self::Budget | Self::WorkerLost => true,
            Self::Malformed | Self::Denied => false,
        }
    }
}

/// A call the host ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    /// Which limit or rule, with its value. Safe to show to the organization's administrator.
    pub detail: String,
}
