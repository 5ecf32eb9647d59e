//! Writing vectors to a file, some megabytes at a time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::BLOCK;
use super::error::FileError;
use super::format::Format;
use crate::rows::{Rows, read_by_threads};

/// Writes rows to a file, over one that is there; its name tells the format. `.npy` files are of f4, version 1. Rows are
/// read by `threads`. A file that is not finished stays, and is cut or, in a format of bytes, ends where it went wrong.
///
/// # Errors
/// The name is of no format, there are no rows or 2^31, the rows cannot be read or the file not written, or a value does
/// not fit a byte and is to.
pub fn write_vectors(path: &Path, rows: &dyn Rows, threads: usize) -> Result<(), FileError> {
    let format = Format::of(path)?;
    let (len, dim) = (rows.len(), rows.dim());
    if rows.is_empty() {
        return Err(FileError::Empty { path: path.into() });
    }
    let announced = u32::try_from(len).ok().filter(|len| *len < 1 << 31);
    let announced = announced.ok_or_else(|| FileError::TooMany {
        path: path.into(),
        rows: len as u64,
    })?;
    let failed = |source| FileError::Write {
        path: path.into(),
        source,
    };
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(failed)?);
    header(&mut file, format, announced, dim).map_err(failed)?;
    let most = (BLOCK / 4 / dim).clamp(1, len);
    let mut block = vec![0.0; most * dim];
    for first in (0..len).step_by(most) {
        let count = most.min(len - first);
        let values = &mut block[..count * dim];
        read_by_threads(rows, first, values, threads)?;
        for (row, values) in (first as u64..).zip(values.chunks_exact(dim)) {
            write_row(&mut file, format, values).map_err(|wrong| match wrong {
                Wrong::Write(source) => failed(source),
                Wrong::Value { column, value } => FileError::NotAByte {
                    path: path.into(),
                    row,
                    column,
                    value,
                },
            })?;
        }
    }
    file.flush().map_err(failed)
}

fn header(file: &mut impl Write, format: Format, rows: u32, dim: usize) -> io::Result<()> {
    match format {
        Format::Fvecs | Format::Bvecs => Ok(()),
        Format::Fbin | Format::U8bin => {
            file.write_all(&rows.to_le_bytes())?;
            file.write_all(&(dim as u32).to_le_bytes())
        }
        Format::Npy => {
            let text =
                format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dim}), }}");
            // The values begin at a multiple of 64: ten bytes before the text, padding and a line end behind.
            let length = (10 + text.len() + 1).next_multiple_of(64) - 10;
            file.write_all(b"\x93NUMPY\x01\x00")?;
            file.write_all(&(length as u16).to_le_bytes())?;
            writeln!(file, "{text:<width$}", width = length - 1)
        }
    }
}

enum Wrong {
    Write(io::Error),
    Value { column: usize, value: f32 },
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

fn write_row(file: &mut impl Write, format: Format, values: &[f32]) -> Result<(), Wrong> {
    if matches!(format, Format::Fvecs | Format::Bvecs) {
        file.write_all(&(values.len() as u32).to_le_bytes())?;
    }
    for (column, value) in values.iter().enumerate() {
        match format {
            Format::Fvecs | Format::Fbin | Format::Npy => file.write_all(&value.to_le_bytes())?,
            Format::Bvecs | Format::U8bin => {
                // The cast saturates, and makes 0 of NaN.
                let byte = *value as u8;
                if f32::from(byte) != *value {
                    let value = *value;
                    return Err(Wrong::Value { column, value });
                }
                file.write_all(&[byte])?;
            }
        }
    }
    Ok(())
}
