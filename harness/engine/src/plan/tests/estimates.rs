//! How many trials there will be, and what they may take.

use super::{EXAMPLE, at, committed, planned};
use crate::plan::{Earlier, EarlierVariant, EstimateRow, estimate, plan};
use crate::scenario::fake::Fake;

#[test]
fn the_estimate_counts_what_the_order_runs() {
    let plan = planned(EXAMPLE, "full");
    let estimate = estimate(&plan, None);
    let rows: Vec<_> = estimate.rows.iter().map(EstimateRow::trials).collect();
    // Baseline: warm-up, 6 to 20 runs, 3 to 10 controls, count, dhat, one under the target's cap.
    assert_eq!(rows, [(13, 34), (9, 23), (9, 23)]);
    assert_eq!((estimate.trials_min, estimate.trials_max), (31, 80));
    assert_eq!(estimate.rows[1].steps, 2);
    let trials = 34 + 2 * 23 + 23;
    assert_eq!(estimate.time_limit.as_secs(), trials * (20 * 60 + 5));
    assert_eq!(estimate.memory_cap, Some(20 << 30));
    assert_eq!(estimate.time_expected, None);
}

#[test]
fn a_limit_on_the_whole_bounds_the_estimate() {
    let text = EXAMPLE.replace("stall: 60 s", "total: 1 s");
    let plan = planned(&text, "full");
    let estimate = estimate(&plan, None);
    let least = 13 + 2 * 9 + 9;
    assert_eq!(estimate.time_limit.as_secs(), least * (20 * 60 + 5));
}

#[test]
fn ortho_at_full_measures_the_storage_variants_once() {
    let plan = plan(committed("ortho.yaml"), &at("full"), &Fake).unwrap();
    let estimate = estimate(&plan, None);
    let row = |id: &str| estimate.rows.iter().find(|row| row.variant == id).unwrap();
    for id in ["disk-queue", "queue-mmap", "queue-sqlite", "queue-redb"] {
        assert_eq!((row(id).clock, row(id).count), ((1, 1), 1), "{id}");
    }
    assert_eq!(
        (row("in-memory").clock, row("in-memory").control),
        ((3, 4), (0, 0))
    );
    assert_eq!((row("in-memory").capped, row("depth-first").capped), (1, 1));
}

#[test]
fn an_earlier_result_makes_the_estimate_concrete() {
    let plan = planned(EXAMPLE, "full");
    let took = |wall, peak_rss| EarlierVariant {
        wall: Some(wall),
        peak_rss: Some(peak_rss),
        scratch: None,
    };
    let known = [
        ("in-memory", took(60.0, 3e9)),
        ("level-wise", took(10.0, 5e7)),
        ("depth-first", took(2.0, 3e7)),
    ];
    let of = |n: usize| -> Earlier {
        let known = known[..n].iter();
        known
            .map(|&(id, figures)| (id.to_owned(), figures))
            .collect()
    };
    let all = estimate(&plan, Some(&of(3)));
    // Without the dhat trials: 12 to 33 of the baseline, 8 to 22 of the others.
    assert_eq!(all.time_expected, Some((816.0, 2244.0)));
    assert_eq!((all.memory_expected, all.disk_expected), (Some(3e9), None));
    assert_eq!(estimate(&plan, Some(&of(2))).time_expected, None);
}
