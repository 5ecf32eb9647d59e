//! What was done: the same work, by the same build, to the same end.

use super::{against, change, times};
use crate::evidence::Outcome;
use crate::report::{Difference, Metric, OutputSameness};

#[test]
fn a_debug_build_decides_nothing() {
    let mut debug = times(0.5, 9.0);
    debug.machine.debug_build = true;
    let comparison = against(times(0.5, 1.0), debug);
    assert!(comparison.scenarios[0].notes[0].contains("new was measured by a debug build"));
    for id in ["a", "b"] {
        assert_eq!(
            change(&comparison, id, "wall").verdict,
            Difference::Inconclusive
        );
    }
}

#[test]
fn other_work_decides_nothing_and_is_said() {
    let mut other = times(0.9, 1.0);
    other.scenario_digest = "blake3:2".into();
    for variant in &mut other.variants {
        variant.inputs = Some("other".into());
        variant.params.insert("n".into(), 7.into());
        variant.build = Some("blake3:later".into());
    }
    let mut old = times(0.5, 1.0);
    for variant in &mut old.variants {
        variant.inputs = Some("some".into());
    }
    let comparison = against(old, other);
    let b = change(&comparison, "b", "wall");
    assert_eq!(b.verdict, Difference::Inconclusive);
    assert!(
        b.reason.as_deref().unwrap().contains("inputs differ"),
        "{b:?}"
    );
    let scenario = &comparison.scenarios[0];
    assert!(
        scenario
            .notes
            .iter()
            .any(|note| note.contains("scenario's file")),
        "{:?}",
        scenario.notes
    );
    let said = scenario.variants[1].notes.join("; ");
    assert_eq!(
        said,
        "another build in new; n not set, in new 7; other inputs in new"
    );
    assert_eq!(
        scenario.variants[1].endings[0].output,
        OutputSameness::Unknown
    );
}

#[test]
fn endings_and_outputs_are_compared() {
    let mut new = times(0.5, 1.0);
    new.variants[0]
        .digests
        .insert("stdout".into(), "blake3:other".into());
    new.variants[1].outcome = Outcome::OutOfMemory;
    new.variants[1].diagnosis = "out-of-memory: killed".into();
    new.variants[1].metrics.insert(
        "wall".into(),
        Metric::Absent {
            absent: "b ended".into(),
        },
    );
    let comparison = against(times(0.5, 1.0), new);
    let [a, b] = &comparison.scenarios[0].variants[..] else {
        panic!("two variants");
    };
    assert_eq!(a.endings[0].output, OutputSameness::Differs);
    assert_eq!(b.endings[0].verdict, Difference::Regressed);
    assert_eq!(b.endings[0].output, OutputSameness::Same);
    let wall = change(&comparison, "b", "wall");
    assert_eq!(
        (wall.verdict, wall.reason.as_deref()),
        (Difference::Absent, Some("b ended"))
    );
}
