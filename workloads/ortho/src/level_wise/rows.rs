//! Orthos of one pattern as rows of 64-bit keys whose order is that of their words.

use crate::interner::Token;

/// How the words of a row are packed: big-endian, two or four bytes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packing {
    /// Bytes per word: 2 or 4.
    pub(super) width: usize,
}

impl Packing {
    /// The narrowest packing for tokens up to `words`.
    pub(super) fn for_words(words: usize) -> Self {
        Self {
            width: if words <= usize::from(u16::MAX) { 2 } else { 4 },
        }
    }

    /// Bytes of a row of `level` words.
    pub(super) fn bytes(self, level: usize) -> usize {
        self.width * level
    }

    /// Keys of a row of `level` words.
    pub(super) fn keys(self, level: usize) -> usize {
        self.bytes(level).div_ceil(8)
    }

    /// Appends a row's keys.
    #[inline]
    pub(super) fn push_keys(self, tokens: impl Iterator<Item = Token>, keys: &mut Vec<u64>) {
        let bits = 8 * self.width as u32;
        let (mut key, mut room) = (0, 64);
        for token in tokens {
            room -= bits;
            key |= u64::from(token) << room;
            if room == 0 {
                keys.push(key);
                (key, room) = (0, 64);
            }
        }
        if room < 64 {
            keys.push(key);
        }
    }

    /// The words of a row given by its keys.
    #[inline]
    pub(super) fn tokens(self, keys: &[u64], level: usize) -> impl Iterator<Item = Token> {
        let per_key = 8 / self.width;
        let bits = 8 * self.width;
        (0..level).map(move |i| {
            let shift = 64 - bits * (i % per_key + 1);
            (keys[i / per_key] >> shift & ((1 << bits) - 1)) as Token
        })
    }

    /// Appends a row's bytes.
    #[inline]
    pub(super) fn push_bytes(self, tokens: impl Iterator<Item = Token>, bytes: &mut Vec<u8>) {
        if self.width == 2 {
            for token in tokens {
                bytes.extend_from_slice(&(token as u16).to_be_bytes());
            }
        } else {
            for token in tokens {
                bytes.extend_from_slice(&token.to_be_bytes());
            }
        }
    }

    /// Overwrites word `index` of a row's bytes.
    #[inline]
    pub(super) fn set(self, row: &mut [u8], index: usize, token: Token) {
        if self.width == 2 {
            row[2 * index..][..2].copy_from_slice(&(token as u16).to_be_bytes());
        } else {
            row[4 * index..][..4].copy_from_slice(&token.to_be_bytes());
        }
    }

    /// Word `index` of a row's bytes.
    #[inline]
    pub(super) fn get(self, row: &[u8], index: usize) -> Token {
        if self.width == 2 {
            Token::from(u16::from_be_bytes([row[2 * index], row[2 * index + 1]]))
        } else {
            let row = &row[4 * index..][..4];
            Token::from_be_bytes([row[0], row[1], row[2], row[3]])
        }
    }
}

/// Sorts rows of `stride` keys each and removes equal ones.
pub fn sort_unique(keys: &mut Vec<u64>, stride: usize) {
    match stride {
        1 => {
            keys.sort_unstable();
            keys.dedup();
        }
        2 => sort_chunks::<2>(keys),
        3 => sort_chunks::<3>(keys),
        4 => sort_chunks::<4>(keys),
        5 => sort_chunks::<5>(keys),
        6 => sort_chunks::<6>(keys),
        _ => sort_long(keys, stride),
    }
}

fn sort_chunks<const N: usize>(keys: &mut Vec<u64>) {
    let (rows, _) = keys.as_chunks_mut::<N>();
    rows.sort_unstable();
    let mut kept = 0;
    for at in 0..rows.len() {
        if at == 0 || rows[at] != rows[kept - 1] {
            rows[kept] = rows[at];
            kept += 1;
        }
    }
    keys.truncate(kept * N);
}

fn sort_long(keys: &mut Vec<u64>, stride: usize) {
    let mut rows: Vec<&[u64]> = keys.chunks_exact(stride).collect();
    rows.sort_unstable();
    rows.dedup();
    *keys = rows.concat();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_rows_keep_words_and_order(
            mut rows in prop::collection::vec(prop::collection::vec(0..=65_535_u32, 7), 1..40),
            wide: bool,
            level in 1..8_usize,
        ) {
            let packing = Packing { width: if wide { 4 } else { 2 } };
            for row in &mut rows {
                row.truncate(level);
            }
            let mut keys = Vec::new();
            for row in &rows {
                packing.push_keys(row.iter().copied(), &mut keys);
                let mut bytes = Vec::new();
                packing.push_bytes(row.iter().copied(), &mut bytes);
                let back: Vec<_> = (0..level).map(|i| packing.get(&bytes, i)).collect();
                prop_assert_eq!(&back, row);
            }
            let stride = packing.keys(level);
            prop_assert_eq!(keys.len(), rows.len() * stride);
            sort_unique(&mut keys, stride);
            rows.sort();
            rows.dedup();
            let sorted: Vec<Vec<Token>> = keys
                .chunks_exact(stride)
                .map(|keys| packing.tokens(keys, level).collect())
                .collect();
            prop_assert_eq!(sorted, rows);
        }

        #[test]
        fn long_rows_sort_like_short_ones(rows in prop::collection::vec([0..3_u64, 0..3, 0..3], 0..40)) {
            let mut short = rows.concat();
            let mut long = short.clone();
            sort_chunks::<3>(&mut short);
            sort_long(&mut long, 3);
            prop_assert_eq!(short, long);
        }
    }
}
