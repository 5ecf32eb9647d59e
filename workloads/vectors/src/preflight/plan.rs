//! The ladder: the wanted threads and block of vectors where they fit, smaller blocks where they do not, then fewer
//! threads, then codes of four bits or a file where that is allowed; and at its end a refusal that says what would fit.

use plimsoll_workload::{Bytes, Failure};

use super::Available;
use crate::index::{Builder, Estimate, Resources, Shape, Width};
use crate::params::OnLowMemory;

/// A build that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What it may use.
    pub resources: Resources,
    /// How wide its codes are.
    pub width: Width,
    /// Whether codes and links of level 0 are in a file.
    pub spills: bool,
    /// What it takes then.
    pub estimate: Estimate,
}

/// The first step of the ladder that fits: no threads are given up while a smaller block will do, and
/// codes of another width, which alone change the index, are the last resort.
///
/// # Errors
/// Nothing fits: [`Failure::Refused`] with what the last step needs, what there is, how many vectors would fit, and
/// with what all of them would.
pub fn plan(
    shape: Shape,
    wanted: Resources,
    available: Available,
    allowed: OnLowMemory,
) -> Result<Plan, Failure> {
    let most = match allowed {
        OnLowMemory::Refuse => 1,
        _ => usize::MAX,
    };
    let rungs = [Rung::wanted(shape)]
        .into_iter()
        .chain(last(shape, allowed));
    let all = rungs.flat_map(|rung| steps(wanted).take(most).map(move |step| (rung, step)));
    let fit = all.clone().find_map(|(rung, resources)| {
        let estimate = rung.estimate(resources)?;
        (estimate.peak <= available.bytes).then_some(Plan {
            resources,
            width: rung.shape.width,
            spills: rung.spills,
            estimate,
        })
    });
    let last = all.last().unwrap_or((Rung::wanted(shape), wanted));
    fit.ok_or_else(|| refusal(last, available, allowed))
}

/// What is built, and where.
#[derive(Debug, Clone, Copy)]
struct Rung {
    shape: Shape,
    spills: bool,
}

impl Rung {
    fn wanted(shape: Shape) -> Self {
        Self {
            shape,
            spills: false,
        }
    }

    fn estimate(self, resources: Resources) -> Option<Estimate> {
        if self.spills {
            Estimate::of_spilled(self.shape, resources)
        } else {
            Estimate::of_build(self.shape, resources)
        }
    }

    /// What a build takes; more than there is where the numbers go beyond 2^64.
    fn taken(self, resources: Resources) -> u64 {
        let estimate = self.estimate(resources);
        estimate.map_or(u64::MAX, |estimate| estimate.peak)
    }
}

/// What is tried when the wanted build does not fit on whatever resources, where that is allowed: codes of four bits,
/// if they are another build, for leaves are of eight; or a file.
fn last(shape: Shape, allowed: OnLowMemory) -> Option<Rung> {
    match allowed {
        OnLowMemory::Refuse | OnLowMemory::Degrade => None,
        OnLowMemory::DegradeLean => {
            let width = Width::Four;
            let may = shape.builder == Builder::Batches && shape.width != width;
            may.then_some(Rung::wanted(Shape { width, ..shape }))
        }
        OnLowMemory::DegradeSpill => Some(Rung {
            shape,
            spills: true,
        }),
    }
}

/// Blocks by halves, for each number of threads.
fn steps(wanted: Resources) -> impl Iterator<Item = Resources> + Clone {
    let halves = move || {
        let half = |block: &usize| {
            let half = (block / 2).max(Resources::LEAST_BLOCK);
            Some(half).filter(|half| half < block)
        };
        std::iter::successors(Some(wanted.block), half)
    };
    let threads = (1..=wanted.threads.max(1)).rev();
    threads.flat_map(move |threads| halves().map(move |block| Resources { threads, block }))
}

/// With the least that a build can do with.
const LEAST: Resources = Resources {
    threads: 1,
    block: Resources::LEAST_BLOCK,
};

/// Says no to the last step of the ladder.
fn refusal(
    (rung, resources): (Rung, Resources),
    available: Available,
    allowed: OnLowMemory,
) -> Failure {
    let shape = rung.shape;
    let least = |shape| Rung { shape, ..rung }.taken(resources);
    let needed = least(shape);
    let fits = |len| least(Shape { len, ..shape }) <= available.bytes;
    // The reserve grows with what there is, by less than a nineteenth of what is added.
    let short = needed.saturating_sub(available.bytes);
    let short = short.saturating_add(available.missing);
    let more = Bytes(short.saturating_add(short / 16));
    let most = match largest(shape.len, fits) {
        0 => "not even one vector fits".to_owned(),
        most => format!("n: {most} fits"),
    };
    let links = largest(shape.m, |m| {
        m < shape.m && least(Shape { m, ..shape }) <= available.bytes
    });
    let links = match links {
        // Below this a graph of many dimensions falls apart.
        0..8 => String::new(),
        links => format!(", or m: {links}, at a lower recall"),
    };
    let other = [
        (
            OnLowMemory::Degrade,
            ", or on_low_memory: degrade, for the same index",
        ),
        (
            OnLowMemory::DegradeLean,
            ", or on_low_memory: degrade-lean, for another index",
        ),
        (
            OnLowMemory::DegradeSpill,
            ", or on_low_memory: degrade-spill, for the same index in more time",
        ),
    ];
    let other = other.into_iter().find(|(other, _)| {
        let rung = last(shape, *other).unwrap_or(Rung::wanted(shape));
        *other as u8 > allowed as u8 && rung.taken(LEAST) <= available.bytes
    });
    let other = other.map_or("", |(_, hint)| hint);
    let threads = match resources.threads {
        1 => "one thread".to_owned(),
        threads => format!("{threads} threads"),
    };
    // Short, for the harness cuts long hints.
    Failure::Refused {
        needed: Bytes(needed),
        available: Bytes(available.bytes),
        hint: format!(
            "{} vectors of {} dimensions with m: {} take that on {threads}, and {} leaves no more; {most}; for all, raise it by {more}{other}{links}",
            shape.len, shape.dim, shape.m, available.limit,
        ),
    }
}

/// The largest of 1 to `most` that fits, where all below one that fits do; 0 if none does.
fn largest(most: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        len: 5000,
        dim: 1536,
        m: 48,
        ef_construction: 200,
        builder: Builder::Batches,
        width: Width::Eight,
    };

    fn allowed(bytes: u64, allowed: OnLowMemory) -> Result<Plan, Failure> {
        let available = Available {
            bytes,
            missing: 0,
            limit: "the memory cap",
        };
        plan(SHAPE, Resources::new(4), available, allowed)
    }

    fn with(bytes: u64) -> Result<Plan, Failure> {
        allowed(bytes, OnLowMemory::Degrade)
    }

    fn least(shape: Shape) -> u64 {
        Rung::wanted(shape).taken(LEAST)
    }

    #[test]
    fn a_file_comes_last_and_only_where_it_is_allowed() {
        let short = least(SHAPE) - 1;
        let spilled = allowed(short, OnLowMemory::DegradeSpill).unwrap();
        assert!(spilled.spills && spilled.estimate.spilled > 0);
        assert_eq!(
            (spilled.width, spilled.resources.threads),
            (Width::Eight, 4)
        );
        assert!(
            !allowed(short + 1, OnLowMemory::DegradeSpill)
                .unwrap()
                .spills
        );
        let rung = last(SHAPE, OnLowMemory::DegradeSpill).unwrap();
        let none = rung.taken(LEAST) - 1;
        let refused = allowed(none, OnLowMemory::DegradeSpill).unwrap_err();
        let Failure::Refused { needed, hint, .. } = refused else {
            panic!("another failure");
        };
        assert_eq!(needed.0, none + 1);
        assert!(!hint.contains("on_low_memory"), "{hint}");
        // Below what codes of four bits take.
        let hint = with(none + 1).unwrap_err().to_string();
        assert!(hint.contains("or on_low_memory: degrade-spill"), "{hint}");
    }

    #[test]
    fn codes_of_four_bits_come_last_and_only_where_they_are_allowed() {
        let short = least(SHAPE) - 1;
        let lean = allowed(short, OnLowMemory::DegradeLean).unwrap();
        assert_eq!((lean.width, lean.resources.threads), (Width::Four, 4));
        let still = allowed(short + 1, OnLowMemory::DegradeLean).unwrap();
        assert_eq!(still.width, Width::Eight);
        let hint = with(short).unwrap_err().to_string();
        assert!(hint.contains("or on_low_memory: degrade-lean"), "{hint}");
        let width = Width::Four;
        let none = least(Shape { width, ..SHAPE }) - 1;
        let refused = allowed(none, OnLowMemory::DegradeLean).unwrap_err();
        let Failure::Refused { needed, hint, .. } = refused else {
            panic!("another failure");
        };
        assert_eq!(needed.0, none + 1);
        assert!(hint.contains("or on_low_memory: degrade-spill"), "{hint}");
    }

    #[test]
    fn who_may_not_do_with_less_is_refused_with_what_was_wanted() {
        let all = peak(4, Resources::USUAL_BLOCK);
        let plan = allowed(all, OnLowMemory::Refuse).unwrap();
        assert_eq!(plan.resources, Resources::new(4));
        let refused = allowed(all - 1, OnLowMemory::Refuse).unwrap_err();
        let Failure::Refused { needed, hint, .. } = refused else {
            panic!("another failure");
        };
        assert_eq!(needed.0, all);
        assert!(hint.contains("on 4 threads"), "{hint}");
        assert!(
            hint.contains("or on_low_memory: degrade, for the same index"),
            "{hint}"
        );
    }

    fn peak(threads: usize, block: usize) -> u64 {
        Estimate::of_build(SHAPE, Resources { threads, block })
            .unwrap()
            .peak
    }

    #[test]
    fn the_ladder_has_smaller_blocks_first_and_fewer_threads_then() {
        let all = peak(4, Resources::USUAL_BLOCK);
        assert_eq!(with(all).unwrap().resources, Resources::new(4));
        let degraded = with(all - 1).unwrap();
        assert_eq!(degraded.resources.threads, 4);
        assert_eq!(degraded.resources.block, Resources::USUAL_BLOCK / 2);
        assert!(degraded.estimate.peak < all);
        let fewer = with(peak(4, Resources::LEAST_BLOCK) - 1).unwrap();
        assert_eq!(fewer.resources.threads, 3);
        // Saving takes more than the last thread but one.
        let last = with(least(SHAPE)).unwrap();
        assert!(last.resources.threads < 3);
    }

    #[test]
    fn a_refusal_says_what_would_fit_and_it_does() {
        let bytes = least(SHAPE) - 1;
        let Failure::Refused {
            needed,
            available,
            hint,
        } = with(bytes).unwrap_err()
        else {
            panic!("another failure");
        };
        assert_eq!((needed.0, available.0), (bytes + 1, bytes));
        assert!(hint.contains("the memory cap leaves no more"), "{hint}");
        assert!(hint.contains("or m: 47, at a lower recall"), "{hint}");
        let after = |what: &str| -> usize {
            let rest = hint.split_once(what).unwrap().1;
            rest.split(' ').next().unwrap().parse().unwrap()
        };
        let most = after("; n: ");
        assert!((4900..5000).contains(&most), "{hint}");
        assert!(least(Shape { len: most, ..SHAPE }) <= bytes);
        assert!(
            least(Shape {
                len: most + 1,
                ..SHAPE
            }) > bytes
        );
        let hint = with(1000).unwrap_err().to_string();
        assert!(hint.contains("not even one vector fits"), "{hint}");
        assert!(!hint.contains("recall"), "{hint}");
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        let len = usize::MAX / 2;
        let limit = "the memory cap";
        let shape = Shape { len, ..SHAPE };
        let refused = plan(
            shape,
            Resources::new(1),
            Available {
                bytes: 1 << 40,
                missing: 0,
                limit,
            },
            OnLowMemory::Degrade,
        );
        assert!(matches!(refused, Err(Failure::Refused { .. })));
    }
}
