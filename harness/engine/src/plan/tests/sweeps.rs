//! Sweeps: the parameters of their points, and the order of their trials.

use std::collections::BTreeSet;

use serde_json::json;

use super::{asked, at, planned};
use crate::evidence::{Instrument, Role};
use crate::plan::{Order, PlanRequest, TrialSpec, estimate};

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
    let plan = planned(SWEPT, "default");
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
    let plan = planned(SWEPT, "default");
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
        let plan = asked(SWEPT, &request);
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
    let plan = planned(SWEPT, "smoke");
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
    let plan = asked(SWEPT, &request);
    assert_eq!(plan.sweeps.len(), 1);
    assert_eq!(plan.sweeps[0].parameter, "vocabulary");
}
