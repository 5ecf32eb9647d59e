//! Ids, whole and damaged.

use std::fs;
use std::path::Path;

use crate::store::{
    AppendOptions, Appender, CreateOptions, IdsDamage, OpenOptions, Store, StoreError,
};

use super::codecs::{directory, id, plain, row};

/// More than two blocks of ids.
const RECORDS: usize = 10_000;

fn filled(path: &Path) {
    let mut appender = Appender::create(path, plain(1), &CreateOptions::default()).unwrap();
    for index in 0..RECORDS {
        appender.append(id(index), &row(index, 1)).unwrap();
        if index % 3000 == 0 {
            appender.commit().unwrap();
        }
    }
    appender.commit().unwrap();
}

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, &OpenOptions::default())
}

#[test]
fn ids_survive_blocks_and_reopening() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path);
    for round in 0..3 {
        let mut appender = Appender::open(&path, plain(1), &AppendOptions::default()).unwrap();
        for index in 0..1500 {
            let index = RECORDS + round * 1500 + index;
            appender.append(id(index), &row(index, 1)).unwrap();
        }
        let reader = appender.store().clone();
        // The table is there before half of the ids are.
        assert_eq!(reader.find(id(RECORDS - 1)).unwrap(), Some(RECORDS - 1));
        appender.commit().unwrap();
        let last = RECORDS + (round + 1) * 1500 - 1;
        assert_eq!(reader.find(id(last)).unwrap(), Some(last));
        assert!(reader.verify().unwrap().is_whole());
    }
    let store = open(&path).unwrap();
    for index in 0..store.len() {
        assert_eq!(store.find(id(index)).unwrap(), Some(index));
        assert_eq!(store.id(index).unwrap(), id(index));
    }
    assert_eq!(store.find(id(store.len())).unwrap(), None);
    assert!(matches!(
        store.id(store.len()),
        Err(StoreError::OutOfRange { .. })
    ));
}

#[test]
fn damaged_ids_are_named_and_never_believed() {
    let directory = directory();
    let path = directory.path().join("store");
    let ids = directory.path().join("store.ids");
    filled(&path);
    let whole = fs::read(&ids).unwrap();
    // In a full block, in its checksum, and in the last block.
    let places = [
        (4096 + 5, 0, 4094),
        (4096 + 65_536 + 65_520, 4095, 8189),
        (4096 + 2 * 65_536, 8190, 9999),
    ];
    for (at, first, last) in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&ids, &bytes).unwrap();
        let store = open(&path).unwrap();
        let damage = |error: StoreError| match error {
            StoreError::Ids { why, .. } => why,
            other => panic!("{other}"),
        };
        let expected = IdsDamage::Checksum { first, last };
        assert_eq!(damage(store.id(first + 1).unwrap_err()), expected);
        assert_eq!(damage(store.find(id(first)).unwrap_err()), expected);
        assert_eq!(
            store.id((first + 5000) % RECORDS).unwrap(),
            id((first + 5000) % RECORDS)
        );
        assert_eq!(store.row(first).unwrap(), row(first, 1));
        assert_eq!(
            store.verify().unwrap().damaged_ids,
            vec![first..last + 1; 1]
        );
    }
}

#[test]
fn ids_of_another_store_or_commit_are_refused() {
    let directory = directory();
    let (path, other) = (
        directory.path().join("store"),
        directory.path().join("other"),
    );
    let ids = directory.path().join("store.ids");
    filled(&path);
    filled(&other);
    let whole = fs::read(&ids).unwrap();
    let why = || match open(&path) {
        Err(StoreError::Ids { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    fs::copy(directory.path().join("other.ids"), &ids).unwrap();
    assert_eq!(why(), IdsDamage::Store);
    let without = OpenOptions {
        without_ids: true,
        ..OpenOptions::default()
    };
    assert_eq!(Store::open(&path, &without).unwrap().len(), RECORDS);
    // Five commits and the creation: the last is generation 6, in the second slot.
    let mut bytes = whole.clone();
    bytes[2048 + 30] ^= 1;
    fs::write(&ids, &bytes).unwrap();
    assert_eq!(why(), IdsDamage::Commit { generation: 6 });
    bytes[30] ^= 1;
    fs::write(&ids, &bytes).unwrap();
    assert_eq!(why(), IdsDamage::Header);
    fs::write(&ids, &whole[..4095]).unwrap();
    assert!(matches!(
        open(&path),
        Err(StoreError::Truncated {
            expected: 4096,
            found: 4095,
            ..
        })
    ));
    fs::remove_file(&ids).unwrap();
    let store = open(&path).unwrap();
    assert!(matches!(store.find(id(0)), Err(StoreError::NoIds { .. })));
    drop(store);
    let mut appender = Appender::open(&path, plain(1), &AppendOptions::default()).unwrap();
    assert!(matches!(
        appender.append(id(0), &[0.0]),
        Err(StoreError::NoIds { .. })
    ));
}
