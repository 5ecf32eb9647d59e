//! Dot products of rows of int8 codes, by whatever the processor does best.
//!
//! Every path gives the same `i32`, exactly: what the index is depends on no processor.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod cover;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;

mod dispatch;

pub use dispatch::{Kernel, MAX_DIM, UNIT};
