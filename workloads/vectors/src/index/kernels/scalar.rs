//! The plain path, which all others are held against.

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
