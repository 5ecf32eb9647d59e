//! The way of the program that the baseline retells: a new hash map of the reference's w-mers for every text.

use std::collections::HashMap;

use super::Columns;
use super::extend::common_prefix_scalar;
use super::rule::{self, MOST_CANDIDATES, Method, STRIDE};
use crate::code::N;

/// Writes the delta of `text` against `reference`, in place of what `out` held.
///
/// # Panics
/// If `min_match` is not from 16 to 32.
pub fn encode(text: &[u8], reference: &[u8], min_match: u32, out: &mut Columns) {
    let width = rule::width(min_match);
    let mut places: HashMap<u64, Vec<u32>> = HashMap::new();
    for position in (0..reference.len()).step_by(STRIDE) {
        if let Some(value) = value(&reference[position..], width) {
            places
                .entry(value)
                .or_default()
                .push((position / STRIDE) as u32);
        }
    }
    rule::encode(
        text,
        reference,
        min_match as usize,
        &mut Hashed { width, places },
        out,
    );
}

struct Hashed {
    width: usize,
    places: HashMap<u64, Vec<u32>>,
}

impl Method for Hashed {
    fn common_prefix(a: &[u8], b: &[u8]) -> usize {
        common_prefix_scalar(a, b)
    }

    fn candidates(&mut self, text: &[u8], at: usize, _: &[u8]) -> impl Iterator<Item = usize> {
        let places = value(&text[at..], self.width).and_then(|value| self.places.get(&value));
        let first = places.into_iter().flatten().take(MOST_CANDIDATES);
        first.map(|place| *place as usize * STRIDE)
    }
}

/// The first `width` codes as a number, if there are so many and none is an N.
fn value(codes: &[u8], width: usize) -> Option<u64> {
    codes.get(..width)?.iter().try_fold(0, |value, &code| {
        (code < N).then_some(value << 2 | u64::from(code))
    })
}
