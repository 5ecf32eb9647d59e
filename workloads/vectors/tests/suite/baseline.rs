//! The baseline's estimate against what its build takes, measured in processes of their own.

use std::path::Path;
use std::process::Command;

use plimsoll_vectors::{Params, Vectors};
use plimsoll_workload::{Context, Workload};

use crate::estimate::status;
use crate::runs::Prepared;

const CHILD: &str = "VECTORS_BASELINE_CHILD";

/// Three sizes: long vectors, short ones, and few links; all in one chunk or in several.
fn sizes() -> [Params; 3] {
    let size = |n, dim, m, chunk| Params {
        n,
        dim,
        m,
        chunk,
        queries: 1,
        k: 1,
        ef_construction: 60,
        ef: vec![16],
        ..Params::default()
    };
    [
        size(1000, 1536, 48, 10_000),
        size(3000, 128, 48, 1000),
        size(2000, 512, 24, 500),
    ]
}

/// What the other starts: builds over prepared vectors, and tells what was estimated and what was taken.
#[test]
#[ignore = "it is started by another test, in a process of its own"]
fn child() {
    let Ok(said) = std::env::var(CHILD) else {
        return;
    };
    let (size, directory) = said.split_once(' ').unwrap();
    let params = &sizes()[size.parse::<usize>().unwrap()];
    let context = Context::recording(Path::new(directory)).with_step("build");
    let before = status("RssAnon:");
    (Vectors::implementations()[0].run)(params, &context).unwrap();
    let peak = status("VmHWM:") - status("RssFile:");
    let told = context.recorded_metric("estimated_memory").unwrap();
    println!("told {told} took {}", peak - before);
}

#[test]
fn the_baseline_tells_what_it_takes_within_a_third_and_is_never_refused() {
    if !cfg!(target_os = "linux") {
        return;
    }
    for (at, params) in sizes().into_iter().enumerate() {
        let prepared = Prepared::new(params);
        let directory = prepared.directory().display();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "baseline::child", "--ignored", "--nocapture"])
            .env(CHILD, format!("{at} {directory}"))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&child.stdout);
        let after = |what| {
            let rest = words.split(what).nth(1);
            let rest = rest.unwrap_or_else(|| panic!("{child:?}"));
            rest.split_whitespace()
                .next()
                .unwrap()
                .parse::<f64>()
                .unwrap()
        };
        let (told, took) = (after("told "), after("took "));
        let size = &prepared.params;
        println!(
            "{} x {}, m {}: {told} told, {took} taken",
            size.n, size.dim, size.m
        );
        assert!(
            (told / took - 1.0).abs() < 0.35,
            "{told} told, {took} taken"
        );
    }
}
