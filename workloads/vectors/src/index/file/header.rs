//! The header of an index file: written, and taken apart.
//!
//! | bytes | |
//! |---|---|
//! | 0..8 | magic |
//! | 8..12 | version |
//! | 12..16 | byte order mark |
//! | 16..24 | vectors |
//! | 24..32 | coordinates of each |
//! | 32..40 | M |
//! | 40..48 | ef_construction |
//! | 48..56 | seed of the levels |
//! | 56..60 | metric: 0, squared L2 |
//! | 60..64 | bits of a code: 8 or 4 |
//! | 64..72 | exponent of the unit of scales, signed |
//! | 72..80 | entry |
//! | 80..88 | top level |
//! | 88..96 | rows of upper levels |
//! | 96..136 | what building took: inserted, evaluations, selections, hops, links |
//! | 136..328 | for each of the 8 sections: first byte, length, XXH3-64 |
//! | 4088..4096 | XXH3-64 of the bytes before |
//!
//! Integers from 16 on take 8 bytes each where nothing else is said; the rest is zero.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::format::{HEADER, MAGIC, ORDER, Sizes, VERSION};
use crate::index::{Counters, Params, Width};

const FIELDS: usize = 39;
const CHECKSUM: usize = HEADER - 8;

/// What the header of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) len: u64,
    pub(super) dim: u64,
    pub(super) params: Params,
    pub(super) exponent: i32,
    pub(super) entry: u64,
    pub(super) top: u64,
    pub(super) upper_rows: u64,
    pub(super) counters: Counters,
    pub(super) checksums: [u64; 8],
}

/// Why the bytes are no header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Magic,
    Version(u32),
    Order,
    Damaged(String),
}

impl Header {
    pub(super) fn sizes(&self) -> Option<Sizes> {
        // Rows are padded; a length that cannot be is caught before anything is made of it.
        let dim = usize::try_from(self.dim).ok()?;
        dim.checked_next_multiple_of(128)?;
        Some(Sizes {
            len: self.len,
            stride: self.params.width.row(dim) as u64,
            m: self.params.m as u64,
            upper_rows: self.upper_rows,
        })
    }

    /// The header's bytes, for sections that lie at `layout`.
    pub(super) fn encode(&self, layout: &[Range<u64>; 8]) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&ORDER.to_le_bytes());
        let Counters {
            inserted,
            evaluations,
            selections,
            hops,
            links,
        } = self.counters;
        let fields = [
            self.len,
            self.dim,
            self.params.m as u64,
            self.params.ef_construction as u64,
            self.params.level_seed,
            u64::from(self.params.width.bits()) << 32,
            i64::from(self.exponent) as u64,
            self.entry,
            self.top,
            self.upper_rows,
            inserted,
            evaluations,
            selections,
            hops,
            links,
        ];
        let table = layout.iter().zip(self.checksums);
        let table = table.flat_map(|(range, sum)| [range.start, range.end - range.start, sum]);
        for (at, field) in fields.into_iter().chain(table).enumerate() {
            bytes[16 + 8 * at..][..8].copy_from_slice(&field.to_le_bytes());
        }
        let checksum = xxh3_64(&bytes[..CHECKSUM]);
        bytes[CHECKSUM..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// What `bytes` say. That they were written like this is certain then, that they make sense is not.
    pub(super) fn decode(bytes: &[u8; HEADER]) -> Result<Self, Refused> {
        if bytes[..8] != MAGIC {
            return Err(Refused::Magic);
        }
        let u32_at = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        if u32_at(12) == ORDER.swap_bytes() {
            return Err(Refused::Order);
        }
        if u32_at(8) != VERSION {
            return Err(Refused::Version(u32_at(8)));
        }
        let damaged = |what: &str| Refused::Damaged(what.to_owned());
        if u64_at(CHECKSUM) != xxh3_64(&bytes[..CHECKSUM]) {
            return Err(damaged("its checksum is another"));
        }
        let fields: [u64; FIELDS] = std::array::from_fn(|at| u64_at(16 + 8 * at));
        let size = |at: usize| {
            usize::try_from(fields[at]).map_err(|_| damaged("a size is beyond this machine"))
        };
        let bits = |width: &Width| u64::from(width.bits()) << 32 == fields[5];
        let width = Width::ALL.into_iter().find(bits);
        let width = width.ok_or_else(|| damaged("its metric or width of codes is unknown"))?;
        let header = Self {
            len: fields[0],
            dim: fields[1],
            params: Params {
                m: size(2)?,
                ef_construction: size(3)?,
                level_seed: fields[4],
                width,
            },
            exponent: i32::try_from(fields[6] as i64)
                .map_err(|_| damaged("its exponent is out of bounds"))?,
            entry: fields[7],
            top: fields[8],
            upper_rows: fields[9],
            counters: Counters {
                inserted: fields[10],
                evaluations: fields[11],
                selections: fields[12],
                hops: fields[13],
                links: fields[14],
            },
            checksums: std::array::from_fn(|section| fields[17 + 3 * section]),
        };
        if u32_at(12) != ORDER {
            return Err(damaged("its byte order is unknown"));
        }
        // The table is for others to read; here all places follow from the sizes.
        let layout = header.sizes().and_then(|sizes| sizes.layout());
        let layout = layout.ok_or_else(|| damaged("its sizes are beyond any file"))?;
        if header.encode(&layout) != *bytes {
            return Err(damaged("its sections are not where they belong"));
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> (Header, [u8; HEADER]) {
        let header = Header {
            len: 3,
            dim: 70,
            params: Params::default(),
            exponent: -3,
            entry: 2,
            top: 1,
            upper_rows: 1,
            counters: Counters {
                inserted: 3,
                ..Counters::default()
            },
            checksums: [1, 2, 3, 4, 5, 6, 7, 8],
        };
        let bytes = header.encode(&header.sizes().unwrap().layout().unwrap());
        (header, bytes)
    }

    #[test]
    fn a_header_says_what_it_was_given() {
        let (header, bytes) = header();
        assert_eq!(Header::decode(&bytes), Ok(header));
    }

    #[test]
    fn codes_of_4_bits_are_half_as_long_and_another_width_is_refused() {
        let (mut header, _) = header();
        let eight = header.sizes().unwrap();
        header.params.width = Width::Four;
        let four = header.sizes().unwrap();
        assert_eq!((eight.stride, four.stride), (128, 64));
        let mut bytes = header.encode(&four.layout().unwrap());
        assert_eq!(Header::decode(&bytes), Ok(header));
        bytes[60] = 5;
        let checksum = xxh3_64(&bytes[..CHECKSUM]);
        bytes[CHECKSUM..].copy_from_slice(&checksum.to_le_bytes());
        let Err(Refused::Damaged(what)) = Header::decode(&bytes) else {
            panic!("another refusal");
        };
        assert!(what.contains("width of codes"), "{what}");
    }

    #[test]
    fn every_flipped_bit_is_refused_for_what_it_is() {
        let (_, bytes) = header();
        for at in 0..HEADER {
            for bit in 0..8 {
                let mut flipped = bytes;
                flipped[at] ^= 1 << bit;
                let refused = Header::decode(&flipped).unwrap_err();
                match at {
                    0..8 => assert_eq!(refused, Refused::Magic),
                    8..12 => assert!(matches!(refused, Refused::Version(_))),
                    _ => assert!(matches!(refused, Refused::Damaged(_)), "{at}: {refused:?}"),
                }
            }
        }
    }

    #[test]
    fn the_other_byte_order_is_told_from_damage() {
        let (_, mut bytes) = header();
        bytes[8..12].reverse();
        bytes[12..16].reverse();
        assert_eq!(Header::decode(&bytes), Err(Refused::Order));
    }

    #[test]
    fn a_table_that_contradicts_the_sizes_is_refused() {
        let (_, mut bytes) = header();
        bytes[136] += 64;
        let checksum = xxh3_64(&bytes[..CHECKSUM]);
        bytes[CHECKSUM..].copy_from_slice(&checksum.to_le_bytes());
        assert!(matches!(Header::decode(&bytes), Err(Refused::Damaged(_))));
    }
}
