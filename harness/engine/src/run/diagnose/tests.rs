//! Facts and what they amount to.

use std::time::Duration;

use super::super::thrash::{Paging, Pressure, ThrashWatch};
use super::*;

fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(1200),
        cpu: Some(Duration::from_secs(90)),
        stall: Some(Duration::from_secs(60)),
        ..Limits::default()
    }
}

fn cap(oom_kills: u64) -> CapEvidence {
    CapEvidence {
        kind: "cgroup-v1".to_owned(),
        limit: 100 << 20,
        peak: Some(100 << 20),
        oom_kills,
    }
}

/// A process that ended by itself with status 0 after 4.2 seconds.
fn facts(limits: &Limits) -> Facts<'_> {
    Facts {
        exit: Exit::Code(0),
        not_started: None,
        cause: None,
        kill: None,
        cap: None,
        machine_oom: false,
        refused: None,
        protocol: false,
        expected: &[0],
        wall: 4.2,
        still: Still {
            time: 0.1,
            cpu: 0.1,
        },
        thrashing: None,
        peak: 50 << 20,
        phase: None,
        progress: None,
        step: "",
        stderr: "",
        limits,
    }
}

#[track_caller]
fn check(facts: Facts<'_>, outcome: Outcome, said: &str) {
    assert_eq!(diagnose(&facts), (Some(outcome), said.to_owned()));
}

#[test]
fn the_kernels_count_decides_whatever_the_exit_status() {
    let (limits, cap) = (limits(), cap(1));
    let facts = Facts {
        cap: Some(&cap),
        phase: Some("build"),
        progress: Some((37, Some(100), "items")),
        ..facts(&limits)
    };
    let said = "out-of-memory: killed by the kernel at 100.0 MiB of 100 MiB after 4.2 s, in phase build, at 37 %";
    check(facts, Outcome::OutOfMemory, said);
    for (exit, cause) in [
        (Exit::Signal(9), None),
        (Exit::Code(137), None),
        (Exit::Signal(9), Some(Cause::Oom)),
        (Exit::Signal(15), Some(Cause::Wall)),
    ] {
        check(
            Facts {
                exit,
                cause,
                ..facts
            },
            Outcome::OutOfMemory,
            said,
        );
    }
}

#[test]
fn a_sigkill_without_the_kernels_count_is_a_crash() {
    let (limits, cap) = (limits(), cap(0));
    let facts = Facts {
        exit: Exit::Signal(9),
        cap: Some(&cap),
        ..facts(&limits)
    };
    check(
        facts,
        Outcome::Crashed,
        "crashed: signal 9 (SIGKILL) after 4.2 s; it was not the memory cap's",
    );
    check(
        Facts {
            machine_oom: true,
            ..facts
        },
        Outcome::Crashed,
        "crashed: signal 9 (SIGKILL) after 4.2 s; the machine counted an out-of-memory kill meanwhile",
    );
}

#[test]
fn a_cap_that_is_only_watched_says_who_killed() {
    let (limits, cap) = (limits(), cap(0));
    check(
        Facts {
            exit: Exit::Signal(9),
            cause: Some(Cause::Cap),
            cap: Some(&cap),
            ..facts(&limits)
        },
        Outcome::OutOfMemory,
        "out-of-memory: killed by the harness, which saw more than 100 MiB after 4.2 s",
    );
}

#[test]
fn limits_name_themselves() {
    let limits = limits();
    let killed = Facts {
        exit: Exit::Signal(15),
        ..facts(&limits)
    };
    for (cause, outcome, said) in [
        (
            Cause::Wall,
            Outcome::TimedOut,
            "timed-out: still running after 20 min (`limits.wall`)",
        ),
        (
            Cause::Cpu,
            Outcome::TimedOut,
            "timed-out: used more than 90 s of CPU time (`limits.cpu`)",
        ),
        (
            Cause::Stall,
            Outcome::Stalled,
            "stalled: no progress for 60 s, ended after 4.2 s; it used 100.0 ms of CPU time: a livelock, or \
             progress that it does not count",
        ),
        (
            Cause::Interrupted,
            Outcome::Interrupted,
            "interrupted by the user after 4.2 s",
        ),
    ] {
        check(
            Facts {
                cause: Some(cause),
                ..killed
            },
            outcome,
            said,
        );
        // One that tidied up and left with status 0 was ended all the same.
        check(
            Facts {
                cause: Some(cause),
                exit: Exit::Code(0),
                ..killed
            },
            outcome,
            said,
        );
    }
}

#[test]
fn refusals_are_known_by_event_or_by_status() {
    let limits = limits();
    let facts = Facts {
        exit: Exit::Code(3),
        protocol: true,
        ..facts(&limits)
    };
    check(
        facts,
        Outcome::Refused,
        "refused: it declined the job without saying what it needs",
    );
    check(
        Facts {
            refused: Some((3 << 30, 1 << 30, "use level-wise")),
            ..facts
        },
        Outcome::Refused,
        "refused: it needs 3 GiB and has 1 GiB; use level-wise",
    );
    check(
        Facts {
            refused: Some(((64 << 20) + 512, 64 << 20, "")),
            ..facts
        },
        Outcome::Refused,
        "refused: it needs 64.0 MiB and has 64 MiB, 512 B too little",
    );
    check(
        Facts {
            protocol: false,
            ..facts
        },
        Outcome::Failed,
        "failed: exit status 3 after 4.2 s",
    );
}

#[test]
fn completed_is_what_was_expected() {
    let limits = limits();
    check(facts(&limits), Outcome::Completed, "completed in 4.2 s");
    let grep = Facts {
        exit: Exit::Code(1),
        expected: &[0, 1],
        wall: 0.0012,
        ..facts(&limits)
    };
    check(grep, Outcome::Completed, "completed in 1.2 ms");
}

#[test]
fn what_never_started_failed_with_the_systems_words() {
    let limits = limits();
    check(
        Facts {
            exit: Exit::Code(127),
            not_started: Some((Stage::Execute, libc::ENOEXEC)),
            ..facts(&limits)
        },
        Outcome::Failed,
        "failed: could not execute it: Exec format error (os error 8)",
    );
}

#[test]
fn the_programs_words_do_no_harm_in_ours() {
    let limits = limits();
    let noise = format!("first\n\u{1b}[31m{}\n\n", "x".repeat(10_000));
    let (_, said) = diagnose(&Facts {
        exit: Exit::Code(1),
        stderr: &noise,
        phase: Some("a\nb"),
        step: "load",
        progress: Some((5, None, "k\u{7}mers")),
        ..facts(&limits)
    });
    assert!(said.starts_with("failed: exit status 1 after 4.2 s, in step load, in phase a b, at 5 k mers; it said:  [31mxx"));
    assert!(said.ends_with("x…") && said.chars().count() < 400);
    assert!(!said.chars().any(char::is_control));
}

/// One that was killed by the scenario at 1.2 s of 2.1 s.
fn doomed(limits: &Limits) -> Facts<'_> {
    Facts {
        exit: Exit::Signal(9),
        cause: Some(Cause::Scenario),
        kill: Some(StepKill {
            at: 1.2,
            of: Some(2.1),
            killed: true,
        }),
        ..facts(limits)
    }
}

#[test]
fn the_scenarios_kill_is_no_end() {
    let limits = limits();
    let facts = Facts {
        step: "build",
        phase: Some("merge"),
        progress: Some((37, Some(100), "items")),
        ..doomed(&limits)
    };
    let said = "step build was killed by the scenario at 1.2 s of 2.1 s, in phase merge, at 37 %";
    assert_eq!(diagnose(&facts), (None, said.to_owned()));
    let (none, said) = diagnose(&doomed(&limits));
    assert_eq!(none, None);
    assert_eq!(said, "it was killed by the scenario at 1.2 s of 2.1 s");
}

#[test]
fn one_that_ended_just_then_ended_by_itself() {
    let limits = limits();
    let ended = Facts {
        exit: Exit::Code(1),
        kill: doomed(&limits).kill.map(|kill| StepKill {
            killed: false,
            ..kill
        }),
        ..doomed(&limits)
    };
    check(ended, Outcome::Failed, "failed: exit status 1 after 4.2 s");
    let completed = Facts {
        exit: Exit::Code(0),
        ..ended
    };
    check(completed, Outcome::Completed, "completed in 4.2 s");
}

#[test]
fn a_kill_at_the_cap_goes_before_the_scenarios() {
    let (limits, cap) = (limits(), cap(1));
    let (outcome, said) = diagnose(&Facts {
        cap: Some(&cap),
        ..doomed(&limits)
    });
    assert_eq!(outcome, Some(Outcome::OutOfMemory), "{said}");
}

#[test]
fn what_it_did_instead_of_going_on_is_said() {
    let limits = limits();
    let stalled = |cpu: f64| Facts {
        exit: Exit::Signal(15),
        cause: Some(Cause::Stall),
        wall: 72.0,
        still: Still { time: 60.0, cpu },
        phase: Some("build"),
        ..facts(&limits)
    };
    let begin = "stalled: no progress for 60 s, ended after 72.0 s, in phase build; it used";
    check(
        stalled(0.0),
        Outcome::Stalled,
        &format!("{begin} no CPU time: a deadlock, or it waits for what does not come"),
    );
    check(
        stalled(12.0),
        Outcome::Stalled,
        &format!("{begin} 12.0 s of CPU time meanwhile"),
    );
    check(
        stalled(59.0),
        Outcome::Stalled,
        &format!("{begin} 59.0 s of CPU time: a livelock, or progress that it does not count"),
    );
}

#[test]
fn at_the_wall_limit_only_a_long_pause_says_something() {
    let limits = limits();
    let late = |time: f64| Facts {
        exit: Exit::Signal(15),
        cause: Some(Cause::Wall),
        wall: 1200.0,
        still: Still { time, cpu: 0.0 },
        ..facts(&limits)
    };
    let begin = "timed-out: still running after 20 min (`limits.wall`)";
    check(late(100.0), Outcome::TimedOut, begin);
    check(
        late(600.0),
        Outcome::TimedOut,
        &format!(
            "{begin}; no progress in the last 10.0 min, with no CPU time: a deadlock, or it waits for what does not come"
        ),
    );
}

#[test]
fn thrashing_goes_before_other_explanations() {
    let (limits, cap) = (limits(), cap(1));
    let pressure = |total| Pressure {
        refaults: Some(total),
        stalled: None,
    };
    let mut watch = ThrashWatch::new(pressure(0));
    let second = Duration::from_secs(1);
    let thrashing = watch.look(second, || Paging {
        major_faults: 5_300,
        pressure: pressure(12_000),
    });
    let said = "it thrashed: 5300 major faults/s, 12000 pages/s taken from it and fetched again";
    let facts = Facts {
        exit: Exit::Signal(15),
        cause: Some(Cause::Stall),
        thrashing,
        ..facts(&limits)
    };
    check(
        facts,
        Outcome::Stalled,
        &format!("stalled: no progress for 60 s, ended after 4.2 s; {said}"),
    );
    let killed = Facts {
        cap: Some(&cap),
        ..facts
    };
    check(
        killed,
        Outcome::OutOfMemory,
        &format!("out-of-memory: killed by the kernel at 100.0 MiB of 100 MiB after 4.2 s; {said}"),
    );
    let crashed = Facts {
        cause: None,
        exit: Exit::Signal(11),
        ..facts
    };
    assert!(!diagnose(&crashed).1.contains("thrashed"));
}
