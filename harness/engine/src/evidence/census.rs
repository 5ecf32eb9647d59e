//! Everything that holds memory in a process, taken at one instant: the raw figures of the
//! reconciliation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Resident bytes of a process by the kind of its mappings (`/proc/PID/smaps`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MapsClasses {
    /// `[heap]` and malloc's own anonymous arenas and mapped blocks, as far as they can be told.
    pub malloc: u64,
    /// Anonymous mappings outside malloc.
    pub anonymous: u64,
    /// Thread stacks and `[stack]`.
    pub stacks: u64,
    /// Private and shared mappings of data files.
    pub file: u64,
    /// Shared memory.
    pub shared: u64,
    /// The program's code, its data and its libraries.
    pub code_and_data: u64,
    /// Resident bytes, all classes together, from the same read.
    pub total: u64,
}

/// The figures of one instant of a count trial, at the highest resident size seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Census {
    /// Seconds since the step began.
    pub t: f64,
    /// Resident bytes of the process, as the kernel counts them all together.
    pub resident: u64,
    /// How far resident size or live heap moved while the figures were read, in bytes.
    pub moved: u64,
    /// Whether the program was stopped for the reading, because it moved too fast.
    pub paused: bool,
    /// Resident bytes by kind of mapping.
    pub maps: MapsClasses,
    /// Resident bytes that may be malloc's or other anonymous memory's.
    pub uncertain: u64,
    /// The program's ledger: component and bytes.
    pub ledger: Vec<(String, u64)>,
    /// Live bytes of Rust's heap.
    pub heap_rust: u64,
    /// Live bytes of C's heap; absent where it cannot be counted.
    pub heap_c: Option<u64>,
    /// Whether the program was counted from outside, so that all of its heap is in `heap_c`.
    #[serde(default)]
    pub from_outside: bool,
    /// Bytes that malloc holds from the system, where it says.
    pub malloc_system: Option<u64>,
    /// Bytes mapped, resident or not, of what `maps` counts as malloc's.
    pub malloc_mapped: u64,
    /// Whether Rust's heap is served by malloc, and not by another allocator.
    pub malloc_has_rust: bool,
    /// Live bytes may be off by this much.
    pub error: u64,
}
