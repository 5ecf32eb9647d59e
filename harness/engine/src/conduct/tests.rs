//! What is run, in which order, and when it stops.

use std::time::Duration;

use plimsoll_workload::Unit;

use super::fake::Fake;
use super::{Conducted, at_least, conduct};
use crate::evidence::{Instrument, Outcome, Role, Trial};
use crate::notice::{Notice, Observer};
use crate::plan::testing::{at_most, plan};
use crate::scenario::InstructionsSetting;

struct Heard(Vec<Notice>);

impl Observer for Heard {
    fn notice(&mut self, notice: Notice) {
        self.0.push(notice);
    }
}

fn play(fake: &mut Fake<'_>) -> (Conducted<String>, usize) {
    let plan = fake.plan;
    let mut kept = 0;
    let conducted = conduct(plan, fake, &mut Heard(Vec::new()), &mut |_| kept += 1);
    (conducted, kept)
}

#[test]
fn every_variant_gets_its_fewest_runs_and_one_count_trial() {
    let plan = plan(&["a", "b"]).runs(3, 9);
    let mut fake = Fake::new(&plan);
    let (conducted, kept) = play(&mut fake);
    for variant in ["a", "b"] {
        let measured = |asked: &&(String, Instrument, Role)| {
            asked.0 == variant && asked.1 == Instrument::Clock && asked.2 == Role::Measured
        };
        assert_eq!(fake.asked.iter().filter(measured).count(), 3, "{variant}");
        assert_eq!(fake.count(variant, Instrument::Count), 1, "{variant}");
    }
    assert_eq!(kept, conducted.trials.len());
    assert_eq!(conducted.trials.len(), at_least(&plan) as usize);
    assert!(!conducted.interrupted);
}

#[test]
fn warm_ups_come_first() {
    let mut plan = plan(&["a", "b"]).runs(1, 1);
    plan.measure.warmup = 2;
    let mut fake = Fake::new(&plan);
    play(&mut fake);
    assert!(fake.asked[..4].iter().all(|asked| asked.2 == Role::Warmup));
    assert!(fake.asked[4..].iter().all(|asked| asked.2 != Role::Warmup));
}

#[test]
fn a_variant_that_does_not_complete_is_run_once() {
    let plan = plan(&["a", "b"]).runs(4, 9);
    let mut fake = Fake::new(&plan);
    fake.ends = |variant, _| {
        if variant == "b" {
            Outcome::Failed
        } else {
            Outcome::Completed
        }
    };
    play(&mut fake);
    assert_eq!(fake.count("b", Instrument::Clock), 1);
    assert_eq!(fake.count("b", Instrument::Count), 0);
    assert_eq!(fake.count("a", Instrument::Count), 1);
}

#[test]
fn an_instrument_that_a_variant_does_not_survive_is_tried_once() {
    let mut plan = plan(&["a", "b"]).runs(1, 1);
    plan.measure.instructions = Some(InstructionsSetting {
        size: "smoke".to_owned(),
        runs: 3,
        by: None,
    });
    for variant in &mut plan.variants {
        variant.instruction_params = Some(variant.params.clone());
    }
    // Numbers 0 and 1 are the clock's, 2 and 3 the counter's; from then on it is a, b, a, b ...
    let ends = |_: &str, number: usize| match number {
        4 => Outcome::Crashed,
        _ => Outcome::Completed,
    };
    let mut fake = Fake::new(&plan);
    fake.ends = ends;
    let (conducted, _) = play(&mut fake);
    assert_eq!(fake.count("a", Instrument::Instructions), 1);
    assert_eq!(fake.count("b", Instrument::Instructions), 3);
    assert!(!conducted.interrupted);

    plan.leave_out(Instrument::Instructions, "nobody counts".to_owned());
    let mut fake = Fake::new(&plan);
    play(&mut fake);
    assert_eq!(fake.count("b", Instrument::Instructions), 0);
    assert_eq!(plan.notes, ["no instructions trials: nobody counts"]);
}

#[test]
fn a_targets_own_cap_is_tried_even_then() {
    let mut target = at_most("b", "peak_rss", 1e9, Unit::Bytes);
    target.under = Some(1 << 20);
    let plan = plan(&["a", "b"]).runs(2, 2).with(target);
    let mut fake = Fake::new(&plan);
    fake.ends = |variant, _| {
        if variant == "b" {
            Outcome::Crashed
        } else {
            Outcome::Completed
        }
    };
    play(&mut fake);
    let capped = |asked: &&(String, Instrument, Role)| asked.2 == Role::Capped;
    assert_eq!(fake.asked.iter().filter(capped).count(), 1);
}

#[test]
fn a_floor_is_searched_for_last_and_only_where_it_is_wanted() {
    let mut plan = plan(&["a", "b"]).runs(2, 2);
    plan.variants[1].floor = true;
    let mut fake = Fake::new(&plan);
    let (conducted, kept) = play(&mut fake);
    let first = fake.asked.iter().position(|asked| asked.2 == Role::Floor);
    let (before, search) = fake.asked.split_at(first.unwrap());
    assert!(before.iter().all(|asked| asked.2 != Role::Floor));
    assert!(
        search
            .iter()
            .all(|asked| asked.0 == "b" && asked.2 == Role::Floor)
    );
    // Every cap passes here: it comes down to the smallest, which is tried three times.
    assert!(search.len() > 3 && search.len() <= 17, "{}", search.len());
    assert_eq!(kept, conducted.trials.len());
}

#[test]
fn no_floor_is_searched_for_once_the_time_is_up() {
    let mut plan = plan(&["a", "b"]).runs(2, 2);
    plan.variants[1].floor = true;
    plan.limits.total = Some(Duration::from_secs(8));
    let mut fake = Fake::new(&plan);
    play(&mut fake);
    assert_eq!(fake.asked.len(), 8, "{:?}", fake.asked);
}

#[test]
fn an_interruption_keeps_what_there_is() {
    let plan = plan(&["a", "b"]).runs(6, 6);
    let mut fake = Fake::new(&plan);
    fake.interrupt_after = Some(3);
    let (conducted, kept) = play(&mut fake);
    assert!(conducted.interrupted);
    assert_eq!((conducted.trials.len(), kept), (3, 3));
}

#[test]
fn an_interrupted_trial_is_the_last_one() {
    let plan = plan(&["a", "b"]).runs(6, 6);
    let mut fake = Fake::new(&plan);
    fake.ends = |_, number| {
        if number == 4 {
            Outcome::Interrupted
        } else {
            Outcome::Completed
        }
    };
    let (conducted, _) = play(&mut fake);
    assert!(conducted.interrupted);
    assert_eq!(conducted.trials.len(), 5);
}

#[test]
fn sweeps_come_after_the_rounds_and_count_for_nothing_else() {
    let mut plan = plan(&["a", "b"])
        .runs(2, 2)
        .swept("n", &[1.0, 2.0, 3.0], None);
    plan.sweeps[0].runs = 2;
    let mut fake = Fake::new(&plan);
    let (conducted, _) = play(&mut fake);
    let swept = fake.asked.iter().filter(|asked| asked.2 == Role::Sweep);
    assert_eq!(swept.count(), 2 * 2 * 3);
    assert!(
        fake.asked[..4]
            .iter()
            .all(|asked| asked.2 == Role::Measured)
    );
    assert_eq!(conducted.trials.len(), at_least(&plan) as usize);
}

#[test]
fn a_size_that_failed_is_not_tried_again_nor_any_beyond() {
    for (quality, runs) in [(None, 2), (Some("recall"), 3)] {
        let mut plan = plan(&["a"])
            .runs(1, 1)
            .swept("n", &[1.0, 2.0, 3.0], quality);
        plan.sweeps[0].runs = 1;
        plan.measure.count = false;
        let mut fake = Fake::new(&plan);
        // The first point of the first block fails, whichever it is.
        fake.ends = |_, number| match number {
            1 => Outcome::TimedOut,
            _ => Outcome::Completed,
        };
        let (conducted, _) = play(&mut fake);
        let failed = &conducted.trials[1];
        let at = |trial: &Trial| trial.head.point.as_ref().map(|point| point.value);
        let later = conducted.trials[2..].iter();
        let beyond = later.filter(|trial| at(trial) >= at(failed)).count();
        assert_eq!(beyond > 0, quality.is_some() && at(failed) < Some(3.0));
        assert!(conducted.trials.len() <= 1 + runs + 1);
    }
}

#[test]
fn the_total_limit_ends_the_rounds_but_not_the_rest() {
    let mut plan = plan(&["a", "b"]).runs(50, 50);
    plan.limits.total = Some(Duration::from_secs(5));
    let mut fake = Fake::new(&plan);
    let (conducted, _) = play(&mut fake);
    assert!(fake.count("a", Instrument::Clock) < 10);
    assert_eq!(fake.count("a", Instrument::Count), 1);
    assert!(
        conducted.stopped.contains("limits.total"),
        "{}",
        conducted.stopped
    );
}
