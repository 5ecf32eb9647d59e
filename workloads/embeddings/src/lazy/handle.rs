//! Handles to vectors that are there, or will be when somebody asks.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, TryLockError};

use crate::lazy::{Blob, BlobDecoder, LoadError};
use crate::pool::SharedChunk;

/// Loads vectors by index.
pub trait Loader: Send + Sync {
    /// The vector, decoded.
    ///
    /// # Errors
    /// It cannot be had. Nobody keeps that: it is asked for again.
    fn load(&self, index: u32) -> Result<SharedChunk, LoadError>;
}

/// What becomes of a blob once it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDecoding {
    /// It stays, so that the decoded vector can go and come again.
    Keep,
    /// It goes, and the decoded vector stays.
    Release,
}

/// What came of unloading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unloaded {
    /// The vector is gone; the next who asks has it loaded.
    Gone,
    /// There was none.
    WasNotThere,
    /// Somebody holds it.
    InUse,
    /// It could not be had again: its blob was released.
    NoSource,
}

/// A vector that is loaded by the first who asks, once however many ask at a time, and that can be let go of again.
pub struct Handle {
    /// Held for reading by who reads the vector. It is only ever waited for in order to write while there is no vector, so that a thread
    /// may read the same one twice at a time.
    slot: RwLock<Option<SharedChunk>>,
    /// Apart: who reads what is there has less to go through.
    origin: Box<Origin>,
}

struct Origin {
    /// Held by who loads.
    source: Mutex<Source>,
    /// What becomes of its blob, where it has one.
    then: AfterDecoding,
}

enum Source {
    Record {
        index: u32,
        loader: Arc<dyn Loader>,
    },
    Blob {
        blob: Blob,
        decoder: Arc<BlobDecoder>,
    },
    /// The vector is there to stay.
    Released,
}

impl Handle {
    /// The vector of an index, from `loader`.
    pub fn of_record(index: u32, loader: Arc<dyn Loader>) -> Self {
        Self::new(Source::Record { index, loader }, AfterDecoding::Keep)
    }

    /// The vector of a blob.
    pub fn of_blob(blob: Blob, decoder: Arc<BlobDecoder>, then: AfterDecoding) -> Self {
        Self::new(Source::Blob { blob, decoder }, then)
    }

    fn new(source: Source, then: AfterDecoding) -> Self {
        Self {
            slot: RwLock::new(None),
            origin: Box::new(Origin {
                source: Mutex::new(source),
                then,
            }),
        }
    }

    /// The vector, loaded if it is not there.
    ///
    /// # Errors
    /// It cannot be had; the next call tries again.
    #[inline(always)]
    pub fn get(&self) -> Result<Loaded<'_>, LoadError> {
        let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() {
            return Ok(Loaded { slot });
        }
        drop(slot);
        self.load()
    }

    #[cold]
    fn load(&self) -> Result<Loaded<'_>, LoadError> {
        loop {
            let mut source = self.source();
            if !self.is_loaded() {
                let vector = match &*source {
                    Source::Record { index, loader } => Some(loader.load(*index)?),
                    Source::Blob { blob, decoder } => Some(decoder.decode(blob)?),
                    Source::Released => None,
                };
                if let (Source::Blob { .. }, AfterDecoding::Release) = (&*source, self.origin.then)
                {
                    *source = Source::Released;
                }
                *self.slot.write().unwrap_or_else(PoisonError::into_inner) = vector;
            }
            drop(source);
            let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
            if slot.is_some() {
                return Ok(Loaded { slot });
            }
            // Unloaded again in between.
        }
    }

    /// Lets go of the vector, unless somebody holds it or it could not be had again. Never waits.
    pub fn unload(&self) -> Unloaded {
        let mut slot = match self.slot.try_write() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Unloaded::InUse,
        };
        let Some(vector) = &*slot else {
            return Unloaded::WasNotThere;
        };
        if vector.owners() > 1 {
            return Unloaded::InUse;
        }
        if self.origin.then == AfterDecoding::Release {
            return Unloaded::NoSource;
        }
        *slot = None;
        Unloaded::Gone
    }

    /// Whether the vector is there.
    pub fn is_loaded(&self) -> bool {
        self.slot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Bytes that it holds: the handle, the blob and the vector, as far as they are there.
    pub fn memory(&self) -> usize {
        let blob = match &*self.source() {
            Source::Blob { blob, .. } => blob.bytes().len(),
            Source::Record { .. } | Source::Released => 0,
        };
        let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
        size_of::<Self>() + size_of::<Origin>() + blob + slot.as_ref().map_or(0, SharedChunk::held)
    }

    /// Locks even after a panic in a loader: nothing is changed before it has returned.
    fn source(&self) -> MutexGuard<'_, Source> {
        self.origin
            .source
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("loaded", &self.is_loaded())
            .finish_non_exhaustive()
    }
}

/// A vector in a handle, which stays as long as this is there.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// With a vector.
    slot: RwLockReadGuard<'a, Option<SharedChunk>>,
}

impl Loaded<'_> {
    /// Its values.
    #[inline]
    #[must_use]
    pub fn floats(&self) -> &[f32] {
        self.slot
            .as_ref()
            .and_then(SharedChunk::floats)
            .unwrap_or_default()
    }

    /// A handle to the same vector that does not depend on this one.
    #[must_use]
    pub fn to_shared(&self) -> Option<SharedChunk> {
        self.slot.clone()
    }
}

impl Deref for Loaded<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.slot.as_deref().unwrap_or_default()
    }
}
