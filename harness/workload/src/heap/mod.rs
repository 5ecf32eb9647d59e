//! The heap, counted inside the program: Rust's by its global allocator, C's by the malloc layer.
//!
//! Both stand over glibc's own allocator (`__libc_malloc` and its kin), so the memory is the same, handed out the same
//! way, whether counted or not. Rust's side counts the bytes asked for, which the layout tells at every deallocation;
//! C's side counts `malloc_usable_size`, for only the allocator knows the size of what is freed. Nothing is put in
//! front of the memory handed out.
//!
//! Each thread hands in its first 1,024 calls to the gauge page one by one. From then on it keeps what it counted to
//! itself until its balance reaches 16 KiB either way or it has made 1,024 calls: live bytes and peaks are off by at
//! most 16 KiB a thread and side, totals by at most 1,024 calls. A thread hands in the rest when it ends.
//!
//! The same hooks feed the sampled heap profile: see [`profile`].
//!
//! Another allocator may stand in glibc's place, for both sides: see [`Other`].
//!
//! The malloc layer is part of a binary (`install!`), or of a library that is loaded into somebody else's program
//! (`harness/preload`), where Rust's heap is in C's.

mod allocator;
mod compact;
mod count;
mod early;
#[doc(hidden)]
#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
pub mod exports;
mod held;
mod instruments;
mod local;
mod other;
pub mod profile;
#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
mod server;
mod switch;
mod system;
mod thread;

pub use allocator::Allocator;
pub use compact::compact;
#[doc(hidden)]
pub use other::{Other, is_plain};
#[doc(hidden)]
pub use switch::{construct, construct_outside};
#[doc(hidden)]
pub use thread::conclude;

pub(crate) use instruments::{check, during, publish};
