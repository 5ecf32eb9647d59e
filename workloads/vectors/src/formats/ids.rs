//! `.ivecs`: for each query the ids of its nearest vectors.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use super::error::FileError;
use super::layout;

/// Ids in rows of one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    width: usize,
    ids: Vec<u32>,
}

impl Ids {
    /// Rows of `width` ids, from 1 to 65,536; what is left over when they are cut so goes.
    #[must_use]
    pub fn new(width: usize, mut ids: Vec<u32>) -> Self {
        ids.truncate(ids.len() / width * width);
        Self { width, ids }
    }

    /// Ids of a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.ids.chunks_exact(self.width)
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// The name does not end with `.ivecs`; the file cannot be read, is empty or cut; a row has another length than the first,
    /// or an id below 0.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        if path
            .extension()
            .is_none_or(|extension| extension != "ivecs")
        {
            return Err(FileError::Format {
                path: path.into(),
                expected: ".ivecs",
            });
        }
        let (file, length) = layout::open(path)?;
        let mut file = BufReader::new(file);
        let (mut ids, mut width, mut row, mut left) = (Vec::new(), None, 0, length);
        while left > 0 {
            let dim = word(&mut file, path, row)?;
            let known = layout::dimension(path, row, dim.into())?;
            let first = *width.get_or_insert(known);
            if known != first {
                return Err(FileError::OtherDimension {
                    path: path.into(),
                    row,
                    dim,
                    first,
                });
            }
            for column in 0..first {
                let id = word(&mut file, path, row)?;
                ids.push(u32::try_from(id).map_err(|_| FileError::Id {
                    path: path.into(),
                    row,
                    column,
                    id,
                })?);
            }
            left = left.saturating_sub(4 * (first as u64 + 1));
            row += 1;
        }
        let width = width.ok_or_else(|| FileError::Empty { path: path.into() })?;
        Ok(Self { width, ids })
    }

    /// Writes a file, over one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let write = || {
            let mut file = BufWriter::new(File::create(path)?);
            for row in self.rows() {
                file.write_all(&(self.width as u32).to_le_bytes())?;
                for id in row {
                    file.write_all(&id.to_le_bytes())?;
                }
            }
            file.flush()
        };
        write().map_err(|source| FileError::Write {
            path: path.into(),
            source,
        })
    }
}

fn word(file: &mut impl Read, path: &Path, row: u64) -> Result<i32, FileError> {
    let mut word = [0; 4];
    match file.read_exact(&mut word) {
        Ok(()) => Ok(i32::from_le_bytes(word)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(FileError::Cut {
            path: path.into(),
            place: format!("row {row}"),
        }),
        Err(source) => Err(FileError::Read {
            path: path.into(),
            source,
        }),
    }
}
