//! What the search asks of a queue.

use super::QueueError;
use crate::fifo::HeapOrtho;

/// Orthos waiting to be expanded, first in, first out.
pub trait WorkQueue {
    /// Puts an ortho at the end. After an error the queue holds what it held before.
    fn push(&mut self, ortho: HeapOrtho) -> Result<(), QueueError>;

    /// Takes the oldest ortho.
    fn pop(&mut self) -> Result<Option<HeapOrtho>, QueueError>;

    /// How many orthos wait.
    fn len(&self) -> u64;

    /// Whether none waits.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory held, as the queue's owner would count them.
    fn bytes_held(&self) -> u64;
}
