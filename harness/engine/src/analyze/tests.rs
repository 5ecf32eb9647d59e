//! Metrics and summaries from hand-made trials.

use plimsoll_workload::Unit;
use proptest::prelude::*;

use super::*;
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{Census, HeapCounts, Instrument, MapsClasses, Outcome, Role, Sample, Trial};
use crate::plan::Plan;
use crate::plan::testing::plan;

fn analysis(plan: &Plan, trials: &[Trial]) -> VariantAnalysis {
    Analysis::new(plan, trials).variants.remove(0)
}

/// The one reading of a metric of one trial.
fn reading(of: Trial, metric: &str) -> Result<Reading, String> {
    let analysed = analysis(&plan(&["a"]), &[of]);
    analysed.metric(metric).map(|series| series.readings[0])
}

fn value(of: Trial, metric: &str) -> (f64, Quality) {
    let reading = reading(of, metric).unwrap();
    (reading.value, reading.quality)
}

const M: f64 = MIB as f64;

#[test]
fn times_and_counts_are_summed_over_steps_and_peaks_are_not() {
    let two = || trial("a", 0).wall(1.5).twice().build();
    assert_eq!(value(two(), "wall"), (3.0, Quality::Exact));
    assert_eq!(value(two(), "cpu"), (1.0, Quality::Exact));
    assert_eq!(value(two(), "user"), (0.8, Quality::Exact));
    assert_eq!(value(two(), "sys"), (0.2, Quality::Exact));
    assert_eq!(value(two(), "minor_faults"), (2000.0, Quality::Exact));
    assert_eq!(value(two(), "context_switches"), (20.0, Quality::Exact));
    assert_eq!(value(two(), "peak_rss"), (100.0 * M, Quality::Exact));
}

#[test]
fn a_step_has_the_figures_of_its_own_processes() {
    let mut of = trial("a", 0).twice().twice().build();
    for (step, name, wall, peak) in [
        (0, "save", 1.0, 50),
        (1, "load", 4.0, 80),
        (2, "load", 2.0, 90),
    ] {
        let step = &mut of.steps[step];
        (step.name, step.wall) = (name.to_owned(), wall);
        (step.usage.max_rss, step.usage.user) = (peak * MIB, wall / 2.0);
    }
    let of = || of.clone();
    assert_eq!(value(of(), "step.save.wall"), (1.0, Quality::Exact));
    assert_eq!(value(of(), "step.save.cpu"), (0.6, Quality::Exact));
    assert_eq!(
        value(of(), "step.save.peak_rss"),
        (50.0 * M, Quality::Exact)
    );
    assert_eq!(value(of(), "step.load.wall"), (6.0, Quality::Exact));
    assert_eq!(
        value(of(), "step.load.peak_rss"),
        (90.0 * M, Quality::Exact)
    );
    assert_eq!(value(of(), "wall"), (7.0, Quality::Exact));
    assert_eq!(value(of(), "peak_rss"), (90.0 * M, Quality::Exact));
    assert_eq!(
        reading(of(), "step.merge.wall").unwrap_err(),
        "a reported no metric `step.merge.wall`"
    );
    let mut small = of();
    small.steps[0].usage.max_rss = MIB;
    assert_eq!(value(small, "step.save.peak_rss").1, Quality::Floor);
}

#[test]
fn a_peak_within_the_fork_servers_own_size_is_marked() {
    let small = trial("a", 0).peak(3 * MIB).floor(3 * MIB).build();
    let marked = reading(small, "peak_rss").unwrap();
    assert_eq!(marked.quality, Quality::Floor);
    assert_eq!((marked.low(), marked.high()), (0.0, 3.0 * M));
}

#[test]
fn the_tree_is_exact_for_one_process_and_sampled_for_several() {
    let one = trial("a", 0).build();
    assert_eq!(value(one, "peak_rss_tree"), (100.0 * M, Quality::Exact));
    let two = trial("a", 0).processes(2).build();
    assert_eq!(value(two, "peak_rss_tree"), (100.0 * M, Quality::Sampled));
    let two = trial("a", 0).processes(2).peak(50 * MIB).build();
    assert_eq!(value(two, "peak_rss_tree"), (90.0 * M, Quality::Sampled));
}

#[test]
fn what_the_sampler_saw_is_a_lower_bound() {
    let anon = reading(trial("a", 0).build(), "peak_rss_anon").unwrap();
    assert_eq!((anon.value, anon.high()), (67.5 * M, f64::INFINITY));
    let off = reading(trial("a", 0).unsampled().build(), "peak_rss_file");
    assert_eq!(off.unwrap_err(), "the sampler was off");
    let early = reading(trial("a", 0).samples(&[]).build(), "peak_rss_tree");
    assert_eq!(early.unwrap_err(), "it ended before the first sample");
}

#[test]
fn the_heap_is_the_count_trials() {
    let counts = HeapCounts {
        peak: 10,
        peak_rust: 6,
        peak_c: Some(4),
        total: 100,
        allocations: 7,
        error: 0,
        whole: false,
        processes: 0,
    };
    let trials = [
        trial("a", 0).build(),
        trial("a", 1).heap(counts).twice().build(),
    ];
    let analysed = analysis(&plan(&["a"]), &trials);
    let of = |name: &str| analysed.metric(name).unwrap().values();
    assert_eq!(of("heap_peak"), [10.0]);
    assert_eq!(of("heap_peak_c"), [4.0]);
    assert_eq!(of("heap_total"), [200.0]);
    assert_eq!(of("allocations"), [14.0]);
    // The count trial is not timed.
    assert_eq!(of("wall"), [1.0]);

    let batched = HeapCounts {
        peak_c: None,
        error: 3,
        ..counts
    };
    let analysed = analysis(&plan(&["a"]), &[trial("a", 0).heap(batched).build()]);
    let peak = &analysed.metric("heap_peak").unwrap().readings[0];
    assert_eq!((peak.low(), peak.high()), (7.0, 13.0));
    let why = analysed.metric("heap_peak_c").unwrap_err();
    assert_eq!(why, "C's heap cannot be counted on this C library");

    let of = |name: &str| analysed.metric(name).unwrap().readings[0];
    assert_eq!(
        (of("heap_total").low(), of("heap_total").high()),
        (97.0, 103.0)
    );
    // 16 KiB that may be held back are 1,024 calls that may.
    let lagging = HeapCounts {
        error: 16 << 10,
        ..batched
    };
    let read = |heap, name: &str| reading(trial("a", 0).heap(heap).build(), name).unwrap();
    let calls = read(lagging, "allocations");
    assert_eq!((calls.low(), calls.high()), (0.0, 7.0 + 1024.0));
    let whole = HeapCounts {
        whole: true,
        ..lagging
    };
    assert_eq!(read(whole, "allocations").quality, Quality::Exact);
    assert_eq!(read(whole, "heap_total").quality, Quality::Exact);
    assert_ne!(read(whole, "heap_peak").quality, Quality::Exact);

    let outside = HeapCounts {
        processes: 2,
        ..batched
    };
    let analysed = analysis(&plan(&["a"]), &[trial("a", 0).heap(outside).build()]);
    assert_eq!(analysed.metric("heap_peak").unwrap().values(), [10.0]);
    let why = analysed.metric("heap_peak_c").unwrap_err();
    assert!(why.contains("cannot be told apart"), "{why}");
}

#[test]
fn a_command_that_is_not_counted_says_why() {
    let mut trial = trial("a", 0).heap(HeapCounts::default()).build();
    (trial.steps[0].heap, trial.steps[0].uncounted) = (None, Some("it is a riddle".to_owned()));
    let why = reading(trial, "heap_peak").unwrap_err();
    assert_eq!(why, "its heap was not counted: it is a riddle");
    let mut planned = plan(&["a"]);
    planned.variants[0].uncounted = Some("it is linked statically".to_owned());
    let why = analysis(&planned, &[self::trial("a", 0).build()]);
    let why = why.metric("allocations").unwrap_err().clone();
    assert_eq!(why, "its heap cannot be counted: it is linked statically");
}

#[test]
fn a_missing_metric_says_why() {
    let of = |metric: &str| reading(trial("a", 0).build(), metric).unwrap_err();
    assert_eq!(of("heap_peak"), "no count trial was run");
    assert_eq!(
        of("peak_cgroup"),
        "it did not run in a cgroup that counts its own peak"
    );
    assert_eq!(
        of("scratch_peak"),
        "the scratch directory was not looked at"
    );
    assert_eq!(of("unaccounted_share"), "no count trial was run");
    assert_eq!(
        of("phase.build.wall"),
        "a reported no metric `phase.build.wall`"
    );
    assert_eq!(of("recall"), "a reported no metric `recall`");
    let failed = [
        trial("a", 0).build(),
        trial("a", 1)
            .instrument(Instrument::Count)
            .ended(Outcome::Crashed, "signal 11")
            .build(),
    ];
    let why = analysis(&plan(&["a"]), &failed)
        .metric("heap_peak")
        .unwrap_err();
    assert_eq!(why, "the count trial ended crashed: signal 11");
}

#[test]
fn phases_of_one_name_are_summed() {
    let build = || {
        trial("a", 0)
            .phase("build", 0.0, Some(0.25))
            .phase("sort.runs", 0.25, Some(0.5))
            .phase("build", 0.5, Some(1.0))
            .build()
    };
    assert_eq!(value(build(), "phase.build.wall").0, 0.75);
    assert_eq!(value(build(), "phase.sort.runs.wall").0, 0.25);
}

#[test]
fn the_last_value_reported_counts() {
    let twice = trial("a", 0)
        .reports("recall", Unit::Share, 0.5)
        .reports("recall", Unit::Share, 0.9)
        .build();
    assert_eq!(value(twice, "recall"), (0.9, Quality::Exact));
    let nonsense = trial("a", 0).reports("x", Unit::Count, f64::NAN).build();
    let why = reading(nonsense, "x").unwrap_err();
    assert_eq!(why, "a value was reported that is no number");
    // A program cannot overwrite what the harness measures.
    let liar = trial("a", 0).reports("wall", Unit::Seconds, 0.0).build();
    assert_eq!(value(liar, "wall").0, 1.0);
}

#[test]
fn only_measured_completed_clock_trials_are_summarized() {
    let trials = [
        trial("a", 0).wall(100.0).role(Role::Warmup).build(),
        trial("a", 1).wall(3.0).round(0).build(),
        trial("a", 2)
            .wall(50.0)
            .role(Role::Control)
            .round(0)
            .build(),
        trial("a", 3).wall(1.0).round(1).build(),
        trial("a", 4).wall(70.0).under(MIB, "cgroup-v2").build(),
        trial("a", 5)
            .wall(90.0)
            .ended(Outcome::Failed, "exit status 3")
            .build(),
        trial("a", 6)
            .wall(80.0)
            .instrument(Instrument::Dhat)
            .build(),
    ];
    let analysed = analysis(&plan(&["a"]), &trials);
    let wall = analysed.metric("wall").unwrap().summary();
    assert_eq!(wall.values, [3.0, 1.0]);
    assert_eq!(
        (wall.n, wall.min, wall.median, wall.max),
        (2, 1.0, 2.0, 3.0)
    );
    assert_eq!(analysed.outcome, Outcome::Failed);
    assert_eq!(analysed.diagnosis, "failed: exit status 3");
}

#[test]
fn an_interruption_says_nothing_about_the_variant() {
    let trials = [
        trial("a", 0).build(),
        trial("a", 1)
            .ended(Outcome::Interrupted, "by the user")
            .build(),
    ];
    assert_eq!(analysis(&plan(&["a"]), &trials).outcome, Outcome::Completed);
    let only = analysis(&plan(&["a"]), &trials[1..]);
    assert_eq!(only.outcome, Outcome::Interrupted);
    let none = analysis(&plan(&["a"]), &[]);
    assert_eq!(none.outcome, Outcome::Interrupted);
    assert_eq!(none.ended(), "a was not run");
}

#[test]
fn a_warm_up_that_fails_is_the_variants_end() {
    let failed = trial("a", 0)
        .role(Role::Warmup)
        .ended(Outcome::Crashed, "signal 11")
        .build();
    assert_eq!(analysis(&plan(&["a"]), &[failed]).outcome, Outcome::Crashed);
}

#[test]
fn the_reconciliation_gives_its_share_unless_it_is_refused() {
    let census = Census {
        resident: 100 * MIB,
        heap_rust: 100 * MIB,
        maps: MapsClasses {
            malloc: 100 * MIB,
            total: 100 * MIB,
            ..MapsClasses::default()
        },
        malloc_system: Some(100 * MIB),
        malloc_mapped: 100 * MIB,
        malloc_has_rust: true,
        ledger: vec![("queue".to_owned(), 75 * MIB)],
        ..Census::default()
    };
    let counted = |peak| {
        let count = trial("a", 1).instrument(Instrument::Count).peak(peak);
        let trials = [trial("a", 0).build(), count.census(census.clone()).build()];
        analysis(&plan(&["a"]), &trials)
    };
    let analysed = counted(100 * MIB);
    let share = analysed.metric("unaccounted_share").unwrap();
    assert_eq!((share.values(), share.readings[0].trial), (vec![0.25], 1));
    let gap = analysed.metric("ledger_gap").unwrap();
    assert_eq!((gap.values(), gap.readings[0].trial), (vec![0.25], 1));
    let refused = counted(120 * MIB);
    assert!(refused.reconciliation.is_some());
    for metric in ["unaccounted_share", "ledger_gap"] {
        let why = refused.metric(metric).unwrap_err();
        assert!(why.starts_with("the reconciliation is refused: "), "{why}");
    }
}

#[test]
fn the_line_is_that_of_the_highest_peak() {
    let peak = |number, bytes| trial("a", number).peak(bytes).build();
    let trials = [peak(0, 100), peak(1, 300), peak(2, 200)];
    let chart = analysis(&plan(&["a"]), &trials).timeline.unwrap();
    assert_eq!((chart.trial, chart.peak), (1, 300));
}

#[test]
fn digests_at_another_size_are_left_out() {
    let mut plan = plan(&["a"]);
    let small = serde_json::json!({ "sentences": 300 });
    plan.variants[0].dhat_params = small.as_object().cloned();
    let dhat = trial("a", 0)
        .instrument(Instrument::Dhat)
        .digest("out", "sum64:1")
        .build();
    let clock = trial("a", 1).digest("out", "sum64:2").build();
    let digests = analysis(&plan, &[dhat, clock]).digests;
    assert_eq!(digests["out"], "sum64:2");
}

#[test]
fn controls_make_the_noise_floor() {
    let mut trials = Vec::new();
    for round in 0..4 {
        let wall = 1.0 + f64::from(round) / 8.0;
        trials.push(trial("a", 2 * round).round(round).wall(wall).build());
        let control = trial("a", 2 * round + 1).round(round).wall(wall * 1.5);
        trials.push(control.role(Role::Control).build());
    }
    let noise = Analysis::new(&plan(&["a"]), &trials).noise["wall"];
    assert_eq!(noise.pairs, 4);
    assert!((noise.floor - 1.5_f64.ln()).abs() < 1e-12);
}

fn some_trials() -> impl Strategy<Value = Vec<Trial>> {
    let walls = prop::collection::vec((0.1..10.0_f64, 0.1..10.0_f64, 1..500_u64), 1..12);
    walls.prop_map(|rounds| {
        let mut trials = Vec::new();
        for (round, (a, b, peak)) in (0..).zip(rounds) {
            trials.push(trial("a", 2 * round).round(round).wall(a).build());
            let variant = trial("b", 2 * round + 1).round(round).wall(b);
            trials.push(variant.peak(peak * MIB).build());
        }
        trials
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_in_which_trials_are_given_is_irrelevant(
        trials in some_trials(),
        by in 0..24_usize,
    ) {
        let plan = plan(&["a", "b"]);
        let mut turned = trials.clone();
        turned.rotate_left(by % trials.len());
        turned.swap(0, trials.len() / 2);
        prop_assert_eq!(Analysis::new(&plan, &trials), Analysis::new(&plan, &turned));
    }

    #[test]
    fn summaries_are_ordered(trials in some_trials()) {
        let analysis = Analysis::new(&plan(&["a", "b"]), &trials);
        for series in analysis.variants[1].metrics.values().flatten() {
            let summary = series.summary();
            prop_assert!(summary.min <= summary.median && summary.median <= summary.max);
            prop_assert_eq!(summary.values.len(), summary.n as usize);
        }
    }
}

#[test]
fn a_sample_above_the_kernels_mark_is_kept_as_sampled() {
    let above = Sample {
        t: 0.1,
        rss: 200 * MIB,
        processes: 1,
        ..Sample::default()
    };
    let odd = trial("a", 0).samples(&[above]).build();
    assert_eq!(value(odd, "peak_rss_tree"), (200.0 * M, Quality::Sampled));
}

#[test]
fn an_output_that_did_not_verify_is_how_the_variant_ended() {
    let wrong = |number| {
        let trial = trial("a", number).ended(Outcome::Failed, "the output did not verify: no end");
        trial.verified(false)
    };
    let right = || trial("a", 2).verified(true).build();
    for trials in [
        [right(), wrong(1).instrument(Instrument::Count).build()],
        [right(), wrong(1).role(Role::Control).build()],
        [wrong(0).role(Role::Warmup).build(), right()],
    ] {
        let analysed = analysis(&plan(&["a"]), &trials);
        assert_eq!(analysed.outcome, Outcome::Failed);
        assert_eq!(
            analysed.ended(),
            "a ended failed: the output did not verify: no end"
        );
    }
    let capped = wrong(1).under(100 * MIB, "cgroup-v1").build();
    let analysed = analysis(&plan(&["a"]), &[right(), capped]);
    assert_eq!(
        analysed.outcome,
        Outcome::Completed,
        "the target's own matter"
    );
}
