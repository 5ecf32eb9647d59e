//! Where the values of a file are, and how many: what its header says, held against its length.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::element::Element;
use super::error::FileError;
use super::format::Format;
use super::npy;
use super::{MOST_DIMENSIONS, TOO_MANY_VECTORS};

/// How a file is laid out from where its rows begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) element: Element,
    /// From 1 to [`MOST_DIMENSIONS`].
    pub(super) dim: usize,
    /// Rows that the header announces, whose bytes are there to the last; nothing where each row has a header of its own.
    pub(super) rows: Option<u64>,
    /// Offset of the first row.
    pub(super) start: u64,
}

impl Layout {
    /// Bytes of a row, its own header included.
    pub(super) fn row_bytes(&self) -> usize {
        self.row_header() + self.dim * self.element.size()
    }

    /// Bytes before the values of each row.
    pub(super) fn row_header(&self) -> usize {
        if self.rows.is_none() { 4 } else { 0 }
    }
}

/// Opens a regular file, and tells its length.
pub(super) fn open(path: &Path) -> Result<(File, u64), FileError> {
    let unreadable = |source| FileError::Read {
        path: path.into(),
        source,
    };
    // Opening a pipe waits for its writer: asked before.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(FileError::NotAFile { path: path.into() });
    }
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    Ok((file, length))
}

/// Reads the header of a file of `length` bytes.
pub(super) fn layout(
    path: &Path,
    format: Format,
    file: &mut File,
    length: u64,
) -> Result<Layout, FileError> {
    if length == 0 {
        return Err(FileError::Empty { path: path.into() });
    }
    let head = Head { path, file };
    match format {
        Format::Fvecs => head.rows(Element::F32),
        Format::Bvecs => head.rows(Element::U8),
        Format::Fbin => head.counted(Element::F32, length),
        Format::U8bin => head.counted(Element::U8, length),
        Format::Npy => head.npy(length),
    }
}

/// The dimension that a row says it has.
pub(super) fn dimension(path: &Path, row: u64, dim: i128) -> Result<usize, FileError> {
    let known = usize::try_from(dim).ok();
    known
        .filter(|dim| (1..=MOST_DIMENSIONS).contains(dim))
        .ok_or_else(|| FileError::Dimension {
            path: path.into(),
            row,
            dim,
        })
}

struct Head<'a> {
    path: &'a Path,
    file: &'a mut File,
}

impl Head<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), FileError> {
        self.file.read_exact(bytes).map_err(|source| {
            let path = self.path.into();
            match source.kind() {
                std::io::ErrorKind::UnexpectedEof => FileError::Cut {
                    path,
                    place: "its header".into(),
                },
                _ => FileError::Read { path, source },
            }
        })
    }

    fn word(&mut self) -> Result<[u8; 4], FileError> {
        let mut word = [0; 4];
        self.read(&mut word)?;
        Ok(word)
    }

    fn rows(mut self, element: Element) -> Result<Layout, FileError> {
        let dim = i32::from_le_bytes(self.word()?);
        Ok(Layout {
            element,
            dim: dimension(self.path, 0, dim.into())?,
            rows: None,
            start: 0,
        })
    }

    fn counted(mut self, element: Element, length: u64) -> Result<Layout, FileError> {
        let rows = u32::from_le_bytes(self.word()?);
        let dim = u32::from_le_bytes(self.word()?);
        whole(self.path, element, (rows.into(), dim.into()), 8, length)
    }

    fn npy(mut self, length: u64) -> Result<Layout, FileError> {
        let refused = |what| FileError::Npy {
            path: self.path.into(),
            what,
        };
        let mut start = [0; npy::PREFIX + 2];
        self.read(&mut start)?;
        let (offset, text_length) = npy::extent(&start).map_err(refused)?;
        let mut text = vec![0; text_length];
        // The two bytes beyond a short length are the text's first.
        let known = (npy::PREFIX + 2 - offset).min(text_length);
        text[..known].copy_from_slice(&start[offset..offset + known]);
        self.read(&mut text[known..])?;
        let header = npy::parse(&text).map_err(|what| FileError::Npy {
            path: self.path.into(),
            what,
        })?;
        let shape = (header.rows, header.dim);
        let start = (offset + text_length) as u64;
        whole(self.path, header.element, shape, start, length)
    }
}

/// The layout of a file that announces its rows, if it has all of them and nothing behind.
fn whole(
    path: &Path,
    element: Element,
    (rows, dim): (u64, u64),
    start: u64,
    length: u64,
) -> Result<Layout, FileError> {
    let dim = dimension(path, 0, dim.into())?;
    if rows == 0 {
        return Err(FileError::Empty { path: path.into() });
    }
    let row_bytes = (dim * element.size()) as u64;
    let too_many = || FileError::TooMany {
        path: path.into(),
        rows,
    };
    if rows >= TOO_MANY_VECTORS {
        return Err(too_many());
    }
    let end = rows
        .checked_mul(row_bytes)
        .and_then(|bytes| bytes.checked_add(start));
    let end = end.ok_or_else(too_many)?;
    if length < end {
        let row = length.saturating_sub(start) / row_bytes;
        return Err(FileError::Cut {
            path: path.into(),
            place: format!("row {row} of {rows}"),
        });
    }
    if length > end {
        return Err(FileError::Trailing {
            path: path.into(),
            rows,
            bytes: length - end,
        });
    }
    Ok(Layout {
        element,
        dim,
        rows: Some(rows),
        start,
    })
}
