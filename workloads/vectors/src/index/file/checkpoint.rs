//! Checkpoints: a build that was cut short goes on from the newest, to the same index.
//!
//! A checkpoint is the file of the index as far as it is built, without its last two sections. Scales, norms and codes are
//! made of the vectors again, in whatever build goes on, and must have the checksums that the header tells: that is
//! how other vectors are recognised. There are two, each written when it is its turn, so that one is whole when the
//! other turns out not to be.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::format::SECTIONS;
use super::header::Header;
use super::open::{Opened, damaged, opened};
use super::replace::{failed, remove_stale, replace};
use super::save::{CHUNK, write};
use super::verify::{self, Damage};
use crate::index::builder::Standing;
use crate::index::encode::Encoded;
use crate::index::links::Growing;
use crate::index::{IndexError, Params};

/// Sections that a checkpoint has; those after them are made again.
const KEPT: usize = 6;

/// Where a build keeps checkpoints, and how often; and what it found there.
#[derive(Debug)]
pub struct Checkpoints {
    places: [PathBuf; 2],
    every: u64,
    resumed: u64,
    passed_over: Vec<IndexError>,
}

impl Checkpoints {
    /// Checkpoints beside `index`, the file to be: one whenever `every` more vectors are in and a batch ends, but for the
    /// last. As many bytes as the links have, each; two at most, `NAME.checkpoint.0` and `.1`.
    #[must_use]
    pub fn beside(index: &Path, every: usize) -> Self {
        let place = |generation| {
            let mut name = index.file_name().unwrap_or_default().to_owned();
            name.push(format!(".checkpoint.{generation}"));
            index.with_file_name(name)
        };
        Self {
            places: [place(0), place(1)],
            every: every.max(1) as u64,
            resumed: 0,
            passed_over: Vec::new(),
        }
    }

    /// How many vectors were in when the build began: none, unless it went on from a checkpoint.
    #[must_use]
    pub fn resumed(&self) -> u64 {
        self.resumed
    }

    /// Checkpoints that were there and of no use, and why.
    #[must_use]
    pub fn passed_over(&self) -> &[IndexError] {
        &self.passed_over
    }

    /// Removes them: the index is saved.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub fn remove(&self) -> Result<(), IndexError> {
        for place in &self.places {
            remove_stale(place);
            match fs::remove_file(place) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("removing the checkpoint", place)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Those of a build of `encoded` with links in `graph`.
    pub(in crate::index) fn of(
        &mut self,
        dim: usize,
        params: Params,
        encoded: &Encoded,
        graph: &Growing,
    ) -> Keeper<'_> {
        let [levels, offsets, _, upper_counts, ..] = graph.sections();
        let mut checksums = [0; SECTIONS.len()];
        checksums[0] = xxh3_64(levels);
        checksums[1] = xxh3_64(offsets);
        checksums[6] = xxh3_64(bytemuck::cast_slice(&encoded.sides));
        checksums[7] = xxh3_64(bytemuck::cast_slice(&encoded.codes));
        let header = Header {
            len: levels.len() as u64,
            dim: dim as u64,
            params,
            exponent: encoded.exponent,
            entry: 0,
            top: 0,
            upper_rows: upper_counts.len() as u64,
            counters: Default::default(),
            checksums,
        };
        Keeper {
            checkpoints: self,
            header,
            last: 0,
            next: 0,
        }
    }
}

/// What keeps the checkpoints of one build.
#[derive(Debug)]
pub(in crate::index) struct Keeper<'a> {
    checkpoints: &'a mut Checkpoints,
    /// What every checkpoint of this build says; but for how far it is.
    header: Header,
    /// How many vectors the last checkpoint has.
    last: u64,
    /// Which one is to be written next.
    next: usize,
}

impl Keeper<'_> {
    /// Fills `graph` with the links of the newest checkpoint that is whole; how the build stood then. Nothing where there
    /// is none.
    pub(in crate::index) fn resume(
        &mut self,
        graph: &mut Growing,
    ) -> Result<Option<Standing>, IndexError> {
        let mut found = Vec::new();
        for (generation, place) in self.checkpoints.places.iter().enumerate() {
            match opened(place) {
                Ok(file) => found.push((generation, file)),
                Err(IndexError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.checkpoints.passed_over.push(error),
            }
        }
        for (_, opened) in &found {
            self.same_build(opened)?;
        }
        found.sort_by_key(|(_, opened)| Reverse(opened.header.counters.inserted));
        for (generation, mut opened) in found {
            match links(&mut opened, graph) {
                Ok(()) => {
                    let Header {
                        entry,
                        top,
                        counters,
                        ..
                    } = opened.header;
                    self.last = counters.inserted;
                    self.next = 1 - generation;
                    self.checkpoints.resumed = counters.inserted;
                    return Ok(Some(Standing {
                        entry: entry as u32,
                        top: top as u8,
                        counters,
                    }));
                }
                Err(error) => {
                    for section in graph.links_mut() {
                        section.fill(0);
                    }
                    self.checkpoints.passed_over.push(error);
                }
            }
        }
        Ok(None)
    }

    /// Refuses checkpoints of anything else: going on from them would make another index, and writing over them would
    /// destroy what somebody built.
    fn same_build(&self, opened: &Opened) -> Result<(), IndexError> {
        let (theirs, ours) = (&opened.header, &self.header);
        let numbers = [
            ("vectors", theirs.len, ours.len),
            ("coordinates of each", theirs.dim, ours.dim),
            ("m", theirs.params.m as u64, ours.params.m as u64),
            (
                "ef_construction",
                theirs.params.ef_construction as u64,
                ours.params.ef_construction as u64,
            ),
            (
                "bits of a code",
                u64::from(theirs.params.width.bits()),
                u64::from(ours.params.width.bits()),
            ),
            (
                "the seed of levels",
                theirs.params.level_seed,
                ours.params.level_seed,
            ),
        ];
        let other = |differs| IndexError::OtherBuild {
            path: opened.path.clone(),
            differs,
        };
        let differs = |(_, theirs, ours): &&(_, u64, u64)| theirs != ours;
        if let Some((what, theirs, ours)) = numbers.iter().find(differs) {
            return Err(other(format!("{what}: {theirs} there, {ours} here")));
        }
        let made = |header: &Header| {
            let [levels, offsets, .., sides, codes] = header.checksums;
            (header.exponent, [levels, offsets, sides, codes])
        };
        if made(theirs) != made(ours) {
            return Err(other("its vectors are others".to_owned()));
        }
        Ok(())
    }

    /// Writes a checkpoint if one is due.
    pub(in crate::index) fn keep(
        &mut self,
        graph: &Growing,
        standing: &Standing,
    ) -> Result<(), IndexError> {
        let inserted = standing.counters.inserted;
        if inserted - self.last < self.checkpoints.every || inserted >= self.header.len {
            return Ok(());
        }
        let header = Header {
            entry: u64::from(standing.entry),
            top: u64::from(standing.top),
            counters: standing.counters,
            ..self.header
        };
        let layout = header.sizes().and_then(|sizes| sizes.layout());
        let layout = layout.ok_or(IndexError::TooMany(header.len as usize))?;
        let place = &self.checkpoints.places[self.next];
        replace(place, layout[KEPT - 1].end, |file| {
            write(file, header, &graph.sections())
        })?;
        self.last = inserted;
        self.next = 1 - self.next;
        Ok(())
    }
}

/// Reads the links of a checkpoint into `graph`, and holds them against its checksums and against the bounds of a graph.
/// Levels and offsets are there already.
fn links(opened: &mut Opened, graph: &mut Growing) -> Result<(), IndexError> {
    opened.expect(opened.layout[KEPT - 1].end)?;
    let header = opened.header;
    let sections = opened.layout[..KEPT].iter().zip(header.checksums);
    let sections = sections.zip(SECTIONS).skip(2).zip(graph.links_mut());
    for (((range, checksum), name), section) in sections {
        let read = read(&mut opened.file, range, section);
        let found = read.map_err(failed("reading the checkpoint", &opened.path))?;
        if found != checksum {
            let damage = Damage::new(name, "its checksum is another");
            return Err(damaged(&opened.path, damage));
        }
    }
    let links = graph.links();
    verify::graph(&links, header.params, header.entry as u32, header.top as u8)
        .map_err(|damage| damaged(&opened.path, damage))
}

/// Reads a section of a file; its checksum.
fn read(file: &mut File, range: &Range<u64>, section: &mut [u8]) -> io::Result<u64> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut running = Xxh3::new();
    for chunk in section.chunks_mut(CHUNK) {
        file.read_exact(chunk)?;
        running.update(chunk);
    }
    Ok(running.digest())
}
