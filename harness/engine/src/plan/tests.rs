//! From a scenario's text to trials in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use crate::evidence::{Instrument, Role};
use crate::scenario::fake::Fake;
use crate::scenario::{self, AfterKill, Kill, KillMoment, Runs, Scenario};

use super::*;

const EXAMPLE: &str = include_str!("../scenario/examples/ortho.yaml");

fn scenario(text: &str) -> Arc<Scenario> {
    let path = Path::new("scenarios/ortho.yaml");
    match scenario::parse(path, text, &Fake) {
        Ok(scenario) => Arc::new(scenario),
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    }
}

/// A scenario that is committed beside the code.
fn committed(name: &str) -> Arc<Scenario> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    match scenario::load(&directory.join(name), &Fake) {
        Ok(scenario) => Arc::new(scenario),
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    }
}

fn at(size: &str) -> PlanRequest {
    PlanRequest {
        size: size.to_owned(),
        ..PlanRequest::default()
    }
}

fn labels(plan: &Plan) -> Vec<&str> {
    plan.targets
        .iter()
        .map(|target| target.label.as_str())
        .collect()
}

#[test]
fn sampled_profiles_are_of_the_size_that_is_run_and_of_what_can_be_looked_into() {
    let text = EXAMPLE.replace(
        "dhat: { size: smoke }",
        "profile: true, dhat: { size: smoke }",
    );
    let plan = plan(scenario(&text), &at("full"), &Fake).unwrap();
    let after = Order::new(&plan).fixed_after();
    let instruments: Vec<_> = after.iter().map(|trial| trial.instrument).collect();
    assert_eq!(
        instruments[3..6],
        [Instrument::Profile; 3],
        "{instruments:?}"
    );
    assert_eq!(plan.measure.profile, Some(512 << 10));
    let text =
        "name: x\nvariants: [{ id: a, command: [sort] }]\nmeasure: { profile: { every: 1 MiB } }\n";
    let mut plan = super::plan(scenario(text), &at("default"), &Fake).unwrap();
    assert_eq!(plan.measure.profile, Some(1 << 20));
    assert!(Order::new(&plan).fixed_after().is_empty());
    plan.variants[0].uncounted = None;
    let after = Order::new(&plan).fixed_after();
    let instruments: Vec<_> = after.iter().map(|trial| trial.instrument).collect();
    assert_eq!(instruments, [Instrument::Count, Instrument::Profile]);
}

#[test]
fn the_example_is_planned_at_full() {
    let plan = plan(scenario(EXAMPLE), &at("full"), &Fake).unwrap();
    assert_eq!(plan.variants.len(), 3);
    let level_wise = &plan.variants[1];
    assert_eq!(
        serde_json::Value::Object(level_wise.params.clone()),
        json!({ "seed": 1, "vocabulary": 2000, "sentences": 16000, "buffer": "16 MiB" })
    );
    assert_eq!(level_wise.dhat_params.as_ref().unwrap()["sentences"], 300);
    assert!(matches!(&level_wise.job, Job::Workload { steps, .. } if steps == &["build", "merge"]));
    assert_eq!(plan.variants[2].threads, Some(2));
    assert_eq!(plan.limits.memory, Some(20 << 30));
    assert_eq!(
        labels(&plan),
        [
            "peak_rss of depth-first <= 48 MiB",
            "wall of depth-first <= 0.10 x baseline",
            "orthos of every variant identical",
            "orthos = 10517231 of every variant",
            "in-memory ends out-of-memory under 100 MiB",
        ]
    );
    assert!(plan.notes.is_empty());
    assert!(!plan.exact_only);

    let order = Order::new(&plan);
    assert_eq!(order.fixed_before().len(), 3);
    assert_eq!((order.rounds_min(), order.rounds_max()), (6, 20));
    let after = order.fixed_after();
    let of = |instrument| after.iter().filter(|t| t.instrument == instrument).count();
    assert_eq!(of(Instrument::Count), 3);
    assert_eq!(of(Instrument::Dhat), 3);
    let capped: Vec<_> = after.iter().filter(|t| t.role == Role::Capped).collect();
    assert_eq!(capped.len(), 1);
    assert_eq!((capped[0].variant, capped[0].under), (0, Some(100 << 20)));
}

#[test]
fn at_smoke_one_run_a_variant_and_exact_targets_only() {
    let text = EXAMPLE.replace("sizes: [default, full]", "sizes: [smoke]");
    let plan = plan(scenario(&text), &at("smoke"), &Fake).unwrap();
    assert!(plan.exact_only);
    assert_eq!(labels(&plan), ["orthos of every variant identical"]);
    let order = Order::new(&plan);
    assert!(order.fixed_before().is_empty());
    assert_eq!(order.round(0).len(), 3);
    assert!(order.round(1).is_empty());
}

#[test]
fn chosen_variants_narrow_the_targets() {
    let request = PlanRequest {
        variants: vec!["depth-first".into(), "level-wise".into()],
        runs: Some(Runs { min: 2, max: 2 }),
        ..at("full")
    };
    let plan = plan(scenario(EXAMPLE), &request, &Fake).unwrap();
    let ids: Vec<_> = plan.variants.iter().map(|v| v.id.as_str()).collect();
    assert_eq!(ids, ["level-wise", "depth-first"]);
    assert_eq!(
        labels(&plan),
        [
            "peak_rss of depth-first <= 48 MiB",
            "orthos of every variant identical",
            "orthos = 10517231 of every variant",
        ]
    );
    assert_eq!(
        plan.notes,
        [
            "not judged, the baseline is not run: wall of depth-first <= 0.10 x baseline",
            "not judged, its variants are not run: in-memory ends out-of-memory under 100 MiB",
        ]
    );
    assert_eq!(Order::new(&plan).rounds_max(), 2);
}

#[test]
fn what_is_set_overrides_all_but_the_profile_size() {
    let request = PlanRequest {
        set: vec![
            parse_set("sentences=5").unwrap(),
            parse_set("buffer=1 MiB").unwrap(),
        ],
        ..at("default")
    };
    let plan = plan(scenario(EXAMPLE), &request, &Fake).unwrap();
    assert_eq!(plan.variants[1].params["sentences"], 5);
    assert_eq!(plan.variants[1].params["buffer"], "1 MiB");
    assert_eq!(
        plan.variants[1].dhat_params.as_ref().unwrap()["sentences"],
        300
    );
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let refused = |request: PlanRequest| {
        let error = plan(scenario(EXAMPLE), &request, &Fake).unwrap_err();
        format!("{}: {}", error.what, error.help)
    };
    let cases = [
        (
            at("ful"),
            "scenario `ortho` has no size `ful`: did you mean `full`? its sizes: smoke, default, full",
        ),
        (
            PlanRequest {
                variants: vec!["depth_first".into()],
                ..at("full")
            },
            "scenario `ortho` has no variant `depth_first`: did you mean `depth-first`?",
        ),
        (
            PlanRequest {
                set: vec![parse_set("sentence=3").unwrap()],
                ..at("full")
            },
            "scenario `ortho` has no parameter `sentence`: did you mean `sentences`?",
        ),
        (
            PlanRequest {
                set: vec![parse_set("sentences=many").unwrap()],
                ..at("full")
            },
            "parameter `sentences` is a whole number: `\"many\"` is not that",
        ),
    ];
    for (request, expected) in cases {
        assert_eq!(refused(request), expected);
    }
    assert!(parse_set("=3").is_err());
}

#[test]
fn the_estimate_counts_what_the_order_runs() {
    let plan = plan(scenario(EXAMPLE), &at("full"), &Fake).unwrap();
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
    let plan = plan(scenario(&text), &at("full"), &Fake).unwrap();
    let estimate = estimate(&plan, None);
    let least = 13 + 2 * 9 + 9;
    assert_eq!(estimate.time_limit.as_secs(), least * (20 * 60 + 5));
}

/// A plan of so many variants, the first the baseline, with these least and most runs.
fn plan_of(runs: &[(u32, u32)], seed: u64) -> Plan {
    let mut plan = plan(scenario(EXAMPLE), &at("full"), &Fake).unwrap();
    let model = plan.variants[0].clone();
    plan.variants = (0..)
        .zip(runs)
        .map(|(index, &(min, max))| PlannedVariant {
            id: format!("v{index}"),
            baseline: index == 0,
            runs: Runs { min, max },
            ..model.clone()
        })
        .collect();
    plan.measure.seed = seed;
    plan
}

fn measured(trials: &[TrialSpec]) -> Vec<usize> {
    let measured = trials.iter().filter(|trial| trial.role == Role::Measured);
    measured.map(|trial| trial.variant).collect()
}

proptest! {
    #[test]
    fn every_variant_runs_once_a_round_until_its_runs_are_used_up(
        runs in proptest::collection::vec((1u32..8, 0u32..8), 1..6),
        seed: u64,
    ) {
        let runs: Vec<_> = runs.iter().map(|&(min, more)| (min, min + more)).collect();
        let plan = plan_of(&runs, seed);
        let order = Order::new(&plan);
        let mut total: BTreeMap<usize, u32> = BTreeMap::new();
        for n in 0..order.rounds_max() {
            let trials = order.round(n);
            let variants = measured(&trials);
            let expected: BTreeSet<usize> = (0..runs.len()).filter(|&v| runs[v].1 > n).collect();
            prop_assert_eq!(variants.len(), expected.len());
            prop_assert_eq!(variants.iter().copied().collect::<BTreeSet<_>>(), expected);
            for (position, trial) in trials.iter().enumerate() {
                let block = trial.block.unwrap();
                prop_assert_eq!((block.round, block.position as usize), (n, position));
            }
            for variant in variants {
                *total.entry(variant).or_default() += 1;
            }
        }
        for (variant, &(_, max)) in runs.iter().enumerate() {
            prop_assert_eq!(total[&variant], max);
        }
        prop_assert!(order.round(order.rounds_max()).is_empty());
    }

    #[test]
    fn the_same_seed_gives_the_same_order(seed: u64) {
        let runs = [(6, 6), (6, 6), (6, 6)];
        let (one, two) = (plan_of(&runs, seed), plan_of(&runs, seed));
        for n in 0..6 {
            prop_assert_eq!(Order::new(&one).round(n), Order::new(&two).round(n));
        }
    }

    #[test]
    fn every_second_round_has_a_control_of_the_baseline(runs in 1u32..12, seed: u64) {
        let plan = plan_of(&[(runs, runs), (runs, runs)], seed);
        let order = Order::new(&plan);
        for n in 0..runs {
            let trials = order.round(n);
            let controls = trials.iter().filter(|trial| trial.role == Role::Control);
            let controls: Vec<usize> = controls.map(|trial| trial.variant).collect();
            let expected = if runs >= 6 && n % 2 == 1 { vec![0] } else { vec![] };
            prop_assert_eq!(controls, expected);
        }
    }
}

/// All that the intervals assume: in each round the order of any two trials is a fair coin, and
/// what it shows says nothing about the next round's.
#[test]
fn orders_are_fair_and_independent_coins() {
    const ROUNDS: u32 = 4_000;
    let plan = plan_of(&[(6, ROUNDS), (6, ROUNDS)], 3);
    let order = Order::new(&plan);
    let place = |round: &[TrialSpec], variant, role| {
        round
            .iter()
            .position(|trial| trial.variant == variant && trial.role == role)
    };
    let rounds: Vec<Vec<TrialSpec>> = (0..ROUNDS).map(|n| order.round(n)).collect();
    let first: Vec<bool> = rounds
        .iter()
        .map(|round| place(round, 0, Role::Measured) < place(round, 1, Role::Measured))
        .collect();
    let share = |hits: usize, of: usize| hits as f64 / of as f64;
    let fair = |share: f64, of: usize| (share - 0.5).abs() < 3.0 * 0.5 / (of as f64).sqrt();
    let heads = share(first.iter().filter(|first| **first).count(), first.len());
    assert!(fair(heads, first.len()), "{heads}");
    for apart in [1, 2] {
        let pairs = first.iter().zip(&first[apart..]);
        let same = share(pairs.filter(|(a, b)| a == b).count(), first.len() - apart);
        assert!(fair(same, first.len()), "{same} at {apart}");
    }
    let controlled: Vec<_> = rounds.iter().skip(1).step_by(2).collect();
    for (variant, of) in [(0, "the baseline"), (1, "the variant")] {
        let before = controlled
            .iter()
            .filter(|round| place(round, 0, Role::Control) < place(round, variant, Role::Measured));
        let before = share(before.count(), controlled.len());
        assert!(fair(before, controlled.len()), "{before} before {of}");
    }
}

#[test]
fn a_variant_that_is_killed_gets_a_run_without_where_it_needs_one() {
    let kill = |at| Kill {
        step: String::new(),
        at,
        seed: 1,
        times: 2,
        then: AfterKill::Again,
    };
    let warmups = |plan: &Plan| -> Vec<usize> {
        let before = Order::new(plan).fixed_before();
        assert!(
            before
                .iter()
                .all(|spec| spec.role == Role::Warmup && !spec.is_killed())
        );
        before.iter().map(|spec| spec.variant).collect()
    };
    let mut plan = testing::plan(&["a", "b", "c"]);
    plan.variants[1].kills = vec![kill(KillMoment::Random { within: None })];
    plan.variants[2].kills = vec![kill(KillMoment::After(Duration::from_secs(1)))];
    assert_eq!(warmups(&plan), [1]);
    plan.measure.warmup = 2;
    assert_eq!(warmups(&plan), [0, 1, 2, 0, 1, 2]);
    let rows = estimate(&plan, None).rows;
    assert_eq!(
        rows.iter().map(|row| row.steps).collect::<Vec<_>>(),
        [1, 3, 3]
    );
    for spec in Order::new(&plan).fixed_after() {
        assert_eq!(spec.is_killed(), spec.instrument == Instrument::Clock);
    }
}

#[test]
fn seeds_differ_in_the_order() {
    let first = |seed| measured(&Order::new(&plan_of(&[(1, 1); 5], seed)).round(0));
    let orders: BTreeSet<_> = (0..50).map(first).collect();
    assert!(orders.len() > 25, "{}", orders.len());
}

#[test]
fn the_committed_scenarios_are_planned_at_every_size() {
    for name in ["ortho.yaml", "commands.yaml", "allocators.yaml"] {
        let scenario = committed(name);
        let mut sizes: BTreeSet<&str> = BTreeSet::new();
        for size in &scenario.sizes {
            let plan = plan(Arc::clone(&scenario), &at(&size.name), &Fake).unwrap();
            assert!(!plan.targets.is_empty(), "{name} at {}", size.name);
            assert_eq!(plan.notes, Vec::<String>::new(), "{name} at {}", size.name);
            sizes.insert(&size.name);
        }
        assert!(
            sizes.is_superset(&["smoke", "default", "full"].into()),
            "{name}: {sizes:?}"
        );
    }
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
    let plan = plan(scenario(EXAMPLE), &at("full"), &Fake).unwrap();
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

const SWEPT: &str = "\
name: x
workload: ortho
sizes: { smoke: { sentences: 5 }, default: { sentences: 10 } }
variants: [{ id: in-memory, baseline: true, params: { vocabulary: 9 } }, { id: depth-first }]
measure: { warmup: 0, runs: 2 }
sweep:
  - { parameter: sentences, values: [100, 200, 400, 800], runs: 4, variants: [depth-first] }
  - { parameter: vocabulary, values: [3, 5], quality: orthos, sizes: [smoke, default], runs: 2 }
targets:
  - { growth: heap_peak, variant: depth-first, exponent: { at_most: 1.1 } }
  - { metric: wall, variant: depth-first, at: { orthos: 5 }, at_most: 2 x baseline }
";

#[test]
fn a_sweep_is_planned_with_the_parameters_of_each_point() {
    let plan = plan(scenario(SWEPT), &at("default"), &Fake).unwrap();
    let [by_size, by_quality] = plan.sweeps.as_slice() else {
        panic!("two sweeps: {:?}", plan.sweeps)
    };
    assert_eq!(by_size.points.len(), 4);
    assert_eq!(by_size.points[3].params[0], None);
    let last = by_size.points[3].params[1].as_ref().unwrap();
    assert_eq!(last["sentences"], 800);
    assert_eq!(by_size.instruments, [Instrument::Count]);
    assert_eq!(by_quality.instruments, []);
    let first = by_quality.points[0].params[0].as_ref().unwrap();
    assert_eq!(
        serde_json::Value::Object(first.clone()),
        json!({ "sentences": 10, "vocabulary": 3 })
    );
    let specs: Vec<TrialSpec> = Order::new(&plan).sweeps().into_iter().flatten().collect();
    for spec in &specs {
        let at = spec.point.unwrap();
        let sweep = &plan.sweeps[at.sweep];
        let value = plan.params(spec)[&sweep.parameter].as_f64().unwrap();
        assert_eq!(value, sweep.points[at.point].value);
    }
}

#[test]
fn every_block_of_a_sweep_has_each_point_once_in_a_mixed_order() {
    let plan = plan(scenario(SWEPT), &at("default"), &Fake).unwrap();
    let blocks = Order::new(&plan).sweeps();
    let (others, clocked) = blocks.split_last().unwrap();
    let key = |spec: &TrialSpec| (spec.variant, spec.point);
    for (n, block) in clocked.iter().enumerate() {
        let distinct: BTreeSet<_> = block.iter().map(key).collect();
        assert_eq!(distinct.len(), block.len());
        // Four points of one variant, and in the first two blocks two points of both.
        assert_eq!(block.len(), if n < 2 { 8 } else { 4 });
        assert!(block.iter().all(|spec| spec.role == Role::Sweep));
        assert!(
            block
                .iter()
                .all(|spec| spec.block.unwrap().round == n as u32)
        );
    }
    assert_eq!(clocked.len(), 4);
    let order = |block: &[TrialSpec]| block.iter().map(key).collect::<Vec<_>>();
    assert_ne!(order(&clocked[0]), order(&clocked[1]));
    let ascending = (0..8).all(|seed| {
        let request = PlanRequest {
            seed: Some(seed),
            ..at("default")
        };
        let plan = super::plan(scenario(SWEPT), &request, &Fake).unwrap();
        let block = &Order::new(&plan).sweeps()[2];
        block.windows(2).all(|pair| pair[0].point < pair[1].point)
    });
    assert!(!ascending, "the order is random");
    assert!(
        others
            .iter()
            .all(|spec| spec.instrument == Instrument::Count)
    );
    assert_eq!(others.len(), 4);
}

#[test]
fn at_smoke_a_sweep_that_asks_for_it_runs_once_and_judges_nothing() {
    let plan = plan(scenario(SWEPT), &at("smoke"), &Fake).unwrap();
    assert_eq!(plan.sweeps.len(), 1);
    assert_eq!(Order::new(&plan).sweeps().len(), 1);
    assert!(plan.targets.is_empty());
    let rows = estimate(&plan, None).rows;
    assert_eq!(rows.iter().map(|row| row.swept).collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn a_sweep_of_variants_that_are_not_run_is_left_out() {
    let request = PlanRequest {
        variants: vec!["in-memory".into()],
        ..at("default")
    };
    let plan = plan(scenario(SWEPT), &request, &Fake).unwrap();
    assert_eq!(plan.sweeps.len(), 1);
    assert_eq!(plan.sweeps[0].parameter, "vocabulary");
}

/// The example with a target on the floor of `depth-first` in place of its first.
fn on_floor(bound: &str) -> Arc<Scenario> {
    let first = "{ metric: peak_rss, variant: depth-first, at_most: 48 MiB, sizes: [full] }";
    assert!(EXAMPLE.contains(first));
    let target = format!("{{ metric: floor, variant: depth-first, at_most: {bound} }}");
    scenario(&EXAMPLE.replace(first, &target))
}

#[test]
fn a_floor_is_searched_for_where_a_target_needs_it() {
    let wanted = |plan: &Plan| -> Vec<bool> { plan.variants.iter().map(|v| v.floor).collect() };
    let made = plan(on_floor("64 MiB"), &at("full"), &Fake).unwrap();
    assert_eq!(wanted(&made), [false, false, true]);
    let made = plan(on_floor("0.5 x baseline"), &at("smoke"), &Fake).unwrap();
    assert_eq!(wanted(&made), [true, false, true], "the baseline's, too");
    let none = estimate(&plan(scenario(EXAMPLE), &at("full"), &Fake).unwrap(), None);
    let some = estimate(&made, None);
    assert!(none.rows.iter().all(|row| row.floor == (0, 0)));
    assert_eq!(
        some.rows[2].floor,
        (4, 45),
        "a pass that is confirmed, and a failure"
    );
}

#[test]
fn nothing_but_floors_is_measured_where_only_they_are_asked_for() {
    let floor = FloorRequest {
        precision: Some(0.1),
        ..FloorRequest::default()
    };
    let request = PlanRequest {
        floor: Some(floor),
        ..at("smoke")
    };
    let plan = plan(on_floor("64 MiB"), &request, &Fake).unwrap();
    assert!(plan.floor_only && plan.variants.iter().all(|variant| variant.floor));
    assert_eq!(labels(&plan), ["floor of depth-first <= 64 MiB"]);
    assert_eq!(
        (plan.measure.floor.precision, plan.measure.floor.repeats),
        (0.1, 3)
    );
    let order = Order::new(&plan);
    assert_eq!((order.rounds_min(), order.rounds_max()), (2, 2));
    assert_eq!(order.fixed_before().len(), 3);
    assert!(order.fixed_after().is_empty());
}
