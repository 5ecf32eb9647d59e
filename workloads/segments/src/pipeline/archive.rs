//! The two ends of an archive around its blocks.

use plimsoll_workload::Failure;

use crate::archive::{ArchiveFile, BlockWriter, Format, OneShot};
use crate::params::Settings;

/// Writes the header.
///
/// # Errors
/// The file cannot be written.
pub fn begin(
    file: ArchiveFile,
    format: Format,
    settings: &Settings,
) -> Result<BlockWriter<ArchiveFile>, Failure> {
    BlockWriter::with_format(file, format, settings).map_err(told)
}

/// Writes the meta block and the trailer, and gives the file its name; the archive's size in bytes.
///
/// # Errors
/// The file cannot be written.
pub fn finish(
    writer: BlockWriter<ArchiveFile>,
    meta: &[u8],
    settings: &Settings,
) -> Result<u64, Failure> {
    let mut stored = Vec::new();
    OneShot::new()
        .and_then(|mut zstd| zstd.compress(meta, settings.level, &mut stored))
        .map_err(told)?;
    let (file, size) = writer.finish(meta.len(), &stored).map_err(told)?;
    file.commit().map_err(told)?;
    Ok(size)
}

/// The errors of an [`ArchiveFile`] say which file, and what was tried.
fn told(error: std::io::Error) -> Failure {
    Failure::Other(error.to_string())
}
