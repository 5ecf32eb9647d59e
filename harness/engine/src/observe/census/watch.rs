//! Takes a census at each new high of a process's resident size, and keeps the last.
//!
//! A census reads figures one after the other, while the program runs: reading `smaps` takes about
//! 14 ms per GiB of small pages. Its error is what the figures move by meanwhile; it is measured (resident size and live
//! heap before and after) and told. Where it is above 1 %, the census is taken again, the third
//! time with the program stopped: a count trial is not timed, and a few milliseconds' pause alters nothing
//! that it counts. A program that had to be stopped once, for more than the few pages by which a small one
//! moves all the time, is stopped at once from then on: its highs do not last. One that has passed by the
//! time it is read takes the place of no higher one.
//!
//! What malloc holds is the one figure that the program takes only now and then. A census at a high that lasts is
//! therefore taken once more as soon as that figure is younger than the high; or, where it is less than what is live, and so
//! from before the last growth, once it is out of date, and the mappings tell instead. So is one that was taken before the
//! program kept any figures, once it does.
//!
//! Between highs it takes one now and then for the course of a run, without ever stopping the program for it.

use std::fs::File;
use std::io::BufReader;

use plimsoll_workload::gauges::{HeapSide, Held, Snapshot};

use super::blocks::ProcessMemory;
use super::classify::classify;
use super::course::Course;
use super::pause::Paused;
use super::smaps::{self, Mapping};
use crate::evidence::Census;
use crate::observe::clock::monotonic_ns;

/// A new high is this much above the last: 1 part in so many.
const STEP: u64 = 100;
/// malloc's account of itself that lacks what is live is out of date after this long.
const ACCOUNT_OLD_NS: u64 = 100_000_000;
/// Figures that move by more than 1 part in so many while they are read are taken again.
const MOVED: u64 = 100;
/// A program whose figures move by more than this many bytes, as often as they are read, is restless.
const RESTLESS: u64 = 256 << 10;
/// Readings before the program is stopped for one.
const RUNNING_TRIES: u32 = 2;

/// What else belongs to a census, read on demand.
pub(crate) trait Figures {
    /// Resident bytes of a process; none once it is gone.
    fn resident(&mut self, pid: i32) -> Option<u64>;
    /// The gauge page; none where the program keeps none.
    fn gauges(&mut self) -> Option<Snapshot>;
}

/// Watches for new highs.
#[derive(Debug, Default)]
pub(crate) struct CensusWatch {
    origin_ns: u64,
    highest: u64,
    not_before: u64,
    /// When the last census was taken, as long as malloc's own account was older than that.
    unsettled: Option<u64>,
    /// Whether, at this high, the mappings have been asked in its place.
    mapped: bool,
    /// Whether the program's figures have moved too much to be read while it runs.
    restless: bool,
    mappings: Vec<Mapping>,
    last: Option<Census>,
    course: Course,
}

impl CensusWatch {
    /// Times count from `origin_ns`.
    pub(crate) fn new(origin_ns: u64) -> Self {
        Self {
            origin_ns,
            ..Self::default()
        }
    }

    /// Takes a census of `pid` if it stands at a new high.
    pub(crate) fn look(&mut self, pid: i32, figures: &mut impl Figures) {
        let begin = monotonic_ns();
        if begin < self.not_before {
            return;
        }
        let Some(resident) = figures.resident(pid) else {
            return;
        };
        let higher = resident > self.highest.saturating_add(self.highest / STEP);
        let first = higher || self.is_explained_now(resident, figures);
        let overdue = !first && self.is_overdue(resident, figures);
        if !first && !overdue && !self.settles(resident, figures) {
            return self.pass(pid, figures, begin);
        }
        let kept = self.last.as_ref().map_or(0, |last| last.resident);
        let taken = self.take(pid, figures);
        if let Some((census, account)) = taken.filter(|(it, _)| !higher || it.resident > kept) {
            self.unsettled = ((first || overdue) && account.is_some()).then(monotonic_ns);
            self.mapped = overdue;
            self.highest = self.highest.max(census.resident);
            if self.course.is_due(begin) {
                self.course.keep(census.clone(), begin, monotonic_ns());
            }
            self.last = Some(census);
        }
        // At most half of the time goes into this, however fast the program grows.
        let end = monotonic_ns();
        self.not_before = end + (end - begin);
    }

    /// Takes a census for the course of the run, if one is due.
    fn pass(&mut self, pid: i32, figures: &mut impl Figures, begin: u64) {
        if self.course.is_due(begin)
            && let Some((census, _)) = self.read(pid, figures, false)
        {
            self.course.keep(census, begin, monotonic_ns());
        }
    }

    /// The figures, and the last census, where the process still stands at its high, with the same heap.
    fn stands(&self, resident: u64, figures: &mut impl Figures) -> Option<(Snapshot, &Census)> {
        let (gauges, census) = figures.gauges().zip(self.last.as_ref())?;
        let stands = same(resident, census.resident) && same(live(&gauges), heap(census));
        stands.then_some((gauges, census))
    }

    /// Whether malloc's account is now of the time of that high.
    fn settles(&self, resident: u64, figures: &mut impl Figures) -> bool {
        self.unsettled.is_some_and(|taken| {
            self.stands(resident, figures)
                .and_then(|(gauges, _)| gauges.held)
                .is_some_and(|held| held.t > taken)
        })
    }

    /// Whether malloc's account is of before the last growth, and by now out of date.
    fn is_overdue(&self, resident: u64, figures: &mut impl Figures) -> bool {
        self.unsettled.is_some()
            && !self.mapped
            && self
                .stands(resident, figures)
                .is_some_and(|(gauges, census)| {
                    let held = gauges.held;
                    census.malloc_system.is_some_and(|held| held < heap(census))
                        && held.is_some_and(|held| is_old(&held, &gauges, monotonic_ns()))
                })
    }

    /// Whether the process still stands at its high and keeps figures now, as it did not when the census was taken: its
    /// memory may grow faster than the place is found where it keeps them.
    fn is_explained_now(&self, resident: u64, figures: &mut impl Figures) -> bool {
        self.last.as_ref().is_some_and(|census| {
            census.heap_c.is_none()
                && census.heap_rust == 0
                && census.ledger.is_empty()
                && same(resident, census.resident)
                && figures.gauges().is_some_and(|gauges| live(&gauges) > 0)
        })
    }

    /// The census at the highest resident size, and those of the whole course of the run.
    pub(crate) fn finish(self) -> (Option<Census>, Vec<Census>) {
        let course = self.course.finish(self.last.as_ref());
        (self.last, course)
    }

    fn take(&mut self, pid: i32, figures: &mut impl Figures) -> Option<(Census, Option<Held>)> {
        let tries = if self.restless { 0 } else { RUNNING_TRIES };
        let mut least = u64::MAX;
        for _ in 0..tries {
            let (census, held) = self.read(pid, figures, false)?;
            if census.moved <= census.resident / MOVED {
                return Some((census, held));
            }
            least = least.min(census.moved);
        }
        self.restless |= least > RESTLESS;
        let paused = Paused::stop(pid);
        self.read(pid, figures, paused.is_some())
    }

    fn read(
        &mut self,
        pid: i32,
        figures: &mut impl Figures,
        paused: bool,
    ) -> Option<(Census, Option<Held>)> {
        let resident_before = figures.resident(pid)?;
        let gauges_before = figures.gauges();
        self.mappings.clear();
        let file = File::open(format!("/proc/{pid}/smaps")).ok()?;
        let mappings = &mut self.mappings;
        smaps::read(BufReader::with_capacity(1 << 16, file), |m| {
            mappings.push(m)
        })
        .ok()?;
        let gauges = figures.gauges();
        let resident = figures.resident(pid)?;
        let live_before = gauges_before.as_ref().map_or(0, live);
        let gauges = gauges.unwrap_or_default();
        let now = monotonic_ns();
        let sure = classify(&self.mappings, held(&gauges), ProcessMemory::open(pid));
        let old = gauges.held.filter(|held| is_old(held, &gauges, now));
        // Where asking malloc takes so long that its account is from before the last growth, the
        // mappings that it does not explain are most likely what it has got since.
        let (found, system) = match old {
            None => (sure, gauges.held.map(|held| held.held)),
            Some(held) => {
                let mut all = classify(&self.mappings, Some(u64::MAX), None::<ProcessMemory>);
                all.uncertain = all.classes.malloc.saturating_sub(sure.classes.malloc);
                (all, Some(held.held.max(all.malloc_mapped)))
            }
        };
        let census = Census {
            t: now.saturating_sub(self.origin_ns) as f64 / 1e9,
            maps: found.classes,
            resident,
            moved: u64::max(
                resident.abs_diff(resident_before),
                live(&gauges).abs_diff(live_before),
            ),
            paused,
            uncertain: found.uncertain,
            ledger: gauges
                .ledger
                .iter()
                .map(|entry| (entry.component.clone(), entry.bytes))
                .collect(),
            heap_rust: gauges.rust.map_or(0, |side| side.live),
            heap_c: gauges.c.map(|side| side.live),
            from_outside: gauges.rust.is_none() && gauges.c.is_some(),
            malloc_system: system,
            malloc_mapped: found.malloc_mapped,
            malloc_has_rust: gauges.held.is_some_and(|held| held.covers_rust),
            error: gauges.heap_error,
        };
        Some((census, gauges.held))
    }
}

/// Whether malloc's account of everything is out of date: from before the last growth. One that has all that is live
/// stays good for as long as the program does nothing, and for as long as it is stopped.
fn is_old(held: &Held, gauges: &Snapshot, now: u64) -> bool {
    held.covers_rust
        && now.saturating_sub(held.t) > ACCOUNT_OLD_NS
        && held.used.saturating_add(gauges.heap_error) < live(gauges)
}

/// Whether two figures differ by less than makes a new high.
fn same(now: u64, then: u64) -> bool {
    now.abs_diff(then) <= then / STEP
}

/// Live bytes of both heaps at a census.
fn heap(census: &Census) -> u64 {
    census.heap_rust.saturating_add(census.heap_c.unwrap_or(0))
}

/// Live bytes of both heaps.
fn live(gauges: &Snapshot) -> u64 {
    let side = |side: Option<HeapSide>| side.map_or(0, |side| side.live);
    side(gauges.rust).saturating_add(side(gauges.c))
}

/// Bytes that malloc holds from the system. Its own account is from a moment ago; it holds at
/// least what is live in it now.
fn held(gauges: &Snapshot) -> Option<u64> {
    let held = gauges.held?;
    let c = gauges.c.map_or(0, |side| side.live);
    let now = if held.covers_rust { live(gauges) } else { c };
    Some(held.held.max(now))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// Resident sizes as they are asked for, one after the other; the last one stays.
    struct Script {
        sizes: VecDeque<u64>,
        gauges: Option<Snapshot>,
    }

    impl Script {
        fn new(sizes: &[u64]) -> Self {
            Script {
                sizes: sizes.iter().copied().collect(),
                gauges: None,
            }
        }
    }

    impl Figures for Script {
        fn resident(&mut self, _: i32) -> Option<u64> {
            let next = self.sizes.front().copied();
            if self.sizes.len() > 1 {
                self.sizes.pop_front();
            }
            next
        }

        fn gauges(&mut self) -> Option<Snapshot> {
            self.gauges.clone()
        }
    }

    /// A process that can be read and stopped, and ends when dropped.
    struct Sleeper(Child);

    impl Sleeper {
        fn new() -> Self {
            let mut command = Command::new("sleep");
            Sleeper(command.arg("60").stdin(Stdio::null()).spawn().unwrap())
        }

        fn pid(&self) -> i32 {
            i32::try_from(self.0.id()).unwrap()
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn look(watch: &mut CensusWatch, pid: i32, sizes: &[u64]) -> Option<(u64, bool)> {
        watch.not_before = 0;
        watch.look(pid, &mut Script::new(sizes));
        let last = watch.last.as_ref();
        last.map(|census| (census.resident, census.paused))
    }

    #[test]
    fn a_high_that_has_passed_displaces_no_higher_one() {
        let process = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        let mut look = |sizes: &[u64]| look(&mut watch, process.pid(), sizes);
        assert_eq!(look(&[1000]), Some((1000, false)));
        assert_eq!(look(&[2000, 50]), Some((1000, false)), "gone when read");
        assert_eq!(look(&[1005]), Some((1000, false)), "not high enough");
        assert_eq!(look(&[1500]), Some((1500, false)));
    }

    #[test]
    fn a_high_that_nothing_explained_is_looked_at_again_once_something_does() {
        let process = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        let mut look = |sizes: &[u64], live: u64| {
            watch.not_before = 0;
            let gauges = Snapshot {
                c: Some(HeapSide {
                    live,
                    ..HeapSide::default()
                }),
                ..Snapshot::default()
            };
            let mut script = Script::new(sizes);
            script.gauges = (live > 0).then_some(gauges);
            watch.look(process.pid(), &mut script);
            let last = watch.last.as_ref().unwrap();
            (last.resident, last.heap_c)
        };
        assert_eq!(look(&[100_000], 0), (100_000, None));
        assert_eq!(look(&[50_000], 7), (100_000, None), "no more at its high");
        assert_eq!(look(&[99_900], 8), (99_900, Some(8)));
        assert_eq!(look(&[99_900], 9), (99_900, Some(8)), "explained already");
    }

    #[test]
    fn a_high_that_malloc_has_not_accounted_for_is_looked_at_again_once_it_will_not() {
        let process = Sleeper::new();
        // Malloc says that it holds this much, while 1,000 bytes are live.
        let looks = |held: u64| {
            let mut watch = CensusWatch::new(0);
            let mut look = |t: u64| {
                watch.not_before = 0;
                let mut script = Script::new(&[100_000]);
                script.gauges = Some(Snapshot {
                    c: Some(HeapSide {
                        live: 1000,
                        ..HeapSide::default()
                    }),
                    held: Some(Held {
                        held,
                        used: held,
                        covers_rust: true,
                        t,
                    }),
                    ..Snapshot::default()
                });
                watch.look(process.pid(), &mut script);
                watch.last.as_ref().unwrap().t
            };
            // Its account is not out of date, and then it is.
            [u64::MAX, 1, 2].map(&mut look)
        };
        let [high, again, settled] = looks(999);
        assert!(high < again && again == settled, "once");
        let [high, again, _] = looks(1000);
        assert_eq!(high, again, "the account may well be of the high");
    }

    #[test]
    fn a_program_that_moves_is_stopped_and_from_then_on_at_once() {
        let process = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        let mut look = |sizes: &[u64]| look(&mut watch, process.pid(), sizes);
        let step = RESTLESS + 1;
        let moving = [10, 10, 11, 12, 13, 14].map(|steps| steps * step);
        assert_eq!(look(&moving), Some((14 * step, true)));
        assert_eq!(look(&[20 * step]), Some((20 * step, true)));
    }

    #[test]
    fn a_small_program_that_moves_is_stopped_for_that_one_census() {
        let process = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        let mut look = |sizes: &[u64]| look(&mut watch, process.pid(), sizes);
        let moving = [10, 10, 11, 12, 13, 14].map(|size| size * RESTLESS);
        assert_eq!(look(&moving), Some((14 * RESTLESS, true)));
        assert_eq!(look(&[20 * RESTLESS]), Some((20 * RESTLESS, false)));
        let once = [30, 30, 31, 40, 42, 43].map(|size| size * RESTLESS);
        assert_eq!(look(&once), Some((43 * RESTLESS, true)));
        assert_eq!(
            look(&[50 * RESTLESS]),
            Some((50 * RESTLESS, false)),
            "the other reading was of a program that moves little"
        );
    }
}
