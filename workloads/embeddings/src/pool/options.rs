//! What a pool is to be, and the sizes that follow.

use super::PoolError;

/// Chunks begin at multiples of this.
const ALIGNMENT: usize = 64;
/// Chunks that a slab holds reach this.
const SLAB: usize = 1 << 20;
/// Slabs are mapped in these.
const PAGE: usize = 4096;
/// Free chunks that a thread keeps to itself: at most so many, and so many bytes, but two at least.
const MOST_KEPT: usize = 64;
const MOST_KEPT_BYTES: usize = 1 << 20;

/// What a pool is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions {
    /// Bytes of a chunk; what lies between chunks rounds them up to a multiple of 64.
    pub chunk_size: usize,
    /// Most chunks at once; nothing for as many as there is memory for.
    pub maximum: Option<usize>,
    /// Chunks are zeroed when they come back, so that their next owner cannot see what the last one wrote.
    pub secure: bool,
}

impl PoolOptions {
    /// Chunks of so many bytes, as many as there is memory for, not zeroed when they come back.
    #[must_use]
    pub const fn of(chunk_size: usize) -> Self {
        Self {
            chunk_size,
            maximum: None,
            secure: false,
        }
    }

    /// The sizes that follow.
    pub(super) fn layout(self) -> Result<Layout, PoolError> {
        let Self {
            chunk_size,
            maximum,
            secure,
        } = self;
        if chunk_size == 0 {
            return Err(PoolError::EmptyChunks);
        }
        if maximum == Some(0) {
            return Err(PoolError::NoChunks);
        }
        let too_large = |chunks| PoolError::TooLarge { chunk_size, chunks };
        let addressable = |bytes: &usize| *bytes <= isize::MAX as usize;
        let stride = chunk_size
            .checked_next_multiple_of(ALIGNMENT)
            .filter(addressable)
            .ok_or(too_large(1))?;
        let fewest = SLAB.div_ceil(stride);
        let slab = fewest
            .checked_mul(stride)
            .and_then(|bytes| bytes.checked_next_multiple_of(PAGE))
            .filter(addressable)
            .ok_or(too_large(fewest))?;
        if let Some(chunks) = maximum {
            let bytes = chunks.checked_mul(stride).filter(addressable);
            bytes.ok_or(too_large(chunks))?;
        }
        Ok(Layout {
            chunk_size,
            stride,
            // What is left up to the page's end may hold a few more.
            per_slab: slab / stride,
            maximum: maximum.unwrap_or(usize::MAX),
            kept: (MOST_KEPT_BYTES / stride).clamp(2, MOST_KEPT),
            secure,
        })
    }
}

/// The sizes of a pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Bytes of a chunk that its owner sees.
    pub(super) chunk_size: usize,
    /// Bytes from one chunk to the next.
    pub(super) stride: usize,
    /// Chunks of a whole slab.
    pub(super) per_slab: usize,
    /// Most chunks of all slabs.
    pub(super) maximum: usize,
    /// Most free chunks that a thread keeps to itself.
    pub(super) kept: usize,
    /// Chunks are zeroed when they come back.
    pub(super) secure: bool,
}

impl Layout {
    /// Bytes that a slab of so many chunks maps.
    pub(super) fn slab_bytes(&self, chunks: usize) -> usize {
        (chunks * self.stride).next_multiple_of(PAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slabs_are_as_long_as_the_fewest_chunks_that_reach_a_mebibyte() {
        let of = |size| PoolOptions::of(size).layout().unwrap();
        let layout = of(47_104);
        assert_eq!((layout.stride, layout.per_slab), (47_104, 23));
        assert_eq!(layout.slab_bytes(23), 1_085_440);
        let layout = of(768);
        assert_eq!(
            (layout.per_slab, layout.slab_bytes(1370)),
            (1370, 1_052_672)
        );
        let layout = of(1);
        assert_eq!(
            (layout.stride, layout.per_slab, layout.kept),
            (64, 16_384, 64)
        );
        let layout = of((5 << 20) + 1);
        assert_eq!((layout.per_slab, layout.kept), (1, 2));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |options: PoolOptions| options.layout().unwrap_err().to_string();
        assert!(refused(PoolOptions::of(0)).contains("chunk size is 0"));
        assert!(refused(PoolOptions::of(usize::MAX)).contains("more than can be addressed"));
        assert!(
            refused(PoolOptions::of(isize::MAX as usize)).contains("more than can be addressed")
        );
        let limited = |maximum| PoolOptions {
            maximum: Some(maximum),
            ..PoolOptions::of(1 << 20)
        };
        assert!(refused(limited(0)).contains("maximum is 0 chunks"));
        assert!(refused(limited(1 << 45)).contains("more than can be addressed"));
    }
}
