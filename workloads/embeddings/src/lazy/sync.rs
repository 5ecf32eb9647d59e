//! What a slot is made of: a count, a cell, and a lock.

pub(super) use std::sync::atomic::AtomicU32;
pub(super) use std::sync::{Mutex, MutexGuard};

pub(super) use crate::cell::UnsafeCell;
