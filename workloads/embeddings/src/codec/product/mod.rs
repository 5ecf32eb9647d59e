//! Product quantisation (Jégou, Douze and Schmid 2011): of each part of a vector the nearest of 256 centroids.

mod codebook;
mod codec;
mod kmeans;
mod nearest;
mod tables;
mod train;
#[cfg(target_arch = "x86_64")]
mod wide;

pub use codec::Product;
