//! The engine's settings: what WebAssembly a plugin may use, and how much of the pool a call may take.

use std::hash::Hash;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmFeatures};

use crate::artefacts::Sha256Hasher;
use crate::boot::Fingerprint;
use crate::limits::{MAX_CONCURRENT_CALLS, MAX_MEMORY_BYTES};

const KIB: usize = 1024;

/// Elements a table may have: a large guest's indirect functions, many times over.
pub(crate) const TABLE_ELEMENTS: usize = 10_000;

/// Calls that have answered and are still being cleared away: at most one for each thread.
const CLEARING: u32 = 16;

/// The settings of worker and compiler alike.
pub(crate) fn config() -> Config {
    let slots = u32::try_from(MAX_CONCURRENT_CALLS).unwrap_or(u32::MAX) + CLEARING;
    let mut pool = PoolingAllocationConfig::new();
    // A guest that brings its own interpreter (JavaScript) consists of thirteen modules and three memories.
    pool.total_component_instances(slots)
        .total_core_instances(slots * 24)
        .max_core_instances_per_component(24)
        .total_memories(slots * 4)
        .max_memories_per_component(4)
        .total_tables(slots * 16)
        .max_tables_per_component(16)
        .table_elements(TABLE_ELEMENTS)
        .total_stacks(slots)
        .max_memory_size(usize::try_from(MAX_MEMORY_BYTES).unwrap_or(usize::MAX))
        // Enough for what a small guest touches: zeroing it costs less than giving the pages back.
        .linear_memory_keep_resident(64 * KIB)
        .table_keep_resident(64 * KIB)
        .async_stack_keep_resident(32 * KIB);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        // Data is copied in, not mapped: a memory is then one region of the process, and giving the pages of a large one back, which
        // takes milliseconds, leaves the process's table of regions to the others.
        .memory_init_cow(false)
        .max_wasm_stack(512 * KIB)
        .async_stack_size(KIB * KIB)
        // What a compiler of today emits for a single thread, and not a proposal more. Several memories stay allowed: components
        // that bring their own adapter have them, and the compiler panics on those where they are not.
        .wasm_features(WasmFeatures::all() - allowed(), false)
        .wasm_features(WasmFeatures::MULTI_MEMORY | WasmFeatures::TAIL_CALL, true);
    config
}

fn allowed() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::CALL_INDIRECT_OVERLONG
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::BULK_MEMORY_OPT
        | WasmFeatures::SIMD
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::FLOATS
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
        // Not a proposal: whether references to functions and the host's own values exist at all.
        | WasmFeatures::GC_TYPES
}

/// Names everything that decides whether code compiled for one engine runs in another.
pub(crate) fn fingerprint(engine: &Engine) -> Fingerprint {
    let mut hasher = Sha256Hasher::default();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.fingerprint()
}
