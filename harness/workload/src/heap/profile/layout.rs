//! The file of a profile: sparse, mapped by the program, read by the harness. Its layout is between the two of one
//! version and no part of the protocol.
//!
//! Every field is an atomic in native byte order, and all zeros is a file that nobody has begun.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicU32};

/// First eight bytes of a file in use.
pub const MAGIC: u64 = u64::from_le_bytes(*b"PLIMHEAP");
/// Version of this layout.
pub const VERSION: u32 = 1;
/// Frames of a stack that are kept, the innermost.
pub const DEEPEST: usize = 128;
/// Bit of `flags`: C's allocations are sampled too.
pub const FLAG_C: u32 = 1;

/// Different stacks that fit; what comes beyond is counted without one.
pub(super) const SITES: usize = 32 * 1024;
/// Addresses of all stacks that fit.
pub(super) const WORDS: usize = 1 << 20;
/// Bytes of the text that says where code is mapped.
pub(super) const MAPS: usize = 64 * 1024;
/// Sites that stand for stacks which found no room: Rust's and C's.
pub(super) const ELSEWHERE: u32 = 2;

/// A number, as its bits.
#[repr(transparent)]
pub(super) struct Real(AtomicU64);

impl Real {
    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }

    pub(super) fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }
}

/// Estimates: see [`Estimate`](super::Estimate).
#[repr(C)]
pub(super) struct FigureCells {
    pub(super) bytes: Real,
    pub(super) blocks: Real,
    pub(super) variance: Real,
}

impl FigureCells {
    pub(super) fn copy(&self, from: &Self) {
        self.bytes.set(from.bytes.get());
        self.blocks.set(from.blocks.get());
        self.variance.set(from.variance.get());
    }
}

/// One stack, and what was allocated from it.
#[repr(C)]
pub(super) struct SiteCells {
    /// Index of its first address, the innermost.
    pub(super) first: AtomicU32,
    pub(super) depth: AtomicU32,
    /// 1 where C's malloc was asked.
    pub(super) c: AtomicU32,
    pub(super) hash: AtomicU32,
    pub(super) samples: AtomicU64,
    /// The peak that `at_peak` is of. Where that is not the last one, nothing has changed here since the last one, and
    /// `live` is what was live at it.
    pub(super) peak: AtomicU64,
    pub(super) live: FigureCells,
    pub(super) at_peak: FigureCells,
    pub(super) total: FigureCells,
}

/// The beginning of the file.
#[repr(C)]
pub(super) struct HeaderCells {
    pub(super) magic: AtomicU64,
    pub(super) version: AtomicU32,
    /// The process that writes.
    pub(super) writer: AtomicU32,
    pub(super) flags: AtomicU32,
    /// Programs that the process has been, one after the other; the file is the last one's.
    pub(super) images: AtomicU32,
    /// Mean bytes from sample to sample.
    pub(super) every: AtomicU64,
    /// What random numbers begin with.
    pub(super) seed: AtomicU64,
    /// Allocations recorded.
    pub(super) samples: AtomicU64,
    /// Samples and frees of samples that could not be recorded.
    pub(super) missed: AtomicU64,
    /// Peaks so far: highest estimates of the live bytes.
    pub(super) peak: AtomicU64,
    /// Estimated live bytes, now and at the peak.
    pub(super) live: Real,
    pub(super) highest: Real,
    /// Sites in use, those of no stack included.
    pub(super) sites: AtomicU32,
    /// Addresses in use.
    pub(super) words: AtomicU32,
    /// Which of the two texts is whole, and how long each is.
    pub(super) maps_now: AtomicU32,
    pub(super) maps_length: [AtomicU32; 2],
}

/// The whole file.
#[repr(C, align(4096))]
pub(super) struct Layout {
    pub(super) header: HeaderCells,
    pub(super) maps: [[AtomicU8; MAPS]; 2],
    pub(super) sites: [SiteCells; SITES],
    pub(super) words: [AtomicU64; WORDS],
}

/// Size of the file in bytes; what is not used takes no room on disk.
pub const SIZE: usize = size_of::<Layout>();

/// A file in memory that nobody has begun.
#[cfg(test)]
#[allow(unsafe_code)]
pub(super) fn blank() -> Box<Layout> {
    // SAFETY: zeros are a valid value of every field, all of them atomic integers.
    unsafe { Box::<Layout>::new_zeroed().assume_init() }
}
