//! Payloads as they are stored: a zstd frame where that is smaller, otherwise the payload.

use std::fmt;
use std::io;

use zstd_safe::{CCtx, compress_bound, get_error_name};

/// zstd with one context for all payloads and every size known beforehand: `ZSTD_compressCCtx`, no dictionary, no
/// checksum. So what is stored is a function of payload and level.
pub struct OneShot {
    context: CCtx<'static>,
}

impl OneShot {
    /// A context. It grows to what the largest payload at the highest level needs.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new() -> io::Result<Self> {
        let context =
            CCtx::try_create().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        Ok(Self { context })
    }

    /// Replaces `stored` with what is stored of `payload`. Its memory is used again.
    ///
    /// # Errors
    /// There is no memory for the context at this level.
    pub fn compress(&mut self, payload: &[u8], level: i32, stored: &mut Vec<u8>) -> io::Result<()> {
        stored.clear();
        // Always room for the worst case: with less, zstd would make other choices near the end of its room.
        stored.reserve(compress_bound(payload.len()));
        self.context
            .compress(stored, payload, level)
            .map_err(|code| {
                io::Error::other(format!(
                    "zstd at level {level}, {} bytes: {}",
                    payload.len(),
                    get_error_name(code)
                ))
            })?;
        keep_smaller(payload, stored);
        Ok(())
    }
}

impl fmt::Debug for OneShot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneShot").finish_non_exhaustive()
    }
}

/// What is stored of `payload` by a fresh streaming encoder that is not told how much is to come.
///
/// # Errors
/// There is no memory for the encoder.
pub fn stream(payload: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let mut stored = Vec::new();
    zstd::stream::copy_encode(payload, &mut stored, level)?;
    keep_smaller(payload, &mut stored);
    Ok(stored)
}

fn keep_smaller(payload: &[u8], stored: &mut Vec<u8>) {
    if stored.len() >= payload.len() {
        stored.clear();
        stored.extend_from_slice(payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that no compressor makes smaller.
    fn noise(count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn one_shot_depends_on_payload_and_level_alone() {
        let text: Vec<u8> = b"ACGTTGCA".repeat(1000);
        let mut fresh = Vec::new();
        OneShot::new()
            .unwrap()
            .compress(&text, 17, &mut fresh)
            .unwrap();
        assert_eq!(zstd::decode_all(&fresh[..]).unwrap(), text);
        let (mut used, mut stored) = (OneShot::new().unwrap(), noise(100_000));
        used.compress(&noise(300_000), 19, &mut stored).unwrap();
        used.compress(&text, 17, &mut stored).unwrap();
        assert_eq!(stored, fresh);
    }

    #[test]
    fn what_does_not_shrink_is_stored_as_it_is() {
        let mut stored = Vec::new();
        for payload in [noise(5000), b"ab".to_vec(), Vec::new()] {
            let mut zstd = OneShot::new().unwrap();
            zstd.compress(&payload, 17, &mut stored).unwrap();
            assert_eq!(stored, payload);
            assert_eq!(stream(&payload, 17).unwrap(), payload);
        }
    }

    #[test]
    fn a_stream_gives_the_payload_back() {
        let text: Vec<u8> = b"ACGTTGCA".repeat(1000);
        let stored = stream(&text, 17).unwrap();
        assert!(stored.len() < text.len());
        assert_eq!(zstd::decode_all(&stored[..]).unwrap(), text);
    }
}
