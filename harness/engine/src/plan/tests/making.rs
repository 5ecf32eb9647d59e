//! What a plan is made of: variants, parameters, targets and notes.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::{EXAMPLE, asked, at, committed, labels, planned, scenario};
use crate::evidence::{Instrument, Role};
use crate::plan::{Job, Order, PlanRequest, parse_set, plan};
use crate::scenario::Runs;
use crate::scenario::fake::Fake;

#[test]
fn the_example_is_planned_at_full() {
    let plan = planned(EXAMPLE, "full");
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
    let plan = planned(&text, "smoke");
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
    let plan = asked(EXAMPLE, &request);
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
    let plan = asked(EXAMPLE, &request);
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
fn sampled_profiles_are_of_the_size_that_is_run_and_of_what_can_be_looked_into() {
    let text = EXAMPLE.replace(
        "dhat: { size: smoke }",
        "profile: true, dhat: { size: smoke }",
    );
    let plan = planned(&text, "full");
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
    let mut plan = planned(text, "default");
    assert_eq!(plan.measure.profile, Some(1 << 20));
    assert!(Order::new(&plan).fixed_after().is_empty());
    plan.variants[0].uncounted = None;
    let after = Order::new(&plan).fixed_after();
    let instruments: Vec<_> = after.iter().map(|trial| trial.instrument).collect();
    assert_eq!(instruments, [Instrument::Count, Instrument::Profile]);
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
