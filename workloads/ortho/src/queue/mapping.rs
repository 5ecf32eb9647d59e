//! A file of our own, mapped into memory and able to grow: all the unsafe code of the queues.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use memmap2::{MmapMut, UncheckedAdvice};
use rustix::fs::FallocateFlags;

/// A mapped file. Nobody else writes to it or cuts it: it lies in a directory made for it.
#[derive(Debug)]
pub(super) struct Mapping {
    file: File,
    map: MmapMut,
}

impl Mapping {
    /// Makes the file `path` of `length` bytes, more than 0.
    pub(super) fn create(path: &Path, length: usize) -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)?;
        let map = map(&file, length)?;
        Ok(Self { file, map })
    }

    /// Makes the file longer; the bytes stay.
    pub(super) fn grow(&mut self, length: usize) -> io::Result<()> {
        self.map = map(&self.file, length)?;
        Ok(())
    }

    /// The bytes of the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// The bytes of the file, to write to.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.map
    }

    /// Gives the memory of the pages that `range` touches back; the bytes stay in the file.
    pub(super) fn release(&self, range: Range<usize>) -> io::Result<()> {
        // SAFETY: the mapping is shared and backed by a file, so that a dropped page is read from
        // the file again at the next access, with what was last written to it (madvise(2),
        // MADV_DONTNEED); no byte that a reference might point to changes.
        unsafe {
            self.map
                .unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, range.len())
        }
    }
}

/// Allocates `length` bytes to the file and maps them. Without the allocation a full disk would
/// show as a SIGBUS at some later write.
fn map(file: &File, length: usize) -> io::Result<MmapMut> {
    rustix::fs::fallocate(file, FallocateFlags::empty(), 0, length as u64)?;
    // SAFETY: the file is in a directory that was made for it under a name nobody else uses, it is
    // never made shorter while it is mapped, and no other handle or mapping writes to it.
    unsafe { MmapMut::map_mut(file) }
}
