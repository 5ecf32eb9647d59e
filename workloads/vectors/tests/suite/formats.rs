//! Files of vectors: what is written comes back, golden files agree, and no bytes bring a reader down.

use std::path::{Path, PathBuf};

use plimsoll_vectors::formats::{FileError, FileRows, Ids, VectorReader, write_vectors};
use plimsoll_vectors::generate::{Generator, Part, Profile};
use plimsoll_vectors::{Rows, RowsError};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::golden;

/// Rows in memory.
pub(crate) struct Table {
    pub(crate) dim: usize,
    pub(crate) values: Vec<f32>,
}

impl Rows for Table {
    fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError> {
        out.copy_from_slice(&self.values[first * self.dim..][..out.len()]);
        Ok(())
    }
}

/// Reads a file whole.
pub(crate) fn read(path: &Path) -> Result<Table, FileError> {
    let mut reader = VectorReader::open(path)?;
    let (mut values, mut block) = (Vec::new(), Vec::new());
    while reader.next_block(&mut block)? > 0 {
        values.extend_from_slice(&block);
    }
    let dim = reader.dim();
    Ok(Table { dim, values })
}

/// A directory for files.
pub(crate) struct Room(pub(crate) TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Words of 32 bits, little-endian.
pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

pub(crate) const ONE: u32 = 0x3f80_0000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_comes_back(
        dim in 1usize..40,
        rows in 1usize..30,
        seed in any::<u32>(),
        threads in 1usize..4,
    ) {
        let room = Room::new();
        let values = |number: fn(u32) -> f32| {
            let numbers = (0..(rows * dim) as u32).map(|i| i.wrapping_mul(0x9E37_79B9) ^ seed);
            Table { dim, values: numbers.map(number).collect() }
        };
        let wild = values(|bits| Some(f32::from_bits(bits)).filter(|f| f.is_finite()).unwrap_or(-0.0));
        let bytes = values(|bits| (bits >> 24) as f32);
        for (name, table) in [("a.fvecs", &wild), ("a.fbin", &wild), ("a.npy", &wild), ("a.bvecs", &bytes), ("a.u8bin", &bytes)] {
            let path = room.0.path().join(name);
            write_vectors(&path, table, threads).unwrap();
            let back = read(&path).unwrap();
            prop_assert_eq!(back.dim, dim);
            let bits = |table: &Table| table.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&back), bits(table), "{}", name);
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused(format in 0usize..5, at in 0.0f64..1.0) {
        let room = Room::new();
        let name = ["a.fvecs", "a.fbin", "a.npy", "a.bvecs", "a.u8bin"][format];
        let path = room.0.path().join(name);
        let table = Table { dim: 3, values: (0..15).map(|i| i as f32).collect() };
        write_vectors(&path, &table, 1).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let cut = (whole.len() as f64 * at) as usize;
        let path = room.put(name, &whole[..cut]);
        let row = if name == "a.fvecs" { 16 } else { 7 };
        // Nothing tells a file of rows with headers that was cut between two from a shorter one.
        let shorter = name.ends_with("vecs") && cut > 0 && cut.is_multiple_of(row);
        prop_assert_eq!(read(&path).is_err(), !shorter, "{} bytes of {}", cut, name);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        format in 0usize..5,
        mut bytes in proptest::collection::vec(any::<u8>(), 0..200),
        magic in any::<bool>(),
    ) {
        let room = Room::new();
        if magic && bytes.len() > 12 {
            bytes[..8].copy_from_slice(b"\x93NUMPY\x01\x00");
            bytes[8..10].copy_from_slice(&[20, 0]);
        }
        let name = ["a.fvecs", "a.fbin", "a.npy", "a.bvecs", "a.u8bin"][format];
        let path = room.put(name, &bytes);
        let _ = read(&path);
        let ids = room.put("a.ivecs", &bytes);
        let _ = Ids::read(&ids);
    }
}

#[test]
fn golden_files_of_all_formats_agree() {
    let generator = Generator::new(64, 7, Profile::Standard).unwrap();
    let mut made = vec![0.0; 2000 * 64];
    generator.rows(Part::Base, 2000).read(0, &mut made).unwrap();
    let base = read(&golden::file("gen64_seed7_n2000.base.npy")).unwrap();
    assert_eq!((base.dim, base.values), (64, made));
    let digits = read(&golden::file("digits64_n1697.base.bvecs")).unwrap();
    assert_eq!((digits.len(), digits.dim), (1697, 64));
    assert!(
        digits
            .values
            .iter()
            .all(|value| (0.0..=16.0).contains(value))
    );
    let queries = read(&golden::file("minilm384_n500.query.fvecs")).unwrap();
    assert_eq!((queries.len(), queries.dim), (40, 384));
}

#[test]
fn a_file_larger_than_a_block_is_read_in_several() {
    let room = Room::new();
    let path = room.0.path().join("a.fvecs");
    let dim = 50_000;
    let table = Table {
        dim,
        values: (0..70 * dim).map(|i| i as f32).collect(),
    };
    write_vectors(&path, &table, 2).unwrap();
    let mut reader = VectorReader::open(&path).unwrap();
    let mut block = Vec::new();
    let mut counts = Vec::new();
    while let count @ 1.. = reader.next_block(&mut block).unwrap() {
        counts.push(count);
        assert_eq!(block.len(), count * dim);
    }
    assert_eq!(
        counts,
        [62, 8],
        "12 MiB of 200,004 bytes each, and the rest"
    );
    assert_eq!(read(&path).unwrap().values, table.values);
}

#[test]
fn rows_of_a_file_are_read_where_they_are_asked_for() {
    let room = Room::new();
    let path = room.0.path().join("a.fbin");
    let table = Table {
        dim: 3,
        values: (0..30).map(|i| i as f32).collect(),
    };
    write_vectors(&path, &table, 1).unwrap();
    let rows = FileRows::open(&path).unwrap();
    assert_eq!((rows.len(), rows.dim()), (10, 3));
    let mut some = [0.0; 6];
    rows.read(4, &mut some).unwrap();
    assert_eq!(some, [12.0, 13.0, 14.0, 15.0, 16.0, 17.0]);
    assert!(matches!(
        rows.read(9, &mut some),
        Err(RowsError::Range { .. })
    ));
    assert!(matches!(
        rows.read(0, &mut some[..4]),
        Err(RowsError::Room { .. })
    ));
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(100)
        .unwrap();
    let error = rows.read(8, &mut some).unwrap_err();
    assert!(error.to_string().contains("a.fbin"), "{error}");
    assert!(matches!(FileRows::open(&path), Err(FileError::Cut { .. })));
    let other = room.put("a.fvecs", words(&[1, ONE]));
    assert!(matches!(
        FileRows::open(&other),
        Err(FileError::Format { .. })
    ));
}

#[test]
fn ids_are_read_and_written_and_refused_with_their_place() {
    let room = Room::new();
    let path = golden::file("digits64_n1697.gt10.ivecs");
    let ids = Ids::read(&path).unwrap();
    assert_eq!((ids.width(), ids.rows().len()), (10, 100));
    let copy = room.0.path().join("copy.ivecs");
    ids.write(&copy).unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), std::fs::read(&path).unwrap());
    let refused = |bytes: Vec<u8>| Ids::read(&room.put("a.ivecs", bytes)).unwrap_err();
    assert!(matches!(refused(vec![]), FileError::Empty { .. }));
    assert!(matches!(
        refused(words(&[2, 0, u32::MAX])),
        FileError::Id {
            row: 0,
            column: 1,
            id: -1,
            ..
        }
    ));
    assert!(matches!(
        refused(words(&[1, 0, 2, 0, 0])),
        FileError::OtherDimension { row: 1, .. }
    ));
    assert!(matches!(refused(words(&[1, 0, 1])), FileError::Cut { .. }));
    assert!(matches!(refused(words(&[0])), FileError::Dimension { .. }));
    assert!(matches!(
        Ids::read(&room.put("a.fvecs", "x")),
        Err(FileError::Format { .. })
    ));
}

#[test]
fn a_full_disk_is_told() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let room = Room::new();
    let path = room.0.path().join("a.fbin");
    std::os::unix::fs::symlink(full, &path).unwrap();
    let table = Table {
        dim: 1,
        values: vec![1.0],
    };
    let error = write_vectors(&path, &table, 1).unwrap_err();
    assert!(matches!(error, FileError::Write { .. }), "{error}");
}
