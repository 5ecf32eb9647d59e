//! The search against oracles that know the answer, and floors from hand-made trials.

use proptest::prelude::*;

use super::search::{Known, LEAST, PAGE, Search, Tried};
use super::{floor, next_floor_trial};
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{Outcome, Role, Trial};
use crate::plan::Plan;
use crate::plan::testing::{at_most, plan};
use crate::random::Random;
use crate::report::FloorEnding;
use plimsoll_workload::Unit;

const MOST: u64 = 64 << 30;

fn search(guess: u64) -> Search {
    Search {
        guess,
        hint: None,
        most: MOST,
        precision: 0.02,
        repeats: 3,
        caps: 15,
        decide: Vec::new(),
    }
}

/// Plays a search to its end against an oracle.
fn play(search: &Search, mut passes: impl FnMut(u64) -> bool) -> (Known, Vec<Tried>) {
    let mut tried = Vec::new();
    while let Some(cap) = search.next(&tried) {
        assert!(cap.is_multiple_of(PAGE), "{cap} is no whole page");
        assert!((LEAST..=search.most.max(LEAST)).contains(&cap), "{cap}");
        assert!(
            tried.len() < (search.caps * search.repeats) as usize,
            "{tried:?}"
        );
        let passed = passes(cap);
        tried.push(Tried { cap, passed });
    }
    (Known::of(&tried), tried)
}

#[test]
fn a_program_that_keeps_all_it_touches_takes_two_caps() {
    // Its peak is its floor, or a little more.
    for floor in [4 * MIB, 64 * MIB, 200 * MIB, 1000 * MIB] {
        let guess = (floor + floor / 200).next_multiple_of(PAGE);
        let (known, tried) = play(&search(guess), |cap| cap >= floor);
        assert_eq!((known.caps, tried.len()), (2, 4), "{tried:?}");
        assert!(known.fails_at.unwrap() < floor && floor <= known.passes_at.unwrap());
    }
}

#[test]
fn a_hint_far_below_the_peak_is_tried_second() {
    // 2 GiB of page cache over 5 MiB that cannot be reclaimed.
    let question = Search {
        hint: Some(5 * MIB),
        ..search(2048 * MIB)
    };
    let (known, tried) = play(&question, |cap| cap >= 6 * MIB);
    assert_eq!(tried[1].cap, 5 * MIB);
    assert!(known.caps <= 12, "{tried:?}");
}

#[test]
fn what_passes_under_the_least_cap_has_no_lower_end() {
    let (known, _) = play(&search(MIB), |_| true);
    assert_eq!((known.fails_at, known.passes_at), (None, Some(LEAST)));
    assert_eq!(known.confirmed, 3);
}

#[test]
fn what_fails_under_the_largest_cap_has_no_upper_end() {
    let question = Search {
        most: 100 * MIB,
        ..search(80 * MIB)
    };
    let (known, _) = play(&question, |_| false);
    assert_eq!((known.fails_at, known.passes_at), (Some(100 * MIB), None));
}

#[test]
fn one_failure_at_the_edge_moves_it() {
    let guess = 100 * MIB;
    let mut looks = 0;
    let (known, tried) = play(&search(guess), |cap| {
        looks += u32::from(cap == guess);
        // The second look at the guess fails, and what is larger passes.
        cap > guess || (cap == guess && looks != 2)
    });
    assert_eq!(known.fails_at, Some(guess), "{tried:?}");
    assert!(known.passes_at > Some(guess) && known.confirmed == 3);
}

#[test]
fn a_bound_within_the_interval_is_tried_itself() {
    let floor = 100 * MIB;
    let bound = floor - 3 * PAGE;
    let question = Search {
        decide: vec![bound],
        ..search(floor + 20 * PAGE)
    };
    let (known, tried) = play(&question, |cap| cap >= floor);
    assert!(tried.iter().any(|t| t.cap == bound), "{tried:?}");
    assert_eq!(known.fails_at, Some(bound));
    let question = Search {
        decide: vec![floor + PAGE],
        ..question
    };
    let (known, _) = play(&question, |cap| cap >= floor);
    assert_eq!((known.passes_at, known.confirmed), (Some(floor + PAGE), 3));
}

proptest! {
    #[test]
    fn any_floor_is_bracketed(
        floor in LEAST..MOST,
        off in -6.0..6.0_f64,
        hint in prop::option::of(0.3..1.2_f64),
        precision in 0.005..0.2_f64,
        repeats in 1..5_u32,
    ) {
        let guess = (floor as f64 * off.exp2()) as u64;
        let question = Search {
            hint: hint.map(|share| (floor as f64 * share) as u64),
            precision,
            repeats,
            caps: 30,
            ..search(guess)
        };
        let (known, tried) = play(&question, |cap| cap >= floor);
        let passes = known.passes_at.unwrap_or(u64::MAX);
        let fails = known.fails_at.unwrap_or(0);
        prop_assert!(fails < floor, "{tried:?}");
        if floor <= MOST - PAGE {
            prop_assert!(floor <= passes && passes <= MOST, "{tried:?}");
            prop_assert_eq!(known.confirmed, repeats);
            prop_assert!(fails == 0 || question.is_narrow(fails, passes), "{:?}", tried);
        }
        // No cap is tried again before the edge is known, and then only the edge is.
        let again = tried.len() - known.caps as usize;
        prop_assert_eq!(again as u32, known.confirmed.saturating_sub(1));
    }

    #[test]
    fn fifteen_caps_do_within_a_factor_of_thirty_of_the_peak(
        floor in 4 * MIB..8192 * MIB,
        above in 1.0..30.0_f64,
    ) {
        let (known, tried) = play(&search((floor as f64 * above) as u64), |cap| cap >= floor);
        let (fails, passes) = (known.fails_at.unwrap(), known.passes_at.unwrap());
        prop_assert!(known.caps <= 15 && search(0).is_narrow(fails, passes), "{tried:?}");
    }

    #[test]
    fn an_oracle_that_wavers_still_gets_an_honest_interval(
        floor in 4 * MIB..512 * MIB,
        above in 0.8..3.0_f64,
        blur in 0.0..0.3_f64,
        seed in any::<u64>(),
    ) {
        let mut noise = Random::new(seed);
        let question = search((floor as f64 * above) as u64);
        let (known, tried) = play(&question, |cap| {
            // From never to always within a band around the floor.
            let place = (cap as f64 / floor as f64 - 1.0) / blur.max(1e-9) + 0.5;
            noise.share() < place
        });
        prop_assert!(known.caps <= question.caps);
        let fails = known.fails_at;
        let highest = tried.iter().filter(|t| !t.passed).map(|t| t.cap).max();
        prop_assert_eq!(fails, highest, "every failure lies at or below the lower end");
        if let Some(passes) = known.passes_at {
            prop_assert!(Some(passes) > fails);
            prop_assert!(tried.iter().all(|t| t.cap != passes || t.passed));
            let trials = tried.iter().filter(|t| t.cap == passes).count();
            prop_assert_eq!(trials as u32, known.confirmed);
            prop_assert_eq!(known.confirmed, question.repeats, "{:?}", tried);
        }
    }

    #[test]
    fn any_outcomes_at_all_come_to_an_end(outcomes in prop::collection::vec(any::<bool>(), 45)) {
        let mut outcomes = outcomes.into_iter();
        play(&search(100 * MIB), |_| outcomes.next().unwrap_or(false));
    }
}

/// A plan whose variant `a` has a floor to be found.
fn wanted() -> Plan {
    let mut plan = plan(&["a"]).with(at_most("a", "floor", 64.0 * MIB as f64, Unit::Bytes));
    plan.variants[0].floor = true;
    plan
}

/// Measured trials of `a` with a peak of 100 MiB.
fn measured() -> Vec<Trial> {
    let one = |number| {
        let made = trial("a", number).round(number).digest("out", "x:1");
        made.cap(1024 * MIB, "cgroup-v2")
    };
    let peak = |mut trial: Trial| {
        for cap in trial.steps.iter_mut().filter_map(|step| step.cap.as_mut()) {
            cap.peak = Some(100 * MIB);
        }
        trial.steps[0].timeline.samples.clear();
        trial
    };
    vec![peak(one(0).build()), peak(one(1).build())]
}

/// Goes on with the trials until the search is over; `end` changes a trial under its cap.
fn searched(
    plan: &Plan,
    mut trials: Vec<Trial>,
    mut end: impl FnMut(&mut Trial, u64),
) -> Vec<Trial> {
    while let Some(spec) = next_floor_trial(plan, 0, &trials) {
        let cap = spec.under.unwrap();
        let number = trials.len() as u32;
        let made = trial("a", number)
            .digest("out", "x:1")
            .under(cap, "cgroup-v2");
        let mut trial = made.role(Role::Floor).build();
        end(&mut trial, cap);
        trials.push(trial);
        assert!(trials.len() < 60);
    }
    trials
}

fn killed(trial: &mut Trial) {
    trial.head.outcome = Outcome::OutOfMemory;
    trial.head.diagnosis = "out-of-memory: killed by the kernel".to_owned();
    trial.digests.clear();
}

#[test]
fn a_floor_is_found_and_told_with_every_trial() {
    let plan = wanted();
    let trials = searched(&plan, measured(), |trial, cap| {
        trial.steps[0].wall = 1.5;
        if cap < 70 * MIB {
            killed(trial);
        }
    });
    let floor = floor(&plan, &plan.variants[0], &trials).unwrap();
    assert_eq!(floor.absent, None);
    let (fails, passes) = (floor.fails_at.unwrap(), floor.passes_at.unwrap());
    assert!(fails < 70 * MIB && 70 * MIB <= passes && passes - fails <= passes / 50);
    assert_eq!(floor.attempts.len(), trials.len() - 2);
    assert_eq!((floor.confirmed, floor.repeats), (3, 3));
    let ended = |ending| floor.attempts.iter().find(|a| a.ending == ending).unwrap();
    assert_eq!(ended(FloorEnding::Passed).slowdown, Some(1.5));
    assert_eq!(ended(FloorEnding::OutOfMemory).slowdown, None);
    assert!(floor.compared.contains("`out`"), "{}", floor.compared);
}

#[test]
fn another_output_does_not_pass_and_is_told() {
    let plan = wanted();
    let trials = searched(&plan, measured(), |trial, cap| {
        if cap < 98 * MIB {
            trial.digests.get_mut("out").unwrap().value = "x:2".to_owned();
        }
    });
    let floor = floor(&plan, &plan.variants[0], &trials).unwrap();
    assert!(floor.passes_at.unwrap() >= 98 * MIB);
    let wrong = floor
        .attempts
        .iter()
        .any(|a| a.ending == FloorEnding::WrongOutput);
    assert!(
        wrong && floor.notes.iter().any(|n| n.contains("wrong under")),
        "{:?}",
        floor.notes
    );
}

#[test]
fn what_cannot_be_held_against_anything_is_not_searched_for() {
    let plan = wanted();
    let mut differ = measured();
    differ[1].digests.get_mut("out").unwrap().value = "x:2".to_owned();
    let mut failed = measured();
    failed[1].head.outcome = Outcome::Failed;
    let mut sampled = measured();
    sampled[0].steps[0].cap.as_mut().unwrap().kind = "sampled".to_owned();
    for (trials, why) in [
        (differ, "differs from run to run"),
        (failed, "does not complete without a cap either"),
        (sampled, "enforced by sampling"),
        (Vec::new(), "was not run"),
    ] {
        assert_eq!(next_floor_trial(&plan, 0, &trials), None);
        let absent = floor(&plan, &plan.variants[0], &trials)
            .unwrap()
            .absent
            .unwrap();
        assert!(absent.contains(why), "{absent}");
    }
}

#[test]
fn a_cap_that_nobody_enforces_ends_the_search() {
    let plan = wanted();
    let mut trials = measured();
    let made = trial("a", 2)
        .digest("out", "x:1")
        .under(90 * MIB, "sampled");
    trials.push(made.role(Role::Floor).build());
    assert_eq!(next_floor_trial(&plan, 0, &trials), None);
    let floor = floor(&plan, &plan.variants[0], &trials).unwrap();
    assert_eq!((floor.fails_at, floor.passes_at), (None, None));
    assert!(floor.absent.unwrap().contains("sampling"));
}

#[test]
fn a_search_that_was_cut_short_says_so() {
    let plan = wanted();
    let mut trials = searched(&plan, measured(), |trial, cap| {
        if cap < 30 * MIB {
            killed(trial);
        }
    });
    trials.truncate(5);
    let floor = floor(&plan, &plan.variants[0], &trials).unwrap();
    assert_eq!(floor.absent.as_deref(), Some("the search was cut short"));
}

#[test]
fn too_slow_is_told_from_thrashing_and_starting_from_running() {
    let plan = wanted();
    let mut next = 0;
    let trials = searched(&plan, measured(), |trial, cap| {
        if cap >= 95 * MIB {
            return;
        }
        next += 1;
        match next {
            1 => {
                trial.head.outcome = Outcome::TimedOut;
                trial.steps[0].usage.major_faults = 50_000;
            }
            2 => trial.head.outcome = Outcome::TimedOut,
            _ => {
                killed(trial);
                trial.steps[0].floor = 0;
            }
        }
    });
    let floor = floor(&plan, &plan.variants[0], &trials).unwrap();
    let failed = floor.attempts.iter().map(|a| a.ending);
    let failed: Vec<FloorEnding> = failed.filter(|e| *e != FloorEnding::Passed).collect();
    let expected = [
        FloorEnding::Thrashing,
        FloorEnding::TimedOut,
        FloorEnding::NotStarted,
    ];
    assert!(
        failed.iter().zip(expected).all(|(a, b)| *a == b),
        "{failed:?}"
    );
    assert!(
        floor
            .attempts
            .iter()
            .all(|a| a.slowdown.is_some() == (a.ending == FloorEnding::Passed))
    );
}

#[test]
fn trials_of_a_search_have_a_wall_limit_of_their_own() {
    let mut plan = wanted();
    let wall = |plan: &Plan| {
        next_floor_trial(plan, 0, &measured())
            .unwrap()
            .wall
            .unwrap()
    };
    assert_eq!(wall(&plan).as_secs(), 10, "ten times the second it takes");
    plan.limits.wall = std::time::Duration::from_secs(3);
    assert_eq!(wall(&plan).as_secs(), 3);
}

#[test]
fn a_known_output_that_the_uncapped_trials_do_not_have_is_no_reference() {
    let mut plan = wanted();
    let mut scenario = (*plan.scenario).clone();
    let values = [("out".to_owned(), serde_json::json!("x:9"))].into();
    let known = crate::scenario::Expectation::Equals { values };
    scenario.targets = vec![crate::plan::testing::target(&["a"], known)];
    plan.scenario = scenario.into();
    let absent = floor(&plan, &plan.variants[0], &measured())
        .unwrap()
        .absent
        .unwrap();
    assert_eq!(
        absent,
        "its output is wrong without a cap: `out` is x:1, not x:9"
    );
}
