//! The implementations over the store: what its records hold, what else is in memory, and how both are read.

mod caches;
mod codecs;
mod ingest;
mod kind;
mod records;
mod serving;

pub(crate) use codecs::{of_store, plain_of_store, trained};
pub(crate) use kind::{BINARY, Kind, MAPPED, PRODUCT, SQ8, SQ8_STREAMING, SYNCED_MAP, TIERED};
