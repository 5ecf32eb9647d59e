//! Formats, told by the ends of file names.

use std::path::Path;

use super::error::FileError;

/// A format of files of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Each row its dimension, then f32.
    Fvecs,
    /// Each row its dimension, then bytes.
    Bvecs,
    /// Rows, dimension, then f32.
    Fbin,
    /// Rows, dimension, then bytes.
    U8bin,
    /// An array of NumPy's.
    Npy,
}

impl Format {
    /// What the name of a file says.
    ///
    /// # Errors
    /// It ends like no format of vectors.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            Some("fvecs") => Ok(Self::Fvecs),
            Some("bvecs") => Ok(Self::Bvecs),
            Some("fbin") => Ok(Self::Fbin),
            Some("u8bin") => Ok(Self::U8bin),
            Some("npy") => Ok(Self::Npy),
            _ => Err(FileError::Format {
                path: path.into(),
                expected: ".fvecs, .bvecs, .fbin, .u8bin, .npy",
            }),
        }
    }
}
