//! Payloads back from what is stored of them.
//!
//! A payload's size is a claim until it has been read. It is held against the blocks that the zstd frame really has
//! (RFC 8878, section 3.1.1: none gives more than 128 KiB), so that no memory is taken for a size that only a damaged
//! field claims.

use std::fmt;
use std::io;

use zstd_safe::{DCtx, get_error_name};

use crate::damage::Damage;
use crate::varint::Cursor;

/// First bytes of a frame.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// Most bytes that one block of a frame gives.
const BLOCK_MOST: u64 = 128 * 1024;

/// zstd with one context for all frames, and without a window of its own: a frame goes straight to its payload.
pub(super) struct Inflate {
    context: DCtx<'static>,
}

impl Inflate {
    pub(super) fn new() -> io::Result<Self> {
        let context =
            DCtx::try_create().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        Ok(Self { context })
    }

    /// Replaces `payload` with the `size` bytes that `frame` holds.
    pub(super) fn inflate(
        &mut self,
        frame: &[u8],
        size: usize,
        payload: &mut Vec<u8>,
    ) -> Result<(), Damage> {
        payload.clear();
        let most = most(frame)?;
        if size as u64 > most {
            return Err(Damage::new(format!(
                "a payload of {size} bytes is claimed, where {most} can be at most"
            )));
        }
        reserve(payload, size)?;
        self.context
            .decompress(payload, frame)
            .map_err(|code| Damage::new(format!("zstd: {}", get_error_name(code))))?;
        if payload.len() == size {
            return Ok(());
        }
        Err(Damage::new(format!(
            "a payload of {} bytes, where {size} are claimed",
            payload.len()
        )))
    }
}

impl fmt::Debug for Inflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate").finish_non_exhaustive()
    }
}

/// Room for `size` bytes in an empty buffer, if the machine has it.
pub(super) fn reserve(buffer: &mut Vec<u8>, size: usize) -> Result<(), Damage> {
    buffer
        .try_reserve_exact(size)
        .map_err(|error| Damage::new(format!("a block of {size} bytes: {error}")))
}

/// The most bytes that the frame can give, from the headers of its blocks.
fn most(frame: &[u8]) -> Result<u64, Damage> {
    let mut cursor = Cursor::new(frame);
    if cursor.take(4)? != MAGIC {
        return Err(Damage::new("a stored payload is not a zstd frame"));
    }
    let descriptor = cursor.byte()?;
    let single_segment = descriptor >> 5 & 1 == 1;
    let with_checksum = descriptor >> 2 & 1 == 1;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content_size = match descriptor >> 6 {
        0 => usize::from(single_segment),
        flag => 1 << flag,
    };
    cursor.take(usize::from(!single_segment) + dictionary + content_size)?;
    let mut most = 0;
    loop {
        let header = cursor.take(3)?;
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let size = u64::from(header >> 3);
        let (gives, takes) = match header >> 1 & 3 {
            0 => (size, size),
            1 => (size.min(BLOCK_MOST), 1),
            2 => (BLOCK_MOST, size),
            _ => return Err(Damage::new("a zstd frame has a block of no known kind")),
        };
        most += gives;
        cursor.take(takes as usize)?;
        if header & 1 == 1 {
            break;
        }
    }
    if with_checksum {
        cursor.take(4)?;
    }
    if cursor.is_empty() {
        return Ok(most);
    }
    Err(Damage::new("a zstd frame goes on after its last block"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::archive::{OneShot, stream};

    fn inflated(frame: &[u8], size: usize) -> Result<Vec<u8>, Damage> {
        let mut payload = Vec::new();
        Inflate::new().unwrap().inflate(frame, size, &mut payload)?;
        Ok(payload)
    }

    fn text(repeats: usize) -> Vec<u8> {
        b"ACGTTGCAGGATTACA".repeat(repeats)
    }

    #[test]
    fn frames_of_both_ways_of_compressing_come_back() {
        for repeats in [4, 100, 10_000, 200_000] {
            let text = text(repeats);
            let mut stored = Vec::new();
            OneShot::new()
                .unwrap()
                .compress(&text, 17, &mut stored)
                .unwrap();
            assert!(inflated(&stored, text.len()).unwrap() == text);
            let stored = stream(&text, 3).unwrap();
            assert!(inflated(&stored, text.len()).unwrap() == text);
        }
    }

    #[test]
    fn a_claimed_size_that_no_block_holds_takes_no_memory() {
        let stored = stream(&text(100), 17).unwrap();
        let mut payload = Vec::new();
        let mut inflate = Inflate::new().unwrap();
        for size in [usize::MAX, 1 << 40, (1 << 17) + 1] {
            let error = inflate.inflate(&stored, size, &mut payload).unwrap_err();
            assert!(error.to_string().contains("can be at most"), "{error}");
            assert_eq!(payload.capacity(), 0);
        }
        for size in [0, 1599, 1601, 1 << 17] {
            assert!(inflate.inflate(&stored, size, &mut payload).is_err());
        }
        inflate.inflate(&stored, 1600, &mut payload).unwrap();
    }

    #[test]
    fn two_frames_are_not_one() {
        let stored = stream(&text(100), 17).unwrap();
        assert!(inflated(&[&stored[..], &stored[..]].concat(), 3200).is_err());
    }

    #[test]
    fn cut_and_flipped_frames_are_refused_or_read() {
        let stored = stream(&text(100), 17).unwrap();
        for end in 0..stored.len() {
            assert!(inflated(&stored[..end], 1600).is_err());
        }
        for place in 0..stored.len() {
            for byte in 0..=u8::MAX {
                let mut damaged = stored.clone();
                damaged[place] = byte;
                let _ = inflated(&damaged, 1600);
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(bytes: Vec<u8>, size in 0_usize..100_000) {
            let frame = [&MAGIC[..], &bytes[..]].concat();
            let _ = inflated(&frame, size);
        }
    }
}
