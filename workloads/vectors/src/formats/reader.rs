//! Reading a file of vectors from beginning to end, some megabytes at a time.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::format::Format;
use super::layout::{self, Layout};
use super::{BLOCK, TOO_MANY_VECTORS};

/// Reads a file of vectors, block by block.
#[derive(Debug)]
pub struct VectorReader {
    path: PathBuf,
    file: File,
    layout: Layout,
    /// The next row.
    row: u64,
    /// Bytes of a block, as they are in the file.
    bytes: Vec<u8>,
}

impl VectorReader {
    /// Opens a file, whose name tells its format, and reads its header.
    ///
    /// # Errors
    /// The file cannot be opened or is no regular one, has a name of no format, or a header that is wrong, cut, or not borne
    /// out by the file's length.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let format = Format::of(path)?;
        let (mut file, length) = layout::open(path)?;
        let layout = layout::layout(path, format, &mut file, length)?;
        file.seek(SeekFrom::Start(layout.start))
            .map_err(|source| FileError::Read {
                path: path.into(),
                source,
            })?;
        Ok(Self {
            path: path.into(),
            file,
            layout,
            row: 0,
            bytes: Vec::new(),
        })
    }

    /// Coordinates of each vector, from 1 to 65,536.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.layout.dim
    }

    /// Puts the next vectors into `block`, whose old content goes: about 12 MB of the file, at least one row. Returns
    /// how many; 0 at the end.
    ///
    /// # Errors
    /// A row has another dimension than the first, or a value that is not finite; the file is cut, or holds 2^31 rows;
    /// it cannot be read. What is in the block then means nothing.
    pub fn next_block(&mut self, block: &mut Vec<f32>) -> Result<usize, FileError> {
        block.clear();
        let row_bytes = self.layout.row_bytes();
        let most = (BLOCK / row_bytes).max(1);
        let left = match self.layout.rows {
            Some(rows) => usize::try_from(rows - self.row).map_or(most, |left| left.min(most)),
            None => most,
        };
        self.bytes.resize(left * row_bytes, 0);
        let filled = self.fill()?;
        for start in (0..filled).step_by(row_bytes) {
            let row = start..(start + row_bytes).min(filled);
            self.decode(row, block)?;
            self.row += 1;
        }
        if filled < self.bytes.len() && self.layout.rows.is_some() {
            // As long when it was opened, and no longer.
            return Err(self.cut());
        }
        Ok(block.len() / self.layout.dim)
    }

    /// Reads until the buffer is full or the file over.
    fn fill(&mut self) -> Result<usize, FileError> {
        let mut filled = 0;
        while filled < self.bytes.len() {
            match self.file.read(&mut self.bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => {
                    let path = self.path.clone();
                    return Err(FileError::Read { path, source });
                }
            }
        }
        Ok(filled)
    }

    /// Appends the row whose bytes, or as many as there are, lie in this range of the buffer.
    fn decode(&self, range: std::ops::Range<usize>, block: &mut Vec<f32>) -> Result<(), FileError> {
        let (row, path) = (self.row, || self.path.clone());
        if row >= TOO_MANY_VECTORS {
            return Err(FileError::TooMany {
                path: path(),
                rows: row + 1,
            });
        }
        let bytes = &self.bytes[range];
        let Some((header, values)) = bytes.split_at_checked(self.layout.row_header()) else {
            return Err(self.cut());
        };
        if let Some(word) = header.first_chunk() {
            let dim = i32::from_le_bytes(*word);
            let known = layout::dimension(&self.path, row, dim.into())?;
            if known != self.layout.dim {
                return Err(FileError::OtherDimension {
                    path: path(),
                    row,
                    dim,
                    first: self.layout.dim,
                });
            }
        }
        if values.len() < self.layout.dim * self.layout.element.size() {
            return Err(self.cut());
        }
        let decoded = self.layout.element.decode(values, block);
        decoded.map_err(|found| FileError::NotFinite {
            path: path(),
            row,
            column: found.column,
            value: found.value,
        })
    }

    fn cut(&self) -> FileError {
        FileError::Cut {
            path: self.path.clone(),
            place: format!("row {}", self.row),
        }
    }
}
