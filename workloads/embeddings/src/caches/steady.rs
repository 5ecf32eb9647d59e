//! What a handle costs beside a value at hand.

use plimsoll_workload::Failure;
use plimsoll_workload::clock::thread_cpu_ns;
use xxhash_rust::xxh3::xxh3_64;

use super::kinds::{Lazily, not_loaded};
use crate::data::Access;
use crate::pool::SharedChunk;

/// Turns of either kind.
const TURNS: usize = 21;

/// Reads the same values in turns through handles that have loaded them, and from a list of counted references, as a cache returns
/// them: the median of the times of the one over those of the other.
pub(super) fn handle_over_direct(reader: &Lazily, accesses: &[Access]) -> Result<f64, Failure> {
    let mut direct: Vec<Option<SharedChunk>> = Vec::with_capacity(reader.handles.len());
    for handle in &reader.handles {
        let value = handle
            .is_loaded()
            .then(|| handle.get().map_err(not_loaded))
            .transpose()?;
        direct.push(value.map(|value| value.to_shared()));
    }
    let mut sum = 0_u64;
    let mut turn = |part: &[Access], by_handle: bool| -> Result<f64, Failure> {
        let begin = thread_cpu_ns();
        if by_handle {
            for access in part {
                let value = reader.handles[access.key as usize]
                    .get()
                    .map_err(not_loaded)?;
                sum = sum.wrapping_add(xxh3_64(&value));
            }
        } else {
            for access in part {
                if let Some(value) = direct[access.key as usize].clone() {
                    sum = sum.wrapping_add(xxh3_64(&value));
                }
            }
        }
        Ok((thread_cpu_ns() - begin) as f64)
    };
    let mut ratios = Vec::new();
    for (number, part) in accesses.chunks(accesses.len().div_ceil(TURNS)).enumerate() {
        // Once to have the values near, then one before the other and the other before the one.
        turn(part, number % 2 == 0)?;
        let (mut handles, mut directly) = (0.0, 0.0);
        for by_handle in [false, true, true, false] {
            let time = turn(part, by_handle)?;
            *(if by_handle {
                &mut handles
            } else {
                &mut directly
            }) += time;
        }
        ratios.push(handles / directly.max(1.0));
    }
    std::hint::black_box(sum);
    ratios.sort_unstable_by(f64::total_cmp);
    Ok(ratios[ratios.len() / 2])
}
