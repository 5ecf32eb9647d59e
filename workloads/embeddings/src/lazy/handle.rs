//! Handles to vectors that are there, or will be when somebody asks.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use crate::lazy::slot::{Reading, Slot};
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
    /// Somebody holds it, or has to do with it just now.
    InUse,
    /// It could not be had again: its blob was released.
    NoSource,
}

/// A vector that is loaded by the first who asks, once however many ask at a time, and that can be let go of again.
///
/// Who reads one that is there counts itself and never waits, so that a thread may read the same one twice at a time.
// Neither of two that lie side by side straddles a line of the processor's cache.
#[repr(align(32))]
pub struct Handle {
    slot: Slot<SharedChunk, Source>,
}

/// Where the vector comes from.
enum Source {
    Record {
        index: u32,
        loader: Arc<dyn Loader>,
    },
    Blob {
        blob: Blob,
        decoder: Arc<BlobDecoder>,
        then: AfterDecoding,
    },
    /// The vector itself, which is there to stay.
    Released(SharedChunk),
}

impl Source {
    fn load(&mut self) -> Result<SharedChunk, LoadError> {
        match self {
            Self::Record { index, loader } => loader.load(*index),
            Self::Blob {
                blob,
                decoder,
                then,
            } => {
                let vector = decoder.decode(blob)?;
                if *then == AfterDecoding::Release {
                    *self = Self::Released(vector.clone());
                }
                Ok(vector)
            }
            Self::Released(vector) => Ok(vector.clone()),
        }
    }
}

impl Handle {
    /// The vector of an index, from `loader`.
    pub fn of_record(index: u32, loader: Arc<dyn Loader>) -> Self {
        Self::new(Source::Record { index, loader })
    }

    /// The vector of a blob.
    pub fn of_blob(blob: Blob, decoder: Arc<BlobDecoder>, then: AfterDecoding) -> Self {
        Self::new(Source::Blob {
            blob,
            decoder,
            then,
        })
    }

    fn new(source: Source) -> Self {
        Self {
            slot: Slot::new(source),
        }
    }

    /// The vector, loaded if it is not there.
    ///
    /// # Errors
    /// It cannot be had; the next call tries again.
    #[inline(always)]
    pub fn get(&self) -> Result<Loaded<'_>, LoadError> {
        match self.slot.read() {
            Some(vector) => Ok(Loaded { vector }),
            None => self.load(),
        }
    }

    #[cold]
    fn load(&self) -> Result<Loaded<'_>, LoadError> {
        let vector = self.slot.lock().read_or_put(Source::load)?;
        Ok(Loaded { vector })
    }

    /// Lets go of the vector, unless somebody holds it or it could not be had again. Never waits.
    pub fn unload(&self) -> Unloaded {
        let keeper = self.slot.try_lock();
        if !self.is_loaded() {
            return Unloaded::WasNotThere;
        }
        let Some(mut keeper) = keeper else {
            return Unloaded::InUse;
        };
        if matches!(keeper.source(), Source::Released(_)) {
            return Unloaded::NoSource;
        }
        match keeper.take_if(|vector| vector.owners() == 1) {
            Some(_) => Unloaded::Gone,
            None => Unloaded::InUse,
        }
    }

    /// Whether the vector is there.
    pub fn is_loaded(&self) -> bool {
        self.slot.is_there()
    }

    /// Bytes that it holds: the handle, the blob and the vector, as far as they are there.
    pub fn memory(&self) -> usize {
        let blob = match self.slot.lock().source() {
            Source::Blob { blob, .. } => blob.bytes().len(),
            Source::Record { .. } | Source::Released(_) => 0,
        };
        let vector = self.slot.read().map_or(0, |vector| vector.held());
        size_of::<Self>() + size_of::<Mutex<Source>>() + blob + vector
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
    vector: Reading<'a, SharedChunk, Source>,
}

impl Loaded<'_> {
    /// Its values.
    #[inline]
    #[must_use]
    pub fn floats(&self) -> &[f32] {
        self.vector.floats().unwrap_or_default()
    }

    /// A handle to the same vector that does not depend on this one.
    #[must_use]
    pub fn to_shared(&self) -> SharedChunk {
        self.vector.clone()
    }
}

impl Deref for Loaded<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.vector
    }
}
