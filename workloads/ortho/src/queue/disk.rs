//! Batches as chunk files, one each, deleted when read.

use std::collections::VecDeque;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Batch, QueueError, Store};

/// First bytes of a chunk file.
const MAGIC: [u8; 8] = *b"orthoq01";

/// Magic, number of orthos, length of the records, checksum of the records.
const HEADER_BYTES: usize = 8 + 8 + 8 + blake3::OUT_LEN;

/// Opens a new file for writing.
type Create = Box<dyn Fn(&Path) -> io::Result<Box<dyn Write>>>;

/// One chunk file a batch, in a directory of its own that goes when the store goes, whatever the
/// reason.
///
/// A chunk is the magic, the number of orthos and of bytes (`u64`, little-endian), the BLAKE3 hash
/// of the records, and the records.
pub struct DiskStore {
    directory: TempDir,
    chunks: VecDeque<PathBuf>,
    written: u64,
    create: Create,
}

impl DiskStore {
    /// A store in a new directory under `scratch`.
    pub fn create(scratch: &Path) -> Result<Self, QueueError> {
        Self::with_files(scratch, |path| {
            File::create_new(path).map(|file| Box::new(file) as Box<dyn Write>)
        })
    }

    /// A store whose files are opened by `create`.
    pub fn with_files(
        scratch: &Path,
        create: impl Fn(&Path) -> io::Result<Box<dyn Write>> + 'static,
    ) -> Result<Self, QueueError> {
        Ok(Self {
            directory: own_directory(scratch)?,
            chunks: VecDeque::new(),
            written: 0,
            create: Box::new(create),
        })
    }

    /// The chunk files that wait to be read, the oldest first.
    pub fn chunks(&self) -> impl Iterator<Item = &Path> {
        self.chunks.iter().map(PathBuf::as_path)
    }

    fn write(&self, path: &Path, batch: &Batch) -> io::Result<()> {
        let records = batch.bytes();
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&batch.len().to_le_bytes());
        header.extend_from_slice(&(records.len() as u64).to_le_bytes());
        header.extend_from_slice(blake3::hash(records).as_bytes());
        let mut file = (self.create)(path)?;
        file.write_all(&header)?;
        file.write_all(records)?;
        file.flush()
    }
}

/// A directory of a queue's own under `scratch`, removed with all that is in it when dropped.
pub(super) fn own_directory(scratch: &Path) -> Result<TempDir, QueueError> {
    tempfile::Builder::new()
        .prefix("queue-")
        .tempdir_in(scratch)
        .map_err(|error| QueueError::io("make a directory in", scratch, 0, error))
}

impl Store for DiskStore {
    fn append(&mut self, batch: &Batch) -> Result<(), QueueError> {
        let name = format!("chunk-{:08}.bin", self.written);
        let path = self.directory.path().join(name);
        if let Err(error) = self.write(&path, batch) {
            // A part of a chunk is of no use and takes the space that may be missing; the first
            // error is the one worth telling.
            let _ = fs::remove_file(&path);
            let needed = (HEADER_BYTES + batch.bytes().len()) as u64;
            return Err(QueueError::io("write", &path, needed, error));
        }
        self.written += 1;
        self.chunks.push_back(path);
        Ok(())
    }

    fn take(&mut self) -> Result<Batch, QueueError> {
        let Some(path) = self.chunks.front() else {
            return Ok(Batch::default());
        };
        let batch = read(path)?;
        fs::remove_file(path).map_err(|error| QueueError::io("delete", path, 0, error))?;
        self.chunks.pop_front();
        Ok(batch)
    }

    fn cache(&self) -> u64 {
        0
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Reads a chunk and holds it against its header.
fn read(path: &Path) -> Result<Batch, QueueError> {
    let failed = |error| QueueError::io("read", path, 0, error);
    let damaged = |why: String| QueueError::Damaged {
        path: path.to_path_buf(),
        why,
    };
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut header = [0; HEADER_BYTES];
    if size < HEADER_BYTES as u64 {
        return Err(damaged(format!("{size} bytes are less than a header")));
    }
    file.read_exact(&mut header).map_err(failed)?;
    let (magic, rest) = header.split_at(MAGIC.len());
    let (orthos, rest) = rest.split_at(8);
    let (length, checksum) = rest.split_at(8);
    if magic != MAGIC {
        return Err(damaged("it does not begin as a chunk".into()));
    }
    let expected = HEADER_BYTES as u64 + number(length);
    if size != expected {
        return Err(damaged(format!("{size} bytes instead of {expected}")));
    }
    let mut records = Vec::with_capacity(number(length) as usize);
    file.read_to_end(&mut records).map_err(failed)?;
    if blake3::hash(&records).as_bytes() != checksum {
        return Err(damaged("its checksum does not match".into()));
    }
    Ok(Batch::from_bytes(records, number(orthos)))
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |high, &byte| high << 8 | u64::from(byte))
}

impl fmt::Debug for DiskStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiskStore")
            .field("directory", &self.directory.path())
            .field("chunks", &self.chunks.len())
            .finish_non_exhaustive()
    }
}
