//! A disk that fills up while an archive is written leaves the archive that was there.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use plimsoll_segments::archive::{ArchiveFile, BlockKind, BlockWriter};

use crate::compressor::settings;

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
    let status = Command::new("sh")
        // A file may have 1,024 bytes at most; the signal that tells so is ignored, so that the write fails instead.
        .args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full_disk::a_full_disk_leaves_the_old_archive"])
        .env(DIRECTORY, directory.path())
        .output()
        .unwrap();
    assert!(status.status.success(), "{status:?}");
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
