//! Identity and known values.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor};
use std::path::Path;

use plimsoll_workload::Unit;
use serde_json::json;

use super::{verdict, words};
use crate::analyze::Analysis;
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{Instrument, Outcome, Role, Trial};
use crate::judge::{Difference, KeptOutputs, first_difference, judge_with_outputs};
use crate::plan::Plan;
use crate::plan::testing::{identical, plan, target};
use crate::report::Verdict;
use crate::scenario::Expectation;

fn same(digest: Option<&str>) -> Plan {
    plan(&["a", "b"]).with(identical(&["a", "b"], digest))
}

fn with(variant: &str, number: u32, value: &str) -> Trial {
    trial(variant, number).digest("orthos", value).build()
}

#[test]
fn every_completed_trial_takes_part() {
    let capped = |value| {
        let capped = trial("b", 2).digest("orthos", value);
        capped.under(100 * MIB, "cgroup-v1").build()
    };
    let counted = trial("a", 3)
        .digest("orthos", "sum64:1")
        .instrument(Instrument::Count);
    let trials = [
        with("a", 0, "sum64:1"),
        with("b", 1, "sum64:1"),
        capped("sum64:1"),
        counted.build(),
        trial("b", 4)
            .role(Role::Capped)
            .ended(Outcome::OutOfMemory, "killed")
            .build(),
    ];
    let (pass, evidence, _) = words(&same(Some("orthos")), &trials);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "`orthos` is sum64:1 in 4 trials");
    assert_eq!(words(&same(None), &trials).1, evidence);

    let mut differing = trials.clone();
    differing[2] = capped("sum64:2");
    let (fail, evidence, _) = words(&same(None), &differing);
    assert_eq!(fail, Verdict::Fail);
    assert_eq!(
        evidence,
        "`orthos` differs: sum64:1 from a (trials 0, 3), b (trial 1); sum64:2 from b (trial 2)"
    );
}

#[test]
fn dhat_trials_at_another_size_do_not() {
    let mut plan = same(None);
    plan.variants[0].dhat_params = json!({ "sentences": 300 }).as_object().cloned();
    let dhat = trial("a", 2)
        .digest("orthos", "sum64:9")
        .instrument(Instrument::Dhat);
    let trials = [
        with("a", 0, "sum64:1"),
        with("b", 1, "sum64:1"),
        dhat.build(),
    ];
    assert_eq!(verdict(&plan, &trials).verdict, Verdict::Pass);
    plan.variants[0].dhat_params = None;
    assert_eq!(verdict(&plan, &trials).verdict, Verdict::Fail);
}

#[test]
fn what_cannot_be_compared_is_absent() {
    let ended = trial("b", 1).ended(Outcome::OutOfMemory, "killed").build();
    let (absent, _, reason) = words(&same(None), &[with("a", 0, "x:1"), ended]);
    assert_eq!(
        (absent, reason.as_str()),
        (Verdict::Absent, "b ended out-of-memory: killed")
    );

    let other = trial("b", 1).digest("edges", "x:1").build();
    let (absent, _, reason) = words(&same(None), &[with("a", 0, "x:1"), other.clone()]);
    assert_eq!(
        (absent, reason.as_str()),
        (Verdict::Absent, "the variants share no digest")
    );

    let (absent, _, reason) = words(&same(Some("orthos")), &[with("a", 0, "x:1"), other]);
    assert_eq!(absent, Verdict::Absent);
    assert_eq!(
        reason,
        "no digest `orthos` from b (trial 1); there are: edges, orthos"
    );
}

#[test]
fn a_difference_outweighs_a_variant_that_did_not_complete() {
    let plan = plan(&["a", "b", "c"]).with(identical(&["a", "b", "c"], None));
    let ended = trial("c", 2)
        .ended(Outcome::Failed, "exit status 1")
        .build();
    let trials = [with("a", 0, "x:1"), with("b", 1, "x:2"), ended];
    assert_eq!(verdict(&plan, &trials).verdict, Verdict::Fail);
}

/// Kept outputs by path.
struct Kept(BTreeMap<&'static str, &'static str>);

impl KeptOutputs for Kept {
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        let text = path.to_str().and_then(|path| self.0.get(path));
        match text {
            Some(text) => Ok(Box::new(Cursor::new(text.as_bytes()))),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

#[test]
fn the_first_difference_is_shown_where_outputs_were_kept() {
    let kept = |variant, number, value, path| {
        trial(variant, number)
            .kept("out", value, Some(path))
            .build()
    };
    let trials = [kept("a", 0, "x:1", "a.txt"), kept("b", 1, "x:2", "b.txt")];
    let plan = same(None);
    let analysis = Analysis::new(&plan, &trials);
    let reason = |outputs: Kept| {
        let verdicts = judge_with_outputs(&plan, &analysis, &trials, &outputs);
        assert_eq!(verdicts[0].verdict, Verdict::Fail);
        verdicts[0].reason.clone()
    };
    let both = BTreeMap::from([("a.txt", "one\ntwo\n"), ("b.txt", "one\ntow\n")]);
    assert_eq!(
        reason(Kept(both)).unwrap(),
        "first difference in record 2, byte 5: a has \"two\", b has \"tow\""
    );
    // A file that is gone takes nothing from the verdict.
    assert_eq!(reason(Kept(BTreeMap::from([("a.txt", "one\n")]))), None);
}

/// Reads a few bytes at a time, as files larger than a buffer do.
fn differ(a: &str, b: &str) -> Option<Difference> {
    let reader = |text: &str, size| {
        io::BufReader::with_capacity(size, Cursor::new(text.as_bytes().to_vec()))
    };
    first_difference(&mut reader(a, 3), &mut reader(b, 5)).unwrap()
}

#[test]
fn differences_are_found_across_buffers() {
    assert_eq!(differ("", ""), None);
    assert_eq!(differ("same\ntext\n", "same\ntext\n"), None);
    let middle = differ("alpha\nbeta\ngamma", "alpha\nbeat\ngamma").unwrap();
    assert_eq!((middle.record, middle.offset), (2, 8));
    assert_eq!(middle.first.as_deref(), Some("beta"));
    assert_eq!(middle.second.as_deref(), Some("beat"));
    let shorter = differ("one\n", "one\ntwo").unwrap();
    assert_eq!((shorter.record, shorter.offset), (2, 4));
    assert_eq!(
        (shorter.first, shorter.second.as_deref()),
        (None, Some("two"))
    );
}

#[test]
fn endless_records_are_shown_by_their_beginning() {
    let long = "x".repeat(1 << 20);
    let difference = differ(&format!("{long}a"), &format!("{long}b")).unwrap();
    assert_eq!((difference.record, difference.offset), (1, 1 << 20));
    assert_eq!(difference.first.unwrap().len(), 160);
}

fn equals(values: serde_json::Value) -> Plan {
    let values = values.as_object().unwrap().clone().into_iter().collect();
    plan(&["a"]).with(target(&["a"], Expectation::Equals { values }))
}

#[test]
fn known_values_are_met_exactly() {
    let orthos = |number, count| {
        let trial = trial("a", number).reports("orthos", Unit::Count, count);
        trial.digest("set", "sum64:ee0d").build()
    };
    let trials = [orthos(0, 10_517_231.0), orthos(1, 10_517_231.0)];
    let (pass, evidence, _) = words(&equals(json!({ "orthos": 10_517_231 })), &trials);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "orthos is 10,517,231 in 2 trials");
    assert_eq!(
        verdict(
            &equals(json!({ "orthos": 10_517_231, "set": "sum64:ee0d" })),
            &trials
        )
        .verdict,
        Verdict::Pass
    );

    let off_by_one = [orthos(0, 10_517_231.0), orthos(1, 10_517_232.0)];
    let (fail, evidence, _) = words(&equals(json!({ "orthos": 10_517_231 })), &off_by_one);
    assert_eq!(fail, Verdict::Fail);
    assert_eq!(evidence, "orthos is 10517232 in trial 1, not 10517231");
}

#[test]
fn a_digest_is_written_with_its_method() {
    let trials = [trial("a", 0).digest("set", "sum64:ee0d").build()];
    let (fail, _, reason) = words(&equals(json!({ "set": "ee0d" })), &trials);
    assert_eq!(fail, Verdict::Fail);
    assert!(reason.contains("`sum64:ee0d`"), "{reason}");
    assert_eq!(
        verdict(&equals(json!({ "set": "sum64:ee0e" })), &trials).verdict,
        Verdict::Fail
    );
    let (absent, _, reason) = words(&equals(json!({ "sets": "sum64:ee0d" })), &trials);
    assert_eq!(absent, Verdict::Absent);
    assert_eq!(reason, "no digest `sets` in trial 0; there are: set");
    assert_eq!(
        verdict(&equals(json!({ "sets": 3 })), &trials).verdict,
        Verdict::Absent
    );
}

/// 2^53 + 1 has no floating-point number of its own: its neighbour is not it.
#[test]
fn a_neighbour_is_not_the_known_value() {
    let trials = [trial("a", 0)
        .reports("n", Unit::Count, 9_007_199_254_740_992.0)
        .build()];
    let next = equals(json!({ "n": 9_007_199_254_740_993_u64 }));
    assert_eq!(verdict(&next, &trials).verdict, Verdict::Fail);
}
