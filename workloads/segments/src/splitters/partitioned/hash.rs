//! An invertible hash of k-mers: its highest bits tell the bucket, the rest tells the k-mer in the bucket.

use crate::splitters::set::MULTIPLIER;

/// The hash of k-mers of one length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash {
    /// Bits of a hash: two a base.
    pub(super) bits: u32,
}

impl Hash {
    pub(super) fn new(k: u32) -> Self {
        Self { bits: 2 * k }
    }

    /// The hash of a k-mer's value: a product with an odd number, which no two values share.
    #[inline(always)]
    pub(super) fn of(self, value: u64) -> u64 {
        value.wrapping_mul(MULTIPLIER) & self.largest()
    }

    /// The largest hash.
    #[inline(always)]
    pub(super) fn largest(self) -> u64 {
        u64::MAX >> (64 - self.bits)
    }
}
