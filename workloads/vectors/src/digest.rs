//! What tells files from others.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use plimsoll_workload::Failure;

/// The hash of files, one after the other.
pub(crate) fn of_files<const COUNT: usize>(files: [&Path; COUNT]) -> Result<String, Failure> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    for path in files {
        feed(&mut hasher, path, &mut buffer)
            .map_err(|error| Failure::io("reading", path, error))?;
    }
    Ok(format!("blake3:{}", hasher.finalize().to_hex()))
}

fn feed(hasher: &mut blake3::Hasher, path: &Path, buffer: &mut [u8]) -> io::Result<()> {
    let mut file = File::open(path)?;
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
    }
}
