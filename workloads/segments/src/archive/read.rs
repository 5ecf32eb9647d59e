//! Opening an archive: its ends, its checksum, its blocks, its meta block.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::error::ReadError;
use super::format::{
    BLOCK_HEADER_BYTES, BlockKind, END_MAGIC, Format, HEADER_BYTES, TRAILER_BYTES,
};
use super::frame::{Inflate, reserve};
use super::meta::Catalog;
use crate::damage::Damage;
use crate::varint::Cursor;

/// An archive that was opened: its checksum is right, its blocks fill it, and its meta block is understood.
///
/// Memory is a small multiple of the meta block, and 32 bytes a block.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    file: File,
    header: Header,
    blocks: Vec<Block>,
    catalog: Catalog,
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) format: Format,
    pub(super) k: u32,
    pub(super) pack: u32,
}

/// Where a block is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) group: u32,
    pub(super) payload: usize,
    stored: usize,
    /// Of the stored bytes.
    offset: u64,
}

impl Archive {
    /// Opens the archive at `path`, and reads it once for its checksum.
    ///
    /// # Errors
    /// The file cannot be read, is something else, or is not what was written.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let io = |error| ReadError::io(path, error);
        let damaged = |damage| ReadError::damaged(path, damage);
        // Asked before opening, which waits where the path is a pipe.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(ReadError::NotAnArchive {
                path: path.to_owned(),
                found: "it is not a file".to_owned(),
            });
        }
        let file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        let format = read_magic(path, &file, size)?;
        let blocks_end = size
            .checked_sub(TRAILER_BYTES as u64)
            .filter(|end| *end >= HEADER_BYTES as u64)
            .ok_or_else(|| damaged(Damage::new(format!("it ends after {size} bytes"))))?;
        let mut trailer = [0; TRAILER_BYTES];
        file.read_exact_at(&mut trailer, blocks_end).map_err(io)?;
        let (meta, checksum, magic) = split_trailer(trailer);
        if magic != END_MAGIC {
            return Err(damaged(Damage::new(
                "its last bytes are not those of an archive, so it was cut short or goes on after its end",
            )));
        }
        if checksum_of(&file, blocks_end + 8).map_err(io)? != checksum {
            return Err(damaged(Damage::new("its checksum does not fit its bytes")));
        }
        let header = read_header(path, &file, format)?;
        let blocks = scan(path, &file, format, blocks_end, meta)?;
        let mut inflate = Inflate::new().map_err(io)?;
        let Some(last) = blocks.last() else {
            return Err(damaged(Damage::new("it has no blocks")));
        };
        let (mut payload, mut stored) = (Vec::new(), Vec::new());
        read_block(path, &file, last, &mut inflate, &mut stored, &mut payload)?;
        let catalog = Catalog::read(payload, format, header.pack)
            .map_err(|damage| damaged(damage.within("the meta block")))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            header,
            blocks,
            catalog,
        })
    }

    pub(super) fn header(&self) -> Header {
        self.header
    }

    /// All blocks in file order; the last is the meta block.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(super) fn damaged(&self, damage: Damage) -> ReadError {
        ReadError::damaged(&self.path, damage)
    }

    /// Reads payloads, with memory that is used again.
    pub(super) fn loader(&self) -> Result<Loader<'_>, ReadError> {
        Ok(Loader {
            archive: self,
            inflate: Inflate::new().map_err(|error| ReadError::io(&self.path, error))?,
            stored: Vec::new(),
        })
    }
}

/// See [`Archive::loader`].
#[derive(Debug)]
pub(super) struct Loader<'a> {
    archive: &'a Archive,
    inflate: Inflate,
    stored: Vec<u8>,
}

impl Loader<'_> {
    /// Puts the payload of a block in the place of what `payload` held.
    pub(super) fn load(&mut self, block: &Block, payload: &mut Vec<u8>) -> Result<(), ReadError> {
        let Self {
            archive,
            inflate,
            stored,
        } = self;
        read_block(
            &archive.path,
            &archive.file,
            block,
            inflate,
            stored,
            payload,
        )
    }
}

fn read_magic(path: &Path, file: &File, size: u64) -> Result<Format, ReadError> {
    let not = |found: String| ReadError::NotAnArchive {
        path: path.to_owned(),
        found,
    };
    let mut magic = [0; 8];
    let known = usize::try_from(size).map_or(8, |size| size.min(8));
    let begin = &mut magic[..known];
    file.read_exact_at(begin, 0)
        .map_err(|error| ReadError::io(path, error))?;
    if begin.is_empty() {
        return Err(not("it is empty".to_owned()));
    }
    Format::of(magic).ok_or_else(|| {
        not(format!(
            "it begins with \"{}\"",
            magic[..known].escape_ascii()
        ))
    })
}

fn split_trailer(trailer: [u8; TRAILER_BYTES]) -> (u64, u64, [u8; 8]) {
    let part = |start: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&trailer[start..start + 8]);
        bytes
    };
    (
        u64::from_le_bytes(part(0)),
        u64::from_le_bytes(part(8)),
        part(16),
    )
}

/// XXH3-64 of the file's first bytes.
fn checksum_of(file: &File, bytes: u64) -> std::io::Result<u64> {
    let mut checksum = Xxh3Default::new();
    let mut buffer = vec![0; bytes.min(256 * 1024) as usize];
    let mut at = 0;
    while at < bytes {
        let count = (bytes - at).min(buffer.len() as u64) as usize;
        file.read_exact_at(&mut buffer[..count], at)?;
        checksum.update(&buffer[..count]);
        at += count as u64;
    }
    Ok(checksum.digest())
}

fn read_header(path: &Path, file: &File, format: Format) -> Result<Header, ReadError> {
    let mut bytes = [0; HEADER_BYTES];
    file.read_exact_at(&mut bytes, 0)
        .map_err(|error| ReadError::io(path, error))?;
    let mut fields = bytes[8..].chunks_exact(4).map(|field| {
        field
            .iter()
            .rev()
            .fold(0_u32, |value, byte| value << 8 | u32::from(*byte))
    });
    let mut field = |name: &str, low: u32, high: u32| {
        let value = fields.next().unwrap_or_default();
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        let damage = Damage::new(format!("its {name} is {value}, not from {low} to {high}"));
        Err(ReadError::damaged(path, damage))
    };
    let k = field("k", 3, 32)?;
    field("segment_size", 1, 1 << 30)?;
    field("min_match", 16, 32)?;
    let pack = field("pack", 1, 1 << 16)?;
    Ok(Header { format, k, pack })
}

/// Finds all blocks. Exactly the last must be the meta block, at the offset that the trailer tells.
fn scan(
    path: &Path,
    file: &File,
    format: Format,
    end: u64,
    meta: u64,
) -> Result<Vec<Block>, ReadError> {
    let mut blocks = Vec::new();
    let mut at = HEADER_BYTES as u64;
    while at < end {
        let mut bytes = [0; BLOCK_HEADER_BYTES];
        let most = (end - at).min(BLOCK_HEADER_BYTES as u64) as usize;
        file.read_exact_at(&mut bytes[..most], at)
            .map_err(|error| ReadError::io(path, error))?;
        let within = |damage: Damage| {
            ReadError::damaged(path, damage.within(format!("the block at byte {at}")))
        };
        let mut block = read_block_header(&bytes[..most]).map_err(within)?;
        block.offset += at;
        let is_last = block
            .offset
            .checked_add(block.stored as u64)
            .filter(|next| *next <= end)
            .ok_or_else(|| within(Damage::new("it reaches past the last block")))?
            == end;
        let is_meta = block.kind == BlockKind::Meta;
        if is_meta != is_last || is_meta != (at == meta) {
            return Err(within(Damage::new(
                "the meta block is not where it should be",
            )));
        }
        if block.kind == BlockKind::CrossPack && format == Format::Plain {
            return Err(within(Damage::new("a cross pack does not belong here")));
        }
        at = block.offset + block.stored as u64;
        blocks.push(block);
    }
    Ok(blocks)
}

/// Reads a block's header; the offset is from its start.
fn read_block_header(bytes: &[u8]) -> Result<Block, Damage> {
    let mut cursor = Cursor::new(bytes);
    let number = cursor.byte()?;
    let kind = BlockKind::of(number)
        .ok_or_else(|| Damage::new(format!("its kind is {number}, which is none")))?;
    let group = u32::try_from(cursor.varint()?)
        .map_err(|_| Damage::new("its group's number is out of range"))?;
    let block = Block {
        kind,
        group,
        payload: cursor.size()?,
        stored: cursor.size()?,
        offset: (bytes.len() - cursor.rest().len()) as u64,
    };
    if block.stored > block.payload {
        return Err(Damage::new("more is stored than its payload takes"));
    }
    let of_group = matches!(kind, BlockKind::Reference | BlockKind::Pack);
    if of_group != (group > 0) {
        return Err(Damage::new(format!("it is of group {group}")));
    }
    Ok(block)
}

/// Reads the payload of a block. The stored bytes are known to lie in the file.
fn read_block(
    path: &Path,
    file: &File,
    block: &Block,
    inflate: &mut Inflate,
    stored: &mut Vec<u8>,
    payload: &mut Vec<u8>,
) -> Result<(), ReadError> {
    let within = |damage: Damage| {
        let part = format!("the block whose bytes begin at {}", block.offset);
        ReadError::damaged(path, damage.within(part))
    };
    let as_it_is = block.stored == block.payload;
    let buffer = if as_it_is {
        &mut *payload
    } else {
        &mut *stored
    };
    buffer.clear();
    reserve(buffer, block.stored).map_err(within)?;
    buffer.resize(block.stored, 0);
    file.read_exact_at(buffer, block.offset)
        .map_err(|error| ReadError::io(path, error))?;
    if as_it_is {
        return Ok(());
    }
    inflate
        .inflate(stored, block.payload, payload)
        .map_err(within)
}
