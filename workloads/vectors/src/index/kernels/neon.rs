//! NEON with the dot product extension: four products and their sum in every 32-bit lane by one instruction.

use std::arch::aarch64::{int8x16_t, int32x4_t, vaddvq_s32, vdupq_n_s32, vld1q_s8};
use std::arch::asm;

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
