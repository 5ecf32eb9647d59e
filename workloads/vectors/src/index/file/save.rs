//! Writing an index, section by section.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::format::{HEADER, SECTIONS, Sizes};
use super::header::Header;
use super::replace::replace;
use crate::index::{Index, IndexError};

/// Sections are handed to the system, and to the checksum, this many bytes at a time.
pub(super) const CHUNK: usize = 1 << 20;

impl Index {
    /// Writes the index to `path`, and says how many bytes it takes. Equal indexes are equal bytes.
    ///
    /// It is written to a file `NAME.tmp.PID.…` beside it, which takes its place when all of it is on the disk: an
    /// index that was there before is replaced whole, or untouched. What is written is not copied on the way. What a
    /// save that was killed has left there is removed.
    ///
    /// # Errors
    /// The disk has no room, or the file cannot be written; nothing is left of it then.
    pub fn save(&self, path: &Path) -> Result<u64, IndexError> {
        self.save_telling(path, &mut |_| ())
    }

    /// The same; `progress` is told now and then how many bytes are written.
    ///
    /// # Errors
    /// As [`Index::save`].
    pub fn save_telling(
        &self,
        path: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, IndexError> {
        if cfg!(target_endian = "big") {
            return Err(IndexError::BigEndianMachine);
        }
        let needed = self.file_bytes()?;
        replace(path, needed, |file| {
            let written = 0;
            self.write(&mut Telling {
                file,
                written,
                progress,
            })
        })?;
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
            stride: self.params.width.row(self.dim) as u64,
            m: self.params.m as u64,
            upper_rows: self.graph.upper_counts.len() as u64,
        }
    }

    pub(in crate::index) fn write(&self, to: &mut (impl Write + Seek)) -> io::Result<()> {
        let header = Header {
            len: self.len() as u64,
            dim: self.dim as u64,
            params: self.params,
            exponent: self.exponent,
            entry: u64::from(self.entry),
            top: u64::from(self.top),
            upper_rows: self.graph.upper_counts.len() as u64,
            counters: self.counters,
            checksums: [0; SECTIONS.len()],
        };
        let [levels, offsets, upper, upper_counts, counts, level0] = self.graph.sections();
        let (sides, codes) = (self.sides.bytes(), self.codes.bytes());
        let sections = [
            levels,
            offsets,
            upper,
            upper_counts,
            counts,
            level0,
            sides,
            codes,
        ];
        write(to, header, &sections)
    }
}

/// A file that tells how much is written to it.
struct Telling<'a> {
    file: &'a mut File,
    written: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl Write for Telling<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        (self.progress)(self.written);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Telling<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes the first sections in order, all of them or some, then the header at the beginning, which has their
/// checksums; those of the others it has already.
pub(super) fn write(
    to: &mut (impl Write + Seek),
    mut header: Header,
    sections: &[&[u8]],
) -> io::Result<()> {
    let layout = header.sizes().and_then(|sizes| sizes.layout());
    let layout = layout.ok_or(io::ErrorKind::FileTooLarge)?;
    to.write_all(&[0; HEADER])?;
    let mut at = HEADER as u64;
    let places = layout.iter().zip(sections).zip(&mut header.checksums);
    for ((range, section), checksum) in places {
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
    to.seek(SeekFrom::Start(0))?;
    to.write_all(&header.encode(&layout))
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
            let error =
                replace(&path, 0, |file| index.write(&mut Full { file, left })).unwrap_err();
            let message = error.to_string();
            assert!(message.starts_with("writing "), "{message}");
            assert_eq!(std::fs::read(&path).unwrap(), old);
            assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        }
        let left = needed + HEADER;
        replace(&path, 0, |file| index.write(&mut Full { file, left })).unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), needed);
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
