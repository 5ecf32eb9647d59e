//! The sampled heap profile of a program that does known things.

use plimsoll_workload::env::Instrument;
use plimsoll_workload::heap::profile::{Estimate, SampledHeap, SampledSite};

use super::run::{Left, Test, Trial};

pub(crate) const TESTS: &[Test] = &[
    (
        "samples_of_everything_are_exact",
        samples_of_everything_are_exact,
    ),
    (
        "estimates_are_within_their_error",
        estimates_are_within_their_error,
    ),
    (
        "c_allocations_are_sampled_apart",
        c_allocations_are_sampled_apart,
    ),
    (
        "the_edges_of_every_function_leave_nothing_sampled",
        the_edges_leave_nothing_sampled,
    ),
    (
        "threads_free_each_others_samples",
        threads_free_each_others_samples,
    ),
    (
        "a_killed_program_leaves_its_profile",
        a_killed_program_leaves_its_profile,
    ),
    (
        "children_are_in_nobodys_profile",
        children_are_in_nobodys_profile,
    ),
    (
        "a_program_that_becomes_another_is_the_last_one",
        a_program_that_becomes_another_is_the_last_one,
    ),
    ("errno_stays", errno_stays),
    (
        "a_profile_that_cannot_be_written_is_refused",
        a_profile_that_cannot_be_written_is_refused,
    ),
];

/// The sites of blocks of that many bytes, which nothing else allocates.
fn of_size(heap: &SampledHeap, c: bool, size: f64) -> Vec<&SampledSite> {
    let sites = heap.sites.iter();
    sites
        .filter(|site| site.c == c && (site.total.bytes / site.total.blocks - size).abs() < 0.01)
        .collect()
}

fn sum(sites: &[&SampledSite], of: fn(&SampledSite) -> Estimate) -> Estimate {
    sites.iter().map(|site| of(site)).sum()
}

fn near(what: &str, actual: f64, expected: f64, by: f64) {
    assert!(
        (actual - expected).abs() <= by,
        "{what}: {actual}, not {expected} within {by}"
    );
}

/// One byte in every: every allocation is a sample, and stands for itself.
fn samples_of_everything_are_exact() {
    let heap = Trial::sampled("rust-heap", 1)
        .params(r#"{"pieces":5000}"#)
        .completes()
        .heap();
    let pieces = of_size(&heap, false, 1000.0);
    // Those kept and those freed at once are two sites.
    assert_eq!(pieces.len(), 2, "{pieces:#?}");
    let (total, at_peak) = (sum(&pieces, |s| s.total), sum(&pieces, |s| s.at_peak));
    near("total", total.bytes, 10_000e3, 1.0);
    near("at the peak", at_peak.bytes, 5_000e3, 1.0);
    near("blocks at the peak", at_peak.blocks, 5_000.0, 1e-3);
    near("variance", at_peak.variance, 0.0, 1.0);
    // 1 MiB grown to 2: both in total, one of them at the peak; a mebibyte zeroed; 256 KiB aligned and grown to one.
    let large: f64 = heap
        .sites
        .iter()
        .filter(|site| !site.c && site.total.bytes / site.total.blocks > 200e3)
        .map(|site| site.at_peak.bytes)
        .sum();
    assert!(large >= f64::from(4 << 20), "{large}");
    assert_eq!((heap.every, heap.missed, heap.images), (1, 0, 1));
    assert!(heap.covers_c);
}

fn estimates_are_within_their_error() {
    // 40 MB in pieces of 1000 bytes, one sample in 32 KiB: about 1,200 samples.
    let sampled = |seed| {
        let mut trial = Trial::sampled("rust-heap", 32 << 10).params(r#"{"pieces":40000}"#);
        trial.environment.profile_seed = Some(seed);
        trial.completes().heap()
    };
    let heaps = [1, 2].map(sampled);
    for heap in &heaps {
        let pieces = of_size(heap, false, 1000.0);
        let at_peak = sum(&pieces, |site| site.at_peak);
        let error = at_peak.variance.sqrt();
        near("error", error, 40e6 / 1220f64.sqrt(), 0.15 * error);
        near("at the peak", at_peak.bytes, 40e6, 4.5 * error);
        let total = sum(&pieces, |site| site.total);
        near("total", total.bytes, 80e6, 4.5 * total.variance.sqrt());
    }
    assert_ne!(heaps[0].samples, 0);
    assert_ne!(
        heaps[0].at_peak().bytes,
        heaps[1].at_peak().bytes,
        "another seed, other samples"
    );
}

fn c_allocations_are_sampled_apart() {
    let heap = Trial::sampled("c-heap", 1)
        .params(r#"{"pieces":3000}"#)
        .completes()
        .heap();
    let pieces = of_size(&heap, true, 1000.0);
    near("C", sum(&pieces, |s| s.at_peak).bytes, 3000e3, 1.0);
    assert!(of_size(&heap, false, 1000.0).is_empty());
    let copied = of_size(&heap, true, f64::from((1 << 20) + 1));
    assert_eq!(copied.len(), 1, "strdup allocates inside the C library");
}

fn the_edges_leave_nothing_sampled() {
    let heap = |implementation| Trial::sampled(implementation, 1).run().heap();
    let (edges, nothing) = (heap("c-edges"), heap("refuses"));
    assert!(edges.samples > nothing.samples + 7_500);
    near("live", edges.live, nothing.live, 16e3);
    assert_eq!(edges.missed, 0);
}

fn threads_free_each_others_samples() {
    let heap = Trial::sampled("threads", 1)
        .params(r#"{"pieces":5000}"#)
        .completes()
        .heap();
    for (c, size) in [(false, 5000.0), (true, 3000.0)] {
        let total = sum(&of_size(&heap, c, size), |site| site.total);
        near("blocks", total.blocks, 20_000.0, 0.01);
    }
    near("live", heap.live, f64::from(2 << 20), 300e3);
    assert_eq!(heap.missed, 0);
}

fn a_killed_program_leaves_its_profile() {
    let trial = Trial::sampled("hangs", 4096);
    let mut child = trial.spawn("run");
    let large = |heap: &SampledHeap| {
        let site = heap.sites.iter().find(|s| s.at_peak.bytes >= 10e6);
        site.map(|site| site.addresses.clone())
    };
    let from = std::time::Instant::now();
    while trial.heap().ok().as_ref().and_then(large).is_none() {
        assert!(
            from.elapsed().as_secs() < 60,
            "the program does not get there"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let heap = trial.heap().unwrap();
    let addresses = large(&heap).unwrap();
    assert!(addresses.len() > 5, "{addresses:x?}");
    let ranges: Vec<_> = heap
        .maps
        .lines()
        .map(|line| {
            let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let number = |digits| u64::from_str_radix(digits, 16).unwrap();
            number(from)..number(to)
        })
        .collect();
    for address in addresses {
        assert!(ranges.iter().any(|range| range.contains(&address)));
    }
}

fn children_are_in_nobodys_profile() {
    let forks = Trial::sampled("forks", 1).completes();
    assert_eq!(forks.metric("child_status"), Some(0.0));
    let spawns = Trial::sampled("spawns", 1).completes();
    assert_eq!(spawns.metric("child_code"), Some(0.0));
    for left in [forks, spawns] {
        let heap = left.heap();
        assert!(heap.at_peak().bytes < 8e6, "{}", heap.at_peak().bytes);
        assert_eq!(heap.images, 1);
    }
}

fn a_program_that_becomes_another_is_the_last_one() {
    let heap = Trial::sampled("becomes", 1).completes().heap();
    assert_eq!(heap.images, 2);
    let largest = heap
        .sites
        .iter()
        .map(|site| site.total.bytes)
        .fold(0.0, f64::max);
    near("the second program's", largest, f64::from(3 << 20), 1.0);
}

fn errno_stays() {
    for every in [1, 100] {
        Trial::sampled("errno", every).completes();
    }
}

fn a_profile_that_cannot_be_written_is_refused() {
    let said = |left: Left| (left.code, left.stderr);
    let no_file = Trial::new("deep", Instrument::Profile).run();
    assert_eq!(
        said(no_file),
        (Some(2), "PLIMSOLL_INSTRUMENT=`profile` cannot be had: set PLIMSOLL_PROFILE_OUTPUT to an existing file for the profile\n".into())
    );
    let mut missing = Trial::sampled("deep", 1);
    missing.environment.profile_output = Some("/nowhere/at/all".into());
    assert_eq!(
        said(missing.run()),
        (Some(2), "PLIMSOLL_INSTRUMENT=`profile` cannot be had: the file named in PLIMSOLL_PROFILE_OUTPUT cannot be mapped\n".into())
    );
}
