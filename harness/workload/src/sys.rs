//! The few calls of the operating system that need no allocation, so that they work before `main` and inside malloc.
#![allow(unsafe_code)]

use std::ffi::CStr;

/// Nanoseconds of `clock`.
pub(crate) fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid, writable timespec for the duration of the call.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The value of an environment variable, as the process was started with it; `None` where it is unset or empty.
///
/// Used before `main` and in contexts set up from it: nobody changes the protocol's own variables meanwhile.
pub(crate) fn getenv(name: &'static str) -> Option<&'static CStr> {
    let mut terminated = [0u8; 40];
    terminated
        .get_mut(..name.len())?
        .copy_from_slice(name.as_bytes());
    let terminated = CStr::from_bytes_until_nul(&terminated).ok()?;
    // SAFETY: the name is a C string; the result is null or a C string inside the environment block, which lives as
    // long as the process unless somebody overwrites this very variable, which programs of the protocol do not.
    let value = unsafe {
        let value = libc::getenv(terminated.as_ptr());
        if value.is_null() {
            return None;
        }
        CStr::from_ptr(value)
    };
    (!value.is_empty()).then_some(value)
}

/// Whether the C library knows the environment already. The loader may allocate before it does.
pub(crate) fn environment_is_known() -> bool {
    unsafe extern "C" {
        static environ: *const *const libc::c_char;
    }
    // SAFETY: reads a pointer that the C library sets once at the start; `setenv` of other variables may move it, to
    // another that is not null.
    unsafe { !environ.is_null() }
}

/// Reads the start of a small file into `buffer`, without allocating; what was read.
pub(crate) fn read_start<'a>(path: &CStr, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    // SAFETY: `path` is a C string and `buffer` is writable for its length; the descriptor is used only while open.
    let length = unsafe {
        let file = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if file < 0 {
            return None;
        }
        let length = libc::read(file, buffer.as_mut_ptr().cast(), buffer.len());
        libc::close(file);
        length
    };
    buffer.get(..usize::try_from(length).ok()?)
}

/// Writes `bytes` to an existing file in one call, without allocating; whether all of them were taken.
pub(crate) fn write_whole(path: &CStr, bytes: &[u8]) -> bool {
    // SAFETY: `path` is a C string and `bytes` is readable for its length; the descriptor is used only while open.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file < 0 {
            return false;
        }
        let written = libc::write(file, bytes.as_ptr().cast(), bytes.len());
        libc::close(file);
        usize::try_from(written) == Ok(bytes.len())
    }
}
