//! What is saved is what is opened, and nothing else is.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::super::{Index, IndexError, Verify};
use super::{VecRows, built, bytes, generated, part};
use crate::generate::Part;

/// A directory with a saved index over `rows`.
fn saved(rows: &VecRows) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index");
    let index = built(rows);
    let written = index.save(&path).unwrap();
    assert_eq!(written, fs::metadata(&path).unwrap().len());
    assert_eq!(written, index.file_bytes().unwrap());
    (directory, path)
}

fn patched(path: &Path, at: u64, byte: u8) {
    let file = File::options().write(true).open(path).unwrap();
    file.write_all_at(&[byte], at).unwrap();
}

#[test]
fn an_opened_index_is_the_one_that_was_saved() {
    let (rows, queries) = (generated(1_200, 70), part(Part::Queries, 50, 70));
    let index = built(&rows);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index");
    index.save(&path).unwrap();
    assert!(fs::read(&path).unwrap() == bytes(&index));
    for verify in [Verify::Bounds, Verify::Full] {
        let opened = Index::open(&path, verify).unwrap();
        opened.check().unwrap();
        assert_eq!((opened.len(), opened.dim()), (1_200, 70));
        assert_eq!(opened.params(), index.params());
        assert_eq!(
            (opened.counters(), opened.memory()),
            (index.counters(), index.memory())
        );
        assert!(bytes(&opened) == bytes(&index));
        for query in 0..50 {
            let answers = [&index, &opened].map(|index| {
                index
                    .searcher()
                    .unwrap()
                    .search(queries.row(query), 32, &rows, 10)
                    .unwrap()
            });
            assert_eq!(answers[0], answers[1]);
        }
        // Over the very file that is mapped.
        opened.save(&path).unwrap();
        assert!(fs::read(&path).unwrap() == bytes(&index));
        assert!(bytes(&opened) == bytes(&index));
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn small_indexes_are_saved_and_opened() {
    for len in [0, 1, 2] {
        let rows = generated(len, 8);
        let (_directory, path) = saved(&rows);
        let opened = Index::open(&path, Verify::Full).unwrap();
        let answer = opened
            .searcher()
            .unwrap()
            .search(&[0.0; 8], 16, &rows, 5)
            .unwrap();
        assert_eq!(answer.len(), len);
    }
}

#[test]
fn an_index_knows_its_own_file() {
    for len in [0, 1, 300] {
        let rows = generated(len, 70);
        let (_directory, path) = saved(&rows);
        let index = built(&rows);
        assert!(index.is_saved_at(&path).unwrap());
        assert!(!built(&generated(len + 1, 70)).is_saved_at(&path).unwrap());
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len() as u64).step_by(61) {
            patched(&path, at, whole[at as usize] ^ 4);
            assert!(!index.is_saved_at(&path).unwrap(), "{at}");
            patched(&path, at, whole[at as usize]);
        }
        assert!(index.is_saved_at(&path).unwrap());
        assert!(index.is_saved_at(&path.with_extension("not")).is_err());
    }
}

#[test]
fn every_flipped_byte_is_found_or_harmless() {
    let rows = generated(60, 8);
    let (_directory, path) = saved(&rows);
    let whole = fs::read(&path).unwrap();
    for (at, byte) in (0..).zip(&whole) {
        // Every bit has its turn.
        patched(&path, at, byte ^ 1 << (at % 8));
        let error = Index::open(&path, Verify::Full).unwrap_err();
        match at {
            0..8 => assert!(matches!(error, IndexError::NotAnIndex { .. })),
            8..12 => assert!(matches!(error, IndexError::Version { .. })),
            _ => assert!(matches!(error, IndexError::Damaged { .. }), "{at}: {error}"),
        }
        if let Ok(index) = Index::open(&path, Verify::Bounds) {
            assert!(at >= 4096, "{at}");
            let answer = index
                .searcher()
                .unwrap()
                .search(rows.row(0), 16, &rows, 10)
                .unwrap();
            assert!(answer.len() <= 10);
        }
        patched(&path, at, *byte);
    }
    Index::open(&path, Verify::Full).unwrap();
}

#[test]
fn every_other_length_is_found() {
    let (_directory, path) = saved(&generated(60, 8));
    let whole = fs::read(&path).unwrap().len() as u64;
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(whole + 1).unwrap();
    for length in (0..=whole + 1).rev().filter(|length| *length != whole) {
        file.set_len(length).unwrap();
        for verify in [Verify::Bounds, Verify::Full] {
            let error = Index::open(&path, verify).unwrap_err();
            let IndexError::Length {
                found, expected, ..
            } = error
            else {
                panic!("{length}: {error}");
            };
            assert_eq!(found, length);
            assert_eq!(expected, if length < 4096 { 4096 } else { whole });
        }
    }
}

#[test]
fn files_from_elsewhere_are_told_from_damaged_ones() {
    let (_directory, path) = saved(&generated(20, 8));
    patched(&path, 8, 3);
    let message = Index::open(&path, Verify::Bounds).unwrap_err().to_string();
    assert!(
        message.contains("of version 3 and this program reads 2"),
        "{message}"
    );
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[0, 0, 0, 1, 1, 2, 3, 4], 8).unwrap();
    let error = Index::open(&path, Verify::Bounds).unwrap_err();
    assert!(matches!(error, IndexError::ForeignEndianness { .. }));
    fs::write(&path, [7; 5_000]).unwrap();
    let error = Index::open(&path, Verify::Bounds).unwrap_err();
    assert!(matches!(error, IndexError::NotAnIndex { .. }));
    let error = Index::open(&path.with_extension("not"), Verify::Bounds).unwrap_err();
    assert!(matches!(error, IndexError::Io { .. }));
    assert!(error.to_string().starts_with("opening the index"));
}
