//! What the processes of a plain command leave in their gauge pages, folded into the figures of a step.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_workload::env::AllocatorChoice;
use plimsoll_workload::gauges::{NotAPage, OWN_ALLOCATOR, Snapshot};

use super::told::heap_counts;
use crate::evidence::HeapCounts;

/// The directory in which each process of a command makes a page of its own.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    directory: PathBuf,
    /// Whether the heap is counted, or only told what serves it.
    counted: bool,
}

/// What was found in a directory of pages.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// A page a process, the earliest id first.
    pages: Vec<Snapshot>,
    /// Processes whose allocations went to an allocator of their own.
    own_allocator: usize,
    counted: bool,
    /// What could not be read.
    pub(crate) faults: Vec<String>,
}

impl Pages {
    /// For heaps that are counted.
    pub(crate) fn counted(directory: PathBuf) -> Self {
        Pages {
            directory,
            counted: true,
        }
    }

    /// For programs that only tell what serves their heap.
    pub(crate) fn told(directory: PathBuf) -> Self {
        Pages {
            directory,
            counted: false,
        }
    }

    /// Where they are, for who watches the heap.
    pub(crate) fn watched(&self) -> Option<&Path> {
        self.counted.then_some(&*self.directory)
    }

    /// Reads all of them, once nobody writes any more.
    pub(crate) fn read(&self) -> Found {
        let mut found = Found {
            counted: self.counted,
            ..Found::default()
        };
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) => {
                let fault = format!("the gauge pages in {}: {error}", self.directory.display());
                found.faults.push(fault);
                return found;
            }
        };
        let mut names: Vec<(u32, PathBuf)> = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(OWN_ALLOCATOR) {
                found.own_allocator += 1;
            } else if let Ok(pid) = name.parse() {
                names.push((pid, entry.path()));
            }
        }
        names.sort_unstable();
        for (_, path) in names {
            let page = File::open(&path).map_err(NotAPage::Io);
            match page.and_then(|file| Snapshot::read_file(&file)) {
                Ok(page) => found.pages.push(page),
                // Killed between making the page and writing to it.
                Err(NotAPage::Unused | NotAPage::Short(_)) => {}
                Err(error) => found.faults.push(format!("{}: {error}", path.display())),
            }
        }
        found
    }
}

impl Found {
    /// The figures of all processes together: peaks are those of the largest, the rest are sums. The error says why
    /// there are none; nothing where they were not to be counted.
    pub(crate) fn counts(&self) -> Option<Result<HeapCounts, String>> {
        let counted = self.pages.iter().filter_map(heap_counts);
        let counts = counted.reduce(join).ok_or_else(|| self.why_empty());
        self.counted.then_some(counts)
    }

    /// What served the heaps of all processes. The error says why that is not known.
    pub(crate) fn allocator(&self) -> Result<AllocatorChoice, String> {
        let first = self.pages.first().map(|page| page.allocator);
        let first = first.ok_or_else(|| self.why_empty())?;
        match self.pages.iter().all(|page| page.allocator == first) {
            true => Ok(first),
            false => Err("its processes ran on several".to_owned()),
        }
    }

    /// Whether any process had the library that stands in for malloc. The error says why none had.
    pub(crate) fn loaded(&self) -> Result<(), String> {
        match self.pages.is_empty() {
            true => Err(self.why_empty()),
            false => Ok(()),
        }
    }

    fn why_empty(&self) -> String {
        let why = if self.own_allocator > 0 {
            "its malloc is its own, or that of a library which was loaded before ours, and not the C library's"
        } else {
            "none of its processes has loaded the library that stands in for malloc"
        };
        why.to_owned()
    }

    /// What the figures leave out, where they do.
    pub(crate) fn left_out(&self) -> Option<String> {
        let others = self.own_allocator;
        (others > 0 && !self.pages.is_empty()).then(|| {
            format!(
                "left out of what is said of the heap: {} with an allocator of {} own",
                match others {
                    1 => "1 process".to_owned(),
                    n => format!("{n} processes"),
                },
                if others == 1 { "its" } else { "their" }
            )
        })
    }
}

fn join(a: HeapCounts, b: HeapCounts) -> HeapCounts {
    HeapCounts {
        peak: a.peak.max(b.peak),
        peak_rust: a.peak_rust.max(b.peak_rust),
        // Known only where every process tells its heaps apart.
        peak_c: a.peak_c.zip(b.peak_c).map(|(a, b)| a.max(b)),
        total: a.total.saturating_add(b.total),
        allocations: a.allocations.saturating_add(b.allocations),
        error: a.error.max(b.error),
        whole: a.whole && b.whole,
        processes: a.processes.saturating_add(b.processes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_workload::env::AllocatorChoice;
    use plimsoll_workload::gauges::HeapSide;

    fn page(peak: u64, total: u64) -> Snapshot {
        Snapshot {
            c: Some(HeapSide {
                live: 0,
                peak,
                total,
                calls: 2,
            }),
            heap_peak: Some(peak),
            ..Snapshot::default()
        }
    }

    #[test]
    fn the_largest_process_has_the_peak_and_all_of_them_the_sums() {
        let found = Found {
            pages: vec![page(10, 100), page(70, 80), page(0, 0)],
            counted: true,
            ..Found::default()
        };
        let counts = found.counts().unwrap().unwrap();
        assert_eq!(
            (counts.peak, counts.total, counts.allocations),
            (70, 180, 6)
        );
        assert_eq!((counts.processes, counts.peak_c), (3, None));
        assert_eq!(found.left_out(), None);
    }

    #[test]
    fn where_nothing_was_counted_it_is_said_why() {
        let why = |found: &Found| found.counts().unwrap().unwrap_err();
        let none = Found {
            counted: true,
            ..Found::default()
        };
        assert!(why(&none).contains("has loaded the library"));
        let own = Found {
            own_allocator: 2,
            ..none
        };
        assert!(why(&own).contains("its malloc is its own"));
        assert_eq!(own.left_out(), None, "all of it is absent");
        let some = Found {
            pages: vec![page(1, 1)],
            ..own
        };
        assert_eq!(
            some.left_out().unwrap(),
            "left out of what is said of the heap: 2 processes with an allocator of their own"
        );
    }

    #[test]
    fn the_allocator_is_that_of_all_processes() {
        let on = |allocators: &[AllocatorChoice]| {
            let page = |allocator: &AllocatorChoice| Snapshot {
                allocator: *allocator,
                ..Snapshot::default()
            };
            let pages = allocators.iter().map(page).collect();
            let found = Found {
                pages,
                ..Found::default()
            };
            assert_eq!(found.counts(), None, "nobody has asked");
            found.allocator()
        };
        let (system, jemalloc) = (AllocatorChoice::System, AllocatorChoice::Jemalloc);
        assert_eq!(on(&[jemalloc, jemalloc]), Ok(jemalloc));
        assert_eq!(on(&[system]), Ok(system));
        assert!(on(&[jemalloc, system]).unwrap_err().contains("several"));
        assert!(on(&[]).unwrap_err().contains("has loaded the library"));
    }

    #[test]
    fn what_is_no_page_is_passed_over_or_told() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("12", &[0u8; 3][..]),
            ("13", &[0; plimsoll_workload::gauges::SIZE]),
            ("14", &[1; plimsoll_workload::gauges::SIZE]),
            ("core", &[1]),
            ("own-allocator-15", &[]),
        ] {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let found = Pages::counted(dir.path().to_owned()).read();
        assert_eq!((found.pages.len(), found.own_allocator), (0, 1));
        assert_eq!(found.faults.len(), 1, "{:?}", found.faults);
        assert!(found.faults[0].contains("14: "), "{:?}", found.faults);
        let gone = Pages::counted(dir.path().join("gone")).read();
        assert_eq!(gone.faults.len(), 1);
    }
}
