//! What a report says of a session made by hand.

use super::*;
use crate::analyze::Analysis;
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{CapsKind, HeapProfile, Instrument, Machine, Outcome, Role, StepKill, Trial};
use crate::judge::judge;
use crate::plan::Plan;
use crate::plan::testing::{at_most_baseline, plan};

fn machine() -> Machine {
    Machine {
        cpu: "a processor".to_owned(),
        cores: 2,
        memory: 8 << 30,
        available: 6 << 30,
        swap: 0,
        kernel: "6.18".to_owned(),
        os: "an OS".to_owned(),
        arch: "x86_64".to_owned(),
        governor: None,
        load: 0.1,
        caps: CapsKind::CgroupV1,
        page_size: 4096,
        plimsoll: "0.1.0".to_owned(),
        debug_build: false,
        fingerprint: "blake3:0".to_owned(),
    }
}

fn report(plan: &Plan, trials: &[Trial], machine: Machine) -> Report {
    let analysis = Analysis::new(plan, trials);
    let verdicts = judge(plan, &analysis, trials);
    let session = SessionInfo {
        inputs: Vec::new(),
        builds: Vec::new(),
        machine,
        started: "2026-11-21T15:00:00Z".to_owned(),
        elapsed: 12.0,
        command: "plimsoll run scenario.yaml".to_owned(),
        interrupted: false,
        strict: true,
    };
    assemble(plan, trials, analysis, verdicts, session)
}

fn six_rounds() -> Vec<Trial> {
    let round = |round: u32| {
        let baseline = trial("a", 2 * round).round(round).build();
        let variant = trial("b", 2 * round + 1).round(round).wall(0.5);
        [baseline, variant.peak(10 * MIB).build()]
    };
    (0..6).flat_map(round).collect()
}

#[test]
fn two_speeds_and_a_run_far_outside_are_said_and_stay_in_the_figures() {
    let plan = plan(&["a", "b"]).runs(80, 80);
    let mut trials = Vec::new();
    for round in 0..80 {
        // Two of five runs at 33 ms, each unlike the one before; some spread.
        let slow = round * 3 % 5 < 2;
        let wall = if slow { 0.033 } else { 0.020 } + 1e-6 * f64::from(round * 7 % 10);
        trials.push(trial("a", 2 * round).round(round).wall(wall).build());
        let wall = if round == 40 {
            0.5
        } else {
            0.020 + 1e-5 * f64::from(round % 7)
        };
        trials.push(trial("b", 2 * round + 1).round(round).wall(wall).build());
    }
    let report = report(&plan, &trials, machine());
    let said = |what: &str| report.warnings.iter().any(|warning| warning.contains(what));
    assert!(
        said("elapsed time of a has 2 modes: 20.0 ms (60 % of runs) and 33.0 ms (40 %)"),
        "{:?}",
        report.warnings
    );
    assert!(
        said("elapsed time of b has 1 of 80 runs far outside the others, the farthest 500 ms"),
        "{:?}",
        report.warnings
    );
    assert_eq!(report.variants[1].metric("wall").unwrap().max, 0.5);
    assert!(!said("of b has 2 modes"));
}

#[test]
fn a_quiet_session_has_no_warnings() {
    let plan = plan(&["a", "b"]).runs(6, 6);
    let plan = plan.with(at_most_baseline("b", "wall", 0.6));
    let mut trials = six_rounds();
    trials.reverse();
    let report = report(&plan, &trials, machine());
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(report.exit_code, 0);
    let ratio = &report.variants[1].relative["wall"];
    assert_eq!((ratio.ratio, ratio.pairs, ratio.level), (0.5, 6, 0.95));
    assert!(report.variants[0].relative.is_empty());
    let numbers: Vec<u32> = report
        .trials
        .iter()
        .map(|trial| trial.head.number)
        .collect();
    assert_eq!(numbers, Vec::from_iter(0..12));
    assert_eq!(report.trials[1].metrics["peak_rss"], 10.0 * MIB as f64);
    assert_eq!(report.trials[1].wall, 0.5);
    assert!(
        report.method.contains(
            "95 % ones, from order statistics, with the error shared between 1 planned look"
        ),
        "{}",
        report.method
    );
}

#[test]
fn a_debug_build_is_said_first() {
    let loud = Machine {
        debug_build: true,
        swap: 1 << 30,
        load: 1.8,
        caps: CapsKind::Sampled,
        ..machine()
    };
    let warnings = report(&plan(&["a", "b"]), &six_rounds(), loud).warnings;
    assert_eq!(warnings.len(), 4);
    assert!(warnings[0].starts_with("DEBUG BUILD"), "{}", warnings[0]);
    assert!(
        warnings[1].contains("load 1.8 on 2 cores"),
        "{}",
        warnings[1]
    );
    assert!(warnings[2].contains("sampling"), "{}", warnings[2]);
    assert!(warnings[3].contains("swap"), "{}", warnings[3]);
}

#[test]
fn kills_are_counted_and_one_that_never_struck_is_a_warning() {
    let mut trials = six_rounds();
    for trial in &mut trials {
        let struck = trial.head.variant == "b" && trial.head.number > 4;
        trial.steps[0].kill = Some(StepKill {
            at: 0.5,
            of: Some(1.0),
            killed: struck,
        });
    }
    let report = report(&plan(&["a", "b"]), &trials, machine());
    let kills = report.variants.iter().map(|variant| variant.steps[0].kills);
    let kills: Vec<(u32, u32)> = kills.flatten().map(|k| (k.planned, k.killed)).collect();
    assert_eq!(kills, [(6, 0), (6, 4)]);
    assert_eq!(
        report.warnings,
        [
            "a was never killed (6 planned kills): it had ended before, so nothing is shown about a crash"
        ]
    );
}

#[test]
fn what_trials_suffered_is_said_once() {
    let mut trials = six_rounds();
    for trial in &mut trials[..4] {
        trial.steps[0].malformed_events = 3;
        trial.steps[0].misuse = vec!["phases overlap".to_owned()];
    }
    trials.push(trial("a", 12).note("2 processes were left behind").build());
    let mut profiled = trial("b", 13).instrument(Instrument::Dhat).build();
    profiled.profile = Some(HeapProfile {
        stripped: true,
        ..HeapProfile::default()
    });
    trials.push(profiled);
    let count = trial("b", 14).instrument(Instrument::Count);
    trials.push(count.ended(Outcome::Crashed, "signal 11").build());
    let warnings = report(&plan(&["a", "b"]), &trials, machine()).warnings;
    assert_eq!(
        warnings,
        [
            "the count trial of b did not complete: crashed: signal 11",
            "the binary of b is stripped: its heap profile has no names",
            "a wrote 3 event lines that could not be read and were ignored",
            "a: phases overlap",
            "b wrote 3 event lines that could not be read and were ignored",
            "b: phases overlap",
            "a (trial 12): 2 processes were left behind",
        ]
    );
}

#[test]
fn a_noisy_machine_is_said() {
    let mut trials = six_rounds();
    for round in 0..6 {
        let control = trial("a", 20 + round).round(round).role(Role::Control);
        trials.push(control.wall(1.25).build());
    }
    let warnings = report(&plan(&["a", "b"]), &trials, machine()).warnings;
    assert_eq!(
        warnings,
        [
            "noisy: two runs of the baseline typically differed by 25 % in elapsed time \
             (6 A/A pairs)"
        ]
    );
}

#[test]
fn an_unexpected_end_is_a_warning_and_an_exit_code() {
    let mut trials = six_rounds();
    let crashed = trial("b", 12).ended(Outcome::Crashed, "signal 11");
    let mut crashed = crashed.build();
    crashed.steps[0].stderr_tail = "thread 'main' panicked".to_owned();
    trials.push(crashed);
    let report = report(&plan(&["a", "b"]), &trials, machine());
    assert_eq!(report.warnings, ["b ended crashed: signal 11"]);
    assert_eq!(report.exit_code, 3);
    assert_eq!(report.variants[1].outcome, Outcome::Crashed);
    let tail = report.variants[1].stderr_tail.as_deref();
    assert_eq!(tail, Some("thread 'main' panicked"));
}
