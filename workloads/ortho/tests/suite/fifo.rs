//! The breadth-first searches against golden results, whatever their buffers.

use plimsoll_ortho::fifo::{disk_queue, in_memory, queue_mmap, queue_redb, queue_sqlite};
use plimsoll_ortho::job::Search;
use plimsoll_ortho::{Options, Params, Texts};
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Bytes, Context};

use crate::golden::check_golden;

/// Takes in the smallest case with a cap, of 710,955 orthos.
const MOST: u64 = 720_000;

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
    check_golden(MOST, AMPLE, in_memory);
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
    check_golden(MOST, 4 * SCARCE, disk_queue);
}

/// A text of 13,314 orthos, and options with a scarce buffer.
fn small_search() -> (Texts, Options) {
    let params = Params {
        vocabulary: 200,
        sentences: 300,
        buffer: Bytes(SCARCE),
        ..Params::default()
    };
    let mut text = Vec::new();
    params.generate(&mut text).unwrap();
    let texts = Texts::in_memory([String::from_utf8(text).unwrap()]);
    (texts, Options::from(&params))
}

#[test]
fn a_finished_search_leaves_nothing_in_scratch() {
    let (texts, options) = small_search();
    for (name, search) in QUEUED {
        let scratch = tempfile::tempdir().unwrap();
        search(&texts, &options, &Context::detached(scratch.path())).unwrap();
        assert_eq!(
            std::fs::read_dir(scratch.path()).unwrap().count(),
            0,
            "{name}"
        );
    }
}

#[test]
fn a_search_without_its_scratch_directory_says_so() {
    let (texts, options) = small_search();
    let context = Context::detached("/nonexistent/scratch".as_ref());
    for (name, search) in QUEUED {
        let text = search(&texts, &options, &context).unwrap_err().to_string();
        assert!(text.contains("/nonexistent/scratch"), "{name}: {text}");
    }
}

#[test]
fn each_text_is_read_interned_and_searched_in_turn_and_a_blank_one_only_read() {
    let scratch = tempfile::tempdir().unwrap();
    let context = Context::recording(scratch.path());
    let (_, options) = small_search();
    let texts = Texts::in_memory(["a b. a c. b d. c d.", " \n\n ", "a d"]);
    in_memory(&texts, &options, &context).unwrap();
    let phases: Vec<String> = context
        .recorded()
        .into_iter()
        .filter_map(|event| match event.kind {
            Kind::PhaseBegin { phase } => Some(phase),
            _ => None,
        })
        .collect();
    let whole = ["read", "intern", "search"];
    assert_eq!(phases, [&whole[..], &["read"], &whole].concat());
}
