//! Censuses over the whole of a run, for a chart: few, evenly spread however long it takes, and cheap.

use crate::evidence::Census;

/// Most that are kept: each pixel of a chart is worth less than this.
const MOST: usize = 128;
/// The first ones lie so far apart.
const FIRST_NS: u64 = 20_000_000;
/// Taking them may cost one part in so many of a run's time.
const SHARE: u64 = 20;

/// What was taken so far, and when the next is due.
#[derive(Debug)]
pub(super) struct Course {
    taken: Vec<Census>,
    every_ns: u64,
    due_ns: u64,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            taken: Vec::new(),
            every_ns: FIRST_NS,
            due_ns: 0,
        }
    }
}

impl Course {
    /// Whether another is due at this time.
    pub(super) fn is_due(&self, now_ns: u64) -> bool {
        now_ns >= self.due_ns
    }

    /// Keeps one that took from `begin_ns` to `end_ns`. Once there are too many, every second one is
    /// let go, and the others come half as often.
    pub(super) fn keep(&mut self, census: Census, begin_ns: u64, end_ns: u64) {
        self.taken.push(census);
        if self.taken.len() > MOST {
            let mut place = 0;
            self.taken.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.every_ns = self.every_ns.saturating_mul(2);
        }
        let cost = end_ns.saturating_sub(begin_ns);
        self.due_ns = end_ns.saturating_add(self.every_ns.max(cost.saturating_mul(SHARE)));
    }

    /// All of them in order of time, the highest among them.
    pub(super) fn finish(mut self, highest: Option<&Census>) -> Vec<Census> {
        if let Some(highest) = highest {
            let later = self.taken.iter().position(|census| census.t >= highest.t);
            let at = later.unwrap_or(self.taken.len());
            if self.taken.get(at).is_none_or(|next| next.t > highest.t) {
                self.taken.insert(at, highest.clone());
            }
        }
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(t: f64) -> Census {
        Census {
            t,
            ..Census::default()
        }
    }

    /// A run of so many milliseconds, looked at every two; each census takes so many microseconds.
    fn run(milliseconds: u64, cost_us: u64) -> Course {
        let mut course = Course::default();
        for now in (0..milliseconds * 1_000_000).step_by(2_000_000) {
            if course.is_due(now) {
                course.keep(at(now as f64 / 1e9), now, now + cost_us * 1_000);
            }
        }
        course
    }

    #[test]
    fn there_are_few_and_they_spread_over_the_run() {
        for milliseconds in [100, 1_000, 10_000, 1_000_000] {
            let taken = run(milliseconds, 100).finish(None);
            assert!(taken.len() <= MOST);
            let gaps = taken.windows(2).map(|pair| pair[1].t - pair[0].t);
            let widest = gaps.fold(0.0, f64::max);
            let end = milliseconds as f64 / 1e3;
            assert!(widest <= f64::max(0.025, end / 30.0), "{widest} of {end}");
            assert!(end - taken.last().unwrap().t <= f64::max(0.025, end / 30.0));
        }
    }

    #[test]
    fn expensive_ones_are_rare() {
        let taken = run(10_000, 50_000).finish(None);
        assert!(taken.len() as u64 * 50 * SHARE <= 10_500, "{}", taken.len());
    }

    #[test]
    fn the_highest_is_among_them_once() {
        let mut course = Course::default();
        for t in [1.0, 2.0, 3.0] {
            course.taken.push(at(t));
        }
        let times = |all: Vec<Census>| all.iter().map(|census| census.t).collect::<Vec<_>>();
        assert_eq!(times(course.finish(Some(&at(2.5)))), [1.0, 2.0, 2.5, 3.0]);
        let course = Course {
            taken: vec![at(1.0), at(2.0)],
            ..Course::default()
        };
        assert_eq!(times(course.finish(Some(&at(2.0)))), [1.0, 2.0]);
    }
}
