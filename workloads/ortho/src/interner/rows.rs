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

    /// Appends the common tokens of two rows, ascending. Most blocks have none, so they are
    /// looked at four by four first.
    #[inline]
    pub(super) fn and_into(self, other: Self, out: &mut Vec<Token>) {
        let (fours, rest) = self.0.as_chunks::<4>();
        let (other_fours, other_rest) = other.0.as_chunks::<4>();
        for (at, (a, b)) in fours.iter().zip(other_fours).enumerate() {
            let both = [a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]];
            if both[0] | both[1] | both[2] | both[3] != 0 {
                for (block, &both) in both.iter().enumerate() {
                    push_bits(both, at * 4 + block, out);
                }
            }
        }
        for (at, (a, b)) in rest.iter().zip(other_rest).enumerate() {
            push_bits(a & b, fours.len() * 4 + at, out);
        }
    }
}

/// Appends the tokens of one 64-bit block of a row.
#[inline]
fn push_bits(mut bits: u64, block: usize, out: &mut Vec<Token>) {
    while bits != 0 {
        out.push((block * 64) as Token + bits.trailing_zeros());
        bits &= bits - 1;
    }
}
