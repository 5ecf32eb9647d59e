//! How far a decoded value may be from what it was: half a step, and some roundings.

use crate::encoding::Encoding;
use crate::store::Store;

/// What differences are held to.
pub(super) enum Bounds {
    /// Nothing is known beforehand: whole vectors are rounded to what is near.
    None,
    /// Low end and step of each dimension.
    PerDimension(Vec<(f32, f32)>),
    /// They are in front of each payload.
    PerVector,
}

impl Bounds {
    pub(super) fn of(store: &Store) -> Self {
        match store.encoding() {
            Encoding::Sq8PerDimension => {
                let (lows, steps) = store.parameters().split_at(4 * store.dimension());
                Self::PerDimension(floats(lows).zip(floats(steps)).collect())
            }
            Encoding::Sq8PerVector => Self::PerVector,
            _ => Self::None,
        }
    }

    /// The first value that is decoded to one too far from it.
    pub(super) fn exceeded(&self, payload: &[u8], row: &[f32], decoded: &[f32]) -> Option<usize> {
        let first = |range: &dyn Fn(usize) -> (f32, f32), codes: &[u8]| {
            let all = row.iter().zip(decoded).zip(codes).enumerate();
            let mut beyond = all.filter(|(at, ((x, y), code))| {
                let (low, step) = range(*at);
                !is_within(low, step, **code, **x, **y)
            });
            beyond.next().map(|(at, _)| at)
        };
        match self {
            Self::None => None,
            Self::PerDimension(ranges) => first(&|at| ranges[at], payload),
            Self::PerVector => {
                let (range, codes) = payload.split_at_checked(8)?;
                let mut range = floats(range);
                let range = (range.next()?, range.next()?);
                first(&|_| range, codes)
            }
        }
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
}

/// Whether `y` is near enough to `x` for a code of this range, or the end of the range that `x` lies beyond.
fn is_within(low: f32, step: f32, code: u8, x: f32, y: f32) -> bool {
    let [low, step, x, y] = [low, step, x, y].map(f64::from);
    let widest = low.abs().max((low + 255.0 * step).abs());
    // The distance of floats of this size; of the smallest, that of all small ones.
    let ulp = f64::exp2(widest.max(f64::from(f32::MIN_POSITIVE)).log2().floor() - 23.0);
    let bound = step / 2.0 + 4.0 * ulp + f64::exp2(-142.0);
    (x - y).abs() <= bound || (code == 0 && x < y) || (code == 255 && x > y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_step_is_near_enough_and_more_is_not() {
        assert!(is_within(-1.0, 0.01, 100, 0.0, 0.0));
        assert!(is_within(-1.0, 0.01, 100, 0.005, 0.0));
        assert!(!is_within(-1.0, 0.01, 100, 0.0051, 0.0));
        assert!(!is_within(-1.0, 0.01, 100, f32::NAN, 0.0));
        // Beyond the end of the range.
        assert!(is_within(-1.0, 0.01, 0, -1.5, -1.0));
        assert!(!is_within(-1.0, 0.01, 1, -1.5, -0.99));
        assert!(is_within(-1.0, 0.01, 255, 1.8, 1.55));
        // A constant column.
        assert!(is_within(0.25, 0.0, 0, 0.25, 0.25));
        assert!(!is_within(0.25, 0.0, 0, 0.26, 0.25));
    }
}
