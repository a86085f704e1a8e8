//! What one call may use.

use serde::{Deserialize, Serialize};

use crate::manifest::Manifest;

const MIB: u64 = 1024 * 1024;

/// The most memory any guest can have: the size of a slot in the worker's pool.
pub const MAX_MEMORY_BYTES: u64 = 64 * MIB;

/// Calls in the worker at once: the size of its pool of instances.
pub(crate) const MAX_CONCURRENT_CALLS: usize = 64;
/// Of these, one organization's and one installation's at most.
pub(crate) const CALLS_PER_ORGANIZATION: usize = 8;
pub(crate) const CALLS_PER_INSTALLATION: usize = 2;
/// Components that are ready in the worker at once.
pub(crate) const MAX_LOADED: usize = 256;
/// What compiling one upload may take. The largest interpreter that is allowed as a plugin needs a third of it.
pub(crate) const COMPILE_CPU_S: u64 = 60;
pub(crate) const COMPILE_MEMORY_BYTES: u64 = 1024 * MIB;

/// Budgets of one call. The defaults suit a page of a few thousand records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From start to answer, waiting included.
    pub wall_ms: u32,
    /// Processor time of the guest.
    pub cpu_ms: u32,
    pub memory_bytes: u64,
    /// Data copied from the guest in one crossing.
    pub crossing_bytes: u64,
    /// Calls of host functions, all kinds together.
    pub host_calls: u32,
    pub http_calls: u32,
    pub http_timeout_ms: u32,
    pub http_request_bytes: u64,
    pub http_response_bytes: u64,
    /// Key-value operations, and separately signatures.
    pub kv_calls: u32,
    /// Questions about rows of the organization.
    pub directory_calls: u32,
    pub log_lines: u32,
    pub log_bytes: u32,
    /// Records in one answer.
    pub records: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_ms: 60_000,
            cpu_ms: 1_000,
            memory_bytes: 64 * MIB,
            crossing_bytes: 4 * MIB,
            host_calls: 10_000,
            http_calls: 32,
            http_timeout_ms: 10_000,
            http_request_bytes: MIB,
            http_response_bytes: 4 * MIB,
            kv_calls: 200,
            directory_calls: 50,
            log_lines: 200,
            log_bytes: 64 * 1024,
            records: 5_000,
        }
    }
}

impl Limits {
    /// These limits, lowered to what the manifest asks for. A manifest never raises one.
    pub fn lowered_by(mut self, manifest: &Manifest) -> Self {
        if let Some(memory_mib) = manifest.limits.memory_mib {
            self.memory_bytes = self.memory_bytes.min(u64::from(memory_mib) * MIB);
        }
        if let Some(wall_ms) = manifest.limits.wall_ms {
            self.wall_ms = self.wall_ms.min(wall_ms);
        }
        if let Some(cpu_ms) = manifest.limits.cpu_ms {
            self.cpu_ms = self.cpu_ms.min(cpu_ms);
        }
        if let Some(http_calls) = manifest.limits.http_calls {
            self.http_calls = self.http_calls.min(http_calls);
        }
        self.memory_bytes = self.memory_bytes.min(MAX_MEMORY_BYTES);
        self
    }
}
