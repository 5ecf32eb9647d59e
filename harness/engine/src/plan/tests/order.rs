//! In which order trials run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::{EXAMPLE, planned};
use crate::evidence::{Instrument, Role};
use crate::plan::{Order, Plan, PlannedVariant, TrialSpec, estimate, testing};
use crate::scenario::{AfterKill, Kill, KillMoment, Runs};

/// A plan of so many variants, the first the baseline, with these least and most runs.
fn plan_of(runs: &[(u32, u32)], seed: u64) -> Plan {
    let mut plan = planned(EXAMPLE, "full");
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
