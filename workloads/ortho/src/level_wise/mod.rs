//! Level by level on disk, with delayed duplicate detection.
//!
//! Every child has one filled cell more than its parent, so equal orthos meet inside one level
//! only: sorting a level finds them, and no set of all orthos is needed. Source: R. E. Korf,
//! "Best-first frontier search with delayed duplicate detection" (2004); the external-memory
//! breadth-first search of K. Munagala, A. Ranade (1999).

mod checkpoint;
mod collector;
mod error;
mod expand;
mod file;
mod merge;
mod rows;
mod search;
mod store;

pub use error::LevelError;
pub use rows::sort_unique;
pub use store::{Directory, Source, Store};

use plimsoll_workload::{Bytes, Context, Failure};

use crate::interner::Interner;
use crate::pattern::Graph;
use crate::{Options, Summary, Texts};
use checkpoint::Checkpoint;
use search::Search;

/// Searches with the level files in `context.scratch()`; continues where an earlier run on the
/// same texts, or on the first of them, has left off. Where the run has a memory budget, buffers
/// take at most a quarter of it.
///
/// # Errors
/// A text that cannot be read, trouble with a file, a checkpoint of another search, a cancelled run.
pub fn search(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    let store = Directory::new(context.scratch());
    // Buffers are the larger part of what the search holds, but not all of it.
    let most = context.budget().map_or(u64::MAX, |budget| budget.0 / 4);
    let options = Options {
        buffer: options.buffer.min(Bytes(most)),
        ..*options
    };
    search_in(&store, texts, &options, context, &|| context.cancelled())
}

/// Searches with the level files in `store`, until `cancelled` says that it should not go on.
///
/// # Errors
/// As [`search()`].
pub fn search_in(
    store: &dyn Store,
    texts: &Texts,
    options: &Options,
    context: &Context,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Summary>, Failure> {
    let state = Checkpoint::load(store)?.unwrap_or_else(|| Checkpoint::new(options.max_filled));
    let foreign = || LevelError::Foreign {
        place: store.place(),
    };
    if state.max_filled != options.max_filled || state.texts.len() > texts.len() {
        return Err(foreign().into());
    }
    let mut search = Search {
        store,
        options,
        context,
        cancelled,
        progress: context.progress("orthos", None),
        state,
        graph: Graph::default(),
    };
    let ledger = context.ledger("interner");
    let text_ledger = context.ledger("text");
    let mut interner = Interner::default();
    for index in 0..texts.len() {
        let text = context.phase("read", || texts.read(index))?;
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        match search.state.texts.get(index) {
            Some(known) if *known != hash => return Err(foreign().into()),
            Some(_) => {}
            None => {
                search.state.texts.push(hash);
                search.state.level = 0;
            }
        }
        let blank = text.trim().is_empty();
        let finished = index < search.state.summaries.len();
        text_ledger.set(text.len() as u64);
        let before = context.phase("intern", || {
            let before = (index > 0 && !blank && !finished).then(|| interner.trie_copy());
            if !blank {
                interner.add(&text)?;
            }
            drop(text);
            text_ledger.set(0);
            Ok::<_, Failure>(before)
        })?;
        if finished {
            continue;
        }
        match search.state.summaries.last() {
            Some(previous) if blank => {
                let unchanged = previous.unchanged();
                search.state.summaries.push(unchanged);
            }
            _ => {
                let mut bytes = interner.vocabulary().bytes() + interner.trie().bytes();
                bytes += before.as_ref().map_or(0, |trie| trie.bytes());
                ledger.set(bytes);
                context.phase("search", || {
                    search.finish_text(index as u32, &interner, before.as_ref())
                })?;
            }
        }
    }
    Ok(search.state.summaries)
}
