//! Takes a census at each new high of a process's resident size, and keeps the last.
//!
//! A census reads figures one after the other; reading `smaps` alone takes about 14 ms per GiB of small
//! pages. Its error is what the figures move by meanwhile (resident size and live heap before and after), and told.
//! A large program that takes and frees memory all the time would be far from its high by then, so it is stopped
//! first: a count trial is not timed, and a few milliseconds' pause alters nothing that it counts. A small one is read
//! in less time than stopping it may take; it is read as it runs, again where it moved by more than 1 %, and
//! stopped only for the third time.
//!
//! What malloc holds is the one figure that the program takes only now and then. A census at a high that lasts is
//! therefore taken once more as soon as that figure is younger than the high.

use std::fs::File;
use std::io::BufReader;

use plimsoll_workload::gauges::{HeapSide, Held, Snapshot};

use super::classify::classify;
use super::pause::Paused;
use super::smaps::{self, Mapping};
use crate::evidence::Census;
use crate::observe::clock::monotonic_ns;

/// A new high is this much above the last: 1 part in so many.
const STEP: u64 = 100;
/// malloc's account of itself is out of date after this long.
const ACCOUNT_OLD_NS: u64 = 100_000_000;
/// Figures that move by more than 1 part in so many while they are read are taken again.
const MOVED: u64 = 100;
/// Readings of a program that moves; it is stopped for the last at the latest.
const TRIES: u32 = 3;
/// A program of at most so many resident bytes is read within a millisecond.
const QUICK: u64 = 64 << 20;

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
    mappings: Vec<Mapping>,
    last: Option<Census>,
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
        if !higher && !self.settles(resident, figures) {
            return;
        }
        // A program may have left its high before it stood still. What is known then is better.
        let least = if higher { self.highest } else { 0 };
        if let Some((census, account)) = self.take(pid, least, figures) {
            self.unsettled = (higher && account.is_some()).then(monotonic_ns);
            self.highest = self.highest.max(census.resident);
            self.last = Some(census);
        }
        // At most half of the time goes into this, however fast the program grows.
        let end = monotonic_ns();
        self.not_before = end + (end - begin);
    }

    /// Whether the process still stands at its high, with the same heap, and malloc's account is
    /// now of that time.
    fn settles(&self, resident: u64, figures: &mut impl Figures) -> bool {
        let Some(taken) = self.unsettled else {
            return false;
        };
        let Some((gauges, census)) = figures.gauges().zip(self.last.as_ref()) else {
            return false;
        };
        let same = |now: u64, then: u64| now.abs_diff(then) <= then / STEP;
        same(resident, census.resident)
            && same(
                live(&gauges),
                census.heap_rust.saturating_add(census.heap_c.unwrap_or(0)),
            )
            && gauges.held.is_some_and(|held| held.t > taken)
    }

    /// The census at the highest resident size.
    pub(crate) fn finish(self) -> Option<Census> {
        self.last
    }

    /// A census of at least so many resident bytes.
    fn take(
        &mut self,
        pid: i32,
        least: u64,
        figures: &mut impl Figures,
    ) -> Option<(Census, Option<Held>)> {
        let quick = figures.resident(pid)? <= QUICK;
        let mut paused = if quick { None } else { Paused::stop(pid) };
        if figures.resident(pid)? < least {
            return None;
        }
        let mut taken = None;
        for turn in 1..=TRIES {
            if turn == TRIES && paused.is_none() {
                paused = Paused::stop(pid);
            }
            let Some((census, held)) = self.read(pid, figures, paused.is_some()) else {
                break;
            };
            let still = paused.is_some() || census.moved <= census.resident / MOVED;
            if census.resident >= least {
                taken = Some((census, held));
            }
            if still {
                break;
            }
        }
        taken
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
        let sure = classify(&self.mappings, held(&gauges));
        let old = gauges
            .held
            .filter(|held| held.covers_rust && now.saturating_sub(held.t) > ACCOUNT_OLD_NS);
        // Where asking malloc takes so long that its account is from before the last growth, the
        // mappings that it does not explain are most likely what it has got since.
        let (found, system) = match old {
            None => (sure, gauges.held.map(|held| held.held)),
            Some(held) => {
                let mut all = classify(&self.mappings, Some(u64::MAX));
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
            malloc_system: system,
            malloc_mapped: found.malloc_mapped,
            malloc_has_rust: gauges.held.is_some_and(|held| held.covers_rust),
            error: gauges.heap_error,
        };
        Some((census, gauges.held))
    }
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
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// What a process is said to hold, one look after the other; the last for ever.
    struct Said(Vec<u64>);

    impl Figures for Said {
        fn resident(&mut self, _: i32) -> Option<u64> {
            if self.0.len() > 1 {
                return Some(self.0.remove(0));
            }
            self.0.first().copied()
        }

        fn gauges(&mut self) -> Option<Snapshot> {
            None
        }
    }

    struct Sleeper(Child);

    impl Sleeper {
        fn new() -> Self {
            let mut command = Command::new("sleep");
            Self(command.arg("60").stdin(Stdio::null()).spawn().unwrap())
        }

        fn pid(&self) -> i32 {
            i32::try_from(self.0.id()).unwrap()
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_large_program_stands_still_for_its_census() {
        let sleeper = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        watch.look(sleeper.pid(), &mut Said(vec![1000 * MIB]));
        let census = watch.finish().unwrap();
        assert!(census.paused);
        assert_eq!((census.resident, census.moved), (1000 * MIB, 0));
    }

    #[test]
    fn a_small_one_only_when_it_moves() {
        let sleeper = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        watch.look(sleeper.pid(), &mut Said(vec![10 * MIB]));
        let census = watch.last.take().unwrap();
        assert_eq!((census.paused, census.moved), (false, 0));
        watch.not_before = 0;
        let rising = (20..30).map(|mib| mib * MIB).collect();
        watch.look(sleeper.pid(), &mut Said(rising));
        assert!(watch.finish().unwrap().paused);
    }

    #[test]
    fn a_high_that_is_over_before_the_program_stands_still_is_let_go() {
        let sleeper = Sleeper::new();
        let mut watch = CensusWatch::new(0);
        watch.look(sleeper.pid(), &mut Said(vec![1000 * MIB]));
        watch.not_before = 0;
        watch.look(
            sleeper.pid(),
            &mut Said(vec![2000 * MIB, 1900 * MIB, 900 * MIB]),
        );
        assert_eq!(watch.last.as_ref().unwrap().resident, 1000 * MIB);
        watch.not_before = 0;
        watch.look(
            sleeper.pid(),
            &mut Said(vec![2000 * MIB, 1900 * MIB, 1500 * MIB]),
        );
        assert_eq!(watch.finish().unwrap().resident, 1500 * MIB);
    }

    #[test]
    fn nothing_is_taken_of_whoever_is_gone() {
        let mut watch = CensusWatch::new(0);
        watch.look(i32::MAX, &mut Said(vec![1000]));
        assert!(watch.finish().is_none());
    }
}
