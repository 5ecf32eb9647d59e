//! A queue in bounded memory: batches that do not fit go through a store.

use std::collections::VecDeque;
use std::path::Path;

use plimsoll_workload::Bytes;

use super::batch::BatchError;
use super::{Batch, QueueError, WorkQueue};
use crate::fifo::HeapOrtho;

/// The most bytes of a batch: large enough for sequential writing, small enough to hold several.
const BATCH_BYTES: u64 = 1 << 20;

/// How many batches the buffer is to hold at least: the one being read, the one being written, and
/// the room that a growing vector needs.
const BATCHES_HELD: u64 = 4;

/// A place on disk for batches, first in, first out.
pub trait Store {
    /// Puts a batch at the end. After an error nothing of the batch is in the store.
    fn append(&mut self, batch: &Batch) -> Result<(), QueueError>;

    /// Takes the oldest batch; asked only while there is one.
    fn take(&mut self) -> Result<Batch, QueueError>;

    /// The memory that the store itself may take of a queue's buffer, once it has filled it with
    /// what went through it.
    fn cache(&self) -> u64;

    /// Where it is.
    fn path(&self) -> &Path;
}

/// A queue that holds at most a given number of bytes in memory and the rest in a store.
///
/// Pushed orthos fill a batch at the tail; a full batch stays in memory if there is room for it and
/// is stored otherwise. Orthos are taken from the batch at the head; when it is used up the next
/// one, held or stored, comes in. Nothing is written or read twice.
#[derive(Debug)]
pub struct BufferedQueue<S> {
    store: S,
    head: Batch,
    middle: VecDeque<Place>,
    tail: Batch,
    budget: u64,
    held: u64,
    /// Bytes of all batches that ever went to the store.
    stored: u64,
    len: u64,
}

/// Where a full batch waits.
#[derive(Debug)]
enum Place {
    Held(Batch),
    Stored,
}

impl<S: Store> BufferedQueue<S> {
    /// A queue that overflows to `store`, and with it takes about `buffer` bytes of memory.
    pub fn new(store: S, buffer: Bytes) -> Self {
        let mut queue = Self {
            budget: buffer.0.saturating_sub(store.cache()),
            store,
            head: Batch::default(),
            middle: VecDeque::new(),
            tail: Batch::default(),
            held: 0,
            stored: 0,
            len: 0,
        };
        // The two change places whenever nothing lies between them.
        queue.head = queue.fresh_batch();
        queue.tail = queue.fresh_batch();
        queue
    }

    /// Where the queue overflows to.
    pub fn store(&self) -> &S {
        &self.store
    }

    fn batch_bytes(&self) -> u64 {
        (self.budget / BATCHES_HELD).min(BATCH_BYTES)
    }

    /// Moves the full tail to the middle, in memory or in the store.
    fn retire_tail(&mut self) -> Result<(), QueueError> {
        let size = self.tail.bytes_held();
        let working = self.head.bytes_held().max(size) + size;
        if working + self.held + size <= self.budget {
            let fresh = self.fresh_batch();
            let full = std::mem::replace(&mut self.tail, fresh);
            self.held += size;
            self.middle.push_back(Place::Held(full));
        } else {
            self.store.append(&self.tail)?;
            self.stored = self.stored.saturating_add(self.tail.bytes().len() as u64);
            self.tail.clear();
            self.middle.push_back(Place::Stored);
        }
        Ok(())
    }

    /// Brings the next batch to the head, which is used up.
    fn advance_head(&mut self) -> Result<(), QueueError> {
        match self.middle.front_mut() {
            Some(Place::Held(batch)) => {
                self.held -= batch.bytes_held();
                self.head = std::mem::take(batch);
            }
            Some(Place::Stored) => self.head = self.store.take()?,
            None => {
                std::mem::swap(&mut self.head, &mut self.tail);
                self.tail.clear();
            }
        }
        self.middle.pop_front();
        Ok(())
    }

    /// An empty batch with room for a full one, so that it does not grow by doubling.
    fn fresh_batch(&self) -> Batch {
        Batch::with_capacity(self.batch_bytes() as usize)
    }

    fn damaged(&self, why: &BatchError) -> QueueError {
        QueueError::Damaged {
            path: self.store.path().to_path_buf(),
            why: why.to_string(),
        }
    }
}

impl<S: Store> WorkQueue for BufferedQueue<S> {
    fn push(&mut self, ortho: HeapOrtho) -> Result<(), QueueError> {
        if !self.tail.is_empty() && self.tail.bytes().len() as u64 >= self.batch_bytes() {
            self.retire_tail()?;
        }
        self.tail.push(&ortho).map_err(|why| self.damaged(&why))?;
        self.len += 1;
        Ok(())
    }

    fn pop(&mut self) -> Result<Option<HeapOrtho>, QueueError> {
        if self.len == 0 {
            return Ok(None);
        }
        if self.head.is_empty() {
            self.advance_head()?;
        }
        let ortho = self.head.pop().map_err(|why| self.damaged(&why))?;
        self.len -= 1;
        Ok(ortho)
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn bytes_held(&self) -> u64 {
        let cache = self.store.cache().min(self.stored);
        self.head.bytes_held() + self.held + self.tail.bytes_held() + cache
    }
}
