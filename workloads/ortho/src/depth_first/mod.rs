//! Depth first with canonical parents: no queue, no set of seen orthos, only the way back.

mod engine;
mod frame;
mod threads;

use plimsoll_workload::{Context, Failure};

use crate::cumulative;
use crate::{Options, Summary, Texts};

/// Searches with `context.threads()` threads.
///
/// # Errors
/// A text that cannot be read, or a cancelled run.
pub fn search(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    search_with(texts, options, context, context.threads())
}

/// Searches with the given number of threads.
///
/// # Errors
/// As [`search()`].
pub fn search_with(
    texts: &Texts,
    options: &Options,
    context: &Context,
    threads: usize,
) -> Result<Vec<Summary>, Failure> {
    cumulative::search(texts, options, context, |_, interner| {
        threads::explore(interner.trie(), options.max_filled, threads, context)
    })
}
