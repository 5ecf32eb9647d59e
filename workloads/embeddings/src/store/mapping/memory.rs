//! Heap memory in the place of a mapped file, for Miri, which maps none: of the interface that is asked for, by the names it has.
//!
//! It holds what the file does when it is mapped, and zeros behind that; the file gets what is flushed. All else is as ever:
//! addresses, slices of sealed bytes, and what is written behind them.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::ptr::NonNull;
use std::slice;

use memmap2::{Advice, UncheckedAdvice};

/// The alignment of a mapping.
const PAGE: usize = 4096;
/// The longest: no address costs nothing here.
const LONGEST: usize = 1 << 20;

/// As that of `memmap2`.
pub(super) struct MmapOptions(usize);

impl MmapOptions {
    pub(super) fn new() -> Self {
        Self(0)
    }

    pub(super) fn len(&mut self, length: usize) {
        self.0 = length;
    }

    pub(super) fn map_raw(&self, file: &File) -> io::Result<MmapRaw> {
        if self.0 > LONGEST {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        // No bytes have an address, too.
        let layout = Layout::from_size_align(self.0.max(1), PAGE).map_err(io::Error::other)?;
        // SAFETY: of one byte at least.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) });
        let map = MmapRaw {
            base: base.ok_or(io::ErrorKind::OutOfMemory)?,
            length: self.0,
            layout,
            file: file.try_clone()?,
        };
        let held = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        // SAFETY: the memory is as long, initialised, and nobody else's yet.
        let bytes = unsafe { slice::from_raw_parts_mut(map.as_mut_ptr(), self.0.min(held)) };
        file.read_exact_at(bytes, 0)?;
        Ok(map)
    }

    pub(super) fn map_raw_read_only(&self, file: &File) -> io::Result<MmapRaw> {
        self.map_raw(file)
    }
}

/// As that of `memmap2`.
#[derive(Debug)]
pub(super) struct MmapRaw {
    base: NonNull<u8>,
    length: usize,
    layout: Layout,
    file: File,
}

// SAFETY: memory is the same in every thread; who reads and writes it is the business of those who ask for its address.
unsafe impl Send for MmapRaw {}
// SAFETY: as above.
unsafe impl Sync for MmapRaw {}

impl MmapRaw {
    pub(super) fn as_ptr(&self) -> *const u8 {
        self.base.as_ptr()
    }

    pub(super) fn as_mut_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn advise(&self, _: Advice) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn advise_range(&self, _: Advice, _: usize, _: usize) -> io::Result<()> {
        Ok(())
    }

    /// # Safety
    /// None is needed: nothing happens.
    pub(super) unsafe fn unchecked_advise_range(
        &self,
        _: UncheckedAdvice,
        _: usize,
        _: usize,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Writes these bytes to the file.
    pub(super) fn flush_range(&self, at: usize, length: usize) -> io::Result<()> {
        // SAFETY: they are within, and their one writer is who has them flushed.
        let bytes = unsafe { slice::from_raw_parts(self.base.as_ptr().add(at), length) };
        self.file.write_all_at(bytes, at as u64)
    }
}

impl Drop for MmapRaw {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.base.as_ptr(), self.layout) };
    }
}
