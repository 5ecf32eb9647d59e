//! A trace, read by some threads in blocks, and what was returned.

use std::sync::{Mutex, PoisonError};
use std::thread;

use plimsoll_workload::clock::thread_cpu_ns;
use plimsoll_workload::{Context, Failure};
use xxhash_rust::xxh3::Xxh3;

use super::hot::Hot;
use crate::data::Access;

/// Accesses of a block: each is digested by itself, so that the whole does not depend on the number of threads.
const BLOCK: usize = 4096;

/// What came of reading a trace.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    pub(super) cpu_ns: u64,
    pub(super) hits: u64,
    /// Reads of hot keys in the second half of the trace, and those that hit.
    pub(super) hot: u64,
    pub(super) hot_hits: u64,
    /// Most bytes that the cache has counted.
    pub(super) used_peak: u64,
    /// Most anonymous memory.
    pub(super) resident_peak: u64,
    /// XXH3 of the digests of all blocks.
    pub(super) digest: u128,
}

/// One that reads.
pub(super) trait Reader: Sync {
    /// Reads the value of an access and hands it on; whether it was there.
    fn read(&self, access: Access, to: &mut Xxh3) -> Result<bool, Failure>;

    /// Bytes that the cache counts now.
    fn used(&self) -> u64;
}

/// Reads the whole trace.
pub(super) fn read_all(
    reader: &impl Reader,
    accesses: &[Access],
    hot: &Hot,
    context: &Context,
) -> Result<Read, Failure> {
    let blocks: Vec<&[Access]> = accesses.chunks(BLOCK).collect();
    let digests = Mutex::new(vec![0_u128; blocks.len()]);
    let progress = context.progress("reads", Some(accesses.len() as u64));
    let threads = context.threads();
    let of_thread = |first: usize| -> Result<Read, Failure> {
        let mut read = Read::default();
        for at in (first..blocks.len()).step_by(threads) {
            let begin = thread_cpu_ns();
            let mut digest = Xxh3::new();
            for (number, access) in blocks[at].iter().enumerate() {
                let hit = reader.read(*access, &mut digest)?;
                read.hits += u64::from(hit);
                if at * BLOCK + number >= accesses.len() / 2 && hot.has(access.key) {
                    read.hot += 1;
                    read.hot_hits += u64::from(hit);
                }
            }
            read.cpu_ns += thread_cpu_ns() - begin;
            digests.lock().unwrap_or_else(PoisonError::into_inner)[at] = digest.digest128();
            read.used_peak = read.used_peak.max(reader.used());
            let resident = context.resident_anonymous().map_or(0, |bytes| bytes.0);
            read.resident_peak = read.resident_peak.max(resident);
            progress.add(blocks[at].len() as u64);
        }
        Ok(read)
    };
    let mut all = Read::default();
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn({
                    let of_thread = &of_thread;
                    move || of_thread(first)
                })
            })
            .collect();
        for thread in running {
            let panicked = || Err(Failure::Other("a thread of the run panicked".to_owned()));
            let read = thread.join().unwrap_or_else(|_| panicked())?;
            all.cpu_ns += read.cpu_ns;
            all.hits += read.hits;
            all.hot += read.hot;
            all.hot_hits += read.hot_hits;
            all.used_peak = all.used_peak.max(read.used_peak);
            all.resident_peak = all.resident_peak.max(read.resident_peak);
        }
        Ok::<_, Failure>(())
    })?;
    let mut digest = Xxh3::new();
    for block in digests.into_inner().unwrap_or_else(PoisonError::into_inner) {
        digest.update(&block.to_le_bytes());
    }
    all.digest = digest.digest128();
    Ok(all)
}
