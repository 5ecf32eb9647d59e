//! How much of a group may be in memory.

use plimsoll_workload::{Bytes, Context, Failure};

use super::large::TEMPLATE_BYTES;
use crate::error::Error;

/// What the program takes, and each thread with its buffers and what waits for it.
const PROGRAM: u64 = 24 << 20;
const THREAD: u64 = 8 << 20;
/// Least bytes for groups, and what part of them may be records as they were read, before these are packed.
const LEAST: u64 = 1 << 20;
const PART: u64 = 8;
/// Most bytes of a group's records as they were read.
const USUAL: u64 = 24 << 20;

/// The limits of `bounded`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Bytes of a group's records, before they are packed.
    pub(super) group: u64,
    budget: Option<Bytes>,
    others: u64,
}

impl Limit {
    /// Those of a run.
    ///
    /// # Errors
    /// Its budget leaves too little.
    pub(super) fn of(context: &Context) -> Result<Self, Error> {
        let others = PROGRAM + context.threads() as u64 * THREAD;
        let limit = Self {
            group: USUAL,
            budget: context.budget(),
            others,
        };
        let Some(budget) = limit.budget else {
            return Ok(limit);
        };
        let left = budget.0.saturating_sub(others);
        if left < LEAST {
            return Err(limit.refused(others + LEAST, budget, "to begin with"));
        }
        Ok(Self {
            group: (left / PART).min(USUAL),
            ..limit
        })
    }

    /// Holds what stays in memory of a group against the budget: its rows, and its packed records where these do not go to
    /// files.
    ///
    /// # Errors
    /// They do not fit.
    pub(super) fn check(&self, bytes: u64, has_files: bool) -> Result<(), Error> {
        let what = if has_files {
            "for the templates of one position"
        } else {
            "for the packed records of one position, which may not go to files, and its templates"
        };
        match self.budget {
            Some(budget) if self.others + bytes > budget.0 => {
                Err(self.refused(self.others + bytes, budget, what))
            }
            _ => Ok(()),
        }
    }

    fn refused(&self, needed: u64, available: Bytes, what: &str) -> Error {
        Error::Failed(Failure::Refused {
            needed: Bytes(needed),
            available,
            hint: format!(
                "that much is needed {what}, {TEMPLATE_BYTES} bytes for each template; raise the memory budget, or use fewer threads"
            ),
        })
    }
}
