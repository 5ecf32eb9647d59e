//! A delta: three byte columns.

use super::rule::Match;
use crate::varint::{put, zigzag};

/// The three columns of a delta; equal texts have equal columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Varints: an item's literals, then 0 (the end), 1 and a run of Ns, or 2 and more: a match and its length plus 2.
    pub lens: Vec<u8>,
    /// Varints: of each match its place, zigzag against the place that is expected.
    pub pos: Vec<u8>,
    /// The literals, a byte a code.
    pub lits: Vec<u8>,
}

impl Columns {
    /// Bytes of all three columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lens.len() + self.pos.len() + self.lits.len()
    }

    /// Whether nothing has been written; even the delta of an empty text is longer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Empties the columns, and keeps their room.
    pub fn clear(&mut self) {
        self.lens.clear();
        self.pos.clear();
        self.lits.clear();
    }

    pub(super) fn put_match(&mut self, literals: &[u8], expected: usize, found: Match) {
        self.put_literals(literals);
        put(&mut self.lens, (found.ahead + found.behind + 2) as u64);
        put(
            &mut self.pos,
            zigzag(found.position as i64 - expected as i64),
        );
    }

    pub(super) fn put_run(&mut self, literals: &[u8], run: usize) {
        self.put_literals(literals);
        put(&mut self.lens, 1);
        put(&mut self.lens, run as u64);
    }

    pub(super) fn put_end(&mut self, literals: &[u8]) {
        self.put_literals(literals);
        put(&mut self.lens, 0);
    }

    fn put_literals(&mut self, literals: &[u8]) {
        put(&mut self.lens, literals.len() as u64);
        self.lits.extend_from_slice(literals);
    }
}
