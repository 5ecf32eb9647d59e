//! Appending to a store, and committing what was appended.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::create::Unnamed;
use super::error::StoreError;
use super::header::Header;
use super::ids::{IdsPen, SumsPen, beside};
use super::inner::{Inner, Store};
use super::medium::{Medium, Part};
use super::open::{Opened, Use};
use super::options::{AppendOptions, Commits};
use crate::codec::Codec;

/// Appends to a store: the one that may.
///
/// What is appended is there for [readers](Self::store), and after a crash, once it is [committed](Self::commit), and not
/// before. Dropping an appender leaves out what is not.
pub struct Appender {
    pub(super) store: Store,
    pub(super) records: Medium,
    pub(super) ids: Option<IdsPen>,
    pub(super) sums: Option<SumsPen>,
    pub(super) codec: Arc<dyn Codec>,
    /// As it was last committed.
    pub(super) header: Header,
    /// The slot that it is in.
    pub(super) slot: usize,
    /// Records there is room for now.
    pub(super) capacity: u64,
    /// Records, those not committed included.
    pub(super) count: u64,
    /// Values encoded since the last commit, and those of them that were clamped.
    pub(super) values: u64,
    pub(super) clamped: u64,
    pub(super) commits: Commits,
    pub(super) committed_at: Instant,
    /// A record in the making.
    record: Vec<u8>,
    /// Whether a commit failed.
    pub(super) failed: bool,
    /// The files, as long as they have no name.
    pub(super) unnamed: Option<Unnamed>,
}

impl fmt::Debug for Appender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Appender")
            .field("store", &self.store)
            .field("count", &self.count)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// The parts an appender is made of.
pub(super) struct Parts {
    pub(super) store: Inner,
    pub(super) records: Medium,
    pub(super) ids: Option<IdsPen>,
    pub(super) sums: Option<SumsPen>,
    pub(super) codec: Arc<dyn Codec>,
    pub(super) header: Header,
    pub(super) slot: usize,
    pub(super) unnamed: Option<Unnamed>,
    pub(super) commits: Commits,
}

impl Appender {
    /// Opens the store at `path` to append rows that this codec encodes, and locks it against all others.
    ///
    /// # Errors
    /// As [`Store::open`]; a codec of another encoding, dimension or parameters; a disk without room for the capacity that
    /// the store has.
    pub fn open(
        path: &Path,
        codec: Arc<dyn Codec>,
        options: &AppendOptions,
    ) -> Result<Self, StoreError> {
        let (dimension, encoding) = (Some(codec.dimension()), Some(codec.encoding()));
        let opened = Opened::open(path, Use::Write, dimension, encoding)?;
        let sealed = opened.records();
        let Opened {
            file,
            header,
            slot,
            parameters,
        } = opened;
        if codec.payload() as u64 != u64::from(header.shape.payload)
            || codec.parameters() != parameters
        {
            return Err(StoreError::ParametersMismatch {
                path: path.to_owned(),
            });
        }
        let watch = || options.watch.clone();
        let at = Inner::ids_at(&header);
        let ids = IdsPen::open(&beside(path), Part::Ids, at, header.capacity, watch())?;
        let (ids, column) = ids.unzip();
        let sums = if header.shape.checksums {
            None
        } else {
            SumsPen::open(path, &header, &file, watch())?
        };
        let (sums, block_sums) = sums.unzip();
        let file = Arc::new(file);
        // Within the bounds of a header, which was checked.
        let length = sealed.start + header.capacity * header.shape.stride();
        let records = Medium::new(Part::Records, file.clone(), path, sealed, length, watch())?;
        let mapping = records.mapping.clone();
        let checks = options.checks;
        let store = Inner::new(
            file,
            path,
            mapping,
            &header,
            parameters,
            checks,
            (column, block_sums),
        );
        Ok(Self::new(Parts {
            store,
            records,
            ids,
            sums,
            codec,
            header,
            slot,
            unnamed: None,
            commits: options.commits,
        }))
    }

    pub(super) fn new(parts: Parts) -> Self {
        let Parts {
            store,
            records,
            ids,
            sums,
            codec,
            header,
            slot,
            unnamed,
            commits,
        } = parts;
        Self {
            store: Store {
                inner: Arc::new(store),
            },
            records,
            ids,
            sums,
            codec,
            header,
            slot,
            capacity: header.capacity,
            count: header.count,
            values: 0,
            clamped: 0,
            commits,
            committed_at: Instant::now(),
            record: vec![0; header.shape.stride() as usize],
            failed: false,
            unnamed,
        }
    }

    /// The store, to read what is committed; clone it for other threads.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What encodes the rows.
    #[must_use]
    pub fn codec(&self) -> &Arc<dyn Codec> {
        &self.codec
    }

    /// Records, those not committed included.
    #[must_use]
    pub fn appended(&self) -> u64 {
        self.count
    }

    /// Records there is room for without growing.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Appends a row, with its id where the store has ids, and returns the number of its record. An id that is there already
    /// is the new record's from the commit on.
    ///
    /// # Errors
    /// A row that cannot be encoded, an id too many or too few, or no room on the disk: nothing is appended then. A commit
    /// that the options ask for fails.
    pub fn append(&mut self, id: impl Into<Option<u128>>, row: &[f32]) -> Result<u64, StoreError> {
        let id = self.checked(id.into())?;
        let payload = self.header.shape.payload as usize;
        let clamped = self.codec.encode(row, &mut self.record[..payload])?;
        let index = self.put(id)?;
        self.values += row.len() as u64;
        self.clamped += clamped as u64;
        self.commit_if_due()?;
        Ok(index)
    }

    /// Appends a payload that is encoded already, as [`append`](Self::append) does.
    ///
    /// # Errors
    /// As `append`, and a payload of another length.
    pub fn append_payload(
        &mut self,
        id: impl Into<Option<u128>>,
        payload: &[u8],
    ) -> Result<u64, StoreError> {
        let id = self.checked(id.into())?;
        let expected = self.header.shape.payload as usize;
        if payload.len() != expected {
            return Err(StoreError::Length {
                expected,
                found: payload.len(),
            });
        }
        self.record[..expected].copy_from_slice(payload);
        let index = self.put(id)?;
        self.commit_if_due()?;
        Ok(index)
    }

    /// Appends rows one after another, the ids of which are `ids`, or none; all of them or none. Returns the number of the
    /// first record.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_many(&mut self, ids: &[u128], rows: &[f32]) -> Result<u64, StoreError> {
        let dimension = self.header.shape.dimension as usize;
        let records = rows.len() / dimension;
        let expected = if self.ids.is_some() { records } else { 0 };
        if !rows.len().is_multiple_of(dimension) || ids.len() != expected {
            return Err(StoreError::Length {
                expected: ids.len() * dimension,
                found: rows.len(),
            });
        }
        let (count, values, clamped) = (self.count, self.values, self.clamped);
        let mark = self.ids.as_ref().map(IdsPen::mark);
        let sums_mark = self.sums.as_ref().map(SumsPen::mark);
        self.make_room(count.saturating_add(records as u64))?;
        for (record, row) in rows.chunks_exact(dimension).enumerate() {
            let appended = self.checked(ids.get(record).copied()).and_then(|id| {
                let payload = self.header.shape.payload as usize;
                self.clamped += self.codec.encode(row, &mut self.record[..payload])? as u64;
                self.put(id)
            });
            if let Err(error) = appended {
                (self.count, self.values, self.clamped) = (count, values, clamped);
                if let Some((ids, mark)) = self.ids.as_mut().zip(mark) {
                    ids.back_to(mark);
                }
                if let Some((sums, mark)) = self.sums.as_mut().zip(sums_mark) {
                    sums.back_to(mark);
                }
                return Err(error);
            }
        }
        self.values += rows.len() as u64;
        self.commit_if_due()?;
        Ok(count)
    }

    /// The id, if one is due.
    fn checked(&self, id: Option<u128>) -> Result<Option<u128>, StoreError> {
        self.usable()?;
        match (&self.ids, id) {
            (Some(_), None) => Err(StoreError::IdNeeded {
                path: self.store.path().to_owned(),
            }),
            (None, Some(_)) => Err(StoreError::NoIds {
                path: beside(self.store.path()),
            }),
            _ => Ok(id),
        }
    }

    /// Appends the record in the making, whose payload is there.
    fn put(&mut self, id: Option<u128>) -> Result<u64, StoreError> {
        self.make_room(self.count.saturating_add(1))?;
        let shape = self.header.shape;
        let payload = shape.payload as usize;
        if shape.checksums {
            let crc = crc32fast::hash(&self.record[..payload]);
            let at = self.record.len() - 4;
            self.record[at..].copy_from_slice(&crc.to_le_bytes());
        }
        // There is room, so this is within the file.
        let at = self.header.data_at + self.count * shape.stride();
        self.records.write(at, &self.record)?;
        if let Some((ids, id)) = self.ids.as_mut().zip(id) {
            ids.append(id)?;
        }
        if let Some(sums) = &mut self.sums {
            sums.append(&self.record)?;
        }
        let index = self.count;
        self.count += 1;
        Ok(index)
    }
}
