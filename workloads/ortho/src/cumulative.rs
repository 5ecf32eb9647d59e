//! The frame of a search over several texts: intern the next one, search, summarize.

use plimsoll_workload::{Context, Failure};

use crate::interner::Interner;
use crate::{Options, Summary, Tally, Texts};

/// Calls `search` with the number of the text and all that is known after it, for each text that
/// is not blank.
pub(crate) fn search(
    texts: &Texts,
    options: &Options,
    context: &Context,
    mut search: impl FnMut(usize, &Interner) -> Result<Tally, Failure>,
) -> Result<Vec<Summary>, Failure> {
    let ledger = context.ledger("interner");
    let text_ledger = context.ledger("text");
    let mut interner = Interner::default();
    let mut summaries: Vec<Summary> = Vec::with_capacity(texts.len());
    for index in 0..texts.len() {
        let text = context.phase("read", || texts.read(index))?;
        let blank = text.trim().is_empty();
        text_ledger.set(text.len() as u64);
        context.phase("intern", || {
            if !blank {
                interner.add(&text)?;
            }
            drop(text);
            text_ledger.set(0);
            Ok::<_, Failure>(())
        })?;
        let summary = match summaries.last() {
            Some(previous) if blank => previous.unchanged(),
            previous => {
                ledger.set(interner.vocabulary().bytes() + interner.trie().bytes());
                let tally = context.phase("search", || search(index, &interner))?;
                ledger.set(interner.vocabulary().bytes() + interner.trie().bytes());
                let words = interner.vocabulary();
                let word = |index| words.word(index + 1).to_owned();
                Summary::new(&tally, words.len(), word, options.max_filled, previous)
            }
        };
        summaries.push(summary);
    }
    Ok(summaries)
}
