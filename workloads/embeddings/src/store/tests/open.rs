//! Opening, locking, creating over what is there.

use std::fs;
use std::path::Path;

use crate::encoding::Encoding;
use crate::store::{
    Access, AppendOptions, Appender, Checks, CreateOptions, OpenOptions, Store, StoreError,
};

use super::codecs::{directory, id, payloads, plain, row};

fn filled(path: &Path, records: usize) {
    let mut appender = Appender::create(path, plain(4), &CreateOptions::default()).unwrap();
    for index in 0..records {
        appender.append(id(index), &row(index, 4)).unwrap();
    }
    appender.commit().unwrap();
}

#[test]
fn a_store_has_one_writer_or_readers() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path, 3);
    let read = || Store::open(&path, &OpenOptions::default());
    let write = || Appender::open(&path, plain(4), &AppendOptions::default());
    let readers = (read().unwrap(), read().unwrap());
    assert!(matches!(write(), Err(StoreError::Locked { .. })));
    drop(readers);
    let writer = write().unwrap();
    assert!(matches!(write(), Err(StoreError::Locked { .. })));
    assert!(matches!(read(), Err(StoreError::Locked { .. })));
    let clone = writer.store().clone();
    drop(writer);
    assert!(matches!(write(), Err(StoreError::Locked { .. })));
    drop(clone);
    write().unwrap();
}

#[test]
fn nothing_is_replaced_unasked_or_while_in_use() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path, 3);
    let create = |replace| {
        let options = CreateOptions {
            replace,
            ids: !replace,
            ..CreateOptions::default()
        };
        Appender::create(&path, plain(4), &options)
    };
    assert!(matches!(
        create(false),
        Err(StoreError::AlreadyExists { .. })
    ));
    let reader = Store::open(&path, &OpenOptions::default()).unwrap();
    assert!(matches!(create(true), Err(StoreError::Locked { .. })));
    assert_eq!(reader.row(2).unwrap(), row(2, 4));
    drop(reader);
    assert_eq!(create(true).unwrap().store().len(), 0);
    assert!(!directory.path().join("store.ids").exists());
    // One that appeared while another was built.
    let late = directory.path().join("late");
    let mut built = Appender::build(&late, plain(4), &CreateOptions::default()).unwrap();
    filled(&late, 2);
    assert!(matches!(
        built.commit(),
        Err(StoreError::AlreadyExists { .. })
    ));
    assert!(matches!(built.commit(), Err(StoreError::Failed { .. })));
    drop(built);
    let store = Store::open(&late, &OpenOptions::default()).unwrap();
    assert_eq!(store.find(id(1)).unwrap(), Some(1));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
}

#[test]
fn what_is_built_and_dropped_leaves_nothing() {
    let directory = directory();
    let path = directory.path().join("store");
    let mut built = Appender::build(&path, plain(4), &CreateOptions::default()).unwrap();
    built.append(id(0), &row(0, 4)).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    drop(built);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    let missing = Store::open(&path, &OpenOptions::default());
    assert!(matches!(missing, Err(StoreError::Io { .. })));
}

#[test]
fn what_a_stopped_creator_left_is_removed_and_what_a_running_one_has_is_not() {
    let directory = directory();
    let path = directory.path().join("store");
    for left in [
        "store.new-abc",
        "store.ids.new-abc",
        "store.ids",
        "other.new-abc",
    ] {
        fs::write(directory.path().join(left), "left").unwrap();
    }
    let mut first = Appender::build(&path, plain(4), &CreateOptions::default()).unwrap();
    let mut second = Appender::build(&path, plain(4), &CreateOptions::default()).unwrap();
    second.append(id(1), &row(1, 4)).unwrap();
    second.commit().unwrap();
    let late = first.commit();
    assert!(
        matches!(late, Err(StoreError::AlreadyExists { .. })),
        "{late:?}"
    );
    drop((first, second));
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["other.new-abc", "store", "store.ids"]);
    let store = Store::open(&path, &OpenOptions::default()).unwrap();
    assert_eq!(store.find(id(1)).unwrap(), Some(0));
}

#[test]
fn another_dimension_encoding_or_codebook_is_refused() {
    let directory = directory();
    let path = directory.path().join("store");
    let codec = |fill| payloads(Encoding::Sq8PerDimension, 8, 8, &[fill; 64]);
    drop(Appender::create(&path, codec(1), &CreateOptions::default()).unwrap());
    let open = |dimension, encoding| {
        let options = OpenOptions {
            dimension,
            encoding,
            ..OpenOptions::default()
        };
        Store::open(&path, &options)
    };
    let store = open(Some(8), Some(Encoding::Sq8PerDimension)).unwrap();
    assert_eq!(store.parameters(), [1; 64]);
    drop(store);
    let found = open(Some(9), Some(Encoding::F32));
    assert!(matches!(
        found,
        Err(StoreError::DimensionMismatch {
            expected: 9,
            found: 8,
            ..
        })
    ));
    let found = open(Some(8), Some(Encoding::F32));
    let (expected, has) = (Encoding::F32, Encoding::Sq8PerDimension);
    assert!(
        matches!(found, Err(StoreError::EncodingMismatch { expected: e, found: f, .. }) if (e, f) == (expected, has))
    );
    let write = |codec| Appender::open(&path, codec, &AppendOptions::default());
    assert!(matches!(
        write(codec(2)),
        Err(StoreError::ParametersMismatch { .. })
    ));
    assert!(matches!(
        write(plain(8)),
        Err(StoreError::EncodingMismatch { .. })
    ));
    write(codec(1)).unwrap();
}

#[test]
fn damaged_records_are_found_as_the_options_say() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path, 50);
    let mut bytes = fs::read(&path).unwrap();
    for index in [7, 49] {
        bytes[4096 + index * 20 + 3] ^= 0x40;
    }
    fs::write(&path, &bytes).unwrap();
    let open = |checks| {
        let options = OpenOptions {
            checks,
            ..OpenOptions::default()
        };
        Store::open(&path, &options).unwrap()
    };
    let mut payload = [0; 16];
    for checks in [Checks::FirstTouch, Checks::Always] {
        let store = open(checks);
        for _ in 0..2 {
            assert_eq!(store.row(6).unwrap(), row(6, 4));
            let got = store.get(7).map(<[u8]>::len);
            assert!(matches!(
                got,
                Err(StoreError::RecordChecksum { index: 7, .. })
            ));
            let read = store.read_at(49, &mut payload);
            assert!(matches!(
                read,
                Err(StoreError::RecordChecksum { index: 49, .. })
            ));
        }
        let chunks: Vec<usize> = store
            .chunks(100)
            .map(|chunk| chunk.map_or(0, |records| records.len()))
            .collect();
        assert_eq!(chunks, [5, 0, 5, 5, 5, 5, 5, 5, 5, 0]);
        assert_eq!(store.verify().unwrap().damaged, [7, 49]);
    }
    let store = open(Checks::Never);
    store.get(7).unwrap();
    store.read_at(49, &mut payload).unwrap();
    assert_eq!(store.verify().unwrap().damaged, [7, 49]);
}

#[test]
fn a_record_that_is_cut_off_under_a_reader_is_an_error() {
    let directory = directory();
    let path = directory.path().join("store");
    for checks in [Checks::FirstTouch, Checks::Always, Checks::Never] {
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(directory.path().join("store.ids"));
        filled(&path, 3);
        let options = OpenOptions {
            checks,
            ..OpenOptions::default()
        };
        let store = Store::open(&path, &options).unwrap();
        let mut payload = [0; 16];
        // Within its payload.
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(4096 + 2 * 20 + 15).unwrap();
        for _ in 0..2 {
            let read = store.read_at(2, &mut payload);
            assert!(matches!(read, Err(StoreError::Io { .. })), "{read:?}");
        }
        // Within its checksum, which is not looked at where there are no checks.
        file.set_len(4096 + 2 * 20 - 1).unwrap();
        let read = store.read_at(1, &mut payload);
        let is_refused = matches!(read, Err(StoreError::Io { .. }));
        assert_eq!(is_refused, checks != Checks::Never, "{read:?}");
        store.read_at(0, &mut payload).unwrap();
        assert_eq!(payload, *bytemuck::cast_slice::<_, u8>(&row(0, 4)));
    }
}

#[test]
fn many_records_are_read_in_the_order_of_the_list() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path, 2000);
    let store = Store::open(&path, &OpenOptions::default()).unwrap();
    for access in [Access::Random, Access::Sequential, Access::Normal] {
        store.advise(access);
        let indices = [1999, 0, 5, 5, 1000];
        let mut read = Vec::new();
        store
            .get_many(&indices, |place, payload| {
                read.push((place, payload.to_vec()))
            })
            .unwrap();
        for (place, payload) in &read {
            assert_eq!(
                payload,
                bytemuck::cast_slice::<_, u8>(&row(indices[*place], 4))
            );
        }
        assert_eq!(read.len(), 5);
        store.release(0..2000);
    }
    let missing = store.get_many(&[0, 2000], |_, _| {});
    assert!(matches!(
        missing,
        Err(StoreError::OutOfRange {
            index: 2000,
            len: 2000
        })
    ));
    let chunks: Vec<_> = store.chunks(8192).map(Result::unwrap).collect();
    assert_eq!(chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), 2000);
    assert_eq!((chunks[1].first, chunks[1].stride), (409, 20));
    let stats = store.stats();
    assert_eq!(
        (stats.records, stats.file_bytes, stats.table_bytes),
        (2000, 44_096, 0)
    );
    store.find(id(3)).unwrap();
    assert!(store.stats().heap_bytes() >= 5 * 2000 + 2000 / 8);
}

#[test]
fn a_file_without_its_whole_capacity_opens_and_is_extended() {
    let directory = directory();
    let path = directory.path().join("store");
    filled(&path, 3);
    let ids = directory.path().join("store.ids");
    let cut = |path: &Path, length| {
        fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(length)
            .unwrap();
    };
    let length = fs::metadata(&path).unwrap().len();
    cut(&path, 4096 + 3 * 20);
    cut(&ids, 4096 + 3 * 16);
    let store = Store::open(&path, &OpenOptions::default()).unwrap();
    assert_eq!(store.find(id(2)).unwrap(), Some(2));
    drop(store);
    let mut appender = Appender::open(&path, plain(4), &AppendOptions::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), length);
    appender.append(id(3), &row(3, 4)).unwrap();
    appender.commit().unwrap();
    drop(appender);
    cut(&ids, 4096 + 3 * 16);
    let short = Store::open(&path, &OpenOptions::default());
    assert!(
        matches!(short, Err(StoreError::Truncated { found: 4144, .. })),
        "{short:?}"
    );
    cut(&path, 4096 + 4 * 20 - 1);
    let short = Store::open(&path, &OpenOptions::default());
    let (expected, found) = (4176, 4175);
    assert!(
        matches!(short, Err(StoreError::Truncated { expected: e, found: f, .. }) if (e, f) == (expected, found))
    );
}
