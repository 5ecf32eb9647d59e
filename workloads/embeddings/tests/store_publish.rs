//! The order in which records are published, under every order of steps that the memory model allows.

#![allow(unsafe_code, unreachable_pub)]

/// What the order is made of, from the model checker.
mod atomics {
    pub(super) use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
}

#[path = "../src/store/progress.rs"]
mod progress;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use progress::{Count, Progress};

/// Records of a byte each; the first mapping reaches as far as one of them.
const RECORDS: usize = 2;

struct File {
    progress: Progress,
    count: Count,
    bytes: [UnsafeCell<u8>; RECORDS],
    mappings: [UnsafeCell<bool>; 2],
}

// SAFETY: the model checker sees to it that no cell is read while it is written; that it does not happen is the test.
unsafe impl Sync for File {}
// SAFETY: cells of plain values.
unsafe impl Send for File {}

fn file() -> Arc<File> {
    Arc::new(File {
        progress: Progress::new(0),
        count: Count::new(0),
        bytes: std::array::from_fn(|_| UnsafeCell::new(0)),
        mappings: [UnsafeCell::new(true), UnsafeCell::new(false)],
    })
}

/// Appends and commits each record, as the store does.
fn append(file: &File) {
    for record in 0..RECORDS {
        if record == 1 {
            // SAFETY: the model checker fails the test if anyone reads it now.
            file.mappings[1].with_mut(|mapped| unsafe { *mapped = true });
            file.progress.map(1);
        }
        // SAFETY: as above.
        file.bytes[record].with_mut(|byte| unsafe { *byte = 7 });
        file.progress.seal(record as u64 + 1);
        file.count.publish(record as u64 + 1);
    }
}

/// Reads all records that are committed, as the store does.
fn read(file: &File) {
    let count = file.count.get();
    let sealed = file.progress.sealed();
    assert!(count <= sealed, "{count} records, {sealed} sealed");
    let newest = file.progress.newest();
    assert!(newest as u64 + 1 >= sealed);
    // SAFETY: the model checker fails the test if it is written now.
    assert!(file.mappings[newest].with(|mapped| unsafe { *mapped }));
    for byte in &file.bytes[..count as usize] {
        // SAFETY: as above.
        assert_eq!(byte.with(|byte| unsafe { *byte }), 7);
    }
}

#[test]
fn what_a_reader_counts_is_written_and_mapped() {
    loom::model(|| {
        let file = file();
        let appender = thread::spawn({
            let file = Arc::clone(&file);
            move || append(&file)
        });
        read(&file);
        read(&file);
        appender.join().unwrap();
        read(&file);
    });
}
