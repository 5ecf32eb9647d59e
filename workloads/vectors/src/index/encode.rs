//! Reading all vectors once, and keeping their codes.

use rayon::ThreadPool;
use rayon::prelude::*;

use super::IndexError;
use super::coded::{Coded, Side, common_exponent, stride};
use super::columns::Anonymous;
use crate::rows::Rows;

/// Vectors are read this many bytes at a time.
const BLOCK: usize = 12 << 20;

/// The codes of all vectors.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) codes: Anonymous<i8>,
    pub(super) sides: Anonymous<Side>,
    pub(super) exponent: i32,
}

/// Codes `rows`, a block at a time.
pub(super) fn encode(rows: &dyn Rows, threads: &ThreadPool) -> Result<Encoded, IndexError> {
    let (len, dim) = (rows.len(), rows.dim());
    let stride = stride(dim);
    let size = len.checked_mul(stride).ok_or(IndexError::TooMany(len))?;
    let mut codes = Anonymous::<i8>::zeroed("codes", size)?;
    let mut sides = Anonymous::<Side>::zeroed("scales and norms", len)?;
    // Few enough for all threads to have a part of a block, and at least one.
    let part = (BLOCK / (4 * dim) / (4 * threads.current_num_threads())).clamp(1, len.max(1));
    let block = (BLOCK / (4 * dim) / part).max(1) * part;
    let mut values = Anonymous::<f32>::zeroed("a block of vectors", block.min(len) * dim)?;
    for first in (0..len).step_by(block) {
        let count = block.min(len - first);
        let parts = values[..count * dim]
            .par_chunks_mut(part * dim)
            .zip(codes[first * stride..][..count * stride].par_chunks_mut(part * stride))
            .zip(sides[first..][..count].par_chunks_mut(part))
            .enumerate();
        let outcomes: Vec<Result<(), IndexError>> = threads.install(|| {
            parts
                .map(|(at, ((values, codes), sides))| {
                    let first = first + at * part;
                    rows.read(first, values)?;
                    let rows = values.chunks_exact(dim).zip(codes.chunks_exact_mut(stride));
                    for (at, ((vector, codes), side)) in rows.zip(sides).enumerate() {
                        let coded = Coded::new(vector, codes);
                        let coded = coded.map_err(|column| IndexError::NotFinite {
                            row: first + at,
                            column,
                            value: vector[column],
                        })?;
                        // Until the exponent is known.
                        *side = coded.held();
                    }
                    Ok(())
                })
                .collect()
        });
        // In the order of rows, so that the first mistake is the one told.
        outcomes.into_iter().collect::<Result<(), _>>()?;
    }
    let exponent = common_exponent(sides.iter().map(|side| Coded::from_held(*side)));
    for side in sides.iter_mut() {
        *side = Coded::from_held(*side).side(exponent);
    }
    Ok(Encoded {
        codes,
        sides,
        exponent,
    })
}
