//! All threads on one large group.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::row::Placed;

/// Does work on parts, on so many threads or as many as can be started; what came of each, in their order.
pub(super) fn on_threads<P: Send, R: Send>(
    threads: usize,
    parts: Vec<P>,
    work: impl Fn(P) -> R + Sync,
) -> Vec<R> {
    let helpers = threads.min(parts.len()).saturating_sub(1);
    let parts = Mutex::new(parts.into_iter().enumerate());
    let made = Mutex::new(Vec::new());
    let until_none_is_left = || {
        loop {
            let next = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, part)) = next else {
                return;
            };
            let result = work(part);
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.push((number, result));
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            let named = thread::Builder::new().name("umi-group".to_owned());
            if named.spawn_scoped(scope, until_none_is_left).is_err() {
                break;
            }
        }
        until_none_is_left();
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|(number, _)| *number);
    made.into_iter().map(|(_, result)| result).collect()
}

/// So many rows are sorted by one thread.
const FEW: usize = 1 << 14;

/// Sorts rows by orientation, code and place, on so many threads.
pub(crate) fn sort<T: Placed>(rows: &mut [T], threads: usize) {
    let key = |row: &T| (row.umi(), row.place());
    let mut parts = vec![rows];
    while parts.len() < threads && parts.iter().any(|part| part.len() > FEW) {
        parts = (parts.into_iter())
            .flat_map(|part| {
                let middle = part.len() / 2;
                if middle > 0 {
                    part.select_nth_unstable_by_key(middle, key);
                }
                let (lower, upper) = part.split_at_mut(middle);
                [lower, upper]
            })
            .collect();
    }
    on_threads(threads, parts, |part| part.sort_unstable_by_key(key));
}

#[cfg(test)]
mod tests {
    use super::super::row::{Row, Spot};
    use super::*;
    use crate::assign::Strand;

    #[test]
    fn parts_keep_their_order() {
        for threads in [1, 2, 5] {
            let doubled = on_threads(threads, (0..100).collect(), |part| 2 * part);
            assert_eq!(doubled, (0..200).step_by(2).collect::<Vec<_>>());
        }
        assert!(on_threads(3, Vec::<u8>::new(), |part| part).is_empty());
    }

    #[test]
    fn rows_are_sorted_alike_on_any_number_of_threads() {
        let mut state = 1_u64;
        let rows: Vec<Row> = (0..3 * FEW)
            .map(|at| {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                Row {
                    r1: Spot::new(0, at),
                    r2: Spot::NOWHERE,
                    code: state >> 56,
                    orientation: (state >> 50 & 3) as u8,
                    strand: Strand::A,
                    stranded: false,
                    has_molecule: [false; 2],
                }
            })
            .collect();
        let key = |row: &Row| (row.orientation, row.code, row.r1);
        let mut expected = rows.clone();
        expected.sort_by_key(key);
        for threads in [1, 2, 3, 8] {
            let mut sorted = rows.clone();
            sort(&mut sorted, threads);
            assert!(sorted.iter().map(key).eq(expected.iter().map(key)));
        }
    }
}
