//! The exact scan: every query against every vector, by threads that take blocks of vectors, so that neither is more than
//! a block of the vectors in memory nor does the result depend on who took what.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::kernel::{LANES, VECTORS, distances};
use super::nearest::{Near, Nearest};
use crate::rows::{Rows, RowsError};

/// Vectors that a thread takes at a time: with 1,536 dimensions 384 KiB, which stay in its cache.
const BLOCK: usize = 64;

/// For each query, in their order, its nearest vectors, the nearest first.
pub type Truth = Vec<Vec<Near>>;

/// Finds the `k` nearest vectors of each query, all of them where there are fewer. Queries are in memory as f64.
///
/// # Errors
/// Queries and vectors differ in dimension (told as room that does not fit), or cannot be read.
pub fn scan(
    base: &dyn Rows,
    queries: &dyn Rows,
    k: usize,
    threads: usize,
) -> Result<Truth, RowsError> {
    let dim = base.dim();
    if queries.dim() != dim {
        return Err(RowsError::Room {
            values: queries.dim(),
            dim,
        });
    }
    if k == 0 {
        return Ok(vec![Vec::new(); queries.len()]);
    }
    let groups = side_by_side(queries)?;
    let next = AtomicUsize::new(0);
    let found = std::thread::scope(|scope| {
        let work = || part(base, &groups, k, &next);
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().map(join).collect::<Result<Vec<_>, _>>()
    })?;
    let mut all = vec![Nearest::new(k); queries.len()];
    for nearest in found {
        // The last group has lanes without a query.
        for (all, nearest) in all.iter_mut().zip(nearest) {
            nearest
                .into_found()
                .into_iter()
                .for_each(|near| all.offer(near));
        }
    }
    Ok(all.into_iter().map(Nearest::into_found).collect())
}

/// Queries in groups of [`LANES`], the coordinates of one place side by side; the last group is filled up with zeros.
fn side_by_side(queries: &dyn Rows) -> Result<Vec<Vec<[f64; LANES]>>, RowsError> {
    let dim = queries.dim();
    let mut groups = vec![vec![[0.0; LANES]; dim]; queries.len().div_ceil(LANES)];
    let mut query = vec![0.0; dim];
    for index in 0..queries.len() {
        queries.read(index, &mut query)?;
        let group = &mut groups[index / LANES];
        for (place, value) in group.iter_mut().zip(&query) {
            place[index % LANES] = f64::from(*value);
        }
    }
    Ok(groups)
}

/// The nearest of the blocks that this thread gets hold of, for each lane of each group.
fn part(
    base: &dyn Rows,
    groups: &[Vec<[f64; LANES]>],
    k: usize,
    next: &AtomicUsize,
) -> Result<Vec<Nearest>, RowsError> {
    let (len, dim) = (base.len(), base.dim());
    let mut nearest = vec![Nearest::new(k); groups.len() * LANES];
    let mut block = vec![0.0; BLOCK.min(len) * dim];
    loop {
        let first = next.fetch_add(BLOCK, Ordering::Relaxed);
        if first >= len {
            return Ok(nearest);
        }
        let count = BLOCK.min(len - first);
        let values = &mut block[..count * dim];
        base.read(first, values)?;
        for (group, nearest) in groups.iter().zip(nearest.chunks_mut(LANES)) {
            for (four, vectors) in values.chunks(VECTORS * dim).enumerate() {
                let there = vectors.len() / dim;
                // Where fewer than four are left, the last is compared again, and not looked at.
                let vector = |v: usize| &vectors[v.min(there - 1) * dim..][..dim];
                let found = distances(std::array::from_fn(vector), group);
                for (v, distances) in found.iter().enumerate().take(there) {
                    let id = (first + four * VECTORS + v) as u32;
                    for (nearest, distance) in nearest.iter_mut().zip(*distances) {
                        nearest.offer(Near { id, distance });
                    }
                }
            }
        }
    }
}
