//! Room for inputs: what the cache takes, what it may take, and what goes first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use plimsoll_workload::Bytes;

use super::entry::{Entry, remove};
use super::error::{InputsError, io};
use super::lock::{EntryLock, Hold};

/// The default limit: this many bytes, or a tenth of the disk if that is less.
const LIMIT: u64 = 20 << 30;
/// So much is left free on the disk whatever is made.
const RESERVE: u64 = 256 << 20;

/// Extension of the file that an entry is locked by.
pub(super) const LOCK: &str = "lock";
/// In front of an entry's name while it is made.
pub(super) const MAKING: &str = ".making-";

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Entries, complete or not.
    pub entries: u32,
    /// Bytes of the complete ones.
    pub bytes: u64,
    /// Entries that stayed because a run uses or makes them.
    pub in_use: u32,
}

/// The limit of a cache on the disk of `root`.
pub(super) fn default_limit(root: &Path) -> u64 {
    rustix::fs::statvfs(root).map_or(LIMIT, |disk| {
        LIMIT.min(disk.f_blocks.saturating_mul(disk.f_frsize) / 10)
    })
}

/// Free bytes on the disk of `root`; none where that cannot be told.
pub(super) fn free(root: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(root).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Makes room on the disk for `needed` bytes, where that is known, and a reserve.
pub(super) fn require(root: &Path, needed: Option<u64>) -> Result<(), InputsError> {
    let needed = needed.unwrap_or(0).saturating_add(RESERVE);
    let mut entries = oldest_first(root)?;
    loop {
        let Some(available) = free(root).filter(|free| *free < needed) else {
            return Ok(());
        };
        if entries.is_empty() {
            return Err(InputsError::NoRoom {
                needed: Bytes(needed),
                available: Bytes(available),
                path: root.to_path_buf(),
            });
        }
        evict(root, &entries.remove(0))?;
    }
}

/// Removes the entries that were not used for longest, until all together are within `limit`.
/// Entries in use stay, and so does `keep`.
pub(super) fn keep_within(root: &Path, limit: u64, keep: &str) -> Result<(), InputsError> {
    let mut entries = oldest_first(root)?;
    let mut sum = entries
        .iter()
        .map(|entry| entry.bytes)
        .fold(0, u64::saturating_add);
    entries.retain(|entry| entry.name != keep);
    for entry in entries {
        if sum <= limit {
            break;
        }
        if evict(root, &entry)? {
            sum = sum.saturating_sub(entry.bytes);
        }
    }
    Ok(())
}

/// What there is: entries and their bytes.
pub(super) fn contents(root: &Path) -> Result<(u32, u64), InputsError> {
    let held = oldest_first(root)?;
    let bytes = held
        .iter()
        .map(|entry| entry.bytes)
        .fold(0, u64::saturating_add);
    Ok((u32::try_from(held.len()).unwrap_or(u32::MAX), bytes))
}

/// Removes everything that is not in use.
pub(super) fn clean(root: &Path) -> Result<Cleaned, InputsError> {
    let mut cleaned = Cleaned::default();
    for entry in oldest_first(root)? {
        if evict(root, &entry)? {
            cleaned.entries += 1;
            cleaned.bytes = cleaned.bytes.saturating_add(entry.bytes);
        } else {
            cleaned.in_use += 1;
        }
    }
    Ok(cleaned)
}

/// Removes what killed runs left of inputs that they were making; how many that were.
pub(super) fn sweep(root: &Path) -> Result<u32, InputsError> {
    let mut swept = 0;
    for entry in oldest_first(root)? {
        let path = lock_path(root, &entry.name);
        let making = root.join(format!("{MAKING}{}", entry.name));
        let lock = EntryLock::attempt(&path, Hold::Alone).map_err(io("locking", &path))?;
        if lock.is_some() && making.exists() {
            remove(&making)?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// An entry of the cache, complete or not.
#[derive(Debug)]
struct Held {
    name: String,
    bytes: u64,
    used: SystemTime,
}

/// The cache's own entries; what else lies in its directory is none of its business. Those that
/// were never completed come first.
fn oldest_first(root: &Path) -> Result<Vec<Held>, InputsError> {
    let mut found = Vec::new();
    for file in fs::read_dir(root).map_err(io("reading", root))? {
        let file = file.map_err(io("reading", root))?;
        let Some(file_name) = file.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        let name = file_name.strip_prefix(MAKING).unwrap_or(&file_name);
        // Every entry has a lock beside it, from before it was begun.
        if !lock_path(root, name).exists() {
            continue;
        }
        let entry = Entry::at(root.join(name));
        found.push(Held {
            name: name.to_owned(),
            bytes: entry.manifest().map_or(0, |manifest| manifest.bytes),
            used: entry.used().unwrap_or(SystemTime::UNIX_EPOCH),
        });
    }
    found.sort_by(|a, b| (a.used, &a.name).cmp(&(b.used, &b.name)));
    found.dedup_by(|a, b| a.name == b.name);
    Ok(found)
}

pub(super) fn lock_path(root: &Path, name: &str) -> PathBuf {
    root.join(format!("{name}.{LOCK}"))
}

/// Removes an entry and what is left of making it; false when somebody uses or makes it.
fn evict(root: &Path, entry: &Held) -> Result<bool, InputsError> {
    let path = lock_path(root, &entry.name);
    let Some(lock) = EntryLock::attempt(&path, Hold::Alone).map_err(io("locking", &path))? else {
        return Ok(false);
    };
    remove(&root.join(format!("{MAKING}{}", entry.name)))?;
    remove(&root.join(&entry.name))?;
    lock.remove().map_err(io("removing", &path))?;
    Ok(true)
}
