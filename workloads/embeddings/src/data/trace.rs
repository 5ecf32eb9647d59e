//! Traces of accesses to keys, some of which are asked for much more often than others.

use rayon::prelude::*;

use super::error::TraceError;
use super::random::{seeds, word};
use super::ranks::{Ranks, shuffled};

/// The most keys of a trace; the two bits above say what an access is.
const MOST_KEYS: u32 = 1 << 30;
const SCAN: u32 = 1 << 30;
const WRITE: u32 = 1 << 31;

/// What a trace is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceOptions {
    /// Keys, from 0.
    pub universe: u32,
    /// Accesses.
    pub length: usize,
    /// The key of rank r is asked for r to this power times less often than the first one.
    pub exponent: f64,
    /// By how many ranks the keys move on at each fifth of the trace, a tenth of the hot set as a rule; 0 for no drift.
    pub drift: u32,
    /// The share of accesses that are a walk over all keys in order, and again when it is through.
    pub scan: f64,
    /// The share of accesses that replace the vector.
    pub writes: f64,
    /// Seed of all of it.
    pub seed: u64,
}

/// One access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Which key.
    pub key: u32,
    /// It belongs to the walk over all keys.
    pub scan: bool,
    /// It replaces the vector.
    pub write: bool,
}

/// A trace, four bytes an access.
#[derive(Debug)]
pub struct Trace {
    accesses: Vec<u32>,
    keys: Vec<u32>,
}

impl Trace {
    /// Makes a trace, by all threads of the current pool; what it is does not depend on them.
    ///
    /// # Errors
    /// An option that is out of its range.
    pub fn new(options: &TraceOptions) -> Result<Self, TraceError> {
        let &TraceOptions {
            universe, length, ..
        } = options;
        if !(1..=MOST_KEYS).contains(&universe) {
            return Err(TraceError::Universe(universe));
        }
        let [shuffle, draws, scans, writes, ..] = seeds(options.seed);
        let (scan, write) = (
            share("scan", options.scan)?,
            share("writes", options.writes)?,
        );
        let ranks = Ranks::new(universe, options.exponent)?;
        let keys = shuffled(shuffle, universe);
        let access = |at: usize| {
            let index = at as u64;
            // Fifths are counted in 128 bits: no length is too long.
            let fifth = (index as u128 * 5 / length as u128) as u64;
            let moved = fifth * u64::from(options.drift);
            let rank = (ranks.draw(word(draws, index)) as u64 + moved) % u64::from(universe);
            let write = if within(write, word(writes, index)) {
                WRITE
            } else {
                0
            };
            keys[rank as usize] | write
        };
        let mut accesses: Vec<u32> = (0..length).into_par_iter().map(access).collect();
        if scan > 0 {
            let chosen = |&(at, _): &(usize, &mut u32)| within(scan, word(scans, at as u64));
            let walk = (0..universe).cycle();
            let places = accesses.iter_mut().enumerate().filter(chosen);
            for ((_, access), key) in places.zip(walk) {
                *access = key | SCAN | (*access & WRITE);
            }
        }
        Ok(Self { accesses, keys })
    }

    /// How many accesses.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accesses.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accesses.is_empty()
    }

    /// All accesses in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Access> + '_ {
        self.accesses.iter().map(|&word| Access {
            key: word & (MOST_KEYS - 1),
            scan: word & SCAN != 0,
            write: word & WRITE != 0,
        })
    }

    /// All keys, that of the first rank first, as they are before any drift.
    #[must_use]
    pub fn keys_by_rank(&self) -> &[u32] {
        &self.keys
    }

    /// CRC-32 of the accesses: their keys as `u32`, little-endian, with bit 30 set in those of a scan and bit 31 in writes.
    #[must_use]
    pub fn crc32(&self) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        for word in &self.accesses {
            crc.update(&word.to_le_bytes());
        }
        crc.finalize()
    }
}

/// The share as a part of all 64-bit words; 2^64 is all of them.
fn share(of: &'static str, share: f64) -> Result<u128, TraceError> {
    if (0.0..=1.0).contains(&share) {
        Ok((share * 2.0_f64.powi(64)) as u128)
    } else {
        Err(TraceError::Share { of, share })
    }
}

fn within(share: u128, word: u64) -> bool {
    u128::from(word) < share
}
