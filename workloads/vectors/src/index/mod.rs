//! An HNSW index: vectors as int8 codes, linked by a graph of flat arrays.

pub mod kernels;
