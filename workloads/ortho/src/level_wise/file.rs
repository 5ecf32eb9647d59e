//! The file of one level: blocks of rows, each of one pattern, each with its checksum.
//!
//! All numbers are little-endian, the words of rows big-endian.
//!
//! | part | fields |
//! |---|---|
//! | head | magic `plimorth`, version u32, bytes per word u32, level u32, text u32 |
//! | block | pattern u32, rows u32, rows of level x width bytes, BLAKE3 of all this |
//! | foot | pattern `0xffff_ffff`, blocks u32, BLAKE3 of the head and of all blocks' checksums |

use std::io::{self, SeekFrom, Write};

use std::ops::Range;

use super::error::LevelError;
use super::rows::Packing;
use super::store::{Source, Store};
use crate::pattern::PatternId;

const MAGIC: &[u8; 8] = b"plimorth";
const VERSION: u32 = 1;
const HEAD: usize = 24;
const BLOCK_HEAD: usize = 8;
const HASH: usize = 32;
const FOOT: u32 = u32::MAX;

/// Largest block that a reader accepts; no writer makes one near it.
const LARGEST: usize = 1 << 28;

/// What a level file is: its place in the search, and how its rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) packing: Packing,
    pub(super) level: u32,
    pub(super) text: u32,
}

impl Head {
    fn bytes(&self) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(MAGIC);
        let numbers = [VERSION, self.packing.width as u32, self.level, self.text];
        for (field, number) in head[8..].chunks_exact_mut(4).zip(numbers) {
            field.copy_from_slice(&number.to_le_bytes());
        }
        head
    }
}

/// Writes a level file, which is complete only after [`finish`](Self::finish).
pub(super) struct LevelWriter<'s> {
    store: &'s dyn Store,
    name: String,
    file: Box<dyn Write>,
    chain: blake3::Hasher,
    blocks: u32,
}

impl<'s> LevelWriter<'s> {
    pub(super) fn create(
        store: &'s dyn Store,
        name: String,
        head: Head,
    ) -> Result<Self, LevelError> {
        let mut file = store
            .create(&name)
            .map_err(|error| io_error(store, &name, "create", error))?;
        let head = head.bytes();
        file.write_all(&head)
            .map_err(|error| io_error(store, &name, "write", error))?;
        let mut chain = blake3::Hasher::new();
        chain.update(&head);
        Ok(Self {
            store,
            name,
            file,
            chain,
            blocks: 0,
        })
    }

    /// Writes `rows` rows of one pattern.
    pub(super) fn block(
        &mut self,
        pattern: PatternId,
        rows: usize,
        bytes: &[u8],
    ) -> Result<(), LevelError> {
        let mut head = [0; BLOCK_HEAD];
        head[..4].copy_from_slice(&pattern.to_le_bytes());
        head[4..].copy_from_slice(&(rows as u32).to_le_bytes());
        let mut hasher = blake3::Hasher::new();
        let hash = hasher.update(&head).update(bytes).finalize();
        self.chain.update(hash.as_bytes());
        self.blocks += 1;
        self.write(&head)?;
        self.write(bytes)?;
        self.write(hash.as_bytes())
    }

    /// Completes the file.
    pub(super) fn finish(mut self) -> Result<(), LevelError> {
        let hash = self.chain.finalize();
        self.write(&FOOT.to_le_bytes())?;
        self.write(&self.blocks.to_le_bytes())?;
        self.write(hash.as_bytes())?;
        self.file
            .flush()
            .map_err(|error| io_error(self.store, &self.name, "write", error))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), LevelError> {
        self.file
            .write_all(bytes)
            .map_err(|error| io_error(self.store, &self.name, "write", error))
    }
}

/// Reads a level file block by block; each is checked before it is given out.
pub(super) struct LevelReader<'s> {
    store: &'s dyn Store,
    name: String,
    file: Box<dyn Source>,
    head: Head,
    patterns: Range<PatternId>,
    chain: blake3::Hasher,
    blocks: u32,
    block: Vec<u8>,
}

/// A block of a level file.
#[derive(Debug)]
pub(super) struct Block<'r> {
    pub(super) pattern: PatternId,
    pub(super) bytes: &'r [u8],
}

impl<'s> LevelReader<'s> {
    /// Opens the file of a level and text; the level's patterns are `patterns`.
    pub(super) fn open(
        store: &'s dyn Store,
        name: String,
        level: u32,
        text: u32,
        patterns: Range<PatternId>,
    ) -> Result<Self, LevelError> {
        let mut file = store
            .open(&name)
            .map_err(|error| io_error(store, &name, "open", error))?;
        let mut bytes = [0; HEAD];
        read_exact(store, &name, &mut *file, &mut bytes)?;
        let width = bytes[12] as usize;
        let head = Head {
            packing: Packing { width },
            level,
            text,
        };
        if !matches!(width, 2 | 4) || bytes != head.bytes() {
            return Err(damaged(
                store,
                &name,
                format!("its head is not that of level {level}, text {text}, format {VERSION}"),
            ));
        }
        let mut chain = blake3::Hasher::new();
        chain.update(&bytes);
        Ok(Self {
            store,
            name,
            file,
            head,
            patterns,
            chain,
            blocks: 0,
            block: Vec::new(),
        })
    }

    pub(super) fn packing(&self) -> Packing {
        self.head.packing
    }

    /// The next block, or nothing after the last.
    pub(super) fn next(&mut self) -> Result<Option<Block<'_>>, LevelError> {
        let Some((pattern, rows)) = self.block_head()? else {
            let mut hash = [0; HASH];
            read_exact(self.store, &self.name, &mut *self.file, &mut hash)?;
            if self.chain.finalize() != hash {
                return Err(self.damaged("its blocks are not those that were written"));
            }
            return Ok(None);
        };
        self.read_block(pattern, rows)?;
        Ok(Some(self.current(pattern)))
    }

    /// The next block of `pattern`, skipping others unchecked, or nothing after the last.
    pub(super) fn next_of(&mut self, wanted: PatternId) -> Result<Option<Block<'_>>, LevelError> {
        loop {
            let Some((pattern, rows)) = self.block_head()? else {
                return Ok(None);
            };
            if pattern == wanted {
                self.read_block(pattern, rows)?;
                return Ok(Some(self.current(pattern)));
            }
            let skip = (self.row_bytes() * rows + HASH) as i64;
            self.file
                .seek(SeekFrom::Current(skip))
                .map_err(|error| io_error(self.store, &self.name, "read", error))?;
        }
    }

    fn current(&self, pattern: PatternId) -> Block<'_> {
        Block {
            pattern,
            bytes: &self.block[BLOCK_HEAD..self.block.len() - HASH],
        }
    }

    fn row_bytes(&self) -> usize {
        self.head.packing.bytes(self.head.level as usize)
    }

    /// Pattern and rows of the next block; nothing at the foot, whose count must fit.
    fn block_head(&mut self) -> Result<Option<(PatternId, usize)>, LevelError> {
        let mut head = [0; BLOCK_HEAD];
        read_exact(self.store, &self.name, &mut *self.file, &mut head)?;
        let [pattern, count] = [0, 4]
            .map(|at| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        if pattern == FOOT {
            return match count == self.blocks {
                true => Ok(None),
                false => Err(self.damaged("it has another number of blocks than its foot says")),
            };
        }
        self.blocks += 1;
        let rows = count as usize;
        if !self.patterns.contains(&pattern) {
            return Err(self.damaged("it has a pattern that its level does not have"));
        }
        if rows.saturating_mul(self.row_bytes()) > LARGEST {
            return Err(self.damaged("a block is larger than any that is ever written"));
        }
        self.block.clear();
        self.block.extend_from_slice(&head);
        Ok(Some((pattern, rows)))
    }

    fn read_block(&mut self, pattern: PatternId, rows: usize) -> Result<(), LevelError> {
        let size = BLOCK_HEAD + self.row_bytes() * rows;
        self.block.resize(size + HASH, 0);
        let rest = &mut self.block[BLOCK_HEAD..];
        read_exact(self.store, &self.name, &mut *self.file, rest)?;
        let (content, hash) = self.block.split_at(size);
        if blake3::hash(content).as_bytes() != hash {
            let number = self.blocks;
            return Err(self.damaged(&format!(
                "the checksum of block {number}, of pattern {pattern}, is wrong"
            )));
        }
        self.chain.update(hash);
        Ok(())
    }

    fn damaged(&self, what: &str) -> LevelError {
        damaged(self.store, &self.name, what.to_owned())
    }
}

fn read_exact(
    store: &dyn Store,
    name: &str,
    file: &mut dyn Source,
    bytes: &mut [u8],
) -> Result<(), LevelError> {
    file.read_exact(bytes).map_err(|error| {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            damaged(store, name, "it ends too early".into())
        } else {
            io_error(store, name, "read", error)
        }
    })
}

pub(super) fn damaged(store: &dyn Store, name: &str, what: String) -> LevelError {
    LevelError::Damaged {
        file: name.to_owned(),
        place: store.place(),
        what,
    }
}

pub(super) fn io_error(
    store: &dyn Store,
    name: &str,
    doing: &'static str,
    error: io::Error,
) -> LevelError {
    let (file, place) = (name.to_owned(), store.place());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            LevelError::Full { file, place }
        }
        _ => LevelError::Io {
            doing,
            file,
            place,
            error,
        },
    }
}
