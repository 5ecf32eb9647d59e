//! The gauge page, read with each look.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use plimsoll_workload::gauges::{NotAPage, SIZE, Snapshot};

/// A gauge page and what it said last.
#[derive(Debug)]
pub(super) struct GaugePage {
    file: File,
    raw: Box<[u8; SIZE]>,
    last: Option<Snapshot>,
    /// Why the page cannot be read, other than that nobody uses it.
    fault: Option<String>,
}

impl GaugePage {
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            file: File::open(path)?,
            raw: Box::new([0; SIZE]),
            last: None,
            fault: None,
        })
    }

    /// What the page says now; none while nobody has mapped it. A page that has not changed is
    /// not parsed again.
    pub(super) fn read(&mut self) -> Option<&Snapshot> {
        let mut page = [0; SIZE];
        let length = match self.file.read_at(&mut page, 0) {
            Ok(length) => length,
            Err(error) => {
                self.fault = Some(NotAPage::Io(error).to_string());
                return self.last.as_ref();
            }
        };
        if length < SIZE || page != *self.raw {
            *self.raw = page;
            match Snapshot::read(&page[..length]) {
                Ok(snapshot) => self.last = Some(snapshot),
                Err(NotAPage::Unused) => {}
                Err(error) => self.fault = Some(error.to_string()),
            }
        }
        self.last.as_ref()
    }

    /// What the page said when it was read last.
    pub(super) fn last(&self) -> Option<&Snapshot> {
        self.last.as_ref()
    }

    /// Why it could not be read, where that was so, to the end.
    pub(super) fn finish(mut self) -> Option<String> {
        self.read();
        self.fault
    }
}

/// Where each process has a page, that of the largest.
#[derive(Debug)]
pub(super) struct PageOfLargest {
    directory: PathBuf,
    pid: i32,
}

impl PageOfLargest {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory, pid: 0 }
    }

    /// Another process's page, or none as long as it has not made it; `None` where it is still the same. `open` says
    /// whether there is one.
    pub(super) fn changed(&mut self, largest: i32, open: bool) -> Option<Option<GaugePage>> {
        if largest == self.pid && open {
            return None;
        }
        self.pid = largest;
        Some(GaugePage::open(&self.directory.join(largest.to_string())).ok())
    }
}

/// The sum of a ledger; none where the program keeps none.
pub(super) fn ledger_sum(snapshot: &Snapshot) -> Option<u64> {
    let entries = snapshot.ledger.iter().map(|entry| entry.bytes);
    (!snapshot.ledger.is_empty()).then(|| entries.fold(0, u64::saturating_add))
}
