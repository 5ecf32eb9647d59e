//! Values as whole steps above the least of a range, 0 to 255.

use crate::simd::{LANES, Lanes, compiled_for_each, with_lanes};

/// Added to a float below 2^22, leaves it rounded in the low bits: the unit of the sum is 1, and additions round to even.
const WHOLE: f32 = 12_582_912.0;

/// The code of a value, and whether it had to be clamped.
#[inline(always)]
fn code(value: f32, low: f32, step: f32) -> (u8, bool) {
    let quotient = (value - low) / step;
    // From -1 to 256: what lies outside of the codes stays outside. Not a number never gets here but by a step of 0.
    let near = if quotient > -1.0 { quotient } else { -1.0 };
    let near = if near < 256.0 { near } else { 256.0 };
    let rounded = (near + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits()) as i32;
    let clamped = rounded.clamp(0, 255);
    if step == 0.0 {
        (0, value != low)
    } else {
        (clamped as u8, clamped != rounded)
    }
}

/// Codes by a range for each value.
#[inline(always)]
fn encode_plain(row: &[f32], lows: &[f32], steps: &[f32], codes: &mut [u8]) -> u32 {
    let ranges = lows.iter().zip(steps);
    let mut clamped = 0;
    for ((to, &value), (&low, &step)) in codes.iter_mut().zip(row).zip(ranges) {
        let (code, outside) = code(value, low, step);
        *to = code;
        clamped += u32::from(outside);
    }
    clamped
}

/// Codes by one range for all values.
#[inline(always)]
fn encode_row_plain(row: &[f32], low: f32, step: f32, codes: &mut [u8]) {
    for (to, &value) in codes.iter_mut().zip(row) {
        *to = code(value, low, step).0;
    }
}

#[inline(always)]
fn decode_plain(codes: &[u8], lows: &[f32], steps: &[f32], row: &mut [f32]) {
    let ranges = lows.iter().zip(steps);
    for ((value, &code), (low, step)) in row.iter_mut().zip(codes).zip(ranges) {
        *value = low + step * f32::from(code);
    }
}

#[inline(always)]
fn decode_row_plain(codes: &[u8], low: f32, step: f32, row: &mut [f32]) {
    for (value, &code) in row.iter_mut().zip(codes) {
        *value = low + step * f32::from(code);
    }
}

#[inline(always)]
fn widen_plain(row: &[f32], lows: &mut [f32], highs: &mut [f32]) {
    for ((low, high), &value) in lows.iter_mut().zip(highs).zip(row) {
        *low = if value < *low { value } else { *low };
        *high = if value > *high { value } else { *high };
    }
}

compiled_for_each! {
    /// Writes the codes of a row by a range for each value, and returns how many were clamped.
    pub(super) fn encode(row: &[f32], lows: &[f32], steps: &[f32], codes: &mut [u8]) -> u32 = encode_plain
}

compiled_for_each! {
    /// Writes the codes of a row by one range.
    pub(super) fn encode_row(row: &[f32], low: f32, step: f32, codes: &mut [u8]) = encode_row_plain
}

compiled_for_each! {
    /// Writes the values of codes by a range for each.
    pub(super) fn decode(codes: &[u8], lows: &[f32], steps: &[f32], row: &mut [f32]) = decode_plain
}

compiled_for_each! {
    /// Writes the values of codes by one range.
    pub(super) fn decode_row(codes: &[u8], low: f32, step: f32, row: &mut [f32]) = decode_row_plain
}

compiled_for_each! {
    /// Widens the range of each dimension to hold a row.
    pub(super) fn widen(row: &[f32], lows: &mut [f32], highs: &mut [f32]) = widen_plain
}

with_lanes! {
    /// The least and the greatest value of a row that is not empty; of zeros any.
    pub(super) fn extremes(row: &[f32]) -> (f32, f32) = extremes_by
}

/// # Safety
/// The processor has the instructions of `L`.
#[inline(always)]
unsafe fn extremes_by<L: Lanes>(row: &[f32]) -> (f32, f32) {
    let first = row[0];
    // SAFETY: 16 floats from each place are within the row.
    let (lows, highs) = unsafe {
        let (mut lows, mut highs) = (L::all(first), L::all(first));
        for at in (0..row.len() / LANES * LANES).step_by(LANES) {
            let values = L::load(row.as_ptr().add(at));
            lows = lows.min(values);
            highs = highs.max(values);
        }
        (lows.array(), highs.array())
    };
    let rest = || row[row.len() / LANES * LANES..].iter();
    let low = lows
        .iter()
        .chain(rest())
        .fold(first, |low, &value| low.min(value));
    let high = highs
        .iter()
        .chain(rest())
        .fold(first, |high, &value| high.max(value));
    (low, high)
}
