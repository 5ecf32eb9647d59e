//! Opening an archive: its ends, its checksum, its blocks, its meta block.

use std::path::Path;

use super::blocks::{Block, Loader, scan};
use super::error::ReadError;
use super::format::{END_MAGIC, Format, HEADER_BYTES, TRAILER_BYTES};
use super::meta::Catalog;
use super::source::Source;
use crate::damage::Damage;

/// An archive that was opened: its checksum is right, its blocks fill it, and its meta block is understood.
///
/// Memory is a small multiple of the meta block, and 32 bytes a block.
#[derive(Debug)]
pub struct Archive {
    source: Source,
    k: u32,
    pack: u32,
    blocks: Vec<Block>,
    catalog: Catalog,
}

impl Archive {
    /// Opens the archive at `path`, and reads it once for its checksum.
    ///
    /// # Errors
    /// The file cannot be read, is something else, or is not what was written.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let source = Source::open(path)?;
        let format = read_magic(&source)?;
        let (blocks_end, meta) = check_ends(&source)?;
        let Header { k, pack } = Header::read(&source)?;
        let blocks = scan(&source, format, blocks_end, meta)?;
        let last = blocks
            .last()
            .ok_or_else(|| source.damaged(Damage::new("it has no blocks")))?;
        let mut payload = Vec::new();
        Loader::new(&source)?.load(last, &mut payload)?;
        let catalog = Catalog::read(payload, format, pack)
            .map_err(|damage| source.damaged(damage.within("the meta block")))?;
        Ok(Self {
            source,
            k,
            pack,
            blocks,
            catalog,
        })
    }

    /// Bases that neighbouring segments share.
    pub(super) fn k(&self) -> usize {
        self.k as usize
    }

    /// Deltas of a full pack.
    pub(super) fn pack(&self) -> usize {
        self.pack as usize
    }

    /// All blocks in file order; the last is the meta block.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(super) fn loader(&self) -> Result<Loader<'_>, ReadError> {
        Loader::new(&self.source)
    }

    pub(super) fn damaged(&self, damage: Damage) -> ReadError {
        self.source.damaged(damage)
    }
}

fn read_magic(source: &Source) -> Result<Format, ReadError> {
    let mut magic = [0; 8];
    let begin = &mut magic[..source.size().min(8) as usize];
    source.read(begin, 0)?;
    if begin.is_empty() {
        return Err(source.not_an_archive("it is empty"));
    }
    let found = format!("it begins with \"{}\"", begin.escape_ascii());
    Format::of(magic).ok_or_else(|| source.not_an_archive(found))
}

/// Checks trailer and checksum; where the blocks end, and where the meta block is said to begin.
fn check_ends(source: &Source) -> Result<(u64, u64), ReadError> {
    let damaged = |what: &str| source.damaged(Damage::new(what));
    let size = source.size();
    let blocks_end = size
        .checked_sub(TRAILER_BYTES as u64)
        .filter(|end| *end >= HEADER_BYTES as u64)
        .ok_or_else(|| damaged(&format!("it ends after {size} bytes")))?;
    let mut trailer = [[0; 8]; TRAILER_BYTES / 8];
    source.read(trailer.as_flattened_mut(), blocks_end)?;
    let [meta, checksum, magic] = trailer;
    if magic != END_MAGIC {
        return Err(damaged(
            "its last bytes are not those of an archive, so it was cut short or goes on after its end",
        ));
    }
    if source.checksum(blocks_end + 8)? != u64::from_le_bytes(checksum) {
        return Err(damaged("its checksum does not fit its bytes"));
    }
    Ok((blocks_end, u64::from_le_bytes(meta)))
}

/// The settings that a reader needs.
struct Header {
    k: u32,
    pack: u32,
}

impl Header {
    fn read(source: &Source) -> Result<Self, ReadError> {
        let mut fields = [[0; 4]; (HEADER_BYTES - 8) / 4];
        source.read(fields.as_flattened_mut(), 8)?;
        let [k, segment_size, min_match, pack] = fields.map(u32::from_le_bytes);
        let within = |name: &str, value: u32, low: u32, high: u32| {
            if (low..=high).contains(&value) {
                return Ok(value);
            }
            let damage = format!("its {name} is {value}, not from {low} to {high}");
            Err(source.damaged(Damage::new(damage)))
        };
        within("segment_size", segment_size, 1, 1 << 30)?;
        within("min_match", min_match, 16, 32)?;
        Ok(Self {
            k: within("k", k, 3, 32)?,
            pack: within("pack", pack, 1, 1 << 16)?,
        })
    }
}
