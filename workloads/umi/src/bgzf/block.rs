//! The frame of one block: a gzip header with an extra field that tells the block's size, deflated bytes, CRC-32 and size.

/// Bytes of a block, compressed or not, at most.
pub(crate) const MOST_BYTES: usize = 1 << 16;
/// Bytes of a header before its extra field.
pub(crate) const FIXED_HEADER: usize = 12;
/// Bytes of a header that has nothing but the block's size in its extra field.
pub(crate) const HEADER: usize = 18;
/// CRC-32 and size.
pub(crate) const TRAILER: usize = 8;

/// The empty block that ends a file.
pub const EOF_BLOCK: [u8; 28] = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    0, 0,
];

/// What is wrong with a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockProblem {
    /// It has no gzip header with an extra field.
    #[error("no block of BGZF begins there")]
    NotBgzf,
    /// The extra field does not tell the block's size.
    #[error("its header does not tell its size")]
    NoSize,
    /// The block is told to be smaller than its own frame, or to hold more than a block may.
    #[error("its size is impossible")]
    WrongSize,
    /// The file ends inside of it.
    #[error("the file ends inside of it")]
    Truncated,
    /// The file ends without the empty block that ends every file.
    #[error("the file ends there without an end-of-file block, so something is missing")]
    NoEnd,
    /// The deflated bytes cannot be inflated to the size told.
    #[error("its compressed bytes are damaged")]
    Deflate,
    /// The inflated bytes are not those that were compressed.
    #[error("its checksum is wrong")]
    Checksum,
}

/// The whole size of a block, by the extra field of its header.
pub(crate) fn block_size(extra: &[u8]) -> Option<usize> {
    let mut rest = extra;
    while let [id1, id2, low, high, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        let field = after.get(..length)?;
        if let (b'B', b'C', [low, high]) = (id1, id2, field) {
            return Some(usize::from(u16::from_le_bytes([*low, *high])) + 1);
        }
        rest = after.get(length..)?;
    }
    None
}

/// Four bytes from `at` on, little-endian; 0 where there are none.
pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_found_behind_other_fields() {
        assert_eq!(block_size(&[b'B', b'C', 2, 0, 0x1b, 0]), Some(28));
        let behind = [b'X', b'Y', 3, 0, 1, 2, 3, b'B', b'C', 2, 0, 1, 1];
        assert_eq!(block_size(&behind), Some(258));
        for lacking in [&behind[..7], &behind[..12], &[], &[b'B', b'C', 1, 0, 5]] {
            assert_eq!(block_size(lacking), None);
        }
    }
}
