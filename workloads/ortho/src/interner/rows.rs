//! Successor sets of single words as bit rows, for those words that have many.

use super::Token;

/// Most bytes all rows together may take: about the second-level cache of a core.
const BUDGET: usize = 2 << 20;

/// Fewest successors that are worth a row.
const WORTH: usize = 8;

const NONE: u32 = u32::MAX;

/// One bit per token, for the words with the most successors.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// `u64`s per row.
    stride: usize,
    /// Row number by token, or `NONE`.
    row: Vec<u32>,
    bits: Vec<u64>,
}

impl Rows {
    /// Rows for `tokens` tokens, 0 included, whose successors are `children(token)`.
    pub(super) fn new<'a>(tokens: usize, children: impl Fn(Token) -> &'a [Token]) -> Self {
        let stride = tokens.div_ceil(64);
        let room = BUDGET / (stride.max(1) * 8);
        let mut chosen: Vec<Token> = (0..tokens as Token)
            .filter(|&token| children(token).len() >= WORTH)
            .collect();
        if chosen.len() > room {
            chosen.select_nth_unstable_by_key(room, |&token| {
                (std::cmp::Reverse(children(token).len()), token)
            });
            chosen.truncate(room);
            chosen.sort_unstable();
        }
        let mut row = vec![NONE; tokens];
        let mut bits = vec![0; chosen.len() * stride];
        for (number, &token) in chosen.iter().enumerate() {
            row[token as usize] = number as u32;
            let bits = &mut bits[number * stride..][..stride];
            for &child in children(token) {
                bits[child as usize / 64] |= 1 << (child % 64);
            }
        }
        Self { stride, row, bits }
    }

    /// The row of a token, if it has one.
    #[inline]
    pub(super) fn get(&self, token: Token) -> Option<Row<'_>> {
        let row = self.row[token as usize];
        if row == NONE {
            return None;
        }
        Some(Row(&self.bits[row as usize * self.stride..][..self.stride]))
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        (self.row.capacity() * 4 + self.bits.capacity() * 8) as u64
    }
}

/// A set of tokens, one bit each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a>(&'a [u64]);

impl Row<'_> {
    /// How many `u64`s the row has.
    #[inline]
    pub(super) fn words(self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(super) fn contains(self, token: Token) -> bool {
        self.0[token as usize / 64] >> (token % 64) & 1 != 0
    }

    /// Appends the common tokens of two rows, ascending.
    #[inline]
    pub(super) fn and_into(self, other: Self, out: &mut Vec<Token>) {
        for (block, (a, b)) in self.0.iter().zip(other.0).enumerate() {
            let mut both = a & b;
            while both != 0 {
                out.push((block * 64) as Token + both.trailing_zeros());
                both &= both - 1;
            }
        }
    }
}
