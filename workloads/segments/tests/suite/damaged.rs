//! Damaged archives: an error or other records, never a panic, never memory for a size that only a damaged field
//! claims.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use plimsoll_segments::Settings;
use plimsoll_segments::archive::{Archive, BlockKind, BlockWriter, Format, MetaBuilder};
use plimsoll_segments::layers::Layers;
use plimsoll_segments::plain;
use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64;

use crate::archives::{Collect, decompress};
use crate::compressor::{
    Sample, blocks, compress, compress_as, joined, kinds, sample, settings, unpacked,
};
use crate::largest;

/// More than reading any archive of this file takes: a checksum's buffer, and what one block of a zstd frame can give.
const MEMORY: usize = 1 << 20;

/// A place for one archive after the other.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("a.seg")
    }

    fn put(&self, archive: &[u8]) -> PathBuf {
        // Written over and not truncated first, which some file systems answer with a write to the disk.
        let path = self.path();
        let open = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = open.unwrap();
        file.write_all_at(archive, 0).unwrap();
        file.set_len(archive.len() as u64).unwrap();
        path
    }

    /// What opening and decompressing says.
    fn refused(&self, archive: &[u8]) -> String {
        let path = self.put(archive);
        let error = decompress(&path).expect_err("a damaged archive was read");
        error.to_string()
    }
}

/// Samples whose archive has blocks of all kinds, layers, turned segments, equal members and several packs of a group.
fn samples() -> Vec<Sample> {
    let mut bytes = blake3::Hasher::new().finalize_xof();
    let mut random = [0; 600];
    bytes.fill(&mut random);
    let genome: Vec<u8> = random
        .iter()
        .map(|byte| b"ACGT"[usize::from(byte % 4)])
        .collect();
    let with = |place: usize, byte: u8| {
        let mut changed = genome.clone();
        changed[place] = byte;
        changed
    };
    let mut turned: Vec<u8> = with(450, b'N');
    turned.reverse();
    for base in &mut turned {
        *base = match *base {
            b'A' => b'T',
            b'C' => b'G',
            b'G' => b'C',
            b'T' => b'A',
            other => other,
        };
    }
    let masked = genome.to_ascii_lowercase();
    vec![
        sample("S0", &[("chr", &genome)]),
        sample("S1", &[("chr", &with(220, b'N')), ("tiny", b"ACGTRYN")]),
        sample(
            "S2",
            &[("a", &turned), ("b", &masked), ("c", &with(230, b'-'))],
        ),
        sample("S3", &[("a", &genome[5..400]), ("b", &with(240, b'n'))]),
        sample("S4", &[("a", &with(221, b'N')), ("b", &with(250, b'Y'))]),
    ]
}

/// The plain archive and the cross-referenced one, both also with every payload stored as it is.
fn whole() -> [Vec<u8>; 4] {
    let settings = settings(15, 150, 2);
    let plain = compress(&samples(), &settings);
    let crossed = compress_as(Format::CrossReferenced, &samples(), &settings);
    [unpacked(&plain), unpacked(&crossed), plain, crossed]
}

/// Makes the checksum right again.
fn mended(mut archive: Vec<u8>) -> Vec<u8> {
    let end = archive.len() - 16;
    let checksum = xxh3_64(&archive[..end]);
    archive[end..end + 8].copy_from_slice(&checksum.to_le_bytes());
    archive
}

fn read_or_refuse(path: &Path) {
    let mut records = Collect::default();
    let read = Archive::open(path).map(|archive| archive.decompress(&mut records));
    if let Ok(Err(error)) | Err(error) = read.map_err(Into::into) {
        assert!(error.to_string().contains("a.seg"), "{error}");
    }
}

#[test]
fn the_archive_to_damage_has_all_there_is() {
    let place = Place::new();
    for archive in whole() {
        let kinds = kinds(&archive);
        assert!(kinds[&0] > 2 && kinds[&1] > 2 && kinds[&2] == 1 && kinds[&3] == 1);
        let crossed = archive.starts_with(b"SEGX");
        assert_eq!(
            kinds.get(&4).copied().unwrap_or_default() > 1,
            crossed,
            "{kinds:?}"
        );
        assert!(decompress(&place.put(&archive)).unwrap() == samples());
    }
}

#[test]
fn the_checksum_finds_every_flipped_byte() {
    let place = Place::new();
    for archive in whole() {
        for at in 0..archive.len() {
            for flip in [1, 0x80, 0xff] {
                let mut damaged = archive.clone();
                damaged[at] ^= flip;
                place.refused(&damaged);
            }
        }
    }
}

#[test]
fn a_flip_under_a_right_checksum_is_refused_or_read() {
    let place = Place::new();
    for archive in whole() {
        for at in 0..archive.len() {
            for flip in (0..8).map(|bit| 1 << bit).chain([0xff]) {
                let mut damaged = archive.clone();
                damaged[at] ^= flip;
                let path = place.put(&mended(damaged));
                let largest = largest::while_running(|| read_or_refuse(&path));
                assert!(largest <= MEMORY, "{largest} bytes for byte {at} ^ {flip}");
            }
        }
    }
}

#[test]
fn an_archive_cut_anywhere_is_refused() {
    let place = Place::new();
    for archive in whole() {
        for end in 0..archive.len() {
            place.refused(&archive[..end]);
            // The same with an end put behind it.
            if end > 24 {
                let offset = (end as u64 / 2).to_le_bytes();
                let cut = [&archive[..end], &offset, &[0; 8], b"SEGWEND1"].concat();
                place.refused(&mended(cut));
            }
        }
        let longer = [&archive[..], b"\n"].concat();
        assert!(place.refused(&longer).contains("goes on after its end"));
    }
}

#[test]
fn what_is_no_archive_is_told_apart_from_a_damaged_one() {
    let place = Place::new();
    assert!(place.refused(b"").contains("it is empty"));
    let fasta = place.refused(b">chr1 of something\nACGT\n");
    assert!(
        fasta.contains("is not an archive of segments: it begins with \">chr1 of\""),
        "{fasta}"
    );
    let other = place.refused(&[b"SEGW0002", &whole()[0][8..]].concat());
    assert!(other.contains("not an archive"), "{other}");
    let header = place.refused(&whole()[0][..24]);
    assert!(
        header.contains("damaged: it ends after 24 bytes"),
        "{header}"
    );
    assert!(header.contains("copy it again"), "{header}");
    let directory = decompress(place.0.path()).unwrap_err().to_string();
    assert!(directory.contains("it is not a file"), "{directory}");
    let missing = decompress(&place.0.path().join("none")).unwrap_err();
    assert!(missing.to_string().contains("none: "), "{missing}");
    assert!(missing.to_string().contains("make it first"), "{missing}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let place = Place::new();
    let good = settings(15, 150, 2);
    let refused = |bad: Settings| {
        let writer = BlockWriter::new(Vec::new(), &bad).unwrap();
        let meta = MetaBuilder::default().finish(&[], 50);
        place.refused(&writer.finish(meta.len(), &meta).unwrap().0)
    };
    assert!(refused(Settings { k: 2, ..good }).contains("its k is 2"));
    assert!(refused(Settings { k: 33, ..good }).contains("its k is 33"));
    assert!(refused(Settings { pack: 0, ..good }).contains("its pack is 0"));
    assert!(
        refused(Settings {
            min_match: 1,
            ..good
        })
        .contains("its min_match is 1")
    );
    assert!(
        refused(Settings {
            segment_size: 0,
            ..good
        })
        .contains("its segment_size is 0")
    );
}

#[test]
fn cross_packs_must_be_those_of_the_references() {
    let place = Place::new();
    let [_, archive, ..] = whole();
    let blocks = blocks(&archive);
    let crossed: Vec<usize> = (0..blocks.len()).filter(|at| blocks[*at][0] == 4).collect();
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut changed = blocks.clone();
        change(&mut changed);
        place.refused(&joined(&archive[..24], &changed))
    };
    let fewer = with(&|blocks| drop(blocks.remove(crossed[1])));
    assert!(
        fewer.contains("cross packs than its references") || fewer.contains("pack"),
        "{fewer}"
    );
    let none = with(&|blocks| blocks.retain(|block| block[0] != 4));
    assert!(
        none.contains("fewer cross packs than its references"),
        "{none}"
    );
    let more = with(&|blocks| blocks.insert(crossed[0], blocks[crossed[0]].clone()));
    assert!(
        more.contains("the reference of group") || more.contains("more cross packs"),
        "{more}"
    );
    let last = with(&|blocks| blocks.insert(blocks.len() - 1, blocks[crossed[0]].clone()));
    assert!(
        last.contains("more cross packs than its references"),
        "{last}"
    );
}

/// A hand-made archive: blocks of kind, group, claimed size and stored bytes, then a meta block.
fn made(blocks: &[(BlockKind, u32, usize, &[u8])], meta: &[u8]) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), &settings(15, 150, 2)).unwrap();
    for (kind, group, size, stored) in blocks {
        writer.block(*kind, *group, *size, stored).unwrap();
    }
    writer.finish(meta.len(), meta).unwrap().0
}

/// The meta block of one record with one segment: the reference of group 1.
fn one_segment(length: u64) -> Vec<u8> {
    let mut meta = MetaBuilder::default();
    meta.begin_sample(b"S0");
    meta.begin_record(b"chr");
    meta.segment(1, length, false);
    meta.end_record(length, &Layers::default());
    meta.finish(&[0], 50)
}

fn block_of(codes: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    plain::write(codes, &mut block);
    block
}

#[test]
fn blocks_that_do_not_fit_each_other_are_refused() {
    use BlockKind::{CrossPack, Meta, Pack, RawPack, Reference};
    let place = Place::new();
    let refused = |blocks: &[(BlockKind, u32, usize, &[u8])], meta: &[u8], told: &str| {
        let mut error = String::new();
        let largest = largest::while_running(|| error = place.refused(&made(blocks, meta)));
        assert!(error.contains(told), "{error}");
        assert!(largest <= MEMORY, "{largest} bytes until {error}");
    };
    let block = block_of(&[0, 1, 2, 3, 0]);
    let (block, size) = (&block[..], block.len());
    let meta = one_segment(5);
    let reference = (Reference, 1, size, block);
    assert!(decompress(&place.put(&made(&[reference], &meta))).is_ok());

    refused(&[], &meta, "group 1 has no reference");
    refused(
        &[(Reference, 2, size, block)],
        &meta,
        "group 1 has no reference",
    );
    refused(&[reference, reference], &meta, "two references");
    refused(
        &[reference, (Pack, 1, size, block)],
        &meta,
        "group 1 has 1 packs, where 0 belong",
    );
    refused(
        &[reference, (Pack, 9, size, block)],
        &meta,
        "a group that does not exist",
    );
    refused(
        &[reference, (RawPack, 0, size, block)],
        &meta,
        "more raw segments",
    );
    refused(
        &[reference, (RawPack, 3, size, block)],
        &meta,
        "it is of group 3",
    );
    refused(
        &[reference, (CrossPack, 0, size, block)],
        &meta,
        "does not belong",
    );
    refused(&[(Reference, 0, size, block)], &meta, "it is of group 0");
    refused(
        &[(Meta, 0, meta.len(), &meta), reference],
        &meta,
        "the meta block is not where",
    );
    refused(
        &[(Reference, 1, 3, block)],
        &meta,
        "more is stored than its payload takes",
    );
    refused(&[(Reference, 1, 1 << 50, block)], &meta, "not a zstd frame");
    let frame = zstd::encode_all(&[0; 1000][..], 3).unwrap();
    refused(&[(Reference, 1, 1 << 50, &frame)], &meta, "can be at most");
    refused(&[reference], &one_segment(6), "shorter");
    let claims = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0];
    refused(
        &[(Reference, 1, claims.len(), &claims)],
        &meta,
        "its segments are longer",
    );
    refused(&[reference], b"", "the meta block");
    refused(
        &[reference],
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        "the meta block",
    );
    let huge_record = [
        &b"\x01\x00\x01\x00"[..],
        &claims[..7],
        &claims[..7],
        b"\x00\x00\x00\x00\x00\x00",
    ]
    .concat();
    refused(&[], &huge_record, "the meta block");
}

#[test]
fn a_record_may_be_of_one_huge_run() {
    // 40 million Ns: a legitimate segment is as long as it is, whatever little is stored of it.
    let codes = vec![4; 40_000_000];
    let block = block_of(&codes);
    let stored = zstd::bulk::compress(&block, 3).unwrap();
    let meta = one_segment(codes.len() as u64);
    let archive = made(&[(BlockKind::Reference, 1, block.len(), &stored)], &meta);
    assert!(archive.len() < 10_000);
    let back = decompress(&Place::new().put(&archive)).unwrap();
    assert!(back[0].1[0].sequence == vec![b'N'; codes.len()]);
}
