//! Appending, committing and growing.

use std::fs;
use std::num::NonZeroU64;

use crate::codec::RowProblem;
use crate::encoding::Encoding;
use crate::store::{
    AppendOptions, Appender, Commits, CreateOptions, OpenOptions, Store, StoreError,
};

use super::codecs::{directory, id, payloads, plain, row};

#[test]
fn what_is_committed_is_there_and_nothing_else() {
    let directory = directory();
    let path = directory.path().join("store");
    let mut appender = Appender::create(&path, plain(8), &CreateOptions::default()).unwrap();
    assert!(appender.store().is_empty());
    for index in 0..100 {
        assert_eq!(
            appender.append(id(index), &row(index, 8)).unwrap(),
            index as u64
        );
    }
    let reader = appender.store().clone();
    assert!(matches!(
        reader.get(0),
        Err(StoreError::OutOfRange { index: 0, len: 0 })
    ));
    assert_eq!(reader.find(id(0)).unwrap(), None);
    let committed = appender.commit().unwrap();
    assert_eq!(
        (committed.count, committed.generation, committed.values),
        (100, 2, 800)
    );
    assert!(!committed.clamps_much());
    assert_eq!(reader.len(), 100);
    for index in 0..100 {
        assert_eq!(reader.row(index).unwrap(), row(index, 8));
        assert_eq!(reader.find(id(index)).unwrap(), Some(index));
        assert_eq!(reader.id(index).unwrap(), id(index));
    }
    appender.append(id(100), &row(100, 8)).unwrap();
    drop((appender, reader));

    let store = Store::open(&path, &OpenOptions::default()).unwrap();
    assert_eq!((store.len(), store.generation()), (100, 2));
    assert_eq!(store.row(99).unwrap(), row(99, 8));
    assert_eq!(store.find(id(100)).unwrap(), None);
    assert!(store.verify().unwrap().is_whole());
    drop(store);

    let mut appender = Appender::open(&path, plain(8), &AppendOptions::default()).unwrap();
    assert_eq!(appender.append(id(7), &row(1007, 8)).unwrap(), 100);
    appender.commit().unwrap();
    let store = appender.store();
    assert_eq!(store.find(id(7)).unwrap(), Some(100));
    assert_eq!(store.find(id(8)).unwrap(), Some(8));
}

#[test]
fn a_row_that_cannot_be_stored_changes_nothing() {
    let directory = directory();
    let path = directory.path().join("store");
    let ids = directory.path().join("store.ids");
    let mut appender = Appender::create(&path, plain(4), &CreateOptions::default()).unwrap();
    appender.append(id(0), &row(0, 4)).unwrap();
    appender.commit().unwrap();
    appender.append(id(1), &row(1, 4)).unwrap();
    let before = (fs::read(&path).unwrap(), fs::read(&ids).unwrap());
    let problem = |result: Result<u64, StoreError>| match result {
        Err(StoreError::Row(problem)) => problem,
        other => panic!("{other:?}"),
    };
    for length in [0, 3, 5] {
        let found = problem(appender.append(id(2), &row(2, length)));
        let expected = RowProblem::DimensionMismatch {
            expected: 4,
            found: length,
        };
        assert_eq!(found, expected);
    }
    for (index, value) in [(0, f32::NAN), (1, f32::INFINITY), (3, f32::NEG_INFINITY)] {
        let mut strange = row(2, 4);
        strange[index] = value;
        assert_eq!(
            problem(appender.append(id(2), &strange)),
            RowProblem::NonFinite { index }
        );
        let many = [row(2, 4), strange].concat();
        let found = problem(appender.append_many(&[id(2), id(3)], &many));
        assert_eq!(found, RowProblem::NonFinite { index });
        assert_eq!(appender.appended(), 2);
    }
    assert!(matches!(
        appender.append(None, &row(2, 4)),
        Err(StoreError::IdNeeded { .. })
    ));
    let short = appender.append_payload(id(2), &[0; 15]);
    assert!(matches!(
        short,
        Err(StoreError::Length {
            expected: 16,
            found: 15
        })
    ));
    // `append_many` may have written behind the last record, where nothing is yet.
    let after = (fs::read(&path).unwrap(), fs::read(&ids).unwrap());
    let used = (4096 + 2 * 20, 4096 + 2 * 16);
    assert!(before.0[..used.0] == after.0[..used.0] && before.1[..used.1] == after.1[..used.1]);
    assert_eq!(appender.commit().unwrap().count, 2);
    assert_eq!(appender.store().find(id(2)).unwrap(), None);
    assert_eq!(appender.store().find(id(1)).unwrap(), Some(1));
}

#[test]
fn many_rows_are_appended_as_one_after_another() {
    let directory = directory();
    let files = ["one", "many"].map(|name| {
        let path = directory.path().join(name);
        let options = CreateOptions {
            store_id: Some([1; 16]),
            ..CreateOptions::default()
        };
        let mut appender = Appender::create(&path, plain(3), &options).unwrap();
        let rows: Vec<Vec<f32>> = (0..5000).map(|index| row(index, 3)).collect();
        let ids: Vec<u128> = (0..5000).map(id).collect();
        if name == "one" {
            for (id, row) in ids.iter().zip(&rows) {
                appender.append(*id, row).unwrap();
            }
        } else {
            assert_eq!(
                appender
                    .append_many(&ids[..4000], &rows[..4000].concat())
                    .unwrap(),
                0
            );
            assert!(
                appender
                    .append_many(&ids[4000..], &rows[..999].concat())
                    .is_err()
            );
            assert!(
                appender
                    .append_many(&ids[4000..], &[f32::NAN; 3000])
                    .is_err()
            );
            assert_eq!(
                appender
                    .append_many(&ids[4000..], &rows[4000..].concat())
                    .unwrap(),
                4000
            );
        }
        assert_eq!(appender.commit().unwrap().values, 15_000);
        let id_path = directory.path().join(format!("{name}.ids"));
        (fs::read(&path).unwrap(), fs::read(id_path).unwrap())
    });
    assert!(files[0] == files[1]);
}

#[cfg_attr(miri, ignore = "stores grow by less there")]
#[test]
fn a_store_without_room_grows_with_wide_rows() {
    let directory = directory();
    let path = directory.path().join("store");
    let codec = plain(11_776);
    let mut appender = Appender::create(&path, codec, &CreateOptions::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 4096);
    let first = (64 << 20) / (4 * 11_776 + 4);
    appender.append(id(0), &row(0, 11_776)).unwrap();
    assert_eq!(appender.capacity(), first);
    appender.commit().unwrap();
    let reader = appender.store().clone();
    let early = reader.row(0).unwrap();
    for index in 1..=first as usize {
        appender.append(id(index), &row(index, 11_776)).unwrap();
    }
    assert_eq!(appender.capacity(), 2 * first);
    appender.commit().unwrap();
    assert_eq!(early, row(0, 11_776));
    assert_eq!(
        appender.store().row(first as usize).unwrap(),
        row(first as usize, 11_776)
    );
    drop((appender, reader));
    let store = Store::open(&path, &OpenOptions::default()).unwrap();
    assert_eq!(
        (store.len() as u64, store.capacity()),
        (first + 1, 2 * first)
    );
    assert!(store.verify().unwrap().is_whole());
}

#[test]
fn appenders_commit_when_they_are_told_to_beforehand() {
    let directory = directory();
    let every = |name: &str, commits, rows: usize| {
        let mut options = CreateOptions::default();
        options.append.commits = commits;
        let path = directory.path().join(name);
        let mut appender = Appender::create(&path, plain(2), &options).unwrap();
        for index in 0..rows {
            appender.append(id(index), &row(index, 2)).unwrap();
        }
        (appender.store().len(), appender.store().generation())
    };
    let records = |count| Commits::Records(NonZeroU64::new(count).unwrap());
    assert_eq!(every("each", records(1), 5), (5, 6));
    assert_eq!(every("three", records(3), 8), (6, 3));
    assert_eq!(every("none", Commits::Explicit, 8), (0, 1));
    assert_eq!(
        every("always", Commits::Interval(std::time::Duration::ZERO), 4),
        (4, 5)
    );
}

#[test]
fn a_commit_of_nothing_is_none() {
    let directory = directory();
    let path = directory.path().join("store");
    let mut appender = Appender::create(&path, plain(2), &CreateOptions::default()).unwrap();
    assert_eq!(appender.commit().unwrap().generation, 1);
    drop(appender);
    assert_eq!(
        Store::open(&path, &OpenOptions::default())
            .unwrap()
            .generation(),
        1
    );
}

#[test]
fn an_impossible_store_is_refused() {
    let directory = directory();
    let path = directory.path().join("store");
    let codecs = [
        payloads(Encoding::F32, 0, 0, &[]),
        payloads(Encoding::F32, 8, 31, &[]),
        payloads(Encoding::Product, 8, 3, &[0; 8192]),
        payloads(Encoding::F32, 1 << 30, 1 << 32, &[]),
        payloads(Encoding::Binary, 1 << 33, 1 << 30, &[]),
    ];
    for codec in codecs {
        let made = Appender::create(&path, codec, &CreateOptions::default());
        assert!(matches!(made, Err(StoreError::Shape { .. })), "{made:?}");
    }
    for (ids, capacity) in [(true, 1 << 32), (false, 1 << 60)] {
        let options = CreateOptions {
            capacity,
            ids,
            ..CreateOptions::default()
        };
        let made = Appender::create(&path, plain(2), &options);
        assert!(matches!(made, Err(StoreError::TooMany { .. })), "{made:?}");
    }
    let wanting = payloads(Encoding::Sq8PerDimension, 8, 8, &[0; 63]);
    let made = Appender::create(&path, wanting, &CreateOptions::default());
    assert!(matches!(made, Err(StoreError::ParametersMismatch { .. })));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}
