//! A store as its readers see it, those beside its appender included.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::error::StoreError;
use super::header::Header;
use super::ids::{Column, Commit, Sums, Table};
use super::mapping::Mapping;
use super::marks::Marks;
use super::options::Checks;
use super::progress::Count;
use super::shape::Shape;
use crate::encoding::Encoding;

/// A store, open. Clones are the same store; the file is locked until the last of them, and the appender, are gone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) inner: Arc<Inner>,
}

/// What all clones share.
#[derive(Debug)]
pub(super) struct Inner {
    /// Locked for as long as it is open.
    pub(super) file: Arc<File>,
    pub(super) path: PathBuf,
    pub(super) mapping: Arc<Mapping>,
    pub(super) shape: Shape,
    pub(super) data_at: u64,
    pub(super) store_id: [u8; 16],
    pub(super) parameters: Vec<u8>,
    pub(super) checks: Checks,
    /// Records found whole.
    pub(super) whole: Marks,
    pub(super) ids: Option<Column>,
    pub(super) sums: Option<Sums>,
    pub(super) table: RwLock<Table>,
    /// Records committed; raised after they can be read.
    count: Count,
    capacity: Count,
    generation: Count,
}

impl Inner {
    pub(super) fn new(
        file: Arc<File>,
        path: &Path,
        mapping: Arc<Mapping>,
        header: &Header,
        parameters: Vec<u8>,
        checks: Checks,
        (ids, sums): (Option<Column>, Option<Sums>),
    ) -> Self {
        Self {
            file,
            path: path.to_owned(),
            mapping,
            shape: header.shape,
            data_at: header.data_at,
            store_id: header.store_id,
            parameters,
            checks,
            whole: Marks::new(),
            ids,
            sums,
            table: RwLock::default(),
            count: Count::new(header.count),
            capacity: Count::new(header.capacity),
            generation: Count::new(header.generation),
        }
    }

    /// Records committed. Their bytes are sealed.
    pub(super) fn count(&self) -> u64 {
        self.count.get()
    }

    /// Lets readers have what this header says; their bytes are sealed already.
    pub(super) fn publish(&self, header: &Header) {
        self.capacity.publish(header.capacity);
        self.generation.publish(header.generation);
        self.count.publish(header.count);
    }

    /// What the ids of the store must be at, when it is opened with this header.
    pub(super) fn ids_at(header: &Header) -> Commit {
        Commit {
            store_id: header.store_id,
            generation: header.generation,
            count: header.count,
        }
    }

    /// Where record `index` begins.
    pub(super) fn at(&self, index: u64) -> u64 {
        self.data_at + index * self.shape.stride()
    }
}

impl Store {
    /// Records that are committed.
    #[must_use]
    pub fn len(&self) -> usize {
        // Opening maps all records, so their number is within `usize`.
        self.inner.count() as usize
    }

    /// Whether no record is committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Records that the file has room for, as of the last commit.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.inner.capacity.get()
    }

    /// Commits so far, and one for the creation.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.inner.generation.get()
    }

    /// What its records are.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.inner.shape
    }

    /// What its payloads hold.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.inner.shape.encoding
    }

    /// Values of a row.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.inner.shape.dimension as usize
    }

    /// Bytes of a payload.
    #[must_use]
    pub fn payload(&self) -> usize {
        self.inner.shape.payload as usize
    }

    /// What all records share, of which their codec is made; empty where there is nothing.
    #[must_use]
    pub fn parameters(&self) -> &[u8] {
        &self.inner.parameters
    }

    /// The store's own name.
    #[must_use]
    pub fn store_id(&self) -> [u8; 16] {
        self.inner.store_id
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Whether its records have ids.
    #[must_use]
    pub fn has_ids(&self) -> bool {
        self.inner.ids.is_some()
    }

    /// The number of a record that is committed.
    pub(super) fn committed(&self, index: usize) -> Result<u64, StoreError> {
        let len = self.len();
        if index < len {
            Ok(index as u64)
        } else {
            Err(StoreError::OutOfRange { index, len })
        }
    }
}
