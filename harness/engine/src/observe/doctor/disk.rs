//! The disks that trials write to and inputs are read from.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use plimsoll_workload::Bytes;

use super::finding::DoctorFinding;

/// Less than this is soon full.
const LITTLE: u64 = 5 << 30;

/// The nearest directory that is there: what a trial will make lies below it.
fn existing(path: &Path) -> &Path {
    path.ancestors()
        .find(|path| path.is_dir())
        .unwrap_or(Path::new("/"))
}

/// Kind of disk and free space of a directory.
pub(super) fn place(what: &str, path: &Path) -> DoctorFinding {
    let path = existing(path);
    let what = format!("disk of the {what}");
    let free =
        rustix::fs::statvfs(path).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let detail = format!("{}: {} free, {}", path.display(), Bytes(free), kind(path));
    if in_memory(path) {
        return DoctorFinding::missing(
            &what,
            detail,
            "what is written there is memory that no process is charged for; name a directory on disk",
        );
    }
    if let Err(error) = tempfile::tempfile_in(path) {
        return DoctorFinding::missing(
            &what,
            format!("{detail}; not writable: {error}"),
            "name another directory",
        );
    }
    if free < LITTLE {
        return DoctorFinding::limited(
            &what,
            detail,
            "make room, or name a directory on another disk",
        );
    }
    DoctorFinding::good(&what, detail)
}

/// Whether files can be put out of the page cache, tried with one.
pub(super) fn dropping(path: &Path) -> DoctorFinding {
    let what = "dropping inputs from the page cache";
    match is_dropped(existing(path)) {
        Ok(true) => DoctorFinding::good(what, "works without privileges"),
        Ok(false) => DoctorFinding::limited(
            what,
            "the file stayed cached",
            "`inputs: dropped` has no effect on this file system; `warm` is what is measured",
        ),
        Err(error) => DoctorFinding::limited(
            what,
            format!("cannot be tried: {error}"),
            "use `inputs: warm`",
        ),
    }
}

#[cfg(target_os = "linux")]
fn is_dropped(path: &Path) -> io::Result<bool> {
    use std::io::IoSliceMut;

    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    let mut file = tempfile::tempfile_in(path)?;
    file.write_all(&[1; 1 << 16])?;
    file.sync_all()?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    // A read that may not wait for the disk finds only what is cached.
    let mut page = [0; 4096];
    match preadv2(
        &file,
        &mut [IoSliceMut::new(&mut page)],
        0,
        ReadWriteFlags::NOWAIT,
    ) {
        Err(Errno::AGAIN) => Ok(true),
        Ok(_) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn is_dropped(_: &Path) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn in_memory(path: &Path) -> bool {
    // TMPFS_MAGIC and RAMFS_MAGIC of statfs(2).
    rustix::fs::statfs(path)
        .is_ok_and(|disk| matches!(disk.f_type as u64 & 0xffff_ffff, 0x0102_1994 | 0x8584_58f6))
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_: &Path) -> bool {
    false
}

/// What the kernel says of the device below a directory.
#[cfg(target_os = "linux")]
fn kind(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt;

    if in_memory(path) {
        return "tmpfs".to_owned();
    }
    let Ok(device) = fs::metadata(path).map(|metadata| metadata.dev()) else {
        return "unknown".to_owned();
    };
    let device = format!(
        "/sys/dev/block/{}:{}",
        rustix::fs::major(device),
        rustix::fs::minor(device)
    );
    // The queue is the whole disk's; a partition lies one level below.
    let rotational = ["queue/rotational", "../queue/rotational"]
        .iter()
        .find_map(|name| fs::read_to_string(Path::new(&device).join(name)).ok());
    match rotational.as_deref().map(str::trim) {
        Some("0") => "solid state, or virtual".to_owned(),
        Some("1") => "rotating, or virtual".to_owned(),
        _ => "kind unknown".to_owned(),
    }
}

#[cfg(not(target_os = "linux"))]
fn kind(_: &Path) -> String {
    "kind unknown".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::doctor::State;

    #[test]
    fn a_directory_to_be_made_is_judged_by_the_one_above() {
        let directory = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let finding = place("scratch", &directory.path().join("not/there/yet"));
        assert_ne!(finding.state, State::Missing, "{finding:?}");
        assert!(finding.detail.contains("free"), "{finding:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_is_no_disk() {
        let shm = Path::new("/dev/shm");
        if in_memory(shm) {
            assert_eq!(place("scratch", shm).state, State::Missing);
        }
    }
}
