//! Two heap profiles side by side, call site by call site.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What changed in the heap from one profile to another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeapDifference {
    /// The whole of the first profile.
    pub old: HeapFigures,
    /// The whole of the other.
    pub new: HeapFigures,
    /// Call sites that changed the most in any of the figures, the largest change at the peak first.
    pub sites: Vec<SiteDifference>,
    /// All other call sites of the first profile together.
    pub rest_old: HeapFigures,
    /// The same of the other.
    pub rest_new: HeapFigures,
    /// What makes the two less comparable than they look.
    pub notes: Vec<String>,
}

/// A place that allocates, in two profiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SiteDifference {
    /// The innermost function that is the program's own.
    pub function: String,
    /// The function that calls it; none where several callers are taken together, or none is known.
    pub caller: Option<String>,
    /// How it was found in both.
    pub matched: SiteMatch,
    /// Its figures in the first profile; all 0 where it is not there.
    pub old: HeapFigures,
    /// Its figures in the other.
    pub new: HeapFigures,
}

/// How a call site of one profile was found in the other. Lines play no part: they move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SiteMatch {
    /// The same function, called by the same one.
    Caller,
    /// The same function, called by others.
    Function,
    /// It is in the first profile alone.
    Gone,
    /// It is in the other alone.
    Added,
}

/// What a profile says of one or several call sites.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeapFigures {
    /// Bytes live at the heap's peak.
    pub at_peak: u64,
    /// Bytes allocated over the whole run.
    pub total: u64,
    /// Allocations over the whole run.
    pub allocations: u64,
    /// Allocations that are sure to have been short-lived; 0 where the profile knows no lifetimes.
    pub short_lived: u64,
}

impl HeapFigures {
    /// The sums, which stop at the largest number there is.
    pub(crate) fn plus(self, other: HeapFigures) -> HeapFigures {
        self.both(other, u64::saturating_add)
    }

    /// The differences, which stop at 0.
    pub(crate) fn minus(self, other: HeapFigures) -> HeapFigures {
        self.both(other, u64::saturating_sub)
    }

    fn both(self, other: HeapFigures, of: fn(u64, u64) -> u64) -> HeapFigures {
        HeapFigures {
            at_peak: of(self.at_peak, other.at_peak),
            total: of(self.total, other.total),
            allocations: of(self.allocations, other.allocations),
            short_lived: of(self.short_lived, other.short_lived),
        }
    }

    /// Each figure, for what is done to all of them alike.
    pub(crate) fn each(self) -> [u64; 4] {
        [self.at_peak, self.total, self.allocations, self.short_lived]
    }
}
