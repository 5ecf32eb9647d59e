//! What the order of publishing is made of.

pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
