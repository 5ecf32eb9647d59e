//! Vectors of one length, read in blocks.

use std::io;
use std::path::PathBuf;

/// Vectors of one length, read in blocks: never all of them at once.
pub trait Rows: Sync {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Coordinates of each row; at least 1.
    fn dim(&self) -> usize;

    /// Reads rows `first..first + out.len() / dim` into `out`, row by row.
    ///
    /// # Errors
    /// `out` does not hold whole rows, there are no such rows, or the file cannot be read.
    fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError>;
}

/// Rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The operating system refuses.
    #[error("reading rows from {first} on of {}: {source}; check that the file is still there and whole", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The first row asked for, counted from 0.
        first: usize,
        /// What it says.
        source: io::Error,
    },
    /// There are fewer rows.
    #[error(
        "rows {first} to {end} (exclusive) were asked for, and there are {len}; ask for rows below {len}"
    )]
    Range {
        /// The first row asked for, counted from 0.
        first: usize,
        /// One past the last.
        end: usize,
        /// How many there are.
        len: usize,
    },
    /// The rows do not fit the room for them.
    #[error("{values} values are not whole rows of {dim}; give room for a multiple of {dim}")]
    Room {
        /// Length of the buffer.
        values: usize,
        /// Coordinates of a row.
        dim: usize,
    },
}

/// How many rows a buffer of `values` asks for, from `first` on.
///
/// # Errors
/// The buffer does not hold whole rows, or there are no such rows.
pub fn asked_for(rows: &dyn Rows, first: usize, values: usize) -> Result<usize, RowsError> {
    let (len, dim) = (rows.len(), rows.dim());
    let count = values.checked_div(dim).unwrap_or(0);
    if count.checked_mul(dim) != Some(values) {
        return Err(RowsError::Room { values, dim });
    }
    let end = first.saturating_add(count);
    if end > len {
        return Err(RowsError::Range { first, end, len });
    }
    Ok(count)
}

/// [`Rows::read`] by several threads, each a run of rows: for rows that are dear to make.
///
/// # Errors
/// As [`Rows::read`].
pub fn read_by_threads(
    rows: &dyn Rows,
    first: usize,
    out: &mut [f32],
    threads: usize,
) -> Result<(), RowsError> {
    let count = asked_for(rows, first, out.len())?;
    let each = count.div_ceil(threads.max(1));
    if each == count {
        return rows.read(first, out);
    }
    std::thread::scope(|scope| {
        let starts = (first..).step_by(each);
        let parts = starts.zip(out.chunks_mut(each * rows.dim()));
        let readers: Vec<_> = parts
            .map(|(first, part)| scope.spawn(move || rows.read(first, part)))
            .collect();
        readers.into_iter().try_for_each(|reader| {
            reader
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}
