//! Where to try next: a bracketing search over memory caps, for oracles that may waver.
//!
//! It first tries a guess, then moves away from it in steps that grow fourfold on a logarithmic scale
//! until it has a cap that fails and one that passes (the exponential search of J. L. Bentley and
//! A. C.-C. Yao, "An almost optimal algorithm for unbounded searching", 1976), and halves the
//! interval from there on. While it narrows the interval one trial decides a cap; the upper edge is
//! then repeated, and one failure there makes it a cap that fails. Pure: outcomes go in, the next
//! cap comes out.

/// Caps are whole pages: the kernel rounds them down to such.
pub(super) const PAGE: u64 = 4096;
/// The smallest cap that is tried. No kernel starts a process in so little.
pub(super) const LEAST: u64 = 16 * PAGE;
/// From one step away from the guess to the next, on a logarithmic scale.
const GROWTH: f64 = 4.0;

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Search {
    /// Where to begin: a little above the peak without a cap, which should be enough.
    pub(super) guess: u64,
    /// What is surely needed or a little less, where it is known: a second guess.
    pub(super) hint: Option<u64>,
    /// The largest cap that may be tried.
    pub(super) most: u64,
    /// The interval's width over its upper edge.
    pub(super) precision: f64,
    /// Trials that must all pass at the upper edge.
    pub(super) repeats: u32,
    /// Caps tried at most.
    pub(super) caps: u32,
    /// Caps that must be known to lie outside of the interval, as far as the number of caps allows.
    pub(super) decide: Vec<u64>,
}

/// One trial under a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) cap: u64,
    pub(super) passed: bool,
}

/// What is known so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The largest cap with a failure.
    pub(super) fails_at: Option<u64>,
    /// The smallest cap above it that passed.
    pub(super) passes_at: Option<u64>,
    /// Trials that passed there.
    pub(super) confirmed: u32,
    /// Different caps tried.
    pub(super) caps: u32,
    /// Caps that passed although a larger one failed.
    pub(super) odd: u32,
}

impl Known {
    /// What these trials say.
    pub(super) fn of(tried: &[Tried]) -> Known {
        let failed = |cap: u64| tried.iter().any(|t| t.cap == cap && !t.passed);
        let fails_at = tried.iter().filter(|t| !t.passed).map(|t| t.cap).max();
        let mut caps: Vec<u64> = tried.iter().map(|t| t.cap).collect();
        caps.sort_unstable();
        caps.dedup();
        let above = |cap: &u64| fails_at.is_none_or(|fails| *cap > fails);
        let passes_at = caps.iter().copied().find(above);
        let odd = caps.iter().filter(|cap| !above(cap) && !failed(**cap));
        Known {
            fails_at,
            passes_at,
            confirmed: count(tried.iter().filter(|t| Some(t.cap) == passes_at)),
            odd: count(odd),
            caps: count(caps.iter()),
        }
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap_or(u32::MAX)
}

impl Search {
    /// The cap of the next trial; none where there is nothing left to find out.
    pub(super) fn next(&self, tried: &[Tried]) -> Option<u64> {
        let known = Known::of(tried);
        let fresh = match known.caps < self.caps {
            true => self.fresh(&known, tried),
            false => None,
        };
        // The edge is repeated once the interval is as narrow as it gets.
        let edge = known
            .passes_at
            .filter(|_| fresh.is_none() && known.confirmed < self.repeats);
        edge.or(fresh).or_else(|| match known.caps < self.caps {
            true => self.decided_by(&known),
            false => None,
        })
    }

    /// Whether the interval is as narrow as was asked for.
    pub(super) fn is_narrow(&self, fails: u64, passes: u64) -> bool {
        let width = passes.saturating_sub(fails);
        width <= PAGE || width as f64 <= self.precision * passes as f64
    }

    /// A cap that was not tried yet and narrows the interval.
    fn fresh(&self, known: &Known, tried: &[Tried]) -> Option<u64> {
        match (known.fails_at, known.passes_at) {
            (None, None) => Some(pages(self.guess as f64).clamp(LEAST, self.most())),
            (None, Some(passes)) => self.below(passes, known.caps),
            (Some(fails), None) => self.above(fails, tried),
            (Some(fails), Some(passes)) if self.is_narrow(fails, passes) => None,
            (Some(fails), Some(passes)) => Some(between(fails, passes)),
        }
    }

    /// Everything passed so far.
    fn below(&self, passes: u64, caps: u32) -> Option<u64> {
        let step = passes as f64 * (-self.precision * stretch(caps)).exp();
        // Towards the passing edge, so that a failure there makes an interval no wider than asked.
        let step = (step / PAGE as f64).ceil() as u64 * PAGE;
        let step = step.min(passes.saturating_sub(PAGE));
        let hint = self.hint.map(|hint| pages(hint as f64));
        let next = match hint.filter(|hint| *hint < step && caps == 1) {
            Some(hint) => hint,
            None => step,
        };
        (passes > LEAST).then(|| next.max(LEAST))
    }

    /// Everything failed so far, or the largest cap that passed has failed since.
    fn above(&self, fails: u64, tried: &[Tried]) -> Option<u64> {
        let steps = count(tried.iter().filter(|t| !t.passed));
        let step = pages(fails as f64 * (self.precision * stretch(steps)).exp()).max(fails + PAGE);
        (fails < self.most()).then(|| step.min(self.most()))
    }

    /// A cap on which a verdict hangs and which lies within the interval.
    fn decided_by(&self, known: &Known) -> Option<u64> {
        let inside = |cap: &u64| {
            known.fails_at.is_none_or(|fails| *cap > fails)
                && known.passes_at.is_none_or(|passes| *cap < passes)
        };
        let caps = self.decide.iter().map(|cap| cap / PAGE * PAGE);
        caps.filter(|cap| (LEAST..=self.most()).contains(cap))
            .find(inside)
    }

    fn most(&self) -> u64 {
        (self.most / PAGE * PAGE).max(LEAST)
    }
}

/// How far the next step goes, in units of the precision.
fn stretch(steps: u32) -> f64 {
    GROWTH.powi(
        i32::try_from(steps.saturating_sub(1))
            .unwrap_or(i32::MAX)
            .min(12),
    )
}

fn pages(bytes: f64) -> u64 {
    // No machine has more pages; nothing overflows below.
    (bytes / PAGE as f64).round().clamp(1.0, 1e12) as u64 * PAGE
}

/// The page in the middle, on a logarithmic scale where the ends are far apart.
fn between(fails: u64, passes: u64) -> u64 {
    let (low, high) = (fails as f64, passes as f64);
    let middle = match high > 2.0 * low {
        true => (low * high).sqrt(),
        false => f64::midpoint(low, high),
    };
    pages(middle).clamp(fails + PAGE, passes - PAGE)
}
