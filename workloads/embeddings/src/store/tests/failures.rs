//! Disks that are full, and disks that fail.

use std::fs;
use std::io;
use std::ops::Range;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::store::{
    AppendOptions, Appender, CreateOptions, OpenOptions, Part, Store, StoreError, Watch,
};

use super::codecs::{directory, id, plain, row};

/// Refuses a reservation or a sync of one file, when its turn comes.
#[derive(Debug, Default)]
struct Refusing {
    reservations: AtomicI64,
    syncs: AtomicI64,
    part: Option<Part>,
}

impl Refusing {
    fn refuse(&self, part: Part, left: &AtomicI64) -> io::Result<()> {
        if self.part == Some(part) && left.fetch_sub(1, Ordering::Relaxed) == 1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl Watch for Refusing {
    fn reserve(&self, part: Part, _length: u64) -> io::Result<()> {
        self.refuse(part, &self.reservations)
    }

    fn cut(&self, _part: Part, _length: u64) {}

    fn write(&self, _part: Part, _at: u64, _bytes: &[u8]) {}

    fn sync(&self, part: Part, _range: Range<u64>) -> io::Result<()> {
        self.refuse(part, &self.syncs)
    }
}

#[test]
fn a_full_disk_leaves_the_old_state_in_force() {
    for part in [Part::Records, Part::Ids, Part::Sums] {
        let directory = directory();
        let path = directory.path().join("store");
        let ids = directory.path().join("store.ids");
        let refusing = Arc::new(Refusing {
            // The first is that of the creation.
            reservations: AtomicI64::new(2),
            part: Some(part),
            ..Refusing::default()
        });
        let mut options = CreateOptions {
            capacity: 5,
            checksums: part != Part::Sums,
            ..CreateOptions::default()
        };
        options.append.watch = Some(refusing);
        let mut appender = Appender::create(&path, plain(4), &options).unwrap();
        for index in 0..5 {
            appender.append(id(index), &row(index, 4)).unwrap();
        }
        let state = || (fs::read(&path).unwrap(), fs::read(&ids).unwrap());
        let before = state();
        let refused = appender.append(id(5), &row(5, 4));
        assert!(
            matches!(refused, Err(StoreError::Growth { .. })),
            "{refused:?}"
        );
        assert!(before == state(), "{part:?}");
        assert_eq!((appender.appended(), appender.capacity()), (5, 5));
        assert_eq!(appender.commit().unwrap().count, 5);
        // The disk has room again.
        assert_eq!(appender.append(id(5), &row(5, 4)).unwrap(), 5);
        appender.commit().unwrap();
        drop(appender);
        let store = Store::open(&path, &OpenOptions::default()).unwrap();
        assert_eq!(store.find(id(5)).unwrap(), Some(5));
        assert!(store.verify().unwrap().is_whole());
    }
}

#[test]
fn a_failed_sync_leaves_the_last_commit_and_ends_the_appender() {
    // Each sync of the second commit: that of the records, of the ids, and of the header.
    for (part, turn) in [(Part::Records, 1), (Part::Ids, 1), (Part::Records, 2)] {
        let directory = directory();
        let path = directory.path().join("store");
        let mut appender = Appender::create(&path, plain(4), &CreateOptions::default()).unwrap();
        appender.append(id(0), &row(0, 4)).unwrap();
        appender.commit().unwrap();
        drop(appender);
        let options = AppendOptions {
            watch: Some(Arc::new(Refusing {
                syncs: AtomicI64::new(turn),
                part: Some(part),
                ..Refusing::default()
            })),
            ..AppendOptions::default()
        };
        let mut appender = Appender::open(&path, plain(4), &options).unwrap();
        appender.append(id(1), &row(1, 4)).unwrap();
        let failed = appender.commit();
        assert!(
            matches!(
                failed,
                Err(StoreError::Io {
                    doing: "syncing",
                    ..
                })
            ),
            "{failed:?}"
        );
        let refused = appender.append(id(1), &row(1, 4));
        assert!(matches!(refused, Err(StoreError::Failed { .. })));
        assert!(matches!(appender.commit(), Err(StoreError::Failed { .. })));
        assert_eq!(appender.store().len(), 1);
        drop(appender);
        let mut appender = Appender::open(&path, plain(4), &AppendOptions::default()).unwrap();
        assert_eq!(appender.appended(), 1);
        appender.append(id(1), &row(7, 4)).unwrap();
        appender.commit().unwrap();
        assert_eq!(appender.store().row(1).unwrap(), row(7, 4));
    }
}

/// Set in the process that is limited.
const LIMITED: &str = "PLIMSOLL_LIMITED_STORE";

#[test]
fn growth_beyond_the_limit_of_a_file_is_an_error() {
    if let Some(path) = std::env::var_os(LIMITED) {
        let mut options = CreateOptions {
            capacity: 10,
            ..CreateOptions::default()
        };
        options.append = AppendOptions::default();
        let path = std::path::PathBuf::from(path);
        let mut appender = Appender::create(&path, plain(4), &options).unwrap();
        for index in 0..10 {
            appender.append(id(index), &row(index, 4)).unwrap();
        }
        let length = fs::metadata(&path).unwrap().len();
        let refused = appender.append(id(10), &row(10, 4));
        assert!(
            matches!(refused, Err(StoreError::Growth { .. })),
            "{refused:?}"
        );
        assert_eq!(fs::metadata(&path).unwrap().len(), length);
        assert_eq!(appender.commit().unwrap().count, 10);
        return;
    }
    let directory = directory();
    let path = directory.path().join("store");
    // This same test, in a process whose files have at most 1 MiB or 2, and that is not ended by the signal of it.
    let this = std::env::current_exe().unwrap();
    let name = "store::tests::failures::growth_beyond_the_limit_of_a_file_is_an_error";
    let limited = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 2048; exec \"$0\" --exact \"$1\"",
        ])
        .arg(&this)
        .arg(name)
        .env(LIMITED, &path)
        .output()
        .unwrap();
    assert!(limited.status.success(), "{limited:?}");
    let store = Store::open(&path, &OpenOptions::default()).unwrap();
    assert_eq!(store.len(), 10);
    assert!(store.verify().unwrap().is_whole());
}
