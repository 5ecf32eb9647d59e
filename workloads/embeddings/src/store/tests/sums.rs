//! Records without checksums of their own, and the sums of their blocks.

use std::fs;
use std::path::Path;

use crate::store::{
    AppendOptions, Appender, Checks, CreateOptions, OpenOptions, Store, StoreError,
};

use super::codecs::{directory, id, plain, row};

/// Values of a row of 96 bytes, as a code of 768 bits has.
const DIMENSION: usize = 24;

/// More than four blocks of records.
const RECORDS: usize = 3000;

fn filled(path: &Path) {
    let options = CreateOptions {
        checksums: false,
        ..CreateOptions::default()
    };
    let mut appender = Appender::create(path, plain(DIMENSION), &options).unwrap();
    let ids: Vec<u128> = (0..RECORDS).map(id).collect();
    let rows: Vec<f32> = (0..RECORDS)
        .flat_map(|index| row(index, DIMENSION))
        .collect();
    for (turn, (ids, rows)) in ids
        .chunks(700)
        .zip(rows.chunks(700 * DIMENSION))
        .enumerate()
    {
        let mut damaged = rows.to_vec();
        if let Some(last) = damaged.last_mut() {
            *last = f32::NAN;
        }
        assert!(appender.append_many(ids, &damaged).is_err());
        assert_eq!(appender.append_many(ids, rows).unwrap(), turn as u64 * 700);
        appender.commit().unwrap();
    }
    assert!(appender.store().verify().unwrap().is_whole());
}

fn open(path: &Path, checks: Checks) -> Result<Store, StoreError> {
    let options = OpenOptions {
        checks,
        ..OpenOptions::default()
    };
    Store::open(path, &options)
}

#[test]
fn records_are_as_long_as_their_payloads_and_whole() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path);
    for round in 0..3 {
        let mut appender =
            Appender::open(&path, plain(DIMENSION), &AppendOptions::default()).unwrap();
        for index in RECORDS + round * 500..RECORDS + (round + 1) * 500 {
            appender.append(id(index), &row(index, DIMENSION)).unwrap();
            assert!(index % 90 > 0 || appender.commit().is_ok());
        }
        appender.commit().unwrap();
        let store = appender.store();
        assert_eq!(
            store.row(store.len() - 1).unwrap(),
            row(store.len() - 1, DIMENSION)
        );
        assert!(store.verify().unwrap().is_whole());
    }
    for checks in [Checks::FirstTouch, Checks::Always] {
        let store = open(&path, checks).unwrap();
        assert_eq!((store.len(), store.shape().stride()), (RECORDS + 1500, 96));
        let mut payload = [0; 96];
        for index in (0..store.len()).step_by(7) {
            assert_eq!(store.row(index).unwrap(), row(index, DIMENSION));
            store.read_at(index, &mut payload).unwrap();
            assert_eq!(
                payload,
                bytemuck::cast_slice::<_, u8>(&row(index, DIMENSION))
            );
        }
        assert!(store.verify().unwrap().is_whole());
        assert!(store.chunks(1 << 20).all(|chunk| chunk.is_ok()));
    }
}

#[test]
fn a_damaged_block_is_found_with_all_its_records() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path);
    let whole = fs::read(&path).unwrap();
    // In the second block, and in the last, which is not full.
    let blocks = [(683, 682..1366), (2900, 2730..3000)];
    for (index, damaged) in blocks {
        let mut bytes = whole.clone();
        bytes[4096 + index * 96 + 5] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let store = open(&path, Checks::FirstTouch).unwrap();
        let mut payload = [0; 96];
        for read in [damaged.start, index, damaged.end - 1] {
            let found = store.get(read).map(<[u8]>::len);
            assert!(matches!(found, Err(StoreError::RecordChecksum { index: i, .. }) if i == read));
            let found = store.read_at(read, &mut payload);
            assert!(matches!(found, Err(StoreError::RecordChecksum { .. })));
        }
        assert_eq!(store.row(0).unwrap(), row(0, DIMENSION));
        assert_eq!(store.row(1500).unwrap(), row(1500, DIMENSION));
        assert_eq!(
            store.verify().unwrap().damaged,
            damaged.collect::<Vec<usize>>()
        );
        open(&path, Checks::Never).unwrap().get(index).unwrap();
    }
    // A last block that is damaged is not appended to.
    let opened = Appender::open(&path, plain(DIMENSION), &AppendOptions::default());
    assert!(matches!(opened, Err(StoreError::Ids { .. })), "{opened:?}");
    fs::write(&path, &whole).unwrap();
    let sums = directory.path().join("store.sums");
    let mut bytes = fs::read(&sums).unwrap();
    bytes[4096] ^= 1;
    fs::write(&sums, &bytes).unwrap();
    let store = open(&path, Checks::FirstTouch).unwrap();
    assert!(matches!(
        store.get(0).map(<[u8]>::len),
        Err(StoreError::Ids { .. })
    ));
    drop(store);
    fs::copy(directory.path().join("store.ids"), &sums).unwrap();
    assert!(matches!(
        open(&path, Checks::FirstTouch),
        Err(StoreError::Ids { .. })
    ));
}
