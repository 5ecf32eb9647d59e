//! Bytes as floats, little-endian.

/// The floats of bytes, of which there are four for each.
pub(super) fn of_bytes(bytes: &[u8]) -> impl ExactSizeIterator<Item = f32> + '_ {
    bytes.as_chunks().0.iter().copied().map(f32::from_le_bytes)
}

/// Their bytes.
pub(super) fn bytes(floats: impl Iterator<Item = f32>) -> Vec<u8> {
    floats.flat_map(f32::to_le_bytes).collect()
}
