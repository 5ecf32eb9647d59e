//! Runs that cannot succeed: every implementation says why, and leaves the archive that was there.

use std::path::Path;

use plimsoll_segments::Params;
use plimsoll_workload::Failure;

use crate::full_disk::passes_with_small_files;
use crate::runs::{CROSS_REFERENCED, ONE_SHOT, Prepared, STREAM, golden};

fn tiny() -> Prepared {
    Prepared::new(Params {
        segment_size: 1000,
        level: Some(3),
        ref_level: Some(3),
        ..Params::default()
    })
}

/// Runs everything on one thread and on several; what each ends with. The old archive stays, and nothing else.
fn failures(prepared: &Prepared) -> Vec<Failure> {
    let archive = prepared.archive();
    std::fs::write(&archive, "old").unwrap();
    let left = |path: &Path| std::fs::read_dir(path).unwrap().count();
    let before = left(archive.parent().unwrap());
    let mut failures = Vec::new();
    for way in ONE_SHOT.into_iter().chain(STREAM).chain([CROSS_REFERENCED]) {
        for threads in [1, 3] {
            failures.push(prepared.failure(way, threads));
            assert_eq!(std::fs::read(&archive).unwrap(), b"old");
            assert_eq!(left(archive.parent().unwrap()), before);
        }
    }
    failures
}

#[test]
fn a_sample_that_cannot_be_read_ends_the_run() {
    for place in [0, 2, 3] {
        let prepared = tiny();
        let sample = prepared.sample(place);
        let mut text = std::fs::read(&sample).unwrap();
        text.splice(0..0, *b"ACGT\n");
        std::fs::write(&sample, text).unwrap();
        for failure in failures(&prepared) {
            let name = sample.file_name().unwrap().to_str().unwrap();
            let told = failure.to_string();
            assert!(matches!(failure, Failure::Input(_)), "{failure:?}");
            assert!(told.contains(name) && told.contains("line 1"), "{told}");
        }
    }
}

#[test]
fn a_sample_that_ends_early_ends_the_run() {
    let prepared = tiny();
    let sample = prepared.sample(1);
    let mut magic = vec![0x1f, 0x8b];
    magic.extend(std::fs::read(&sample).unwrap());
    std::fs::write(&sample, magic).unwrap();
    for failure in failures(&prepared) {
        assert!(failure.to_string().contains("damaged as a gzip file"));
    }
}

/// Tells the test, started again in a process whose files may be but small, what was prepared for it.
const PREPARED: &str = "SEGMENTS_FAILURES_PREPARED";

#[test]
fn a_full_disk_ends_the_run() {
    let params = golden("lpa");
    if let Some(directory) = std::env::var_os(PREPARED) {
        let prepared = Prepared::elsewhere(directory.into(), params);
        for failure in failures(&prepared) {
            let told = failure.to_string();
            assert!(matches!(failure, Failure::Other(_)), "{failure:?}");
            assert!(told.contains("made.segw"), "{told}");
            assert!(told.contains("free some space"), "{told}");
        }
        return;
    }
    let prepared = Prepared::new(params);
    // 64 KiB at most: a third of the archive.
    passes_with_small_files(
        "failures::a_full_disk_ends_the_run",
        128,
        (PREPARED, prepared.directory()),
    );
}
