//! Where everything is in an index file.
//!
//! A header of 4 KiB, then the sections in this order, each beginning at a multiple of 64 bytes, the bytes between them
//! zero. All integers are little-endian.

use std::ops::Range;

/// What an index file begins with.
pub(super) const MAGIC: [u8; 8] = *b"PLVHNSW\n";

/// The version of this format.
pub(super) const VERSION: u32 = 2;

/// Read as a little-endian integer in a file that is little-endian.
pub(super) const ORDER: u32 = 0x0102_0304;

/// Bytes of the header.
pub(super) const HEADER: usize = 4096;

/// Sections begin at multiples of this.
const ALIGNMENT: u64 = 64;

/// The sections, in order.
pub(super) const SECTIONS: [&str; 8] = [
    "levels",
    "offsets of upper levels",
    "upper levels",
    "counts of upper levels",
    "counts of level 0",
    "level 0",
    "scales and norms",
    "codes",
];

/// What decides where everything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Vectors.
    pub(super) len: u64,
    /// Bytes of codes in a row.
    pub(super) stride: u64,
    /// Links in a row of an upper level.
    pub(super) m: u64,
    /// Rows of upper levels.
    pub(super) upper_rows: u64,
}

impl Sizes {
    /// The bytes of each section; the last ends where the file does. None for sizes that no file can have.
    pub(super) fn layout(&self) -> Option<[Range<u64>; 8]> {
        let Self {
            len,
            stride,
            m,
            upper_rows,
        } = *self;
        let lengths = [
            len,
            len.checked_mul(4)?,
            upper_rows.checked_mul(m)?.checked_mul(4)?,
            upper_rows,
            len,
            len.checked_mul(m)?.checked_mul(8)?,
            len.checked_mul(12)?,
            len.checked_mul(stride)?,
        ];
        let mut end = HEADER as u64;
        let mut layout = std::array::from_fn(|_| 0..0);
        for (range, length) in layout.iter_mut().zip(lengths) {
            let start = end.checked_next_multiple_of(ALIGNMENT)?;
            end = start.checked_add(length)?;
            *range = start..end;
        }
        Some(layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_follow_one_another_aligned() {
        let sizes = Sizes {
            len: 3,
            stride: 64,
            m: 4,
            upper_rows: 1,
        };
        let layout = sizes.layout().unwrap();
        assert_eq!(layout[0], 4096..4099);
        assert_eq!(layout[1], 4160..4172);
        assert!(layout.iter().all(|range| range.start % 64 == 0));
        assert!(layout.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }

    #[test]
    fn sizes_beyond_any_file_have_no_layout() {
        let sizes = Sizes {
            len: u64::MAX / 2,
            stride: 64,
            m: 48,
            upper_rows: 0,
        };
        assert_eq!(sizes.layout(), None);
    }
}
