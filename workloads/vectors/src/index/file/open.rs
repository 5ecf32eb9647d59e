//! Opening an index: mapped, and held against what it says of itself.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::{Advice, Mmap};

use super::format::{HEADER, SECTIONS, VERSION};
use super::header::{Header, Refused};
use super::replace::failed;
use super::verify::{self, Damage};
use crate::index::columns::{self, Column};
use crate::index::kernels::Kernel;
use crate::index::links::Graph;
use crate::index::{Index, IndexError};

/// How far a file is verified when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Its header by its checksum; the graph as far as no search can leave its bounds. Codes are not looked at.
    Bounds,
    /// All of that, and every byte.
    Full,
}

impl Index {
    /// Opens an index that was saved, mapped to be read. Nobody may write to the file or cut it meanwhile; saving
    /// another index to its path does neither.
    ///
    /// # Errors
    /// The file cannot be read, is not an index, of another version or byte order, a checkpoint, shorter or longer than
    /// it says, or damaged.
    pub fn open(path: &Path, verify: Verify) -> Result<Self, IndexError> {
        let opened = opened(path)?;
        let (header, layout) = (&opened.header, &opened.layout);
        let inserted = header.counters.inserted;
        if inserted < header.len {
            return Err(IndexError::Unfinished {
                path: opened.path,
                inserted,
                len: header.len,
            });
        }
        opened.expect(layout[SECTIONS.len() - 1].end)?;
        let map = columns::map(&opened.file).map_err(failed("mapping the index", path))?;
        let map = Arc::new(map);
        let damaged = |damage| damaged(path, damage);
        if verify == Verify::Full {
            verify::bytes(&map, header, layout).map_err(damaged)?;
        }
        let index = assemble(&map, header, layout).map_err(damaged)?;
        verify::bounds(&index).map_err(damaged)?;
        Ok(index)
    }
}

/// A file whose header is one.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Its length.
    found: u64,
    pub(super) header: Header,
    /// Where its sections are.
    pub(super) layout: [Range<u64>; 8],
}

impl Opened {
    /// Refuses a file of another length.
    pub(super) fn expect(&self, expected: u64) -> Result<(), IndexError> {
        length(&self.path, self.found, expected)
    }
}

fn length(path: &Path, found: u64, expected: u64) -> Result<(), IndexError> {
    if found == expected {
        return Ok(());
    }
    Err(IndexError::Length {
        path: path.to_owned(),
        found,
        expected,
    })
}

/// Opens a file and looks at its header.
pub(super) fn opened(path: &Path) -> Result<Opened, IndexError> {
    if cfg!(target_endian = "big") {
        return Err(IndexError::BigEndianMachine);
    }
    let mut file = File::open(path).map_err(failed("opening the index", path))?;
    let metadata = file.metadata();
    let metadata = metadata.map_err(failed("asking for the length of", path))?;
    let found = metadata.len();
    if found < HEADER as u64 {
        length(path, found, HEADER as u64)?;
    }
    let mut bytes = [0; HEADER];
    file.read_exact(&mut bytes)
        .map_err(failed("reading the index", path))?;
    let header = Header::decode(&bytes);
    let header = header.map_err(|refused| told(path, refused))?;
    let layout = verify::header(&header);
    let layout = layout.map_err(|damage| damaged(path, damage))?;
    Ok(Opened {
        path: path.to_owned(),
        file,
        found,
        header,
        layout,
    })
}

fn told(path: &Path, refused: Refused) -> IndexError {
    let path = path.to_owned();
    match refused {
        Refused::Magic => IndexError::NotAnIndex { path },
        Refused::Order => IndexError::ForeignEndianness { path },
        Refused::Version(found) => IndexError::Version {
            path,
            found,
            expected: VERSION,
        },
        Refused::Damaged(damage) => IndexError::Damaged {
            path,
            section: verify::HEADER,
            damage,
        },
    }
}

/// The error for a file that is not what was written.
pub(super) fn damaged(path: &Path, damage: Damage) -> IndexError {
    IndexError::Damaged {
        path: path.to_owned(),
        section: damage.section,
        damage: damage.what,
    }
}

/// The index that lies in `map`; what it links is not verified yet.
fn assemble(map: &Arc<Mmap>, header: &Header, layout: &[Range<u64>; 8]) -> Result<Index, Damage> {
    let index = Index {
        dim: header.dim as usize,
        params: header.params,
        exponent: header.exponent,
        codes: column(map, layout, 7)?,
        sides: column(map, layout, 6)?,
        graph: Graph {
            levels: column(map, layout, 0)?,
            offsets: column(map, layout, 1)?,
            upper: column(map, layout, 2)?,
            upper_counts: column(map, layout, 3)?,
            counts: column(map, layout, 4)?,
            level0: column(map, layout, 5)?,
        },
        entry: header.entry as u32,
        top: header.top as u8,
        counters: header.counters,
        kernel: Kernel::best(),
    };
    index.graph.level0.advise(Advice::WillNeed);
    index.codes.advise(Advice::Random);
    Ok(index)
}

fn column<T: bytemuck::Pod>(
    map: &Arc<Mmap>,
    layout: &[Range<u64>; 8],
    section: usize,
) -> Result<Column<T>, Damage> {
    // The map is as long as the layout, so that every place in it fits a usize.
    let range = layout[section].start as usize..layout[section].end as usize;
    Column::mapped(map, range)
        .ok_or_else(|| Damage::new(SECTIONS[section], "it is not in the file"))
}
