//! The mapping of the gauge page into this process.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::layout::{MAGIC, Page, SIZE, VERSION};
use crate::env;

/// The mapped page, or null. Set at most once; the mapping is never undone, so a page once seen stays.
static PAGE: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());

/// The page that the environment names, mapped on the first call; `None` where it names none, the file is missing or
/// too short, or another process has the page already.
///
/// Runs before `main` too: nothing in it allocates or needs Rust's runtime.
pub(crate) fn attached() -> Option<&'static Page> {
    let mut page = PAGE.load(Acquire);
    if page.is_null() {
        page = map()?;
        // Two threads at once may both map; the loser's mapping is of the same file and simply stays.
        if let Err(first) = PAGE.compare_exchange(ptr::null_mut(), page, AcqRel, Acquire) {
            page = first;
        }
    }
    // SAFETY: `page` came out of `map`: a mapping of SIZE bytes that is never undone, aligned to a memory page; any
    // bytes are a valid `Page`, which consists of atomic integers only.
    Some(unsafe { &*page })
}

fn map() -> Option<*mut Page> {
    let path = crate::sys::getenv(env::GAUGES)?;
    let page = map_file(path)?;
    // SAFETY: as in `attached`.
    let cells = unsafe { &*page };
    // SAFETY: getpid has no preconditions.
    let me = unsafe { libc::getpid() } as u32;
    // A program that this one starts inherits the environment; the page belongs to the first.
    if let Err(other) = cells.writer.compare_exchange(0, me, AcqRel, Acquire)
        && other != me
    {
        // SAFETY: the mapping was made above with this size, and no reference to it outlives this branch.
        unsafe { libc::munmap(page.cast(), SIZE) };
        return None;
    }
    cells.version.store(VERSION, Relaxed);
    cells.magic.store(MAGIC, Release);
    Some(page)
}

fn map_file(path: &CStr) -> Option<*mut Page> {
    // SAFETY: `path` is a C string; the stat buffer is written by fstat before it is read; the descriptor is used only
    // while open. Nobody cuts the file below SIZE afterwards: the harness made it for this page alone.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        if file < 0 {
            return None;
        }
        let mut status: libc::stat = std::mem::zeroed();
        let large_enough =
            libc::fstat(file, &raw mut status) == 0 && status.st_size >= SIZE as libc::off_t;
        let page = if large_enough {
            libc::mmap(
                ptr::null_mut(),
                SIZE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file,
                0,
            )
        } else {
            libc::MAP_FAILED
        };
        libc::close(file);
        (page != libc::MAP_FAILED).then_some(page.cast())
    }
}

/// In a forked child: puts private memory where the page was, so that the child's figures do not mix with its
/// parent's. Called between `fork` and whatever the child does first; async-signal-safe.
pub(crate) extern "C" fn detach_child() {
    let page = PAGE.load(Acquire);
    if page.is_null() {
        return;
    }
    // SAFETY: replaces, at its own address and size, the mapping that `map` made; references to it stay valid and
    // see zeros. On failure the old mapping stays, which is safe too.
    unsafe {
        libc::mmap(
            page.cast(),
            SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
            -1,
            0,
        );
    }
}
