//! What a Rust program needs to be measured by plimsoll: the [`Workload`] trait and the
//! [`Context`] handed to each implementation, with phases, progress, ledger, metrics, digests.

pub mod bytes;
pub mod context;
pub mod failure;
pub mod unit;
pub mod workload;

pub use bytes::Bytes;
pub use context::{Context, Digest, Gauge, Histogram, Progress, StageTimer};
pub use failure::Failure;
pub use unit::{Better, Unit};
pub use workload::{Implementation, Workload};
