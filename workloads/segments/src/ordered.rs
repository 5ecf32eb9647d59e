//! Puts what several workers make back into input order, within a window of bytes.
//!
//! Every ordinal from 0 on is delivered once, by any worker, each worker's own ordinals ascending. A worker that is
//! ahead of the others waits while the window is full; the one that holds the lowest ordinal not yet delivered, the
//! *head*, never waits for room, so that the window always empties. Memory stays within the window and one delivery a
//! worker.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes blocks once they are in order.
pub trait BlockSink {
    /// What is put in order.
    type Block: Debug;
    /// Why no more is taken.
    type Error: Debug;

    /// Bytes that a waiting block holds.
    fn bytes(block: &Self::Block) -> usize;

    /// Takes the next block.
    ///
    /// # Errors
    /// Nothing more will be written.
    fn take(&mut self, block: Self::Block) -> Result<(), Self::Error>;
}

/// The writing ended before this worker did: another one failed, or the sink did. Whoever ends the run knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writing of the archive has ended")]
pub struct Closed;

/// Why the sink does not come back.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfinished<E> {
    /// The sink failed.
    Sink(E),
    /// A worker left without [`Worker::finish`], or an ordinal was never delivered.
    Incomplete,
}

/// An order-restoring writer, shared by its workers.
#[derive(Debug)]
pub struct Ordered<S: BlockSink> {
    window: usize,
    state: Mutex<State<S>>,
    /// Told whenever room or the right to write may have come.
    changed: Condvar,
}

#[derive(Debug)]
struct State<S: BlockSink> {
    head: u64,
    waiting: BTreeMap<u64, Delivery<S::Block>>,
    held: usize,
    peak: usize,
    /// Away with the worker that writes.
    sink: Option<S>,
    closed: bool,
    failure: Option<S::Error>,
}

/// What one ordinal brings, or several in a row.
#[derive(Debug)]
struct Delivery<B> {
    blocks: Vec<B>,
    bytes: usize,
}

/// What an ordinal costs while it waits, apart from its blocks.
const SLOT: usize = mem::size_of::<(u64, Delivery<u8>)>();

impl<S: BlockSink> Ordered<S> {
    /// Writes to `sink`; what waits there holds `window` bytes, give or take a delivery.
    pub fn new(sink: S, window: usize) -> Self {
        Self {
            window,
            state: Mutex::new(State {
                head: 0,
                waiting: BTreeMap::new(),
                held: 0,
                peak: 0,
                sink: Some(sink),
                closed: false,
                failure: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// A worker's hand. Dropped without [`Worker::finish`], by an error or a panic, it closes the writing for all.
    pub fn worker(&self) -> Worker<'_, S> {
        Worker {
            ordered: self,
            finished: false,
        }
    }

    /// Ends the writing: workers that wait, and later deliveries, get [`Closed`].
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether nothing more will be written.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Most bytes that waited at any time.
    pub fn peak(&self) -> usize {
        self.lock().peak
    }

    /// The sink, once all workers are done; `delivered` ordinals must have come.
    ///
    /// # Errors
    /// The sink failed, or not everything was delivered.
    pub fn finish(self, delivered: u64) -> Result<S, Unfinished<S::Error>> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match (state.failure, state.sink) {
            (Some(error), _) => Err(Unfinished::Sink(error)),
            (None, Some(sink)) if !state.closed && state.head == delivered => Ok(sink),
            (None, _) => Err(Unfinished::Incomplete),
        }
    }

    /// Every change of the state is whole before the lock is let go, so a panic elsewhere leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deliver(&self, ordinal: u64, blocks: Vec<S::Block>) -> Result<(), Closed> {
        let bytes = SLOT + blocks.iter().map(S::bytes).sum::<usize>();
        let mut state = self.lock();
        // While another worker writes, the head waits too: a slow disk would otherwise let it pile up blocks. The one
        // who writes waits for nobody.
        while !state.closed
            && state.held + bytes > self.window
            && (ordinal != state.head || state.sink.is_none())
        {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(Closed);
        }
        state.insert(ordinal, blocks, bytes);
        self.drain(state)
    }

    /// Writes what is in order, unless another worker does so already; that one will find it.
    fn drain<'a>(&'a self, mut state: MutexGuard<'a, State<S>>) -> Result<(), Closed> {
        while let Some((mut sink, ready)) = state.begin() {
            drop(state);
            // Without the lock, so that the others go on meanwhile.
            let written = ready
                .blocks
                .into_iter()
                .try_for_each(|block| sink.take(block));
            state = self.lock();
            state.held -= ready.bytes;
            match written {
                Ok(()) => state.sink = Some(sink),
                Err(error) => {
                    state.failure = Some(error);
                    state.closed = true;
                }
            }
            self.changed.notify_all();
            if state.closed {
                return Err(Closed);
            }
        }
        Ok(())
    }
}

impl<S: BlockSink> State<S> {
    fn insert(&mut self, ordinal: u64, blocks: Vec<S::Block>, bytes: usize) {
        debug_assert!(ordinal >= self.head, "{ordinal} was delivered before");
        self.held += bytes;
        self.peak = self.peak.max(self.held);
        self.waiting.insert(ordinal, Delivery { blocks, bytes });
    }

    /// The sink and what is to be written next, if there is anything and nobody has the sink.
    fn begin(&mut self) -> Option<(S, Delivery<S::Block>)> {
        let first = self.waiting.first_entry()?;
        if *first.key() != self.head {
            return None;
        }
        let sink = self.sink.take()?;
        let mut ready = Delivery {
            blocks: Vec::new(),
            bytes: 0,
        };
        while let Some(delivery) = self.waiting.remove(&self.head) {
            self.head += 1;
            ready.bytes += delivery.bytes;
            ready.blocks.extend(delivery.blocks);
        }
        Some((sink, ready))
    }
}

/// One worker's hand on an [`Ordered`].
#[derive(Debug)]
pub struct Worker<'a, S: BlockSink> {
    ordered: &'a Ordered<S>,
    finished: bool,
}

impl<S: BlockSink> Worker<'_, S> {
    /// Delivers an ordinal's blocks, none or several, and waits for room if it is ahead.
    ///
    /// # Errors
    /// The writing has ended.
    pub fn deliver(&mut self, ordinal: u64, blocks: Vec<S::Block>) -> Result<(), Closed> {
        self.ordered.deliver(ordinal, blocks)
    }

    /// All of this worker's ordinals are delivered.
    pub fn finish(mut self) {
        self.finished = true;
    }
}

impl<S: BlockSink> Drop for Worker<'_, S> {
    fn drop(&mut self) {
        if !self.finished {
            self.ordered.close();
        }
    }
}

#[cfg(test)]
mod tests;
