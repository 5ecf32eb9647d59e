//! The heap, counted inside the program: Rust's by its global allocator, C's by the malloc layer.
//!
//! Both stand over glibc's own allocator (`__libc_malloc` and its kin), so the memory is the same, handed out the same
//! way, whether counted or not. Rust's side counts the bytes asked for, which the layout tells at every deallocation;
//! C's side counts `malloc_usable_size`, for only the allocator knows the size of what is freed. `malloc_usable_size`
//! itself is left alone: nothing is put in front of the memory handed out.
//!
//! Each thread keeps what it counted to itself until its balance reaches 16 KiB either way or it has made 1,024 calls,
//! then hands it in to the gauge page: live bytes and peaks are off by at most 16 KiB a thread and side, totals by at
//! most 1,024 calls. A thread hands in the rest when it ends.
//!
//! The same hooks feed the sampled heap profile: see [`profile`].

mod allocator;
mod compact;
mod count;
#[doc(hidden)]
#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
pub mod exports;
mod held;
mod instruments;
pub mod profile;
mod switch;
mod system;
mod thread;

pub use allocator::Allocator;
pub use compact::compact;
#[doc(hidden)]
pub use switch::construct;

pub(crate) use instruments::{check, during, publish};
