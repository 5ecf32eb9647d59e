//! The ladder: the wanted threads and block of vectors where they fit, smaller blocks where they do not, then fewer
//! threads; and at its end a refusal that says what would fit.

use plimsoll_workload::{Bytes, Failure};

use super::Available;
use crate::index::{Estimate, Resources, Shape};

/// A build that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What it may use.
    pub resources: Resources,
    /// What it takes then.
    pub estimate: Estimate,
}

/// The first step of the ladder that fits: no threads are given up while a smaller block will do. None of it changes the
/// index.
///
/// # Errors
/// Nothing fits: [`Failure::Refused`] with what the last step needs, what there is, how many vectors would fit, and
/// with what all of them would.
pub fn plan(shape: Shape, wanted: Resources, available: Available) -> Result<Plan, Failure> {
    let fit = steps(wanted).find_map(|resources| {
        let estimate = Estimate::of_build(shape, resources)?;
        (estimate.peak <= available.bytes).then_some(Plan {
            resources,
            estimate,
        })
    });
    fit.ok_or_else(|| refusal(shape, available))
}

/// Blocks by halves, for each number of threads.
fn steps(wanted: Resources) -> impl Iterator<Item = Resources> {
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

/// What the last step of the ladder takes; more than there is where the numbers go beyond 2^64.
fn least(shape: Shape) -> u64 {
    let last = Resources {
        threads: 1,
        block: Resources::LEAST_BLOCK,
    };
    Estimate::of_build(shape, last).map_or(u64::MAX, |estimate| estimate.peak)
}

fn refusal(shape: Shape, available: Available) -> Failure {
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
    // Short, for the harness cuts long hints.
    Failure::Refused {
        needed: Bytes(needed),
        available: Bytes(available.bytes),
        hint: format!(
            "{} vectors of {} dimensions with m: {} take that on one thread, and {} leaves no more; {most}; for all, raise it by {more}{links}",
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
    use crate::index::{Builder, Width};

    const SHAPE: Shape = Shape {
        len: 5000,
        dim: 1536,
        m: 48,
        ef_construction: 200,
        builder: Builder::Batches,
        width: Width::Eight,
    };

    fn with(bytes: u64) -> Result<Plan, Failure> {
        let limit = "the memory cap";
        plan(
            SHAPE,
            Resources::new(4),
            Available {
                bytes,
                missing: 0,
                limit,
            },
        )
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
        );
        assert!(matches!(refused, Err(Failure::Refused { .. })));
    }
}
