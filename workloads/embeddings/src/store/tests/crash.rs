//! Crashes at every moment: each leaves a committed state, whole.

use std::path::Path;
use std::sync::Arc;

use crate::encoding::Encoding;
use crate::store::{
    AppendOptions, Appender, CreateOptions, OpenOptions, Recording, Store, Watch, Wreck,
};

use super::codecs::{directory, id, payloads, plain, row};

/// Seeds of the random crashes.
const SEEDS: u64 = 1000;

/// Seeded numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(word ^ (word >> 31)) * bound as u128) >> 64) as usize
    }
}

/// Records appends of rows of this dimension, in commits of so many, from a capacity of two records on.
fn recorded(dimension: usize, commits: &[usize]) -> Arc<Recording> {
    recorded_with(dimension, commits, true)
}

/// The same, of records with checksums of their own or without.
fn recorded_with(dimension: usize, commits: &[usize], checksums: bool) -> Arc<Recording> {
    let directory = directory();
    let path = directory.path().join("store");
    let recording = Arc::new(Recording::default());
    let mut options = CreateOptions {
        capacity: 2,
        checksums,
        ..CreateOptions::default()
    };
    options.append.watch = Some(recording.clone() as Arc<dyn Watch>);
    let mut appender = Appender::create(&path, plain(dimension), &options).unwrap();
    let mut index = 0;
    for &records in commits {
        for _ in 0..records {
            appender.append(id(index), &row(index, dimension)).unwrap();
            index += 1;
        }
        appender.commit().unwrap();
    }
    // Appended, and never committed.
    appender.append(id(index), &row(index, dimension)).unwrap();
    recording
}

/// Opens what a crash left: a committed count, all records and ids whole and their own.
fn survives(wreck: &Wreck, path: &Path, dimension: usize, context: &str) {
    wreck.write(path).unwrap();
    let store = Store::open(path, &OpenOptions::default())
        .unwrap_or_else(|error| panic!("{context}: {error}"));
    let len = store.len() as u64;
    assert!(
        len == wreck.committed || len == wreck.begun,
        "{context}: {len} of {} or {}",
        wreck.committed,
        wreck.begun
    );
    assert!(store.verify().unwrap().is_whole(), "{context}");
    for index in (0..store.len()).rev().take(40) {
        assert_eq!(
            store.row(index).unwrap(),
            row(index, dimension),
            "{context}"
        );
        assert_eq!(store.id(index).unwrap(), id(index), "{context}");
    }
}

#[test]
fn every_prefix_of_the_writes_is_a_commit() {
    let directory = directory();
    let path = directory.path().join("wreck");
    let mut crashes = 0;
    // Records of less than a sector, of more than one, and of more than a page.
    for (dimension, commits) in [(8, &[3, 1, 30][..]), (300, &[1, 2, 3]), (1500, &[2, 1, 2])] {
        let recording = recorded(dimension, commits);
        for moment in recording.moments() {
            for cut in recording.cuts(moment) {
                for all in [true, false] {
                    let keep = |writes| if all { writes } else { 0 };
                    let wreck = recording.crash(moment, cut, keep);
                    let context = format!("dimension {dimension}, {moment} events, {cut}, {all}");
                    survives(&wreck, &path, dimension, &context);
                    crashes += 1;
                }
            }
        }
    }
    assert!(crashes > 500, "{crashes}");
}

#[test]
fn whatever_pages_are_missing_there_is_a_commit() {
    let directory = directory();
    let path = directory.path().join("wreck");
    let recordings = [
        (8, recorded(8, &[5, 40, 1, 1, 200, 3])),
        (300, recorded(300, &[1, 10, 2, 7])),
        (1500, recorded(1500, &[3, 5, 1, 8])),
        // Past the end of a block of ids.
        (1, recorded(1, &[4000, 90, 5, 3, 100])),
        // Past the end of a block of records, which have no checksums of their own.
        (24, recorded_with(24, &[600, 5, 90, 1, 700], false)),
    ];
    for seed in 0..SEEDS {
        let mut numbers = Numbers(seed);
        let (dimension, recording) = &recordings[numbers.below(recordings.len())];
        let moments = recording.moments();
        let moment = moments.start + numbers.below(moments.len());
        let cuts = recording.cuts(moment);
        let cut = cuts[numbers.below(cuts.len())];
        let wreck = recording.crash(moment, cut, |writes| match numbers.below(3) {
            0 => 0,
            1 => writes,
            _ => numbers.below(writes + 1),
        });
        let context = format!("seed {seed}, dimension {dimension}");
        survives(&wreck, &path, *dimension, &context);
        if seed % 20 == 0 {
            goes_on(&path, *dimension, &context);
        }
    }
}

/// Appends after a crash, and looks at all of it again.
fn goes_on(path: &Path, dimension: usize, context: &str) {
    let options = AppendOptions::default();
    let mut appender = Appender::open(path, plain(dimension), &options).unwrap();
    let first = appender.appended() as usize;
    for index in first..first + 50 {
        appender.append(id(index), &row(index, dimension)).unwrap();
    }
    appender.commit().unwrap();
    drop(appender);
    let store = Store::open(path, &OpenOptions::default()).unwrap();
    assert_eq!(store.len(), first + 50, "{context}");
    assert!(store.verify().unwrap().is_whole(), "{context}");
    for index in 0..store.len() {
        assert_eq!(store.find(id(index)).unwrap(), Some(index), "{context}");
    }
}

#[test]
fn without_the_first_sync_a_header_would_come_before_its_records() {
    // What the replay is worth: writes without the syncs between them leave a damaged store, and it is found out.
    let recording = recorded(300, &[1, 4]);
    let unsynced = recording.without_syncs();
    let directory = directory();
    let path = directory.path().join("wreck");
    let moment = unsynced.moments().end - 1;
    let mut damaged = 0;
    for seed in 0..50 {
        let mut numbers = Numbers(seed);
        let wreck = unsynced.crash(moment, 0, |writes| writes * numbers.below(2));
        wreck.write(&path).unwrap();
        let store = Store::open(&path, &OpenOptions::default());
        damaged += usize::from(store.is_err() || !store.unwrap().verify().unwrap().is_whole());
    }
    assert!(damaged > 10, "{damaged}");
}

#[test]
fn stores_without_ids_or_with_parameters_survive_too() {
    let directory = directory();
    let path = directory.path().join("store");
    let wrecked = directory.path().join("wreck");
    let recording = Arc::new(Recording::default());
    let mut options = CreateOptions {
        ids: false,
        ..CreateOptions::default()
    };
    options.append.watch = Some(recording.clone() as Arc<dyn Watch>);
    let codec = payloads(Encoding::Sq8PerDimension, 600, 600, &[3; 4800]);
    let mut built = Appender::build(&path, codec, &options).unwrap();
    for index in 0..20_u8 {
        built.append_payload(None, &[index; 600]).unwrap();
        if index % 7 == 6 {
            built.commit().unwrap();
        }
    }
    for moment in recording.moments() {
        for cut in recording.cuts(moment) {
            let wreck = recording.crash(moment, cut, |writes| writes);
            wreck.write(&wrecked).unwrap();
            let store = Store::open(&wrecked, &OpenOptions::default()).unwrap();
            let len = store.len() as u64;
            assert!(len == wreck.committed || len == wreck.begun);
            assert!(len >= 7 && store.verify().unwrap().is_whole());
            assert_eq!(store.parameters(), [3; 4800]);
        }
    }
}
