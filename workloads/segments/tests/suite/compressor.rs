//! A compressor to test archives with: the specification's steps one after another, everything in memory, no thought
//! of speed.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use plimsoll_segments::archive::{BlockKind, BlockWriter, Format, MetaBuilder, OneShot};
use plimsoll_segments::code::{code, reverse_complement};
use plimsoll_segments::cross::{self, Directory};
use plimsoll_segments::cut::segments_of;
use plimsoll_segments::delta::{Columns, Encoder};
use plimsoll_segments::fasta::Record;
use plimsoll_segments::groups::GroupNumbers;
use plimsoll_segments::layers::LayerBuilder;
use plimsoll_segments::pack::OpenPack;
use plimsoll_segments::segment::{Key, orient};
use plimsoll_segments::splitters::sorted;
use plimsoll_segments::varint::{Cursor, put};
use plimsoll_segments::{Levels, Params, Settings, plain};
use xxhash_rust::xxh3::xxh3_64;

/// A sample's name and records.
pub(crate) type Sample = (Vec<u8>, Vec<Record>);

/// Small settings, so that small genomes have groups, packs and raw segments.
pub(crate) fn settings(k: u32, segment_size: u32, pack: u32) -> Settings {
    let params = Params {
        k,
        segment_size,
        pack,
        level: Some(3),
        ..Params::default()
    };
    params.settings(Levels::AsFound).unwrap()
}

/// Samples from files.
pub(crate) fn read(samples: &[(String, PathBuf)]) -> Vec<Sample> {
    samples
        .iter()
        .map(|(name, path)| {
            let records = plimsoll_segments::fasta::read_all(path).unwrap();
            (name.clone().into_bytes(), records)
        })
        .collect()
}

/// A sample of one-letter name from headers and sequences.
pub(crate) fn sample(name: &str, records: &[(&str, &[u8])]) -> Sample {
    let records = records.iter().map(|(header, sequence)| Record {
        header: header.as_bytes().to_vec(),
        sequence: sequence.to_vec(),
    });
    (name.as_bytes().to_vec(), records.collect())
}

#[derive(Default)]
struct Group {
    reference: Vec<u8>,
    pack: OpenPack,
    /// Deltas of closed packs.
    closed: u32,
}

struct Blocks {
    writer: BlockWriter<Vec<u8>>,
    zstd: OneShot,
    settings: Settings,
}

impl Blocks {
    fn write(&mut self, kind: BlockKind, group: u32, payload: &[u8]) {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        let mut stored = Vec::new();
        self.zstd.compress(payload, level, &mut stored).unwrap();
        self.writer
            .block(kind, group, payload.len(), &stored)
            .unwrap();
    }
}

#[derive(Default)]
struct Raw {
    payload: Vec<u8>,
    held: u32,
    codes: usize,
    members: u32,
}

/// References that are stored as differences.
#[derive(Default)]
struct Crossed {
    directory: Directory,
    pack: OpenPack,
    differences: Vec<bool>,
    keys: Vec<Key>,
}

/// The plain archive of the samples.
pub(crate) fn compress(samples: &[Sample], settings: &Settings) -> Vec<u8> {
    compress_as(Format::Plain, samples, settings)
}

/// The archive of the samples.
pub(crate) fn compress_as(format: Format, samples: &[Sample], settings: &Settings) -> Vec<u8> {
    let codes =
        |record: &Record| -> Vec<u8> { record.sequence.iter().map(|byte| code(*byte)).collect() };
    let reference: Vec<Vec<u8>> = samples
        .first()
        .map(|(_, records)| records.iter().map(codes).collect())
        .unwrap_or_default();
    let splitters = sorted::choose(&reference, settings.k, settings.segment_size);
    let mut blocks = Blocks {
        writer: BlockWriter::with_format(Vec::new(), format, settings).unwrap(),
        zstd: OneShot::new().unwrap(),
        settings: *settings,
    };
    let mut encoder = Encoder::new(settings.min_match);
    let mut numbers = GroupNumbers::default();
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    let (mut raw, mut crossed) = (Raw::default(), Crossed::default());
    let (mut meta, mut members) = (MetaBuilder::default(), Vec::new());
    for (name, records) in samples {
        meta.begin_sample(name);
        for record in records {
            meta.begin_record(&record.header);
            let all = codes(record);
            for piece in segments_of(&all, settings.k, |value| splitters.contains(&value)) {
                let (key, turned) = orient(piece.front, piece.back);
                let mut segment = all[piece.range].to_vec();
                if turned {
                    reverse_complement(&mut segment);
                }
                let (number, is_new) = numbers.number(key);
                meta.segment(number, segment.len() as u64, turned);
                members.push(if number == 0 {
                    add_raw(&mut raw, &segment, &mut blocks)
                } else if is_new {
                    let mut payload = Vec::new();
                    plain::write(&segment, &mut payload);
                    let delta = crossed.delta(key, &segment, payload.len(), &groups, &mut encoder);
                    match delta.filter(|_| format == Format::CrossReferenced) {
                        Some(delta) => crossed.add(&delta, &mut blocks),
                        None => {
                            crossed.differences.push(false);
                            blocks.write(BlockKind::Reference, number, &payload);
                        }
                    }
                    groups.entry(number).or_default().reference = segment;
                    0
                } else {
                    let group = groups.get_mut(&number).unwrap();
                    add(group, number, &segment, &mut encoder, &mut blocks)
                });
            }
            let mut layers = LayerBuilder::default();
            layers.push(&record.sequence);
            meta.end_record(record.sequence.len() as u64, &layers.finish());
        }
    }
    close_raw(&mut raw, &mut blocks);
    for (number, group) in &mut groups {
        close(group, *number, &mut blocks);
    }
    crossed.close(&mut blocks);
    let payload = match format {
        Format::Plain => meta.finish(&members, settings.pack),
        Format::CrossReferenced => {
            let (differences, keys) = (&crossed.differences, crossed.keys.into_iter());
            meta.finish_cross_referenced(&members, settings.pack, differences, keys)
        }
    };
    let mut stored = Vec::new();
    let Blocks {
        writer, mut zstd, ..
    } = blocks;
    zstd.compress(&payload, settings.level, &mut stored)
        .unwrap();
    writer.finish(payload.len(), &stored).unwrap().0
}

impl Crossed {
    /// The next reference as a difference, if that is worth it.
    fn delta(
        &mut self,
        key: Key,
        reference: &[u8],
        plain: usize,
        groups: &BTreeMap<u32, Group>,
        encoder: &mut Encoder,
    ) -> Option<Columns> {
        self.keys.push(key);
        let number = self.keys.len() as u32;
        let append = |group: u32, out: &mut Vec<u8>| {
            out.extend_from_slice(&groups[&group].reference);
            Ok::<_, std::convert::Infallible>(())
        };
        let (mut joined, mut delta) = (Vec::new(), Columns::default());
        let candidates = self.directory.candidates(number, key);
        cross::join(candidates, append, &mut joined).unwrap();
        self.directory.note(number, key);
        cross::encode(reference, &joined, plain, encoder, &mut delta).then_some(delta)
    }

    fn add(&mut self, delta: &Columns, blocks: &mut Blocks) {
        self.differences.push(true);
        self.pack.push(delta);
        if self.pack.len() as u32 == blocks.settings.pack {
            self.close(blocks);
        }
    }

    fn close(&mut self, blocks: &mut Blocks) {
        if self.pack.is_empty() {
            return;
        }
        let mut payload = Vec::new();
        self.pack.payload(&[], &mut payload);
        blocks.write(BlockKind::CrossPack, 0, &payload);
        self.pack.clear();
    }
}

fn add_raw(raw: &mut Raw, segment: &[u8], blocks: &mut Blocks) -> u32 {
    plain::write(segment, &mut raw.payload);
    raw.held += 1;
    raw.codes += segment.len();
    raw.members += 1;
    if raw.held == blocks.settings.pack || raw.codes >= 1 << 20 {
        close_raw(raw, blocks);
    }
    raw.members - 1
}

fn close_raw(raw: &mut Raw, blocks: &mut Blocks) {
    if raw.held > 0 {
        blocks.write(BlockKind::RawPack, 0, &raw.payload);
    }
    *raw = Raw {
        members: raw.members,
        ..Raw::default()
    };
}

fn add(
    group: &mut Group,
    number: u32,
    segment: &[u8],
    encoder: &mut Encoder,
    blocks: &mut Blocks,
) -> u32 {
    if group.reference == segment {
        return 0;
    }
    let mut delta = Columns::default();
    encoder.encode(segment, &group.reference, &mut delta);
    let place = group.pack.find(&[], &delta).map(|place| place as u32);
    let place = place.unwrap_or_else(|| group.pack.push(&delta) as u32);
    let member = group.closed + place + 1;
    if group.pack.len() as u32 == blocks.settings.pack {
        close(group, number, blocks);
    }
    member
}

fn close(group: &mut Group, number: u32, blocks: &mut Blocks) {
    if group.pack.is_empty() {
        return;
    }
    let mut payload = Vec::new();
    group.pack.payload(&[], &mut payload);
    blocks.write(BlockKind::Pack, number, &payload);
    group.closed += group.pack.len() as u32;
    group.pack.clear();
}

/// The blocks of an archive as they are, by a scan of its own.
pub(crate) fn blocks(archive: &[u8]) -> Vec<Vec<u8>> {
    let mut blocks = Vec::new();
    let mut cursor = Cursor::new(&archive[24..archive.len() - 24]);
    while !cursor.is_empty() {
        let start = cursor.rest();
        cursor.byte().unwrap();
        cursor.varint().unwrap();
        cursor.varint().unwrap();
        let stored = cursor.size().unwrap();
        cursor.take(stored).unwrap();
        blocks.push(start[..start.len() - cursor.rest().len()].to_vec());
    }
    blocks
}

/// An archive of a header and blocks, the last of them the meta block.
pub(crate) fn joined(header: &[u8], blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut archive = header.to_vec();
    let mut meta = 0;
    for block in blocks {
        meta = archive.len() as u64;
        archive.extend(block);
    }
    archive.extend(meta.to_le_bytes());
    archive.extend(xxh3_64(&archive).to_le_bytes());
    archive.extend(b"SEGWEND1");
    archive
}

/// How many blocks of each kind an archive has.
pub(crate) fn kinds(archive: &[u8]) -> HashMap<u8, usize> {
    let mut kinds = HashMap::new();
    for block in blocks(archive) {
        *kinds.entry(block[0]).or_default() += 1;
    }
    kinds
}

/// The same archive with every payload stored as it is, so that damage done to it is damage to the payload.
pub(crate) fn unpacked(archive: &[u8]) -> Vec<u8> {
    let unpack = |block: Vec<u8>| {
        let mut cursor = Cursor::new(&block);
        let mut unpacked = vec![cursor.byte().unwrap()];
        put(&mut unpacked, cursor.varint().unwrap());
        let (payload, stored) = (cursor.size().unwrap(), cursor.size().unwrap());
        let mut bytes = cursor.take(stored).unwrap().to_vec();
        if stored < payload {
            bytes = zstd::decode_all(&bytes[..]).unwrap();
        }
        put(&mut unpacked, payload as u64);
        put(&mut unpacked, payload as u64);
        unpacked.extend(bytes);
        unpacked
    };
    let blocks: Vec<_> = blocks(archive).into_iter().map(unpack).collect();
    joined(&archive[..24], &blocks)
}
