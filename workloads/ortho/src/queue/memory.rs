//! All orthos in memory.

use std::collections::VecDeque;

use super::{QueueError, WorkQueue};
use crate::fifo::HeapOrtho;

/// A queue without bounds, in memory.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    orthos: VecDeque<HeapOrtho>,
    bytes: u64,
}

impl WorkQueue for MemoryQueue {
    fn push(&mut self, ortho: HeapOrtho) -> Result<(), QueueError> {
        self.bytes += ortho.bytes();
        self.orthos.push_back(ortho);
        Ok(())
    }

    fn pop(&mut self) -> Result<Option<HeapOrtho>, QueueError> {
        let ortho = self.orthos.pop_front();
        self.bytes -= ortho.as_ref().map_or(0, HeapOrtho::bytes);
        Ok(ortho)
    }

    fn len(&self) -> u64 {
        self.orthos.len() as u64
    }

    fn bytes_held(&self) -> u64 {
        self.bytes
    }
}
