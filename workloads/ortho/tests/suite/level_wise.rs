//! Level by level against the golden cases.

use plimsoll_ortho::level_wise::{self, Directory};

use crate::golden::check_golden;

/// Runs every golden case up to `most` orthos with `buffer` bytes, each in a directory of its own.
fn check(most: u64, buffer: u64) {
    check_golden(most, buffer, |texts, options, context| {
        let scratch = tempfile::tempdir().unwrap();
        level_wise::search_in(&Directory::new(scratch.path()), texts, options, context)
    });
}

#[test]
fn golden_results_with_ample_buffers() {
    check(11_000_000, 16 << 20);
}

#[test]
fn golden_results_with_buffers_that_force_many_runs() {
    check(600_000, 64 << 10);
}

#[test]
fn golden_results_with_buffers_too_small_for_anything() {
    check(20_000, 100);
}
