//! Segments: inflated runs of blocks, in buffers that are used again.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::account::{Account, Held};
use crate::bgzf::RUN_BYTES;

/// Room before a run, for the beginning of a record that ends in it.
const ROOM: usize = 16 << 10;
/// Bytes of a buffer.
const BUFFER: usize = ROOM + RUN_BYTES;

/// Bytes, and that they are counted.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    _held: Option<Held>,
}

/// The buffers that no segment uses, and the account of all of them.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Mutex<Vec<Buffer>>,
    account: Option<Account>,
}

impl Pool {
    /// Buffers that are counted, or not.
    pub(crate) fn new(account: Option<Account>) -> Arc<Self> {
        Arc::new(Self {
            free: Mutex::default(),
            account,
        })
    }

    fn counted(&self, bytes: Vec<u8>) -> Buffer {
        let account = self.account.as_ref();
        Buffer {
            _held: account.map(|account| account.hold(bytes.capacity() as u64)),
            bytes,
        }
    }

    /// A segment with room for so many bytes, no more than a run has.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Segment {
        let free = self.lock().pop();
        Segment {
            buffer: free.unwrap_or_else(|| self.counted(vec![0; BUFFER])),
            begin: ROOM,
            end: ROOM + bytes,
            pool: Arc::clone(self),
        }
    }

    /// A segment of bytes that are there already.
    pub(crate) fn adopt(self: &Arc<Self>, bytes: Vec<u8>) -> Segment {
        Segment {
            begin: 0,
            end: bytes.len(),
            buffer: self.counted(bytes),
            pool: Arc::clone(self),
        }
    }

    /// Nothing that is done under the lock can fail half way.
    fn lock(&self) -> MutexGuard<'_, Vec<Buffer>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Inflated bytes, whole records but for the last.
#[derive(Debug)]
pub(crate) struct Segment {
    buffer: Buffer,
    begin: usize,
    end: usize,
    pool: Arc<Pool>,
}

impl Segment {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer.bytes[self.begin..self.end]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer.bytes[self.begin..self.end]
    }

    /// Puts bytes before its own: into its room, or where they are too many, by way of another buffer.
    pub(crate) fn precede(mut self, bytes: &[u8]) -> Self {
        if bytes.len() <= self.begin {
            let begin = self.begin - bytes.len();
            self.buffer.bytes[begin..self.begin].copy_from_slice(bytes);
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
        if buffer.bytes.len() == BUFFER {
            self.pool.lock().push(buffer);
        }
    }
}
