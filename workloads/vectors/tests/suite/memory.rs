//! Builds within a memory budget: as wanted, on less, or refused with figures; never another index.

use std::process::Command;

use plimsoll_vectors::Params;
use plimsoll_vectors::index::{Builder, Estimate, Resources, Shape, Width};
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Bytes, Context, Failure};

use crate::runs::Prepared;

fn prepared() -> Prepared {
    Prepared::new(Params {
        n: 4000,
        dim: 512,
        queries: 10,
        ef: vec![16],
        m: 8,
        ef_construction: 24,
        ..Params::default()
    })
}

fn peak(threads: usize, block: usize) -> u64 {
    let shape = Shape {
        len: 4000,
        dim: 512,
        m: 8,
        ef_construction: 24,
        builder: Builder::Batches,
        width: Width::Eight,
    };
    Estimate::of_build(shape, Resources { threads, block })
        .unwrap()
        .peak
}

/// In a process of its own: what other tests hold meanwhile would count.
#[test]
fn little_memory_makes_a_build_smaller_and_too_little_makes_none() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::alone", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(child.status.success(), "{child:?}");
    if cfg!(target_os = "linux") {
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(
            said.contains("memory is short: the memory budget leaves"),
            "{said}"
        );
    }
}

#[test]
#[ignore = "it is started by another test, in a process of its own"]
fn alone() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let prepared = prepared();
    let index = prepared.directory().join("quantized.index");
    let all = prepared.context("build", 2);
    prepared.step("quantized", &all).unwrap();
    let read_block = all.recorded_metric("read_block").unwrap();
    assert_eq!(read_block, Resources::USUAL_BLOCK as f64);
    assert_eq!(all.recorded_metric("threads_used"), Some(2.0));
    let unlimited = std::fs::read(&index).unwrap();

    // Between what small blocks need and what the usual one does.
    let (small, usual) = (
        peak(2, Resources::LEAST_BLOCK),
        peak(2, Resources::USUAL_BLOCK),
    );
    assert!(usual - small > 4 << 20);
    let resident = all.resident().unwrap().0;
    let budget = resident + (small + usual) / 2 + (1 << 20);
    let degraded = prepared.context("build", 2).with_budget(Bytes(budget));
    prepared.step("quantized", &degraded).unwrap();
    let block = degraded.recorded_metric("read_block").unwrap();
    assert!(block < read_block, "{block}");
    let told = degraded.recorded_metric("estimated_memory").unwrap();
    assert!(told < usual as f64, "{told}");
    let notices = |context: &Context| {
        let events = context.recorded().into_iter();
        let about = events.filter_map(|event| match event.kind {
            Kind::Notice { about } => Some(about),
            _ => None,
        });
        about.collect::<Vec<_>>()
    };
    assert_eq!(notices(&all), Vec::<String>::new());
    let said = notices(&degraded);
    assert!(
        said.len() == 1 && said[0].starts_with("memory is short: the memory budget"),
        "{said:?}"
    );
    assert!(unlimited == std::fs::read(&index).unwrap());

    std::fs::remove_file(&index).unwrap();
    let short = prepared.context("build", 2).with_budget(Bytes(2 << 20));
    let refused = prepared.step("quantized", &short).unwrap_err();
    let Failure::Refused {
        needed,
        available,
        hint,
    } = &refused
    else {
        panic!("{refused}");
    };
    assert_eq!(needed.0, peak(1, Resources::LEAST_BLOCK));
    assert!(available.0 < needed.0);
    assert!(hint.contains("the memory budget leaves no more"), "{hint}");
    assert!(hint.contains("raise it by"), "{hint}");
    assert!(!index.exists());
}

#[test]
fn a_query_is_refused_where_its_answers_do_not_fit() {
    let prepared = prepared();
    prepared.run("quantized", 1);
    let context = prepared.context("query", 1).with_budget(Bytes(1 << 20));
    let refused = prepared.step("quantized", &context).unwrap_err();
    assert!(matches!(refused, Failure::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("10 queries"), "{refused}");
}
