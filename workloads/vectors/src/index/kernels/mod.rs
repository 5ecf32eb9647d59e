//! Dot products of rows of codes, of 8 bits or packed ones of 4, by whatever the processor does best.
//!
//! Every path gives the same `i32`, exactly: what the index is depends on no processor.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod cover;
#[cfg(target_arch = "aarch64")]
mod neon;
mod packed;
mod scalar;

mod dispatch;
#[cfg(test)]
mod tests;

pub use dispatch::{Kernel, MAX_DIM, PACKED_UNIT, UNIT};
pub use packed::LEVELS;
