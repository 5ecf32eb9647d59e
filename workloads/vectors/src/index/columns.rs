//! The arrays an index is made of: anonymous memory while it is built, ranges of a mapped file once it is opened.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Range};
use std::path::Path;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::{Advice, Mmap, MmapMut};

use super::IndexError;
use super::account::{Account, Held, Part};
use super::file::available;

/// An array of zeros in a map of its own, which starts on a page and goes back to the system at once when dropped.
#[derive(Debug)]
pub(super) struct Array<T> {
    map: MmapMut,
    bytes: usize,
    items: PhantomData<T>,
    _held: Held,
}

impl<T: Pod> Array<T> {
    /// An array of `len` items for `part`, on this account as long as it is there.
    pub(super) fn zeroed(part: Part, len: usize, account: &Account) -> Result<Self, IndexError> {
        let failed = |error| IndexError::Memory {
            what: part.name(),
            bytes: len as u128 * size_of::<T>() as u128,
            error,
        };
        let bytes = len
            .checked_mul(size_of::<T>())
            .ok_or_else(|| failed(io::ErrorKind::OutOfMemory.into()))?;
        let map = MmapMut::map_anon(bytes).map_err(failed)?;
        // A hint: where there are no huge pages, small ones do.
        #[cfg(target_os = "linux")]
        let _ = map.advise(Advice::HugePage);
        populate(&map).map_err(failed)?;
        Ok(Self {
            map,
            bytes,
            items: PhantomData,
            _held: account.hold(part, bytes),
        })
    }

    /// The same in a file of `directory` that has no name: the system may write pages of it to the disk and let go of
    /// them, so that it is on no account. Room for all of it is taken on the disk first, for a page that finds none when
    /// it is written ends the process.
    pub(super) fn in_file(part: Part, len: usize, directory: &Path) -> Result<Self, IndexError> {
        let what = part.name();
        let bytes = len.checked_mul(size_of::<T>());
        let bytes = bytes.ok_or(IndexError::TooMany(len))?;
        let failed = |doing| {
            move |error| IndexError::Io {
                doing,
                path: directory.to_owned(),
                error,
            }
        };
        let full = |available| IndexError::SpillFull {
            what,
            directory: directory.to_owned(),
            needed: bytes as u64,
            available,
        };
        let available = available(directory).map_err(failed("asking for the free space in"))?;
        if bytes as u64 > available {
            return Err(full(available));
        }
        let file = tempfile::tempfile_in(directory).map_err(failed("making a file in"))?;
        // No file is mapped that has no bytes.
        let reserved = reserve_disk(&file, bytes.max(1) as u64);
        reserved.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => full(0),
            _ => failed("reserving room on the disk of")(error),
        })?;
        // SAFETY: the file has no name, so that nobody else writes to it or cuts it; and all that is made of its bytes
        // are plain numbers, for which any bytes will do.
        let map = unsafe { MmapMut::map_mut(&file) };
        let map = map.map_err(failed("mapping a file in"))?;
        // Rows are read as walks come by them: what lies beside them is read for nothing.
        let _ = map.advise(Advice::Random);
        Ok(Self {
            map,
            bytes,
            items: PhantomData,
            _held: Account::default().hold(part, 0),
        })
    }
}

/// Takes the memory of a map that is all going to be written: what is not there is missed now, and not in the middle of
/// a build. Where the kernel cannot, it is taken as it is written.
#[cfg(target_os = "linux")]
fn populate(map: &MmapMut) -> io::Result<()> {
    match map.advise(Advice::PopulateWrite) {
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn populate(_: &MmapMut) -> io::Result<()> {
    Ok(())
}

/// Makes a file so long, on a disk that has room for all of it.
#[cfg(target_os = "linux")]
fn reserve_disk(file: &File, bytes: u64) -> io::Result<()> {
    let how = rustix::fs::FallocateFlags::empty();
    Ok(rustix::fs::fallocate(file, how, 0, bytes)?)
}

#[cfg(not(target_os = "linux"))]
fn reserve_disk(_: &File, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// An empty vector with room for `len` items, for `what`.
pub(super) fn with_room<T>(what: &'static str, len: usize) -> Result<Vec<T>, IndexError> {
    let mut items = Vec::new();
    reserve(what, &mut items, len)?;
    Ok(items)
}

/// Makes room for `more` items, for `what`.
pub(super) fn reserve<T>(
    what: &'static str,
    items: &mut Vec<T>,
    more: usize,
) -> Result<(), IndexError> {
    let reserved = items.try_reserve_exact(more);
    reserved.map_err(|_| IndexError::Memory {
        what,
        bytes: more as u128 * size_of::<T>() as u128,
        error: io::ErrorKind::OutOfMemory.into(),
    })
}

impl<T: Pod> Deref for Array<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&self.map[..self.bytes])
    }
}

impl<T: Pod> DerefMut for Array<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.map[..self.bytes])
    }
}

/// An array that is only read from now on.
#[derive(Debug)]
pub(super) enum Column<T> {
    /// As it was built.
    Built(Array<T>),
    /// A range of bytes of a mapped file: within it, aligned, of whole items.
    Mapped(Arc<Mmap>, Range<usize>),
}

impl<T: Pod> Column<T> {
    /// The bytes `range` of a file, unless they are beyond it, misaligned or not whole items.
    pub(super) fn mapped(map: &Arc<Mmap>, range: Range<usize>) -> Option<Self> {
        let bytes = map.get(range.clone())?;
        bytemuck::try_cast_slice::<u8, T>(bytes).ok()?;
        Some(Self::Mapped(Arc::clone(map), range))
    }

    /// Tells the system how a mapped array will be read; a hint.
    pub(super) fn advise(&self, advice: Advice) {
        if let Self::Mapped(map, range) = self {
            let _ = map.advise_range(advice, range.start, range.len());
        }
    }

    /// All of it, as bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self)
    }
}

impl<T: Pod> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Built(array) => array,
            Self::Mapped(map, range) => bytemuck::cast_slice(&map[range.clone()]),
        }
    }
}

/// Maps a file to be read.
///
/// Nobody may write to it or cut it while it is mapped: an index is replaced by renaming another file over it, which
/// leaves this one to those who have it open. What is read from it is not trusted any further than it was verified;
/// bytes that change later give other answers, a file that is cut ends the process (SIGBUS).
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the rule above; and all that is made of the bytes are plain numbers, for which any bytes will do.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zeroed(len: usize) -> Result<Array<u32>, IndexError> {
        Array::zeroed(Part::Codes, len, &Account::default())
    }

    #[test]
    fn an_array_starts_as_zeros_and_keeps_what_is_written() {
        let mut array = zeroed(1_000).unwrap();
        assert!(array.iter().all(|number| *number == 0));
        array[999] = 7;
        let column = Column::Built(array);
        assert_eq!((column.len(), column[999]), (1_000, 7));
        assert_eq!(column.bytes().len(), 4_000);
    }

    #[test]
    fn an_array_may_be_empty() {
        assert!(zeroed(0).unwrap().is_empty());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_array_in_a_file_is_one_and_leaves_no_name() {
        let directory = tempfile::tempdir().unwrap();
        let names = || std::fs::read_dir(directory.path()).unwrap().count();
        for len in [0, 1, 5_000] {
            let mut array = Array::<u32>::in_file(Part::Codes, len, directory.path()).unwrap();
            assert!(array.len() == len && array.iter().all(|number| *number == 0));
            array.fill(7);
            assert_eq!(names(), 0);
        }
        let refused = |len, directory: &Path| {
            let refused = Array::<u32>::in_file(Part::Codes, len, directory).unwrap_err();
            refused.to_string()
        };
        // As much as an ext4 file may have, and more than the disk has.
        let full = refused(1 << 41, directory.path());
        assert!(
            full.contains("codes") && full.contains("8796093022208 bytes"),
            "{full}"
        );
        let nowhere = refused(1, &directory.path().join("none"));
        assert!(
            nowhere.contains(" in /") && nowhere.contains("none"),
            "{nowhere}"
        );
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_its_size() {
        for len in [usize::MAX, usize::MAX / 8] {
            let message = zeroed(len).unwrap_err();
            assert!(message.to_string().contains("codes"), "{message}");
        }
    }
}
