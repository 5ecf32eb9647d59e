//! Why a pool has no chunk, or cannot be.

/// Why a pool has no chunk, or cannot be.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// Chunks of no bytes.
    #[error("the pool's chunk size is 0; give it at least one byte")]
    EmptyChunks,
    /// A limit of no chunks.
    #[error("the pool's maximum is 0 chunks; give it at least one, or no maximum")]
    NoChunks,
    /// No address space holds a slab of such chunks, or the chunks of the maximum.
    #[error(
        "{chunks} chunks of {chunk_size} bytes are more than can be addressed; make them smaller or fewer"
    )]
    TooLarge {
        /// Bytes of a chunk.
        chunk_size: usize,
        /// Chunks that must fit.
        chunks: usize,
    },
    /// All chunks that the pool may have are in use.
    #[error("all {maximum} chunks of the pool are in use; give one back or raise its maximum")]
    Exhausted {
        /// Chunks that it may have.
        maximum: usize,
    },
    /// The system gave no memory for another slab.
    #[error("mapping a slab of {bytes} bytes for the pool: {source}")]
    OutOfMemory {
        /// Bytes of the slab.
        bytes: usize,
        /// What the system said.
        source: std::io::Error,
    },
}
