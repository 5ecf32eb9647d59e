//! Keeping to the memory budget: buffers are sized by it, and what cannot be made smaller is held against it.

use plimsoll_workload::{Bytes, Context, Failure};

/// What may be used for buffers and tables, and whether the rest still fits.
#[derive(Debug)]
pub(crate) struct Memory<'a> {
    context: &'a Context,
    checks: u32,
}

/// Least and most bytes of the tables that splitters are found with.
const TABLES: (u64, u64) = (1 << 20, 64 << 20);
/// Without a budget: tables, for a reference of 16 million bases and less.
const USUAL_TABLES: u64 = 8 << 20;
/// Least and most bytes of work on its way, and of blocks that wait for their turn.
const QUEUE: (u64, u64) = (128 << 10, 1 << 20);
/// Without a budget, and at most: what is held for groups. A pangenome of twenty yeasts fits.
const USUAL_GROUPS: u64 = 14 << 20;
/// The least that makes sense to hold for groups.
const LEAST_GROUPS: u64 = 1 << 20;
/// What zstd's shared context takes, and each thread with its own.
const SHARED_ZSTD: u64 = 4 << 20;
const THREAD: u64 = 1 << 20;
/// Set aside for what cannot go to a file: a few bytes a segment and a group.
const METADATA: u64 = 1 << 20;
/// Kept free of the budget: what is allocated between one look at the resident size and the next.
const MARGIN: u64 = 1 << 20;
/// The resident size is looked at once in so many segments: a look takes some microseconds.
const SEGMENTS_A_LOOK: u32 = 16;

/// What may be held for groups, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) references: usize,
    pub(crate) deltas: usize,
}

impl<'a> Memory<'a> {
    /// Of the run in `context`.
    ///
    /// # Errors
    /// A budget is set, and this system does not tell what a process has resident.
    pub(crate) fn new(context: &'a Context) -> Result<Self, Failure> {
        if context.budget().is_some() && context.resident().is_none() {
            return Err(Failure::Input(
                "a memory budget is set, but this system does not tell what a process has resident; leave it out"
                    .to_owned(),
            ));
        }
        Ok(Self { context, checks: 0 })
    }

    /// Bytes of the tables that splitters are found with, for a reference that takes so many bytes.
    ///
    /// # Errors
    /// The budget leaves too little.
    pub(crate) fn tables(&self, reference: usize) -> Result<usize, Failure> {
        let wanted = (2 * reference as u64).clamp(USUAL_TABLES, TABLES.1);
        let Some(budget) = self.context.budget() else {
            return Ok(wanted as usize);
        };
        // Where much of the reference is repeated, the search marks places at one bit a base: half of what it takes.
        let held = self.resident() + MARGIN + reference as u64 / 2;
        let left = budget.0.saturating_sub(held);
        if left < TABLES.0 {
            return Err(refused(held + TABLES.0, budget, "splitters are chosen"));
        }
        Ok(wanted.min(left) as usize)
    }

    /// Bytes that may be held for groups, with so many threads; the rest goes to files.
    ///
    /// # Errors
    /// The budget leaves too little.
    pub(crate) fn groups(&self, threads: usize) -> Result<Share, Failure> {
        let held = match self.context.budget() {
            None => USUAL_GROUPS,
            Some(budget) => {
                let others = self.resident() + 2 * self.queue() as u64 + METADATA;
                let zstd = SHARED_ZSTD + threads as u64 * THREAD;
                let taken = others + zstd + MARGIN;
                let left = budget.0.saturating_sub(taken);
                if left < LEAST_GROUPS {
                    return Err(refused(taken + LEAST_GROUPS, budget, "encoding begins"));
                }
                left.min(USUAL_GROUPS)
            }
        };
        let references = held / 8 * 5;
        Ok(Share {
            references: references as usize,
            deltas: (held - references) as usize,
        })
    }

    /// Bytes of work that may be on its way, and as many of blocks that may wait.
    pub(crate) fn queue(&self) -> usize {
        let share = self
            .context
            .budget()
            .map_or(QUEUE.1, |budget| budget.0 / 32);
        share.clamp(QUEUE.0, QUEUE.1) as usize
    }

    /// Looks, now and then, whether what is held still fits. `held_by` says in words what has been done so far.
    ///
    /// # Errors
    /// It does not.
    pub(crate) fn check(&mut self, held_by: impl FnOnce() -> String) -> Result<(), Failure> {
        let Some(budget) = self.context.budget() else {
            return Ok(());
        };
        self.checks = self.checks.wrapping_add(1);
        if !self.checks.is_multiple_of(SEGMENTS_A_LOOK) {
            return Ok(());
        }
        let needed = self.resident() + MARGIN;
        if needed > budget.0 {
            return Err(refused(needed, budget, &held_by()));
        }
        Ok(())
    }

    fn resident(&self) -> u64 {
        self.context.resident().map_or(0, |bytes| bytes.0)
    }
}

fn refused(needed: u64, available: Bytes, when: &str) -> Failure {
    Failure::Refused {
        needed: Bytes(needed),
        available,
        hint: format!(
            "that much is needed when {when}; raise the memory budget, or use fewer threads"
        ),
    }
}
