//! Segments: inflated runs of blocks, in buffers that are used again.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_workload::Gauge;

use crate::bgzf::RUN_BYTES;

/// Room before a run, for the beginning of a record that ends in it.
const ROOM: usize = 16 << 10;
/// Bytes of a buffer.
const BUFFER: usize = ROOM + RUN_BYTES;

/// The buffers that no segment uses, and the account of all of them.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Mutex<Vec<Vec<u8>>>,
    gauge: Option<Gauge>,
}

impl Pool {
    /// Buffers that the ledger is told of, or not.
    pub(crate) fn new(gauge: Option<Gauge>) -> Arc<Self> {
        Arc::new(Self {
            free: Mutex::default(),
            gauge,
        })
    }

    fn tell(&self, tell: impl Fn(&Gauge)) {
        self.gauge.iter().for_each(tell);
    }

    /// A segment with room for so many bytes, no more than a run has.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Segment {
        let buffer = self.lock().pop().unwrap_or_else(|| {
            self.tell(|gauge| gauge.add(BUFFER as u64));
            vec![0; BUFFER]
        });
        Segment {
            buffer,
            begin: ROOM,
            end: ROOM + bytes,
            pool: Arc::clone(self),
        }
    }

    /// A segment of bytes that are there already.
    pub(crate) fn adopt(self: &Arc<Self>, buffer: Vec<u8>) -> Segment {
        self.tell(|gauge| gauge.add(buffer.capacity() as u64));
        Segment {
            begin: 0,
            end: buffer.len(),
            buffer,
            pool: Arc::clone(self),
        }
    }

    /// Nothing that is done under the lock can fail half way.
    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let free = self.lock().len();
        self.tell(|gauge| gauge.sub((free * BUFFER) as u64));
    }
}

/// Inflated bytes, whole records but for the last.
#[derive(Debug)]
pub(crate) struct Segment {
    buffer: Vec<u8>,
    begin: usize,
    end: usize,
    pool: Arc<Pool>,
}

impl Segment {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.begin..self.end]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.begin..self.end]
    }

    /// Puts bytes before its own: into its room, or where they are too many, by way of another buffer.
    pub(crate) fn precede(mut self, bytes: &[u8]) -> Self {
        if bytes.len() <= self.begin {
            let begin = self.begin - bytes.len();
            self.buffer[begin..self.begin].copy_from_slice(bytes);
            self.begin = begin;
            return self;
        }
        let pool = Arc::clone(&self.pool);
        pool.adopt([bytes, self.bytes()].concat())
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        let buffer = mem::take(&mut self.buffer);
        if buffer.len() == BUFFER {
            self.pool.lock().push(buffer);
        } else {
            self.pool.tell(|gauge| gauge.sub(buffer.capacity() as u64));
        }
    }
}
