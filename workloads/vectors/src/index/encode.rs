//! Reading all vectors once, and keeping their codes.

use rayon::prelude::*;

use super::account::Part;
use super::coded::{Coded, Side, common_exponent};
use super::columns::Array;
use super::threads::Threads;
use super::{IndexError, Means, Width};
use crate::rows::Rows;

/// The codes of all vectors.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) codes: Array<i8>,
    pub(super) sides: Array<Side>,
    pub(super) exponent: i32,
}

/// Codes `rows`, a block at a time.
pub(super) fn encode(
    rows: &dyn Rows,
    width: Width,
    threads: &Threads,
    means: &Means,
) -> Result<Encoded, IndexError> {
    let (len, dim) = (rows.len(), rows.dim());
    let stride = width.row(dim);
    let size = len.checked_mul(stride).ok_or(IndexError::TooMany(len))?;
    let mut codes = means.zeroed::<i8>(Part::Codes, size)?;
    let mut sides = means.zeroed::<Side>(Part::Sides, len)?;
    let (part, block) = means.resources.rows(len, dim);
    let mut values = means.zeroed::<f32>(Part::Block, block * dim)?;
    for first in (0..len).step_by(block) {
        let count = block.min(len - first);
        let parts = values[..count * dim]
            .par_chunks_mut(part * dim)
            .zip(codes[first * stride..][..count * stride].par_chunks_mut(part * stride))
            .zip(sides[first..][..count].par_chunks_mut(part))
            .enumerate();
        let outcomes: Vec<Result<(), IndexError>> = threads.work(|| {
            parts
                .map(|(at, ((values, codes), sides))| {
                    let first = first + at * part;
                    rows.read(first, values)?;
                    if !threads.finish() {
                        return threads.moving();
                    }
                    let rows = values.chunks_exact(dim).zip(codes.chunks_exact_mut(stride));
                    for (at, ((vector, codes), side)) in rows.zip(sides).enumerate() {
                        let coded = Coded::of(width, vector, codes);
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
        *side = Coded::from_held(*side).side(width, exponent);
    }
    Ok(Encoded {
        codes,
        sides,
        exponent,
    })
}
