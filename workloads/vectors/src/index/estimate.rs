//! What a build and a query take of memory, told beforehand.
//!
//! Sizes of arrays are what they will be; what grows with the data's shape is taken at its bound. The sum is an upper
//! bound that is kept near: a build is refused by it.

use super::builder::{Builder, LINK, LINK_BACK, MOST_CROWDED, bulk, size_after};
use super::coded::Side;
use super::{Resources, Width};

/// Stack, allocator and buffers of a thread that do not grow with the index.
const THREAD: u64 = 256 << 10;
/// The last page of every array, and what is held to read, count and tell progress.
const FIXED: u64 = 512 << 10;
/// What saving an index holds: one buffer, and its surroundings.
const SAVING: u64 = (1 << 20) + (256 << 10);

/// What is in a file has to be in memory in one part of so many at least, or a build mostly waits for the disk.
const CACHED_PART: u64 = 4;

/// What is to be indexed, and with which parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Vectors.
    pub len: usize,
    /// Coordinates of each.
    pub dim: usize,
    /// Links that a vector chooses.
    pub m: usize,
    /// Vectors that an insertion keeps in view.
    pub ef_construction: usize,
    /// How the graph is built.
    pub builder: Builder,
    /// How many bits are kept of each coordinate.
    pub width: Width,
}

/// The anonymous memory that a build adds to the process, in bytes, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The codes of the vectors.
    pub codes: u64,
    /// Scale, norm and sum of each.
    pub sides: u64,
    /// Links on level 0, and how many each vector has.
    pub level0: u64,
    /// Levels, and links on those above 0.
    pub upper: u64,
    /// What threads have of their own.
    pub threads: u64,
    /// The block of vectors that is read; gone before there are links.
    pub block: u64,
    /// What one batch of insertions has on its way, or so many choices of a build from leaves.
    pub batch: u64,
    /// What is being split into leaves, and what is chosen in them; nothing where vectors come in batches.
    pub leaves: u64,
    /// The pass that looks for what cannot be reached, after the last batch.
    pub repair: u64,
    /// Codes and links on level 0 where they are in a file: on the disk, and no memory.
    pub spilled: u64,
    /// What of the file has to stay in memory.
    pub cache: u64,
    /// The most of it at any time: not the sum, for not everything is there at once.
    pub peak: u64,
}

impl Estimate {
    /// Of building an index and saving it. None where the numbers go beyond 2^64.
    #[must_use]
    pub fn of_build(shape: Shape, resources: Resources) -> Option<Self> {
        Self::of(shape, resources, false)
    }

    /// The same with codes and links of level 0 in a file.
    #[must_use]
    pub fn of_spilled(shape: Shape, resources: Resources) -> Option<Self> {
        Self::of(shape, resources, true)
    }

    fn of(shape: Shape, resources: Resources, spills: bool) -> Option<Self> {
        let (len, m) = (shape.len as u64, shape.m as u64);
        let codes = len.checked_mul(shape.width.row(shape.dim) as u64)?;
        let sides = len.checked_mul(size_of::<Side>() as u64)?;
        let level0 = len.checked_mul(m.checked_mul(2 * 4)?.checked_add(1)?)?;
        let (codes, level0, spilled) = if spills {
            (0, 0, codes.checked_add(level0)?)
        } else {
            (codes, level0, 0)
        };
        let cache = spilled / CACHED_PART;
        let rows = upper_rows(len, m);
        // A level and an offset for every vector, links and their number for every row.
        let upper = rows.checked_mul(m.checked_mul(4)?.checked_add(1)?)?;
        let upper = upper.checked_add(len.checked_mul(1 + 4)?)?;
        let (_, block) = resources.rows(shape.len, shape.dim);
        let block = (block as u64).checked_mul(4 * shape.dim as u64)?;
        let OnTheWay {
            thread,
            batch,
            lists,
            leaves,
        } = match shape.builder {
            Builder::Batches => OnTheWay::in_batches(shape)?,
            Builder::Leaves => OnTheWay::in_leaves(shape)?,
        };
        let threads = (resources.threads as u64).checked_mul(thread)?;
        // A bit, a place among those seen and one among those to be looked at, for every vector.
        let repair = len.div_ceil(8).checked_add(len.checked_mul(2 * 4)?)?;
        let coded = sum(&[codes, sides, FIXED])?;
        let held = sum(&[coded, level0, upper])?;
        let peak: [u64; 4] = [
            sum(&[coded, block, threads])?,
            sum(&[held, threads, leaves, batch])?,
            sum(&[held, threads, leaves, lists, repair])?,
            sum(&[held, SAVING])?,
        ];
        Some(Self {
            codes,
            sides,
            level0,
            upper,
            threads,
            block,
            batch,
            leaves,
            repair,
            spilled,
            cache,
            peak: peak.into_iter().max()?.checked_add(cache)?,
        })
    }
}

/// What there is for a while when a graph is built, in bytes.
#[derive(Debug, Clone, Copy)]
struct OnTheWay {
    /// Of each thread.
    thread: u64,
    /// Of what is done together.
    batch: u64,
    /// What of a batch is kept for the next.
    lists: u64,
    /// Of leaves.
    leaves: u64,
}

impl OnTheWay {
    fn in_batches(shape: Shape) -> Option<Self> {
        let m = shape.m as u64;
        let thread = walk(shape, shape.ef_construction)?.checked_add(THREAD)?;
        // A vector chooses anew once in M/2 new links, for 3/2 M: three times as many links as a batch has, but only so
        // many targets of them at a time. All twice: for arrays grow, and the allocator keeps what it was given back.
        let size = size_after(shape.len) as u64;
        let chosen = size.max((3 * size).min(MOST_CROWDED as u64 * 3 / 2));
        let lists = chosen.checked_mul(m)?.checked_mul(2 * LINK as u64)?;
        let back = size.checked_mul(m)?.checked_mul(2 * LINK_BACK as u64)?;
        Some(Self {
            thread,
            batch: lists.checked_add(back)?,
            lists,
            leaves: 0,
        })
    }

    fn in_leaves(shape: Shape) -> Option<Self> {
        let (len, m) = (shape.len as u64, shape.m as u64);
        let table = bulk::table_bytes(shape.len.min(bulk::MOST_IN_LEAF)) as u64;
        let thread = sum(&[walk(shape, shape.ef_construction)?, table, THREAD])?;
        let fan = bulk::FAN as u64;
        // A set, the nearest pivots of each vector, and the parts; all vectors in the order of leaves, whether they
        // are in it, and how many links each chose.
        let split = len.checked_mul(4 + (2 + 4) * fan)?;
        let order = len.checked_mul(4 + 1 + 1)?;
        let most = bulk::LEAVES_AT_A_TIME * bulk::MOST_IN_LEAF;
        let in_leaves = (most as u64).min(len.checked_mul(fan * bulk::FAN_BELOW as u64)?);
        let each = (bulk::MOST_CHOSEN as u64 + 2) * 4;
        let leaves = sum(&[split, order, in_leaves.checked_mul(each)?])?;
        let size = len.min(bulk::CHOICES_AT_A_TIME as u64);
        let lists = size.checked_mul(m)?.checked_mul(2 * LINK as u64)?;
        let links = len.checked_mul(m)?.min(bulk::SORTED as u64);
        let back = links.checked_mul(size_of::<bulk::Back>() as u64)?;
        Some(Self {
            thread,
            batch: lists.checked_add(back)?,
            lists,
            leaves,
        })
    }
}

/// Anonymous memory that asking an index takes on one thread, in bytes, the index itself not included: it is mapped,
/// and the system may let go of it. `ef` is the most that a query has in view, `answers` how many vectors all answers
/// hold together. None where the numbers go beyond 2^64.
#[must_use]
pub fn estimate_of_query(shape: Shape, ef: usize, queries: usize, answers: usize) -> Option<u64> {
    let queries = (queries as u64).checked_mul(4 * shape.dim as u64 + 64)?;
    // As they are found, in the form of answers, and as the bytes that are written.
    let answers = (answers as u64).checked_mul(3 * 16)?;
    // Not more vectors than are found.
    let rescored = shape.width.rescored(ef) as u64;
    let rescored = rescored.checked_mul(4 * shape.dim as u64)?;
    let walk = walk(shape, ef)?;
    sum(&[queries, answers, rescored, walk, THREAD, FIXED])
}

/// What a search keeps: a bit for every vector, those seen, and the pool.
fn walk(shape: Shape, ef: usize) -> Option<u64> {
    let (len, ef) = (shape.len as u64, ef as u64);
    // About as many expansions as `ef`, each with at most 2M new vectors; its array doubles.
    let seen = ef.checked_mul(2 * shape.m as u64)?.min(len);
    let pool = ef.checked_mul(4 * LINK as u64)?;
    sum(&[len.div_ceil(8), seen.checked_mul(2 * 4)?, pool])
}

/// Rows of links above level 0: one in M vectors has one, one in M^2 two, and so on. Their number has the mean
/// n / (M - 1) and the variance n M / (M - 1)^2; six deviations above it is as good as never.
fn upper_rows(len: u64, m: u64) -> u64 {
    let above = m.saturating_sub(1).max(1);
    let deviation = len.saturating_mul(m).isqrt() / above;
    len / above + 6 * deviation + 16
}

fn sum(parts: &[u64]) -> Option<u64> {
    parts
        .iter()
        .try_fold(0_u64, |sum, part| sum.checked_add(*part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Index;
    use crate::index::Params;
    use crate::index::tests::generated;

    #[test]
    fn arrays_are_told_to_the_byte_and_upper_levels_bounded() {
        let shapes = [(1, 1, 2), (700, 70, 6), (3000, 16, 2), (1200, 64, 127)];
        let builders = [Builder::Batches, Builder::Leaves];
        for (builder, (len, dim, m)) in builders.iter().flat_map(|each| shapes.map(|of| (each, of)))
        {
            let shape = Shape {
                len,
                dim,
                m,
                ef_construction: 10,
                builder: *builder,
                width: Width::Eight,
            };
            let params = Params {
                m,
                ef_construction: 10,
                ..Params::default()
            };
            let (rows, resources) = (generated(len, dim), Resources::new(2));
            let index = match builder {
                Builder::Batches => Index::build_with(&rows, params, resources, None, &mut |_| ()),
                Builder::Leaves => Index::build_in_bulk(&rows, params, resources, &mut |_| ()),
            };
            let index = index.unwrap();
            let (told, held) = (Estimate::of_build(shape, resources), index.memory());
            let told = told.unwrap();
            assert_eq!(
                (told.codes, told.sides, told.level0),
                (held.codes, held.sides, held.level0)
            );
            assert!(told.upper >= held.upper, "{told:?} {held:?}");
            assert!(told.peak >= held.total());
        }
    }

    #[test]
    fn a_million_vectors_take_what_the_arithmetic_says() {
        let shape = Shape {
            len: 1_000_000,
            dim: 1536,
            m: 48,
            ef_construction: 200,
            builder: Builder::Batches,
            width: Width::Eight,
        };
        let told = Estimate::of_build(shape, Resources::new(2)).unwrap();
        assert_eq!((told.codes, told.level0), (1_536_000_000, 385_000_000));
        assert!(
            (1_930_000_000..2_000_000_000).contains(&told.peak),
            "{told:?}"
        );
        let builder = Builder::Leaves;
        let bulk = Estimate::of_build(Shape { builder, ..shape }, Resources::new(2)).unwrap();
        assert_eq!((bulk.codes, bulk.level0), (told.codes, told.level0));
        assert!(
            (told.peak..told.peak + 70_000_000).contains(&bulk.peak),
            "{bulk:?}"
        );
        let query = estimate_of_query(shape, 200, 1000, 50_000).unwrap();
        assert!((6 << 20..16 << 20).contains(&query), "{query}");
    }

    #[test]
    fn numbers_beyond_64_bits_are_no_estimate() {
        let shape = Shape {
            len: usize::MAX / 2,
            dim: 65_536,
            m: 127,
            ef_construction: 200,
            builder: Builder::Batches,
            width: Width::Eight,
        };
        assert_eq!(Estimate::of_build(shape, Resources::new(1)), None);
        let builder = Builder::Leaves;
        let bulk = Estimate::of_build(Shape { builder, ..shape }, Resources::new(1));
        assert_eq!(bulk, None);
        assert_eq!(estimate_of_query(shape, 200, usize::MAX, 1), None);
    }

    #[test]
    fn blocks_have_a_vector_at_least_and_not_more_than_there_are() {
        let rows = |block, threads, len, dim| Resources { threads, block }.rows(len, dim);
        assert_eq!(rows(1, 8, 100, 1536), (1, 1));
        assert_eq!(rows(64 << 10, 2, 100, 1536), (1, 10));
        assert_eq!(rows(12 << 20, 2, 5, 64), (5, 5));
        assert_eq!(rows(12 << 20, 2, 0, 64), (1, 1));
    }
}
