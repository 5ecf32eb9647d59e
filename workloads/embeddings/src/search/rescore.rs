//! Exact scores for what codes found.

use super::top::{Hit, Top};

/// The best `k` of `candidates` by the scores that `exact` gives them, which is asked for in ascending order of their indices: a
/// file is read forwards.
///
/// # Errors
/// The first of `exact`.
pub fn rescored<E>(
    candidates: &[Hit],
    k: usize,
    mut exact: impl FnMut(u64) -> Result<f32, E>,
) -> Result<Vec<Hit>, E> {
    let mut indices: Vec<u64> = candidates.iter().map(|hit| hit.index).collect();
    indices.sort_unstable();
    let mut top = Top::new(k);
    for index in indices {
        let score = exact(index)?;
        top.take(Hit { index, score });
    }
    Ok(top.into_hits())
}
