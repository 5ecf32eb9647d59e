//! Scalar quantisation: a byte for each value, in equal steps over a range, of each dimension or of each row.

mod fixed;
mod fixed_kernels;
mod per_dimension;
mod per_vector;
mod ranges;
mod steps;

pub use per_dimension::Sq8PerDimension;
pub use per_vector::Sq8PerVector;
pub use ranges::Ranges;
