//! The breadth-first searches against golden results, whatever their buffers.

use plimsoll_ortho::fifo::{disk_queue, in_memory, queue_mmap, queue_redb, queue_sqlite};
use plimsoll_ortho::job::Search;

use crate::golden::check_golden;

/// Room for nearly everything that waits at once.
const AMPLE: u64 = 16 << 20;

/// So little that what waits is on disk but for a few orthos.
const SCARCE: u64 = 16 << 10;

const QUEUED: [(&str, Search); 4] = [
    ("disk-queue", disk_queue),
    ("queue-mmap", queue_mmap),
    ("queue-sqlite", queue_sqlite),
    ("queue-redb", queue_redb),
];

#[test]
fn in_memory_gives_the_golden_results() {
    check_golden(700_000, AMPLE, in_memory);
}

#[test]
fn queues_with_ample_buffers_give_the_golden_results() {
    for (name, search) in QUEUED {
        println!("{name}");
        check_golden(100_000, AMPLE, search);
    }
}

#[test]
fn queues_with_scarce_buffers_give_the_golden_results() {
    for (name, search) in QUEUED {
        println!("{name}");
        check_golden(100_000, SCARCE, search);
    }
}

#[test]
fn a_large_search_through_chunk_files_gives_the_golden_result() {
    check_golden(700_000, 4 * SCARCE, disk_queue);
}
