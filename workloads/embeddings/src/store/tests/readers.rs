//! Readers in other threads while a store is appended to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::store::{Appender, CreateOptions};

use super::codecs::{directory, id, plain, row};

const DIMENSION: usize = 5;
/// Records, those of a commit, and readers: few for Miri.
const RECORDS: usize = if cfg!(miri) { 40 } else { 30_000 };
const COMMIT: usize = if cfg!(miri) { 10 } else { 100 };
const READERS: usize = if cfg!(miri) { 2 } else { 4 };

#[test]
fn readers_see_whole_commits_while_rows_are_appended() {
    let directory = directory();
    let path = directory.path().join("store");
    let options = CreateOptions {
        capacity: 1,
        ..CreateOptions::default()
    };
    let mut appender = Appender::create(&path, plain(DIMENSION), &options).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for reader in 0..READERS {
            let (store, done) = (appender.store().clone(), &done);
            scope.spawn(move || {
                let (mut seen, mut turn) = (0, reader);
                // A slice taken early stays what it is.
                let mut early = None;
                while !done.load(Ordering::Acquire) || seen < RECORDS {
                    let len = store.len();
                    assert!(
                        len >= seen && len.is_multiple_of(COMMIT),
                        "{len} after {seen}"
                    );
                    seen = len;
                    if len == 0 {
                        thread::yield_now();
                        continue;
                    }
                    turn = (turn * 31 + 17) % 1_000_003;
                    for index in [len - 1, turn % len] {
                        assert_eq!(store.row(index).unwrap(), row(index, DIMENSION));
                        assert_eq!(store.id(index).unwrap(), id(index));
                        if turn % 5 == 0 {
                            assert_eq!(store.find(id(index)).unwrap(), Some(index));
                        }
                    }
                    let records = store.records();
                    assert!(records.len() >= len);
                    let early = early.get_or_insert_with(|| store.row(0).unwrap());
                    assert_eq!(*early, row(0, DIMENSION));
                }
            });
        }
        for index in 0..RECORDS {
            appender.append(id(index), &row(index, DIMENSION)).unwrap();
            if index % COMMIT == COMMIT - 1 {
                appender.commit().unwrap();
            }
        }
        done.store(true, Ordering::Release);
    });
    assert!(appender.store().verify().unwrap().is_whole());
}
