//! What a run believes that it holds, against what its heap holds: counted by the malloc layer, C's heap included, in a
//! process of its own.
#![allow(clippy::unwrap_used, reason = "a failed test is a panic")]

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;

use plimsoll_umi::{Params, Shape, Strategy, Umi};
use plimsoll_workload::gauges::{self, Snapshot};
use plimsoll_workload::{Bytes, Context, Workload, env};

plimsoll_workload::install!();

/// Tells this program, started again with a heap that is counted, what it is to run: directory, implementation and
/// parameters.
const RUN: &str = "UMI_LEDGER_RUN";

/// What a run said that it held at most, and what its heap held at most, in bytes.
fn peaks(directory: &Path, id: &str, params: &Params) -> (f64, f64) {
    let page = directory.join("page");
    fs::write(&page, vec![0; gauges::SIZE]).unwrap();
    let params = serde_json::to_string(params).unwrap();
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_run_that_is_counted", "--nocapture"])
        .env(RUN, format!("{}\n{id}\n{params}", directory.display()))
        .env(env::INSTRUMENT, "count")
        .env(env::GAUGES, &page)
        .output()
        .unwrap();
    assert!(again.status.success(), "{again:?}");
    let heap = Snapshot::read_file(&File::open(&page).unwrap())
        .unwrap()
        .heap_peak;
    let told = fs::read_to_string(directory.join("told")).unwrap();
    (told.parse().unwrap(), heap.unwrap() as f64)
}

#[test]
fn the_run_that_is_counted() {
    let Ok(told) = std::env::var(RUN) else {
        return;
    };
    let [directory, id, params] = told.split('\n').collect::<Vec<_>>()[..] else {
        panic!("{told}");
    };
    let params: Params = serde_json::from_str(params).unwrap();
    let directory = Path::new(directory);
    // Large groups go to files early.
    let context = Context::recording(directory)
        .with_threads(NonZeroUsize::new(2).unwrap())
        .with_budget(Bytes(64 << 20));
    let mut all = Umi::implementations().iter();
    let implementation = all.find(|implementation| implementation.id == id).unwrap();
    (implementation.run)(&params, &context).unwrap();
    let peak = context.recorded_metric("ledger_peak").unwrap();
    fs::write(directory.join("told"), peak.to_string()).unwrap();
}

#[test]
fn the_account_of_a_run_is_within_a_tenth_of_its_heap() {
    for (shape, strategy, level, records) in [
        (Shape::Many, Strategy::Identity, 1, 60_000),
        (Shape::Many, Strategy::Adjacency, 6, 60_000),
        (Shape::Many, Strategy::Identity, 12, 8_000),
        (Shape::Deep, Strategy::Identity, 1, 200_000),
        (Shape::AmpliconAdjacency, Strategy::Adjacency, 1, 60_000),
        (Shape::DualPaired, Strategy::Paired, 1, 40_000),
    ] {
        let params = Params {
            shape,
            strategy,
            level,
            records,
            ..Params::default()
        };
        let room = tempfile::tempdir().unwrap();
        Umi::prepare(&params, room.path()).unwrap();
        for (id, spill) in [("compact", true), ("bounded", true), ("bounded", false)] {
            let params = Params {
                spill,
                ..params.clone()
            };
            let (told, heap) = peaks(room.path(), id, &params);
            let off = told / heap - 1.0;
            assert!(
                off.abs() < 0.1,
                "{id}, {params:?}: {told} told, {heap} held"
            );
        }
    }
}
