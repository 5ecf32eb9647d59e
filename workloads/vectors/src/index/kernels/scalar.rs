//! The plain path, which all others are held against.

use super::PACKED_UNIT;
use super::packed::LEVELS;

/// The dot products of `query` with four rows.
pub(super) fn dot4(query: &[i8], rows: [&[i8]; 4], _: [i32; 4], _: [&[i8]; 4]) -> [i32; 4] {
    rows.map(|row| {
        let products = query.iter().zip(row);
        products.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    })
}

/// The dot products of four rows with four others.
pub(super) fn dot4x4(rows: [&[i8]; 4], others: [&[i8]; 4], sums: [i32; 4]) -> [[i32; 4]; 4] {
    rows.map(|row| dot4(row, others, sums, others))
}

/// The dot products of `query` with four packed rows.
pub(super) fn dot4_packed(query: &[i8], _: i32, rows: [&[u8]; 4], _: [&[u8]; 4]) -> [i32; 4] {
    rows.map(|row| {
        let products = query.iter().zip(levels(row));
        products.map(|(a, b)| i32::from(*a) * i32::from(b)).sum()
    })
}

/// The codes of a packed row.
pub(super) fn unpack(row: &[u8], codes: &mut [i8]) {
    for (code, level) in codes.iter_mut().zip(levels(row)) {
        *code = level;
    }
}

/// The level of each code of a packed row, in order.
fn levels(row: &[u8]) -> impl Iterator<Item = i8> {
    let units = row.chunks(PACKED_UNIT / 2);
    let codes = units.flat_map(|unit| {
        let low = unit.iter().map(|both| both & 0x0f);
        low.chain(unit.iter().map(|both| both >> 4))
    });
    codes.map(|code| LEVELS[usize::from(code)])
}
