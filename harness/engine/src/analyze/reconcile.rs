//! Ledger, heap and resident memory side by side.

use crate::evidence::Census;
use crate::report::format::bytes;
use crate::report::{CourseBand, Reconciliation, ReconciliationCourse, ReconciliationLine};

/// The remainder may be at most this share of what is explained.
const REMAINDER: f64 = 0.01;
/// The count trial's peak may lie outside those of the clock trials by at most this share. Within
/// them, the program differs from itself by as much without the instrument.
const EFFECT: f64 = 0.03;
/// The census may lie below the count trial's peak by at most this share.
const MISSED: f64 = 0.03;

/// Explains the resident bytes of a census. `count_peak` is the peak resident size in bytes of the
/// count trial that it is from, `clock_peaks` are those of the clock trials of the same variant.
///
/// The lines and the remainder add up to the resident size. malloc's resident bytes are what is
/// live in it, and what it holds besides (slack), less what of both was never touched, or was
/// given back to the kernel while malloc keeps its addresses. All are sizes of the same instant,
/// so the remainder is what cannot be: figures that contradict each other (a ledger above what is
/// held anywhere, more live than mapped), or mappings that do not add up to what the kernel counts
/// as resident.
pub fn reconcile(census: &Census, count_peak: u64, clock_peaks: &[u64]) -> Reconciliation {
    let Explained {
        lines,
        remainder,
        outside,
        overclaimed,
    } = explain(census);
    let resident = census.resident.max(1) as f64;
    let instrument_effect = median(clock_peaks).map(|clock| count_peak as f64 / clock - 1.0);
    Reconciliation {
        lines,
        resident: census.resident,
        remainder,
        instrument_effect: instrument_effect.unwrap_or(0.0),
        ledger_gap: (outside.max(0) as f64 + overclaimed as f64) / live_heap(census),
        unaccounted_share: (outside.max(0) as f64 + remainder.unsigned_abs() as f64) / resident,
        refused: refusal(census, count_peak, beyond_range(count_peak, clock_peaks))
            .or_else(|| left_over(census, remainder, overclaimed)),
        course: ReconciliationCourse::default(),
    }
}

/// Live bytes of both heaps; at least 1.
fn live_heap(census: &Census) -> f64 {
    let c = census.heap_c.unwrap_or(0);
    census.heap_rust.saturating_add(c).max(1) as f64
}

/// The same lines over time, from censuses at so many seconds since the trial began.
pub(super) fn course<'a>(
    censuses: impl Iterator<Item = (f64, &'a Census)>,
) -> ReconciliationCourse {
    let mut course = ReconciliationCourse::default();
    let mut remainders = Vec::new();
    for (number, (t, census)) in censuses.enumerate() {
        let explained = explain(census);
        course.t.push(t);
        course.resident.push(census.resident);
        remainders.push(explained.remainder);
        for line in explained.lines {
            let known = |band: &CourseBand| band.what == line.what && band.ledger == line.ledger;
            let at = course.bands.iter().position(known);
            let at = at.unwrap_or_else(|| {
                course.bands.push(CourseBand {
                    what: line.what.clone(),
                    ledger: line.ledger,
                    bytes: vec![0; number],
                });
                course.bands.len() - 1
            });
            course.bands[at].bytes.push(line.bytes);
        }
        // A line that is not there holds nothing.
        for band in &mut course.bands {
            band.bytes.resize(number + 1, 0);
        }
    }
    if !course.t.is_empty() {
        course.bands.push(CourseBand {
            what: "remainder".to_owned(),
            ledger: false,
            bytes: remainders,
        });
    }
    course
}

/// What holds the resident bytes of a census.
struct Explained {
    lines: Vec<ReconciliationLine>,
    /// Resident bytes beyond the lines.
    remainder: i64,
    /// Heap outside the ledger.
    outside: i64,
    /// What the ledger has beyond all that is held anywhere.
    overclaimed: u64,
}

fn explain(census: &Census) -> Explained {
    let mut lines = Lines::default();
    let maps = &census.maps;
    let ledger: u64 = census
        .ledger
        .iter()
        .map(|(_, bytes)| *bytes)
        .fold(0, u64::saturating_add);
    for (component, bytes) in &census.ledger {
        lines.add(component, signed(*bytes), true);
    }
    // The ledger of a Rust program is of Rust's heap first; a component beyond that is in the C
    // heap, or mapped by the program itself.
    let mut beyond = Beyond(ledger);
    let rust = beyond.outside(census.heap_rust);
    let c = beyond.outside(census.heap_c.unwrap_or(0));
    let (slack, untouched, mut anonymous) = allocators(census);
    anonymous = beyond.outside_signed(anonymous);
    let file = beyond.outside(maps.file);
    let shared = beyond.outside(maps.shared);
    lines.add("Rust heap not in the ledger", rust, false);
    let c_heap = if census.from_outside {
        "heap"
    } else {
        "C heap"
    };
    lines.add(c_heap, c, false);
    lines.add("allocator slack", slack, false);
    lines.add("anonymous maps outside malloc", anonymous, false);
    lines.add("stacks", signed(maps.stacks), false);
    lines.add("file-backed", file, false);
    lines.add("shared", shared, false);
    lines.add("code and data", signed(maps.code_and_data), false);
    lines.add("allocated but untouched", -untouched, false);
    let explained = lines
        .0
        .iter()
        .map(|line| line.bytes)
        .fold(0, i64::saturating_add);
    Explained {
        lines: lines.0,
        remainder: signed(census.resident).saturating_sub(explained),
        outside: rust.saturating_add(c),
        overclaimed: beyond.0,
    }
}

/// Slack, what is untouched (both at least 0), and anonymous memory outside the allocators.
fn allocators(census: &Census) -> (i64, i64, i64) {
    let maps = &census.maps;
    let c = census.heap_c.unwrap_or(0);
    let live = if census.malloc_has_rust {
        census.heap_rust.saturating_add(c)
    } else {
        c
    };
    if census.malloc_system.is_none() && census.heap_c.is_none() && census.heap_rust == 0 {
        // Nobody counts: what malloc holds is one figure, all of it unexplained.
        return (0, 0, signed(maps.malloc.saturating_add(maps.anonymous)));
    }
    let (mut slack, mut untouched, mut anonymous) = (0, 0, signed(maps.anonymous));
    if census.malloc_system.is_some() {
        slack = signed(census.malloc_mapped.saturating_sub(live));
        untouched = signed(census.malloc_mapped.saturating_sub(maps.malloc));
    } else {
        // A C library that does not tell what it holds: its memory cannot be told from other
        // anonymous memory, and slack not from memory that was never touched.
        anonymous = signed(maps.malloc.saturating_add(maps.anonymous)) - signed(c);
    }
    if census.malloc_system.is_none() || !census.malloc_has_rust {
        // Another allocator maps its memory itself. What it holds beyond what is live is its
        // slack; if it holds less, that much was never touched.
        anonymous -= signed(census.heap_rust);
        if anonymous < 0 {
            untouched -= anonymous;
        } else {
            slack += anonymous;
        }
        anonymous = 0;
    }
    (slack, untouched, anonymous)
}

/// The part of the ledger that the lines before have not covered.
struct Beyond(u64);

impl Beyond {
    /// What of `held` the ledger does not cover.
    fn outside(&mut self, held: u64) -> i64 {
        let covered = self.0.min(held);
        self.0 -= covered;
        signed(held - covered)
    }

    fn outside_signed(&mut self, held: i64) -> i64 {
        u64::try_from(held).map_or(held, |held| self.outside(held))
    }
}

#[derive(Default)]
struct Lines(Vec<ReconciliationLine>);

impl Lines {
    /// Components of the ledger are listed even when they are empty: the program named them.
    fn add(&mut self, what: &str, bytes: i64, ledger: bool) {
        if ledger || bytes != 0 {
            self.0.push(ReconciliationLine {
                what: what.to_owned(),
                bytes,
                ledger,
            });
        }
    }
}

/// Why the figures are not those of the peak, or not those of the program as it is otherwise.
fn refusal(census: &Census, count_peak: u64, beyond: Option<f64>) -> Option<String> {
    let resident = census.resident as f64;
    if census.resident == 0 {
        return Some("the program ended before its memory could be looked at".to_owned());
    }
    let missed = 1.0 - resident / count_peak.max(1) as f64;
    if missed > MISSED {
        return Some(format!(
            "the peak was too short to look at: the figures were taken {} below it",
            percent(missed)
        ));
    }
    match beyond {
        None => Some("no clock trial completed to hold the count trial's peak against".to_owned()),
        Some(effect) if effect.abs() > EFFECT => {
            let side = if effect > 0.0 { "above" } else { "below" };
            Some(format!(
                "the count trial's peak is {} {side} every clock trial's: the instrument, or a program that varies, changes what is measured",
                percent(effect.abs())
            ))
        }
        Some(_) => None,
    }
}

/// Why there is a remainder, where it is too large. `overclaimed` is what the ledger has beyond all
/// that is held anywhere: the program's own mistake, and told apart from one of the measuring.
fn left_over(census: &Census, remainder: i64, overclaimed: u64) -> Option<String> {
    let resident = census.resident as f64;
    let is_large = |bytes: u64| bytes as f64 > REMAINDER * resident;
    if !is_large(remainder.unsigned_abs()) {
        return None;
    }
    let without_ledger = remainder.saturating_add(signed(overclaimed));
    let why = if is_large(overclaimed.saturating_sub(census.moved))
        && !is_large(without_ledger.unsigned_abs())
    {
        the_ledger(census, overclaimed)
    } else if is_large(census.moved) {
        "the program's memory moved while it was looked at".to_owned()
    } else {
        "the program's figures and the kernel's contradict each other".to_owned()
    };
    let left = remainder.unsigned_abs() as f64 / resident;
    Some(format!(
        "{} of the resident memory is left over: {why}",
        percent(left)
    ))
}

/// Which component is wrong cannot be told from outside; the largest is where to look first.
fn the_ledger(census: &Census, overclaimed: u64) -> String {
    let entries = census.ledger.iter();
    let claimed = entries.clone().map(|(_, bytes)| *bytes);
    let claimed = bytes(claimed.fold(0, u64::saturating_add) as f64);
    let largest = entries.max_by_key(|(_, bytes)| *bytes);
    let largest = largest.map_or(String::new(), |(component, held)| {
        format!(" (`{component}` alone {})", bytes(*held as f64))
    });
    format!(
        "the program's ledger claims {claimed}{largest}, {} more than its heaps and maps hold; \
         a component was not lowered when its memory was freed, or memory is claimed twice",
        bytes(overclaimed as f64)
    )
}

/// How far a peak lies outside of others, as a share of the nearest; 0 among them.
fn beyond_range(peak: u64, others: &[u64]) -> Option<f64> {
    let others = || others.iter().copied().filter(|other| *other > 0);
    let nearest = peak.clamp(others().min()?, others().max()?);
    Some(peak as f64 / nearest as f64 - 1.0)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// More than any machine holds, and small enough that no sum of such figures overflows.
const LARGEST: i64 = 1 << 58;

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(LARGEST).min(LARGEST)
}

fn median(peaks: &[u64]) -> Option<f64> {
    let mut peaks = peaks.to_vec();
    peaks.retain(|peak| *peak > 0);
    peaks.sort_unstable();
    let upper = *peaks.get(peaks.len() / 2)?;
    let lower = *peaks.get((peaks.len() - 1) / 2)?;
    Some((lower as f64 + upper as f64) / 2.0)
}

#[cfg(test)]
mod tests;
