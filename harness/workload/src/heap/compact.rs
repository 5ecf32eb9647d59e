//! Telling the C library's allocator to favour a small resident size.
#![allow(unsafe_code)]

/// Makes glibc's malloc favour a small resident size over speed; whether it did. For programs that allocate rarely and
/// hold much. Call it before there are threads. Elsewhere than on glibc nothing happens.
///
/// - All threads share one arena, as with `MALLOC_ARENA_MAX=1`: each arena keeps what was freed in it to itself.
/// - Blocks of 128 KiB and more are always mapped on their own, and so go back to the system when they are freed.
///   By default that limit grows with the blocks that are freed, and what is below it stays.
pub fn compact() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two integers and may be called at any time.
    return unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1) == 1
            && libc::mallopt(libc::M_MMAP_THRESHOLD, 128 << 10) == 1
    };
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}
