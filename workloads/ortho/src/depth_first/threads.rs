//! Several engines on one trie: each takes the next first word, and the tallies add up.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use plimsoll_workload::{Context, Failure};

use crate::Tally;
use crate::interner::{Token, Trie};

use super::engine::Engine;

/// Counts all orthos with `threads` threads.
pub(super) fn explore(
    trie: &Trie,
    max_filled: Option<u32>,
    threads: usize,
    context: &Context,
) -> Result<Tally, Failure> {
    let progress = context.progress("orthos", None);
    let ledger = context.ledger("search stacks");
    let next = AtomicU32::new(1);
    let stopped = AtomicBool::new(false);
    let work = || {
        let mut engine = Engine::new(trie, max_filled);
        let (mut reported, mut held) = (0, 0);
        loop {
            let word: Token = next.fetch_add(1, Ordering::Relaxed);
            if word as usize > trie.words() {
                break;
            }
            let go_on = |orthos| {
                progress.add(orthos - reported);
                reported = orthos;
                if context.cancelled() {
                    stopped.store(true, Ordering::Relaxed);
                }
                !stopped.load(Ordering::Relaxed)
            };
            let done = engine.visit(std::iter::once(word), go_on);
            let bytes = engine.bytes();
            ledger.add(bytes - held);
            held = bytes;
            if !done {
                break;
            }
        }
        ledger.sub(held);
        engine.tally()
    };
    let tally = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut tally = work();
        for other in others {
            match other.join() {
                Ok(part) => tally.merge(&part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        tally
    });
    if stopped.into_inner() {
        return Err(Failure::Other(
            "cancelled during the search; a depth-first search keeps no checkpoint, start it again"
                .into(),
        ));
    }
    Ok(tally)
}
