//! The mapping of the profile's file into this process.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr};

use super::layout::{ELSEWHERE, FLAG_C, Layout, MAGIC, SIZE, VERSION};
use crate::env;
use crate::process_path::ProcessPath;
use crate::sys::getenv;

/// The mapped file, or null. Set once; the mapping is never undone.
static FILE: AtomicPtr<Layout> = AtomicPtr::new(ptr::null_mut());

/// The environment's file is another process's.
static ANOTHERS: AtomicBool = AtomicBool::new(false);

/// Whether the environment's file is another process's: this program was started by one that is measured.
pub(crate) fn anothers() -> bool {
    ANOTHERS.load(Relaxed)
}

/// The file, once there is one.
#[inline]
pub(crate) fn attached() -> Option<&'static Layout> {
    // SAFETY: null, or what `attach` stored: a mapping of SIZE bytes that is never undone, aligned to a memory page; any
    // bytes are a valid `Layout`, which consists of atomic integers only.
    unsafe { FILE.load(Acquire).as_ref() }
}

/// Maps the file that the environment names, or this process's own in the directory that it names; whether this process is the one that writes it. `c`: C's allocations are
/// seen too. Runs before `main`: nothing in it allocates or needs Rust's runtime.
pub(crate) fn attach(c: bool) -> bool {
    let number = |variable, default| match getenv(variable) {
        None => Some(default),
        Some(text) => text.to_str().ok()?.parse::<u64>().ok(),
    };
    let Some(path) = getenv(env::PROFILE_OUTPUT) else {
        return false;
    };
    let every = number(env::PROFILE_EVERY, env::PROFILE_EVERY_DEFAULT);
    let (Some(every @ 1..), Some(seed)) = (every, number(env::PROFILE_SEED, 1)) else {
        return false;
    };
    let Some(file) = map(path) else { return false };
    // SAFETY: as in `attached`.
    let header = unsafe { &(*file).header };
    header.every.store(every, Relaxed);
    header.seed.store(seed, Relaxed);
    header.flags.store(if c { FLAG_C } else { 0 }, Relaxed);
    header.sites.store(ELSEWHERE, Relaxed);
    header.version.store(VERSION, Relaxed);
    header.magic.store(MAGIC, Release);
    FILE.store(file, Release);
    true
}

fn map(path: &CStr) -> Option<*mut Layout> {
    // SAFETY: getpid has no preconditions; the descriptor is used only while open. The file is the harness's, or in a
    // directory of the harness's, made for this process alone: nobody else cuts it.
    unsafe {
        let descriptor = match open(path, 0) {
            Err(libc::EISDIR) => {
                let own = ProcessPath::in_directory(path).of(libc::getpid() as u32)?;
                open(own.text(), libc::O_CREAT)
            }
            opened => opened,
        };
        let descriptor = descriptor.ok()?;
        let file = ours(descriptor);
        libc::close(descriptor);
        file
    }
}

/// A descriptor, or the system's error.
fn open(path: &CStr, how: libc::c_int) -> Result<libc::c_int, libc::c_int> {
    let mode: libc::mode_t = 0o600;
    // SAFETY: `path` is a C string.
    let descriptor =
        unsafe { libc::open(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC | how, mode) };
    if descriptor >= 0 {
        return Ok(descriptor);
    }
    let error = std::io::Error::last_os_error().raw_os_error();
    Err(error.unwrap_or(libc::EIO))
}

/// # Safety
/// `descriptor` is a file that may be read, written and cut.
unsafe fn ours(descriptor: libc::c_int) -> Option<*mut Layout> {
    // SAFETY: the file is made as long as the mapping before it is mapped, and the mapping's address is the kernel's
    // choice; getpid has no preconditions.
    unsafe {
        let me = libc::getpid() as u32;
        if libc::ftruncate(descriptor, SIZE as libc::off_t) != 0 {
            return None;
        }
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let map = || {
            let file = libc::mmap(
                ptr::null_mut(),
                SIZE,
                protection,
                libc::MAP_SHARED,
                descriptor,
                0,
            );
            (file != libc::MAP_FAILED).then_some(file.cast::<Layout>())
        };
        let file = map()?;
        let (writer, images) = (&(*file).header.writer, &(*file).header.images);
        match writer.compare_exchange(0, me, AcqRel, Acquire) {
            Ok(_) => images.store(1, Relaxed),
            // The program that this process was before: its addresses mean nothing any more.
            Err(before) if before == me => {
                let programs = images.load(Relaxed).saturating_add(1);
                if libc::ftruncate(descriptor, 0) != 0
                    || libc::ftruncate(descriptor, SIZE as libc::off_t) != 0
                {
                    libc::munmap(file.cast(), SIZE);
                    return None;
                }
                writer.store(me, Relaxed);
                images.store(programs, Relaxed);
            }
            // A program that this one's parent started inherits the environment; the file belongs to the first.
            Err(_) => {
                ANOTHERS.store(true, Relaxed);
                libc::munmap(file.cast(), SIZE);
                return None;
            }
        }
        Some(file)
    }
}
