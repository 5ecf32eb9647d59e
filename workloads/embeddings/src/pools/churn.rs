//! Blocks given back and taken anew, as fast as it goes.

use std::thread;

use plimsoll_workload::Failure;
use plimsoll_workload::clock::thread_cpu_ns;

use super::kinds::Kind;
use super::params::Params;
use super::random::Random;

/// What some threads did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Churned {
    /// CPU time of all of them, in nanoseconds.
    pub(super) cpu_ns: u64,
    /// Sum of the words that were found in the blocks given back.
    pub(super) words: u64,
}

/// Replaces blocks on so many threads, `operations` in all; each thread has its own blocks in use.
pub(super) fn churn<K: Kind>(
    blocks: &K,
    params: &Params,
    threads: usize,
    operations: u64,
    round: u64,
) -> Result<Churned, Failure> {
    let of_a_thread = operations / threads as u64;
    let mut all = Churned::default();
    thread::scope(|scope| {
        let one = |thread: usize| {
            let random = Random::of(params.seed, round << 32 | thread as u64);
            move || replace(blocks, params.live, of_a_thread, random)
        };
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(one(thread)))
            .collect();
        for thread in running {
            let panicked = || Err(Failure::Other("a thread of the run panicked".to_owned()));
            let churned = thread.join().unwrap_or_else(|_| panicked())?;
            all.cpu_ns += churned.cpu_ns;
            all.words = all.words.wrapping_add(churned.words);
        }
        Ok(all)
    })
}

fn replace<K: Kind>(
    blocks: &K,
    live: usize,
    operations: u64,
    mut random: Random,
) -> Result<Churned, Failure> {
    let mut held: Vec<Option<K::Block>> = Vec::with_capacity(live);
    for _ in 0..live {
        held.push(Some(blocks.take(random.word())?));
    }
    let mut words = 0_u64;
    let begin = thread_cpu_ns();
    for number in 0..operations {
        let place = &mut held[random.below(live)];
        if let Some(block) = place.take() {
            words = words.wrapping_add(K::word(&block));
            blocks.give(block);
        }
        *place = Some(blocks.take(number)?);
    }
    let cpu_ns = thread_cpu_ns() - begin;
    for block in held.into_iter().flatten() {
        words = words.wrapping_add(K::word(&block));
        blocks.give(block);
    }
    Ok(Churned { cpu_ns, words })
}
