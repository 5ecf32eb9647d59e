//! A disk that fills up while an archive is written leaves the archive that was there.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use plimsoll_segments::archive::{ArchiveFile, BlockKind, BlockWriter};

use crate::compressor::settings;

/// Starts a test of this suite again, where a file may have so many blocks of 512 bytes at most, and the test is told a
/// directory by a variable: there it passes. The signal that tells of the limit is ignored, so that writes fail as on a
/// disk that is full.
#[track_caller]
pub(crate) fn passes_with_small_files(test: &str, blocks: u32, (name, directory): (&str, &Path)) {
    let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let again = Command::new("sh")
        .args(["-c", &limit])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(name, directory)
        .output()
        .unwrap();
    assert!(again.status.success(), "{again:?}");
}

/// Tells the test, started again in a process that may write few bytes, where to write.
const DIRECTORY: &str = "SEGMENTS_FULL_DISK";

#[test]
fn a_full_disk_leaves_the_old_archive() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return fill(Path::new(&directory));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.seg");
    std::fs::write(&path, "old").unwrap();
    passes_with_small_files(
        "full_disk::a_full_disk_leaves_the_old_archive",
        2,
        (DIRECTORY, directory.path()),
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    let left: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
    assert_eq!(left.len(), 2, "the old archive and the proof: {left:?}");
    let told = std::fs::read_to_string(directory.path().join("told")).unwrap();
    assert!(
        told.contains("a.seg") && told.contains("free some space"),
        "{told}"
    );
}

/// Writes an archive that does not fit, and what the error says.
fn fill(directory: &Path) {
    let write = || {
        let file = ArchiveFile::create(&directory.join("a.seg"))?;
        let mut writer = BlockWriter::new(file, &settings(21, 1000, 50))?;
        for group in 1..100 {
            writer.block(BlockKind::Reference, group, 5000, &[7; 5000])?;
        }
        writer.finish(0, b"")?.0.commit()
    };
    let error: std::io::Error = write().unwrap_err();
    let mut told = std::fs::File::create(directory.join("told")).unwrap();
    write!(told, "{error}").unwrap();
}
