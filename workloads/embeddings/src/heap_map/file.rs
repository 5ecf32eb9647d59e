//! The plain file: ids and vectors one after the other, little-endian, and nothing else.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;

/// Bytes of an id.
pub(super) const ID: usize = 16;

/// Writes the file.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    dim: usize,
}

impl Writer {
    pub(super) fn create(path: &Path, dim: usize) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| Failure::io("creating", path, error))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 20, file),
            dim,
        })
    }

    pub(super) fn append(&mut self, ids: &[u128], rows: &[f32]) -> Result<(), Failure> {
        let Self { path, file, dim } = self;
        let mut pairs = ids.iter().zip(rows.chunks_exact(*dim));
        let written = pairs.try_for_each(|(id, row)| {
            file.write_all(&id.to_le_bytes())?;
            row.iter()
                .try_for_each(|value| file.write_all(&value.to_le_bytes()))
        });
        written.map_err(|error| Failure::io("writing", path, error))
    }

    /// Waits until all of it is on the disk.
    pub(super) fn sync(&mut self) -> Result<(), Failure> {
        let synced = self
            .file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|error| Failure::io("syncing", &self.path, error))
    }
}

/// Hands every id and vector of the file to `take`.
pub(super) fn read(
    path: &Path,
    dim: usize,
    mut take: impl FnMut([u8; ID], Vec<f32>),
) -> Result<(), Failure> {
    let reading = |error| Failure::io("reading", path, error);
    let file = File::open(path).map_err(reading)?;
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut bytes = vec![0; 4 * dim];
    loop {
        let mut id = [0; ID];
        match file.read_exact(&mut id) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            result => result.map_err(reading)?,
        }
        file.read_exact(&mut bytes).map_err(reading)?;
        let value = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
        take(id, bytes.as_chunks().0.iter().map(value).collect());
    }
}
