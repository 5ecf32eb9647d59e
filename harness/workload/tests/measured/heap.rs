//! The heap as counted inside a program that does known things.

use plimsoll_workload::env::{AllocatorChoice, Instrument};
use plimsoll_workload::gauges::HeapSide;

use super::run::{Left, Test, Trial};

pub(crate) const TESTS: &[Test] = &[
    ("clock_trials_count_nothing", clock_trials_count_nothing),
    (
        "rust_allocations_are_counted_as_asked_for",
        rust_allocations_are_counted_as_asked_for,
    ),
    (
        "c_allocations_are_counted_apart",
        c_allocations_are_counted_apart,
    ),
    (
        "the_edges_of_every_function_leave_nothing_behind",
        the_edges_leave_nothing,
    ),
    ("zstd_is_seen_as_c_heap", zstd_is_seen_as_c_heap),
    (
        "threads_hand_in_all_they_counted",
        threads_hand_in_all_they_counted,
    ),
    (
        "a_forked_child_keeps_its_figures_to_itself",
        a_forked_child_keeps_its_figures_to_itself,
    ),
    (
        "a_spawned_child_keeps_off_the_page",
        a_spawned_child_keeps_off_the_page,
    ),
    (
        "malloc_holds_what_is_live_and_little_more",
        malloc_holds_what_is_live_and_little_more,
    ),
    (
        "dhat_writes_a_profile_with_whole_traces",
        dhat_writes_a_profile_with_whole_traces,
    ),
    (
        "what_cannot_be_had_is_refused",
        what_cannot_be_had_is_refused,
    ),
];

/// What a run of another `pieces` adds to a run of none: the fixture's own doings without the program's.
fn difference(implementation: &str, pieces: u64) -> (Sides, Sides) {
    let sides = |pieces: u64| {
        let params = format!(r#"{{"pieces":{pieces}}}"#);
        sides(
            &Trial::new(implementation, Instrument::Count)
                .params(&params)
                .completes(),
        )
    };
    (sides(0), sides(pieces))
}

type Sides = (HeapSide, HeapSide);

fn sides(left: &Left) -> Sides {
    (left.gauges.rust.unwrap(), left.gauges.c.unwrap())
}

/// What one thread may hold back.
const LAG: u64 = 16 * 1024;

fn near(what: &str, actual: u64, expected: u64, by: u64) {
    assert!(
        actual.abs_diff(expected) <= by,
        "{what}: {actual}, not {expected} within {by}"
    );
}

fn clock_trials_count_nothing() {
    let left = Trial::new("c-heap", Instrument::Clock).completes();
    assert_eq!(
        (left.gauges.rust, left.gauges.c, left.gauges.held),
        (None, None, None)
    );
    assert_eq!(left.gauges.heap_peak, None);
}

fn rust_allocations_are_counted_as_asked_for() {
    let ((none, c_none), (some, c_some)) = difference("rust-heap", 10_000);
    // Kept pieces, their list (24 bytes each), and as many pieces freed at once.
    near("live", some.peak - none.peak, 10_000 * 1024, 2 * LAG);
    // The parameters' text is a little longer.
    near("total", some.total - none.total, 10_000 * (2000 + 24), 64);
    assert_eq!(some.calls - none.calls, 20_001);
    near("C heap", c_some.peak, c_none.peak, 2 * LAG);
    // 2 MiB grown from 1, 1 MiB zeroed, 1 MiB aligned and grown from a quarter: at least these were live at once.
    assert!(none.peak >= 4 << 20, "{none:?}");
    assert!(
        none.total >= (1 << 20) + (2 << 20) + (1 << 20) + (1 << 18) + (1 << 20),
        "{none:?}"
    );
}

fn c_allocations_are_counted_apart() {
    let ((rust_none, none), (rust_some, some)) = difference("c-heap", 10_000);
    // malloc_usable_size(malloc(1000)) is 1000 where chunks are 16 bytes apart and 8 of them the header's.
    assert_eq!(some.live - none.live, 10_000 * 1000);
    assert_eq!(some.total - none.total, 10_000 * 1000);
    assert_eq!(some.calls - none.calls, 10_000);
    near("Rust heap", rust_some.peak, rust_none.peak, 2 * LAG);
    assert!(
        none.live > 1 << 20,
        "strdup allocates inside the C library: {none:?}"
    );
}

fn the_edges_leave_nothing() {
    let (_, edges) = sides(&Trial::new("c-edges", Instrument::Count).completes());
    let (_, nothing) = sides(&Trial::new("refuses", Instrument::Count).run());
    near("live", edges.live, nothing.live, LAG);
    assert!(edges.calls >= 10_000, "{edges:?}");
}

fn zstd_is_seen_as_c_heap() {
    let left = Trial::new("zstd", Instrument::Count).completes();
    let (rust, c) = sides(&left);
    assert!((20 << 20..200 << 20).contains(&c.peak), "{c:?}");
    assert!(rust.peak < 3 << 20, "{rust:?}");
    near("live after the encoder is gone", c.live, 0, 1 << 20);
    let both = left.gauges.heap_peak.unwrap();
    assert!(both >= c.peak && both <= c.peak + rust.peak);
}

fn threads_hand_in_all_they_counted() {
    let left = Trial::new("threads", Instrument::Count)
        .params(r#"{"pieces":5000}"#)
        .completes();
    let (rust, c) = sides(&left);
    assert_eq!(left.metric("made"), Some(20_000.0));
    near("Rust live", rust.live, 1 << 20, 256 << 10);
    near("C live", c.live, 1 << 20, 64 << 10);
    assert!(rust.total >= 20_000 * 5000 + (1 << 20) && c.total >= 20_000 * 3000 + (1 << 20));
    assert!((20_001..21_000).contains(&c.calls), "{c:?}");
    assert!(
        left.gauges.heap_error <= 2 * LAG,
        "threads that ended hold nothing back: {:?}",
        left.gauges
    );
}

fn a_forked_child_keeps_its_figures_to_itself() {
    let left = Trial::new("forks", Instrument::Count).completes();
    assert_eq!(left.metric("child_status"), Some(0.0));
    assert_eq!(left.component("held"), Some(7));
    assert_eq!(
        (left.component("another"), left.gauges.progress.clone()),
        (None, None)
    );
    assert!(sides(&left).1.peak < 8 << 20, "{:?}", left.gauges);
}

fn a_spawned_child_keeps_off_the_page() {
    let left = Trial::new("spawns", Instrument::Count).completes();
    assert_eq!(left.metric("child_code"), Some(0.0));
    assert_eq!(left.component("parent"), Some(7));
    assert!(sides(&left).1.peak < 8 << 20, "{:?}", left.gauges);
}

fn malloc_holds_what_is_live_and_little_more() {
    let left = Trial::new("c-heap", Instrument::Count)
        .params(r#"{"pieces":30000}"#)
        .completes();
    let held = left.gauges.held.unwrap();
    let (rust, c) = sides(&left);
    let live = rust.live + c.live;
    assert!(held.covers_rust && held.t > 0);
    assert!(
        held.used >= live.saturating_sub(LAG) && held.held >= held.used,
        "{held:?} {live}"
    );
    // Headers of 8 bytes a piece of 1000, and the rest of the last page run.
    assert!(held.held < live + live / 20 + (1 << 20), "{held:?} {live}");
}

fn dhat_writes_a_profile_with_whole_traces() {
    for (params, code) in [(r#"{"seed":1}"#, 0), (r#"{"seed":0}"#, 1)] {
        let mut trial = Trial::new("deep", Instrument::Dhat).params(params);
        let path = trial.dir.path().join("dhat-heap.json");
        trial.environment.dhat_output = Some(path.clone());
        let left = trial.run();
        assert_eq!(left.code, Some(code), "{}", left.stderr);
        let profile: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(profile["dhatFileVersion"], 2);
        let points = profile["pps"].as_array().unwrap();
        let large = points
            .iter()
            .find(|point| point["tb"] == 3 << 20)
            .expect("the 3 MiB are a point of their own");
        assert!(large["fs"].as_array().unwrap().len() > 40, "{large}");
        assert_eq!(left.gauges.rust, None);
    }
}

fn what_cannot_be_had_is_refused() {
    let refused = |mut trial: Trial, allocator| {
        trial.environment.allocator = allocator;
        let left = trial.run();
        (left.code, left.stderr)
    };
    let no_output = refused(
        Trial::new("deep", Instrument::Dhat),
        AllocatorChoice::System,
    );
    assert_eq!(
        no_output,
        (Some(2), "PLIMSOLL_INSTRUMENT=`dhat` cannot be had: set PLIMSOLL_DHAT_OUTPUT to the file for the profile\n".into())
    );
    let mimalloc = refused(
        Trial::new("c-heap", Instrument::Count),
        AllocatorChoice::Mimalloc,
    );
    assert_eq!(
        mimalloc,
        (
            Some(2),
            "PLIMSOLL_ALLOCATOR=`mimalloc` cannot be had: its library is not loaded into this process: the harness puts it into LD_PRELOAD\n"
                .into()
        )
    );
}
