//! AVX-512 VBMI: looks up the codes of 64 rows at once, in a table of 256 bytes that lies in four registers.
//!
//! Tables of two bytes are two such tables. Codes lie row by row, and are brought column by column on the way: sixteen rows and
//! columns of bytes are transposed in each quarter of a register.

use std::arch::x86_64::{
    __m128i, __m512i, _mm_loadu_si128, _mm512_add_epi16, _mm512_and_si512, _mm512_castsi128_si512,
    _mm512_inserti32x4, _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_movepi8_mask,
    _mm512_permutex2var_epi8, _mm512_set1_epi16, _mm512_setzero_si512, _mm512_srli_epi16,
    _mm512_storeu_si512, _mm512_unpackhi_epi8, _mm512_unpacklo_epi8,
};

use super::codebook::CENTROIDS;

/// Rows that are looked up at once.
pub(super) const ROWS: usize = 64;

/// Columns that are transposed at once.
const COLUMNS: usize = 16;

/// Columns whose bytes add up to 16 bits at most.
const MOST_COLUMNS: usize = 256;

/// Lower and upper bytes of a table.
pub(super) type Halves = [[u8; CENTROIDS]; 2];

/// The sums over all tables for 64 rows of codes, `stride` bytes apart.
///
/// # Safety
/// The processor has AVX-512 F, BW and VBMI, and `records` has a code for each table in each of 64 rows.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) unsafe fn sums(tables: &[Halves], records: &[u8], stride: usize) -> [u32; ROWS] {
    let mut all = [0; ROWS];
    for (piece, tables) in tables.chunks(MOST_COLUMNS).enumerate() {
        let mut sums = [[_mm512_setzero_si512(); 2]; 2];
        for (group, tables) in tables.chunks(COLUMNS).enumerate() {
            let at = piece * MOST_COLUMNS + group * COLUMNS;
            let columns = if tables.len() == COLUMNS {
                // SAFETY: each row has 16 codes from `at`.
                unsafe { columns(&records[at..], stride) }
            } else {
                // The last columns, which other bytes may follow or none at all.
                let mut codes = [[0; COLUMNS]; ROWS];
                for (row, codes) in codes.iter_mut().enumerate() {
                    codes[..tables.len()]
                        .copy_from_slice(&records[row * stride + at..][..tables.len()]);
                }
                // SAFETY: 64 rows of 16 bytes.
                unsafe { columns(codes.as_flattened(), COLUMNS) }
            };
            for (table, codes) in tables.iter().zip(columns) {
                look_up(table, codes, &mut sums);
            }
        }
        for parity in 0..2 {
            let (lower, upper) = (words(sums[0][parity]), words(sums[1][parity]));
            for (at, (low, high)) in lower.into_iter().zip(upper).enumerate() {
                all[2 * at + parity] += u32::from(low) + 256 * u32::from(high);
            }
        }
    }
    all
}

/// Adds the entries for 64 codes: those of the lower half of a table to the first sums, of the upper half to the second, in each
/// those of even rows to the first, of odd rows to the second.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up(table: &Halves, codes: __m512i, sums: &mut [[__m512i; 2]; 2]) {
    let even = _mm512_set1_epi16(0xFF);
    let upper_half = _mm512_movepi8_mask(codes);
    for (half, sums) in table.iter().zip(sums) {
        // SAFETY: a table has four times 64 bytes; loads need no alignment.
        let (below, above) = unsafe {
            let table = half.as_ptr().cast::<__m512i>();
            let first = _mm512_loadu_si512(table);
            let below = _mm512_permutex2var_epi8(first, codes, _mm512_loadu_si512(table.add(1)));
            let third = _mm512_loadu_si512(table.add(2));
            (
                below,
                _mm512_permutex2var_epi8(third, codes, _mm512_loadu_si512(table.add(3))),
            )
        };
        let entries = _mm512_mask_blend_epi8(upper_half, below, above);
        sums[0] = _mm512_add_epi16(sums[0], _mm512_and_si512(entries, even));
        sums[1] = _mm512_add_epi16(sums[1], _mm512_srli_epi16::<8>(entries));
    }
}

/// Sixteen columns of 64 rows of bytes, `stride` apart: in each the rows in order.
///
/// # Safety
/// The processor has AVX-512 F and BW, and `records` has 16 bytes in each of 64 rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn columns(records: &[u8], stride: usize) -> [__m512i; COLUMNS] {
    debug_assert!(records.len() >= (ROWS - 1) * stride + COLUMNS);
    let mut rows = [_mm512_setzero_si512(); COLUMNS];
    for (at, rows) in rows.iter_mut().enumerate() {
        // In each quarter 16 rows of a square of 16 by 16 bytes.
        // SAFETY: the caller's promise.
        unsafe {
            let from = records.as_ptr().add(at * stride);
            let quarter = 16 * stride;
            let first = _mm512_castsi128_si512(_mm_loadu_si128(from.cast::<__m128i>()));
            let second = _mm_loadu_si128(from.add(quarter).cast::<__m128i>());
            let third = _mm_loadu_si128(from.add(2 * quarter).cast::<__m128i>());
            let fourth = _mm_loadu_si128(from.add(3 * quarter).cast::<__m128i>());
            let half = _mm512_inserti32x4::<1>(first, second);
            *rows = _mm512_inserti32x4::<3>(_mm512_inserti32x4::<2>(half, third), fourth);
        }
    }
    // Four times each row is interleaved with the one eight further down, byte by byte: a perfect shuffle, after which the byte of
    // row i and column j stands in row j and column i.
    interleaved(interleaved(interleaved(interleaved(rows))))
}

/// Each of the first eight rows interleaved with the one eight further down, two rows of each pair.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn interleaved(rows: [__m512i; COLUMNS]) -> [__m512i; COLUMNS] {
    // Loops, here and above: the compiler leaves a closure of these instructions a call.
    let mut pairs = [_mm512_setzero_si512(); COLUMNS];
    for at in 0..COLUMNS / 2 {
        let (one, other) = (rows[at], rows[at + COLUMNS / 2]);
        pairs[2 * at] = _mm512_unpacklo_epi8(one, other);
        pairs[2 * at + 1] = _mm512_unpackhi_epi8(one, other);
    }
    pairs
}

/// The words of a register.
#[inline]
#[target_feature(enable = "avx512f")]
fn words(register: __m512i) -> [u16; ROWS / 2] {
    let mut words = [0; ROWS / 2];
    // SAFETY: 32 numbers of 16 bits are 64 bytes; the store needs no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast::<__m512i>(), register) };
    words
}
