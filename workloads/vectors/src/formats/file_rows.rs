//! Rows in a file, read where they are asked for.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::format::Format;
use super::layout::{self, Layout};
use crate::rows::{Rows, RowsError, asked_for};

/// The rows of an `.fbin` file, read from it by position, by any number of threads: nothing of it is kept in memory.
#[derive(Debug)]
pub struct FileRows {
    path: PathBuf,
    file: File,
    layout: Layout,
    len: usize,
}

impl FileRows {
    /// Opens a file. That its values are finite is taken on trust: [`VectorReader`](super::VectorReader) sees to that.
    ///
    /// # Errors
    /// The file cannot be opened, is no `.fbin` file, or not as long as its header says.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let format = Format::of(path)?;
        if format != Format::Fbin {
            return Err(FileError::Format {
                path: path.into(),
                expected: ".fbin",
            });
        }
        let (mut file, length) = layout::open(path)?;
        let layout = layout::layout(path, format, &mut file, length)?;
        let rows = layout.rows.unwrap_or(0);
        let len = usize::try_from(rows).map_err(|_| FileError::TooMany {
            path: path.into(),
            rows,
        })?;
        Ok(Self {
            path: path.into(),
            file,
            layout,
            len,
        })
    }
}

impl Rows for FileRows {
    fn len(&self) -> usize {
        self.len
    }

    fn dim(&self) -> usize {
        self.layout.dim
    }

    fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError> {
        asked_for(self, first, out.len())?;
        let offset = self.layout.start + first as u64 * self.layout.row_bytes() as u64;
        let bytes = bytemuck::cast_slice_mut(out);
        self.file
            .read_exact_at(bytes, offset)
            .map_err(|source| RowsError::Read {
                path: self.path.clone(),
                first,
                source,
            })?;
        for value in out {
            *value = f32::from_bits(u32::from_le(value.to_bits()));
        }
        Ok(())
    }
}
