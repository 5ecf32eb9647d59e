//! NEON with the dot product extension: four products and their sum in every 32-bit lane by one instruction.

use std::arch::aarch64::{
    int8x16_t, int32x4_t, vaddvq_s32, vandq_u8, vdupq_n_s32, vdupq_n_u8, vld1q_s8, vld1q_u8,
    vqtbl1q_s8, vshrq_n_u8, vst1q_s8,
};
use std::arch::asm;

use super::PACKED_UNIT;
use super::packed::LEVELS;

/// The dot products of `query` with four rows.
///
/// # Safety
/// The processor has NEON and its dot product extension. All slices are of one length, a multiple of 16.
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn dot4(query: &[i8], rows: [&[i8]; 4], _: [i32; 4], _: [&[i8]; 4]) -> [i32; 4] {
    let mut lanes = [vdupq_n_s32(0); 4];
    for at in (0..query.len()).step_by(16) {
        // SAFETY: 16 bytes from `at` are within each slice, whose length is a multiple of 16.
        unsafe {
            let part = vld1q_s8(query.as_ptr().add(at));
            for (lane, row) in lanes.iter_mut().zip(rows) {
                *lane = dot(*lane, part, vld1q_s8(row.as_ptr().add(at)));
            }
        }
    }
    lanes.map(|lane| vaddvq_s32(lane))
}

/// The dot products of four rows with four others.
///
/// # Safety
/// The processor has NEON and its dot product extension. All slices are of one length, a multiple of 16.
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn dot4x4(rows: [&[i8]; 4], others: [&[i8]; 4], _: [i32; 4]) -> [[i32; 4]; 4] {
    let mut lanes = [[vdupq_n_s32(0); 4]; 4];
    for at in (0..rows[0].len()).step_by(16) {
        // SAFETY: 16 bytes from `at` are within each slice, whose length is a multiple of 16.
        let others = others.map(|row| unsafe { vld1q_s8(row.as_ptr().add(at)) });
        for (lanes, row) in lanes.iter_mut().zip(rows) {
            // SAFETY: the same.
            let part = unsafe { vld1q_s8(row.as_ptr().add(at)) };
            for (lane, other) in lanes.iter_mut().zip(others) {
                *lane = dot(*lane, part, other);
            }
        }
    }
    lanes.map(|lanes| lanes.map(|lane| vaddvq_s32(lane)))
}

/// The dot products of `query` with four packed rows.
///
/// # Safety
/// The processor has NEON and its dot product extension. `query` has a multiple of [`PACKED_UNIT`] codes, and every other
/// slice half as many bytes.
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn dot4_packed(
    query: &[i8],
    _: i32,
    rows: [&[u8]; 4],
    _: [&[u8]; 4],
) -> [i32; 4] {
    let mut lanes = [vdupq_n_s32(0); 4];
    for at in (0..query.len()).step_by(PACKED_UNIT) {
        for part in (0..PACKED_UNIT / 2).step_by(16) {
            // SAFETY: 16 codes from both places are within `query`, 16 bytes within each row.
            unsafe {
                let first = vld1q_s8(query.as_ptr().add(at + part));
                let second = vld1q_s8(query.as_ptr().add(at + part + PACKED_UNIT / 2));
                for (lane, row) in lanes.iter_mut().zip(rows) {
                    let [low, high] = levels(row.as_ptr().add(at / 2 + part));
                    *lane = dot(dot(*lane, first, low), second, high);
                }
            }
        }
    }
    lanes.map(|lane| vaddvq_s32(lane))
}

/// The codes of a packed row.
///
/// # Safety
/// The processor has NEON. `codes` has a multiple of [`PACKED_UNIT`], and `row` half as many bytes.
#[target_feature(enable = "neon")]
pub(super) unsafe fn unpack(row: &[u8], codes: &mut [i8]) {
    for at in (0..codes.len()).step_by(PACKED_UNIT) {
        for part in (0..PACKED_UNIT / 2).step_by(16) {
            // SAFETY: as above.
            unsafe {
                let [low, high] = levels(row.as_ptr().add(at / 2 + part));
                let to = codes.as_mut_ptr().add(at + part);
                vst1q_s8(to, low);
                vst1q_s8(to.add(PACKED_UNIT / 2), high);
            }
        }
    }
}

/// The levels of the low halves of 16 bytes, and of the high ones.
///
/// # Safety
/// The processor has NEON, and 16 bytes can be read at `from`.
#[target_feature(enable = "neon")]
unsafe fn levels(from: *const u8) -> [int8x16_t; 2] {
    // SAFETY: the table has 16 bytes, the rest is the caller's promise.
    let (table, both) = unsafe { (vld1q_s8(LEVELS.as_ptr()), vld1q_u8(from)) };
    let low = vandq_u8(both, vdupq_n_u8(0x0f));
    [low, vshrq_n_u8::<4>(both)].map(|codes| vqtbl1q_s8(table, codes))
}

/// `sdot`, whose intrinsic is not stable.
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // SAFETY: works on registers alone, and the extension is enabled here.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
            sum = inout(vreg) sum, a = in(vreg) a, b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}
