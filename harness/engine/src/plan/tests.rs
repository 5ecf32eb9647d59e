//! From a scenario's text to trials in order.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::evidence::{Instrument, Role};
use crate::scenario::fake::Fake;
use crate::scenario::{self, Runs, Scenario};

use super::*;

const EXAMPLE: &str = include_str!("../scenario/examples/ortho.yaml");

fn scenario(text: &str) -> Arc<Scenario> {
    let path = Path::new("scenarios/ortho.yaml");
    match scenario::parse(path, text, &Fake) {
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
            "orthos of in-memory, level-wise, depth-first identical",
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
    assert_eq!(
        labels(&plan),
        ["orthos of in-memory, level-wise, depth-first identical"]
    );
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
            "orthos of in-memory, level-wise, depth-first identical",
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
