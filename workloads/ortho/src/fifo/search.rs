//! The search loop: take an ortho off the queue, make its children, queue the ones not seen before.

use std::collections::HashSet;

use plimsoll_workload::{Context, Failure, Gauge, Progress};

use super::expand::Expander;
use super::frontier::Frontier;
use super::interner::Interner;
use super::ortho::HeapOrtho;
use crate::queue::{QueueError, WorkQueue};
use crate::text::owned_sentences;
use crate::{Options, Summary, Tally, Texts};

/// Expansions between two looks at the context.
const LOOK_EVERY: u64 = 1024;

/// Searches each text anew over the words of all texts up to it. `open` makes the queue of a text.
pub(super) fn search<Q: WorkQueue, F: Frontier>(
    texts: &Texts,
    options: &Options,
    context: &Context,
    frontier: &mut F,
    open: impl Fn() -> Result<Q, QueueError>,
) -> Result<Vec<Summary>, Failure> {
    let mut report = Report::new(context, F::KEPT);
    let mut interner = Interner::default();
    let mut summaries: Vec<Summary> = Vec::with_capacity(texts.len());
    for index in 0..texts.len() {
        let text = context.phase("read", || texts.read(index))?;
        if let Some(previous) = summaries.last()
            && text.trim().is_empty()
        {
            summaries.push(previous.unchanged());
            continue;
        }
        context.phase("intern", || interner.add(&owned_sentences(&text)));
        drop(text);
        report.interner.set(interner.bytes());
        let tally = context.phase("search", || {
            let expander = Expander::new(&interner, index + 1);
            let seed = HeapOrtho::seed(index + 1);
            search_text(expander, seed, options, open()?, frontier, &mut report)
        })?;
        let word = |index| interner.word(index);
        summaries.push(Summary::new(
            &tally,
            interner.vocabulary(),
            word,
            options.max_filled,
            summaries.last(),
        ));
    }
    Ok(summaries)
}

/// Finds everything that can be reached from `seed`.
fn search_text(
    mut expander: Expander<'_>,
    seed: HeapOrtho,
    options: &Options,
    mut queue: impl WorkQueue,
    frontier: &mut impl Frontier,
    report: &mut Report<'_>,
) -> Result<Tally, Failure> {
    let at_cap = |filled| options.max_filled.is_some_and(|most| filled >= most);
    let mut tally = Tally::default();
    let mut cells = Vec::new();
    let mut seen: HashSet<u64> = HashSet::new();
    let mut expanded = 0_u64;

    frontier.begin();
    frontier.insert(seed.id(), &seed);
    queue.push(seed)?;
    while let Some(ortho) = queue.pop()? {
        let children = expander.children(&ortho);
        tally.add_candidates(children.len() as u64);
        if children.is_empty() && ortho.filled() > 0 {
            tally.add_leaves(1);
        }
        let mut advanced = false;
        for child in children {
            let id = child.id();
            if !seen.insert(id) {
                continue;
            }
            advanced = true;
            record(&mut tally, &child, id, &mut cells);
            frontier.insert(id, &child);
            if at_cap(child.filled()) {
                tally.add_at_cap(1);
            } else {
                queue.push(child)?;
            }
        }
        if advanced {
            frontier.remove(&ortho);
        }
        expanded += 1;
        if expanded.is_multiple_of(LOOK_EVERY) {
            report.look(&tally, &queue, seen.len(), frontier)?;
        }
    }
    frontier.end();
    report.look(&tally, &queue, seen.len(), frontier)?;
    report.found_before += tally.orthos();
    Ok(tally)
}

/// Counts a new ortho. `cells` is room to work in.
fn record(tally: &mut Tally, ortho: &HeapOrtho, id: u64, cells: &mut Vec<u32>) {
    cells.clear();
    let words = ortho.payload().iter();
    cells.extend(words.map(|cell| cell.map_or(0, |word| word as u32 + 1)));
    tally.group(ortho.dims(), ortho.filled(), 1, id, id);
    tally.propose(ortho.dims(), cells);
}

/// The channels of one run.
struct Report<'a> {
    context: &'a Context,
    progress: Progress,
    queue: Gauge,
    seen: Gauge,
    frontier: Option<Gauge>,
    interner: Gauge,
    found_before: u64,
}

impl<'a> Report<'a> {
    fn new(context: &'a Context, frontier_kept: bool) -> Self {
        Self {
            context,
            progress: context.progress("orthos", None),
            queue: context.ledger("queue"),
            seen: context.ledger("seen"),
            frontier: frontier_kept.then(|| context.ledger("frontier")),
            interner: context.ledger("interner"),
            found_before: 0,
        }
    }

    /// Brings progress and ledger up to date; fails if the run was cancelled.
    fn look(
        &self,
        tally: &Tally,
        queue: &impl WorkQueue,
        seen: usize,
        frontier: &impl Frontier,
    ) -> Result<(), Failure> {
        let found = self.found_before + tally.orthos();
        self.progress.set(found);
        self.queue.set(queue.bytes_held());
        self.seen.set((seen * size_of::<u64>()) as u64);
        if let Some(gauge) = &self.frontier {
            gauge.set(frontier.bytes());
        }
        if self.context.cancelled() {
            return Err(Failure::Other(format!(
                "cancelled after {found} orthos, {} of them still queued; a breadth-first search keeps no checkpoint, start it again",
                queue.len()
            )));
        }
        Ok(())
    }
}
