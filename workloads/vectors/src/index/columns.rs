//! The arrays an index is made of: anonymous memory while it is built, ranges of a mapped file once it is opened.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Range};
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::{Advice, Mmap, MmapMut};

use super::IndexError;
use super::account::{Account, Held, Part};

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
    fn what_cannot_be_had_is_refused_with_its_size() {
        for len in [usize::MAX, usize::MAX / 8] {
            let message = zeroed(len).unwrap_err();
            assert!(message.to_string().contains("codes"), "{message}");
        }
    }
}
