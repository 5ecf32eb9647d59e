//! The values: bytes that follow from key and version, made in a block of malloc's or in a chunk of a pool.

use std::ops::Deref;
use std::sync::Arc;

use plimsoll_workload::Failure;

use super::params::Params;
use crate::cache::Footprint;
use crate::lazy::{LoadError, Loader};
use crate::pool::{Pool, PoolError, PoolOptions, SharedChunk};

/// Sizes of values where they are mixed.
const MIXED: [usize; 10] = [96, 192, 384, 768, 1536, 3072, 6144, 12_288, 24_576, 47_104];

/// Sizes by key.
#[derive(Debug, Clone)]
pub(super) struct Sizes(Vec<usize>);

impl Sizes {
    pub(super) fn of(params: &Params) -> Self {
        Self(if params.mixed_sizes {
            MIXED.to_vec()
        } else {
            vec![params.value_bytes]
        })
    }

    /// Which of the sizes a key's value has.
    #[inline]
    pub(super) fn class(&self, key: u32) -> usize {
        if self.0.len() == 1 {
            return 0;
        }
        (mixed(0x512E, key.into()) % self.0.len() as u64) as usize
    }

    pub(super) fn all(&self) -> &[usize] {
        &self.0
    }
}

/// A shared value.
pub(super) trait Shared: Clone + Footprint + Deref<Target = [u8]> + Send + Sync {}

impl Shared for Arc<[u8]> {}
impl Shared for SharedChunk {}

/// Makes values, as a store would that is read and decoded.
pub(super) trait Source<V>: Sync {
    /// The value of a key.
    fn make(&self, key: u32, version: u32) -> Result<V, PoolError>;
}

/// Values in blocks of malloc's.
pub(super) struct Blocks(pub(super) Sizes);

impl Source<Arc<[u8]>> for Blocks {
    fn make(&self, key: u32, version: u32) -> Result<Arc<[u8]>, PoolError> {
        // Made where it will lie, in one block.
        let mut value: Arc<[u8]> =
            std::iter::repeat_n(0, self.0.all()[self.0.class(key)]).collect();
        if let Some(bytes) = Arc::get_mut(&mut value) {
            write(bytes, key, version);
        }
        Ok(value)
    }
}

/// Values in chunks of pools, one for each size.
pub(super) struct Chunks {
    sizes: Sizes,
    pools: Vec<Pool>,
}

impl Chunks {
    pub(super) fn new(sizes: &Sizes) -> Result<Self, Failure> {
        let pool = |size: &usize| Pool::new(PoolOptions::of(*size));
        let pools: Result<Vec<Pool>, PoolError> = sizes.all().iter().map(pool).collect();
        Ok(Self {
            sizes: sizes.clone(),
            pools: pools.map_err(dry)?,
        })
    }

    /// Bytes that the pools may hold besides chunks in use: a slab of each that is not full, and free chunks, of which there are
    /// more of one size when there are fewer of another.
    pub(super) fn slack(&self, budget: u64) -> u64 {
        (self.pools.len() as u64 * (1 << 20)) + budget / 32
    }
}

impl Source<SharedChunk> for Chunks {
    fn make(&self, key: u32, version: u32) -> Result<SharedChunk, PoolError> {
        let pool = &self.pools[self.sizes.class(key)];
        let mut chunk = pool.try_alloc()?;
        write(&mut chunk, key, version);
        Ok(chunk.share())
    }
}

impl Loader for Chunks {
    fn load(&self, index: u32) -> Result<SharedChunk, LoadError> {
        Ok(self.make(index, 0)?)
    }
}

/// The failure of a pool.
pub(super) fn dry(error: PoolError) -> Failure {
    Failure::Other(error.to_string())
}

/// SplitMix64 (Steele, Lea, Flood 2014) used as a counter.
#[inline(always)]
fn mixed(seed: u64, number: u64) -> u64 {
    let state = seed.wrapping_add((number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// Writes the value of a key: words of a stream of its own.
fn write(bytes: &mut [u8], key: u32, version: u32) {
    let seed = mixed(u64::from(version) << 32 | u64::from(key), 7);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for (number, word) in words.iter_mut().enumerate() {
        // One multiplication a word: enough to tell values apart, and as quick as decoding one is.
        let value = (seed ^ number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        *word = (value ^ (value >> 29)).to_le_bytes();
    }
    rest.fill(seed as u8);
}
