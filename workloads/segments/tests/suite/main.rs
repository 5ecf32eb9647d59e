//! Integration tests, one binary.

mod deltas;
mod packs;
mod plain_blocks;
