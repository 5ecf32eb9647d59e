//! Digests of an archive: of what it means, and of its bytes.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::ReadError;
use super::read::Archive;
use crate::varint::put;

/// The logical digest: SHA-256, in hex, over all blocks in file order of kind, group, payload size and payload. It
/// does not depend on how zstd was called.
///
/// # Errors
/// The archive cannot be read, or is not what was written.
pub fn logical(archive: &Archive) -> Result<String, ReadError> {
    let mut hasher = Sha256::new();
    let mut loader = archive.loader()?;
    let (mut head, mut payload) = (Vec::new(), Vec::new());
    for block in archive.blocks() {
        loader.load(block, &mut payload)?;
        head.clear();
        head.push(block.kind as u8);
        put(&mut head, block.group.into());
        put(&mut head, payload.len() as u64);
        hasher.update(&head);
        hasher.update(&payload);
    }
    Ok(hex(&hasher.finalize()))
}

/// SHA-256, in hex, of a file's bytes.
///
/// # Errors
/// The file cannot be read.
pub fn file(path: &Path) -> Result<String, ReadError> {
    let io = |error| ReadError::io(path, error);
    let mut file = File::open(path).map_err(io)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer).map_err(io)?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
