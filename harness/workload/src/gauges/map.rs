//! The mapping of the gauge page into this process.
//!
//! `PLIMSOLL_GAUGES` names a page, which belongs to the first process that maps it; the children that it forks leave
//! it alone. Or it names a directory, in which every process has a page of its own, named for its id: a forked child
//! goes on in its own with the heap that it has from its parent, and a program that another one becomes by `exec` in
//! the same page with an empty heap.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::layout::flags::{CONCLUDED, HOLDS_BACK, LOST};
use super::layout::{MAGIC, Page, SIZE, VERSION};
use crate::env;
use crate::process_path::ProcessPath;

/// The mapped page, or null. Set at most once; the mapping is never undone, so a page once seen stays.
static PAGE: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());

/// The directory of pages, where there is one. Kept, for the program may change its environment.
static DIRECTORY: OnceLock<ProcessPath> = OnceLock::new();

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
    let page = match map_file(path, libc::O_RDWR, None) {
        Err(libc::EISDIR) => {
            let directory = DIRECTORY.get_or_init(|| ProcessPath::in_directory(path));
            map_file(directory.of(process())?.text(), CREATED, None)
        }
        page => page,
    };
    let page = page.ok()?;
    // SAFETY: as in `attached`.
    let cells = unsafe { &*page };
    // A program that this one starts inherits the environment; the page belongs to the first.
    if let Err(other) = cells.writer.compare_exchange(0, process(), AcqRel, Acquire)
        && other != process()
    {
        // SAFETY: the mapping was made above with this size, and no reference to it outlives this branch.
        unsafe { libc::munmap(page.cast(), SIZE) };
        return None;
    }
    let image = image();
    if cells.image.swap(image, AcqRel) != image {
        let before = cells.flags.load(Relaxed);
        let lost = before & LOST != 0 || before & (HOLDS_BACK | CONCLUDED) == HOLDS_BACK;
        cells.flags.store(if lost { LOST } else { 0 }, Relaxed);
        cells.heap.begin(0, 0, 0);
    }
    cells.version.store(VERSION, Relaxed);
    cells.magic.store(MAGIC, Release);
    Some(page)
}

/// How a page in a directory is opened.
const CREATED: libc::c_int = libc::O_RDWR | libc::O_CREAT;

fn process() -> u32 {
    // SAFETY: getpid has no preconditions.
    unsafe { libc::getpid() as u32 }
}

/// What no other program of this process has had: the random bytes that the kernel gives to each.
#[cfg(target_os = "linux")]
fn image() -> u64 {
    // SAFETY: the kernel's pointer, where it gives one, is to 16 bytes that stay.
    let random = unsafe {
        let bytes = libc::getauxval(libc::AT_RANDOM) as *const u64;
        if bytes.is_null() {
            1
        } else {
            bytes.read_unaligned()
        }
    };
    random.max(1)
}

#[cfg(not(target_os = "linux"))]
fn image() -> u64 {
    1
}

/// Maps the file at `path`, at `place` where one is given; the error is the system's. One that is made is filled with
/// zeros; one that is not must be large enough.
fn map_file(
    path: &CStr,
    how: libc::c_int,
    place: Option<*mut Page>,
) -> Result<*mut Page, libc::c_int> {
    // SAFETY: `path` is a C string; the stat buffer is written by fstat before it is read; the descriptor is used only
    // while open. Nobody cuts the file below SIZE afterwards: the harness made it, or its directory, for this alone.
    // `place` is a mapping of SIZE bytes that `map` made, which this one replaces whole or not at all.
    unsafe {
        let file = libc::open(path.as_ptr(), how | libc::O_CLOEXEC, 0o600);
        if file < 0 {
            return Err(std::io::Error::last_os_error()
                .raw_os_error()
                .unwrap_or(libc::EIO));
        }
        let size = SIZE as libc::off_t;
        let mut status: libc::stat = std::mem::zeroed();
        let large_enough = libc::fstat(file, &raw mut status) == 0
            && (status.st_size >= size
                || how & libc::O_CREAT != 0 && libc::ftruncate(file, size) == 0);
        let page = if large_enough {
            libc::mmap(
                place.map_or(ptr::null_mut(), |place| place.cast()),
                SIZE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | place.map_or(0, |_| libc::MAP_FIXED),
                file,
                0,
            )
        } else {
            libc::MAP_FAILED
        };
        libc::close(file);
        if page == libc::MAP_FAILED {
            return Err(libc::EIO);
        }
        Ok(page.cast())
    }
}

/// In a forked child: puts memory of its own where its parent's page was, so that the figures of the two do not mix.
/// A page in the directory where there is one, else private memory. Called between `fork` and whatever the child does
/// first; async-signal-safe.
pub(crate) extern "C" fn in_child() {
    let page = PAGE.load(Acquire);
    if page.is_null() {
        return;
    }
    // SAFETY: as in `attached`. Its parent's, until it is replaced.
    let cells = unsafe { &*page };
    let heap = &cells.heap;
    let (rust, c) = (heap.rust.live.load(Relaxed), heap.c.live.load(Relaxed));
    let (flags, lag) = (cells.flags.load(Relaxed), heap.lag.load(Relaxed));
    let own = DIRECTORY.get().and_then(|pages| pages.of(process()));
    if own.is_none_or(|own| map_file(own.text(), CREATED, Some(page)).is_err()) {
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
        return;
    }
    cells.writer.store(process(), Relaxed);
    cells.image.store(image(), Relaxed);
    cells
        .flags
        .store(flags & !(CONCLUDED | HOLDS_BACK | LOST), Relaxed);
    cells.version.store(VERSION, Relaxed);
    heap.lag.store(lag, Relaxed);
    heap.begin(rust, c, 1);
    cells.magic.store(MAGIC, Release);
}

/// Leaves an empty file of this name, with this process's id behind it, in the directory of pages, where there is one:
/// a program that has no page to say so in says that the library is there and of no use to it.
pub(crate) fn leave_mark(name: &str) {
    let Some(path) = crate::sys::getenv(env::GAUGES) else {
        return;
    };
    let Some(mark) = ProcessPath::in_directory(path).named(name, process()) else {
        return;
    };
    // SAFETY: the path is a C string, and the descriptor is closed at once. Where the variable names a page and not a
    // directory, there is nothing below it to be opened.
    unsafe {
        let file = libc::open(mark.text().as_ptr(), CREATED | libc::O_CLOEXEC, 0o600);
        if file >= 0 {
            libc::close(file);
        }
    }
}
