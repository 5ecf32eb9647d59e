//! Segment buffers that are used again.

use std::sync::{Mutex, PoisonError};

/// Emptied buffers, to be filled again.
#[derive(Debug, Default)]
pub(crate) struct Buffers(Mutex<Vec<Vec<u8>>>);

/// Larger buffers are freed: one giant segment must not be kept for ever.
const LARGEST_KEPT: usize = 64 << 10;
/// More buffers than this are freed.
const MOST_KEPT: usize = 32;

impl Buffers {
    /// An empty buffer.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.lock().pop().unwrap_or_default()
    }

    /// Takes a buffer back.
    pub(crate) fn give(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut kept = self.lock();
        if buffer.capacity() <= LARGEST_KEPT && kept.len() < MOST_KEPT {
            kept.push(buffer);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
