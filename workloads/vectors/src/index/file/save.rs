//! Writing an index: beside its place, then into it, or not at all.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::format::{HEADER, SECTIONS, Sizes};
use super::header::Header;
use crate::index::coded::stride;
use crate::index::{Index, IndexError};

/// Sections are handed to the system, and to the checksum, this many bytes at a time.
const CHUNK: usize = 1 << 20;

impl Index {
    /// Writes the index to `path`, and says how many bytes it takes. Equal indexes are equal bytes.
    ///
    /// It is written to a file `NAME.tmp.PID.…` beside it, which takes its place when all of it is on the disk: an
    /// index that was there before is replaced whole, or untouched. What is written is not copied on the way.
    ///
    /// # Errors
    /// The disk has no room, or the file cannot be written; nothing is left of it then.
    pub fn save(&self, path: &Path) -> Result<u64, IndexError> {
        if cfg!(target_endian = "big") {
            return Err(IndexError::BigEndianMachine);
        }
        let needed = self.file_bytes()?;
        let available = available(directory(path));
        let available = available.map_err(failed("asking for the free space for", path))?;
        enough(path, needed, available)?;
        replace(path, |file| self.write(file))?;
        Ok(needed)
    }

    /// Bytes that its file takes.
    ///
    /// # Errors
    /// There are too many vectors for any file.
    pub fn file_bytes(&self) -> Result<u64, IndexError> {
        let layout = self.sizes().layout();
        let layout = layout.ok_or(IndexError::TooMany(self.len()))?;
        Ok(layout[SECTIONS.len() - 1].end)
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            len: self.len() as u64,
            stride: stride(self.dim) as u64,
            m: self.params.m as u64,
            upper_rows: self.graph.upper_counts.len() as u64,
        }
    }

    /// The sections in order, then the header, which has their checksums, at the beginning.
    pub(in crate::index) fn write(&self, to: &mut (impl Write + Seek)) -> io::Result<()> {
        let layout = self.sizes().layout();
        let layout = layout.ok_or(io::ErrorKind::FileTooLarge)?;
        let graph = &self.graph;
        let sections = [
            graph.levels.bytes(),
            graph.offsets.bytes(),
            graph.upper.bytes(),
            graph.upper_counts.bytes(),
            graph.counts.bytes(),
            graph.level0.bytes(),
            self.sides.bytes(),
            self.codes.bytes(),
        ];
        to.write_all(&[0; HEADER])?;
        let mut at = HEADER as u64;
        let mut checksums = [0; SECTIONS.len()];
        for ((range, section), checksum) in layout.iter().zip(sections).zip(&mut checksums) {
            // Less than 64 of them.
            to.write_all(&[0; 64][..(range.start - at) as usize])?;
            let mut running = Xxh3::new();
            for chunk in section.chunks(CHUNK) {
                running.update(chunk);
                to.write_all(chunk)?;
            }
            *checksum = running.digest();
            at = range.end;
        }
        let header = Header {
            len: self.len() as u64,
            dim: self.dim as u64,
            params: self.params,
            exponent: self.exponent,
            entry: u64::from(self.entry),
            top: u64::from(self.top),
            upper_rows: graph.upper_counts.len() as u64,
            counters: self.counters,
            checksums,
        };
        to.seek(SeekFrom::Start(0))?;
        to.write_all(&header.encode(&layout))
    }
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> IndexError {
    move |error| IndexError::Io {
        doing,
        path: path.to_owned(),
        error,
    }
}

/// The directory that `path` is in.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Says no before anything is written to a disk that is too full for it.
fn enough(path: &Path, needed: u64, available: u64) -> Result<(), IndexError> {
    if needed <= available {
        return Ok(());
    }
    Err(IndexError::DiskFull {
        path: path.to_owned(),
        needed,
        available,
    })
}

/// Puts a file that `fill` writes in the place of `path`, or leaves what is there.
fn replace(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), IndexError> {
    let directory = directory(path);
    let mut file = unfinished(directory, path).map_err(failed("making a file beside", path))?;
    fill(file.as_file_mut()).map_err(failed("writing", path))?;
    let synced = file.as_file().sync_all();
    synced.map_err(failed("writing to the disk", path))?;
    let persisted = file.persist(path);
    persisted.map_err(|error| failed("renaming a file to", path)(error.error))?;
    // The new name itself has to reach the disk.
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(failed("writing to the disk the directory of", path))
}

/// A new file beside `path`, with the permissions that the user's files have, which is gone unless it is given a name.
fn unfinished(directory: &Path, path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let name = path.file_name().unwrap_or_default();
    let mut prefix = name.to_owned();
    prefix.push(format!(".tmp.{}.", std::process::id()));
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

/// Bytes that the disk of `directory` has left for us.
#[cfg(unix)]
fn available(directory: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Not known: writing tells.
#[cfg(not(unix))]
fn available(_: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::{built, generated};

    /// A disk that is full after some bytes.
    struct Full<'a> {
        file: &'a mut File,
        left: usize,
    }

    impl Write for Full<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.left);
            if taken == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.left -= taken;
            self.file.write(&bytes[..taken])
        }

        fn flush(&mut self) -> io::Result<()> {
            self.file.flush()
        }
    }

    impl Seek for Full<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    #[test]
    fn a_full_disk_leaves_the_old_index_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("index");
        built(&generated(20, 8)).save(&path).unwrap();
        let old = std::fs::read(&path).unwrap();
        let index = built(&generated(50, 8));
        let needed = index.file_bytes().unwrap() as usize;
        for left in [0, 1, 4096, 5000, needed - 1, needed, needed + HEADER - 1] {
            let error = replace(&path, |file| index.write(&mut Full { file, left })).unwrap_err();
            let message = error.to_string();
            assert!(message.starts_with("writing "), "{message}");
            assert_eq!(std::fs::read(&path).unwrap(), old);
            assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        }
        let left = needed + HEADER;
        replace(&path, |file| index.write(&mut Full { file, left })).unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), needed);
    }

    #[test]
    fn a_disk_without_room_is_refused_with_figures() {
        let path = Path::new("index");
        assert!(enough(path, 10, 10).is_ok());
        let message = enough(path, 11, 10).unwrap_err().to_string();
        assert!(
            message.contains("11 bytes") && message.contains("10 left"),
            "{message}"
        );
    }

    #[test]
    fn a_file_in_no_directory_is_named() {
        let index = built(&generated(3, 8));
        for path in ["/nowhere/at all", "/", ""] {
            let message = index.save(Path::new(path)).unwrap_err().to_string();
            assert!(message.contains(path), "{message}");
        }
    }
}
