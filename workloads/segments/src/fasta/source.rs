//! The bytes of a file, inflated if it is gzip, and whether it stayed the same meanwhile.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::error::InputError;
use crate::stamp::Stamp;

const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Compressed bytes read at a time.
const COMPRESSED: usize = 64 << 10;

/// A file that is being read.
pub(super) struct Source {
    path: PathBuf,
    bytes: Bytes,
    before: Stamp,
    plain_bytes: u64,
}

/// The file behind its first bytes, which were read to tell what it is.
type Whole = io::Chain<Cursor<Vec<u8>>, File>;

enum Bytes {
    Plain(Whole),
    Gzip(Box<MultiGzDecoder<BufReader<Whole>>>),
}

impl Source {
    /// Opens a file and looks at its first bytes.
    pub(super) fn open(path: &Path) -> Result<Self, InputError> {
        let failed = |source| InputError::Read {
            path: path.into(),
            source,
        };
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(InputError::Directory { path: path.into() });
        }
        let mut front = Vec::new();
        (&mut file)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut front)
            .map_err(failed)?;
        let gzip = front == MAGIC;
        let whole = Cursor::new(front).chain(file);
        Ok(Self {
            path: path.into(),
            bytes: if gzip {
                let buffered = BufReader::with_capacity(COMPRESSED, whole);
                Bytes::Gzip(Box::new(MultiGzDecoder::new(buffered)))
            } else {
                Bytes::Plain(whole)
            },
            before: Stamp::from(&metadata),
            plain_bytes: 0,
        })
    }

    /// The next bytes; 0 at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, InputError> {
        loop {
            let (read, gzip) = match &mut self.bytes {
                Bytes::Plain(file) => (file.read(buffer), false),
                Bytes::Gzip(decoder) => (decoder.read(buffer), true),
            };
            let path = || self.path.clone();
            return match read {
                Ok(read) => {
                    self.plain_bytes += if gzip { 0 } else { read as u64 };
                    Ok(read)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // What the operating system says has a number; what the decoder says has none.
                Err(source) if gzip && source.raw_os_error().is_none() => Err(InputError::Gzip {
                    path: path(),
                    source,
                }),
                Err(source) => Err(InputError::Read {
                    path: path(),
                    source,
                }),
            };
        }
    }

    /// Whether the file's length or time of change is another than when it was opened.
    pub(super) fn changed(&self) -> Result<bool, InputError> {
        let file = match &self.bytes {
            Bytes::Plain(whole) => whole,
            Bytes::Gzip(decoder) => decoder.get_ref().get_ref(),
        }
        .get_ref()
        .1;
        let metadata = file.metadata().map_err(|source| InputError::Read {
            path: self.path.clone(),
            source,
        })?;
        // A pipe has no length to compare.
        let too_long = metadata.is_file() && self.plain_bytes > self.before.length;
        Ok(too_long || metadata.is_file() && Stamp::from(&metadata) != self.before)
    }
}
