//! What a Rust program needs to be measured by plimsoll: the [`Workload`] trait and the
//! [`Context`] handed to each implementation, with phases, progress, ledger, metrics, digests.
//!
//! A program has one line for its `main`, `plimsoll_workload::main!(Mine);`, and speaks the protocol of
//! `docs/protocol.md`. The harness depends on this crate for the types of that protocol: [`mod@env`], [`event`],
//! [`gauges`], [`describe`], [`Exit`].
#![cfg_attr(not(test), deny(unsafe_code))]

pub mod bytes;
mod cancel;
pub mod cgroups;
pub mod clock;
pub mod context;
pub mod describe;
pub mod digest;
pub mod env;
pub mod event;
pub mod exit;
pub mod failure;
pub mod gauge;
pub mod gauges;
pub mod heap;
pub mod histogram;
mod macros;
pub mod manifest;
pub mod nearest;
mod phase;
mod process_path;
pub mod registry;
mod resident;
mod sys;
pub mod unit;
pub mod workload;

pub use bytes::Bytes;
pub use context::Context;
pub use digest::{Digest, UnorderedSum};
pub use exit::Exit;
pub use failure::Failure;
pub use gauge::{Gauge, Progress};
pub use heap::Allocator;
pub use histogram::Histogram;
pub use phase::StageTimer;
pub use registry::Registry;
pub use unit::{Better, Unit};
pub use workload::{Implementation, Metric, Workload};

/// Compiles the workload that the project's read-me shows.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
