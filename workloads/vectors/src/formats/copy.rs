//! Copying a file of vectors of any format into one that is read by position.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use super::error::FileError;
use super::reader::VectorReader;

/// Copies the vectors of a file into an `.fbin` file, over one that is there, some megabytes at a time. Returns their dimension.
///
/// # Errors
/// The file is refused ([`VectorReader`]), or the copy cannot be written.
pub fn copy_vectors(from: &Path, to: &Path) -> Result<usize, FileError> {
    let mut reader = VectorReader::open(from)?;
    let dim = reader.dim();
    let failed = |source| FileError::Write {
        path: to.into(),
        source,
    };
    let file = File::create(to).map_err(failed)?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    // How many rows there are is known at the end.
    head(&mut file, 0, dim).map_err(failed)?;
    let (mut rows, mut block) = (0_usize, Vec::new());
    while let count @ 1.. = reader.next_block(&mut block)? {
        rows += count;
        let mut values = block.iter();
        let written = values.try_for_each(|value| file.write_all(&value.to_le_bytes()));
        written.map_err(failed)?;
    }
    let rewind = file.seek(SeekFrom::Start(0));
    let headed = rewind.and_then(|_| head(&mut file, rows, dim));
    headed.and_then(|()| file.flush()).map_err(failed)?;
    Ok(dim)
}

/// The reader gives fewer than 2^31 rows.
fn head(file: &mut impl Write, rows: usize, dim: usize) -> io::Result<()> {
    file.write_all(&(rows as u32).to_le_bytes())?;
    file.write_all(&(dim as u32).to_le_bytes())
}
