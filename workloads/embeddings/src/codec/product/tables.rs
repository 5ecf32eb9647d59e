//! Inner products of a query with all centroids, in whole numbers whose sums are exact.

use super::codebook::{CENTROIDS, Codebook};
#[cfg(target_arch = "x86_64")]
use super::wide;
#[cfg(target_arch = "x86_64")]
use crate::simd::Kind;
use crate::simd::{LANES, Lanes, Simd, with_lanes};

/// Rows whose sums are made at a time, over a piece of the tables that stays in the first cache.
const ROWS: usize = 64;
const PIECE: usize = 64;

type Table = [u16; CENTROIDS];

/// A table for each part: how many units the inner product with each centroid lies above the least of them.
pub(super) struct Tables {
    tables: Vec<Table>,
    /// The same in the way in which AVX-512 reads them, where there is that.
    #[cfg(target_arch = "x86_64")]
    halves: Vec<wide::Halves>,
    base: f32,
    unit: f32,
}

impl Tables {
    pub(super) fn new(simd: Simd, codebook: &Codebook, query: &[f32]) -> Self {
        let parts = codebook.parts();
        let mut exact = vec![[0.0; CENTROIDS]; parts];
        let (mut base, mut widest) = (0.0_f64, 0.0_f32);
        let values = query.chunks_exact(codebook.width());
        for (part, (values, products)) in values.zip(&mut exact).enumerate() {
            products_with(simd, values, codebook.by_value(part), products);
            let low = products.iter().copied().fold(f32::INFINITY, f32::min);
            let high = products.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for product in products {
                *product -= low;
            }
            base += f64::from(low);
            widest = widest.max(high - low);
        }
        // No sum can leave 32 bits.
        let most = (u32::MAX as usize / parts).min(usize::from(u16::MAX)) as f32;
        let unit = widest / most;
        // All the same: 0 / 0, which is 0 as an integer.
        let whole = |products: [f32; CENTROIDS]| {
            products.map(|product| (product / unit).round_ties_even() as u16)
        };
        let tables: Vec<Table> = exact.into_iter().map(whole).collect();
        Self {
            #[cfg(target_arch = "x86_64")]
            halves: match simd.kind() {
                Kind::Avx512 => tables.iter().map(halves).collect(),
                Kind::Avx2 | Kind::Plain => Vec::new(),
            },
            tables,
            base: base as f32,
            unit,
        }
    }

    /// Codes of a payload.
    pub(super) fn parts(&self) -> usize {
        self.tables.len()
    }

    /// The sum over the tables of each payload.
    pub(super) fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        for (at, scores) in scores.chunks_mut(ROWS).enumerate() {
            let sums = self.sums(&records[at * ROWS * stride..], stride, scores.len());
            for (score, sum) in scores.iter_mut().zip(sums) {
                *score = self.base + self.unit * sum as f32;
            }
        }
    }

    /// The sums over the tables of `count` rows, 64 at most.
    fn sums(&self, records: &[u8], stride: usize, count: usize) -> [u32; ROWS] {
        #[cfg(target_arch = "x86_64")]
        if count == ROWS && !self.halves.is_empty() {
            // SAFETY: there are halves only where there is AVX-512; there are 64 payloads.
            return unsafe { wide::sums(&self.halves, records, stride) };
        }
        let mut sums = [0; ROWS];
        for (at, tables) in self.tables.chunks(PIECE).enumerate() {
            for (row, sum) in sums[..count].iter_mut().enumerate() {
                let codes = &records[row * stride + at * PIECE..][..tables.len()];
                *sum += looked_up(tables, codes);
            }
        }
        sums
    }
}

/// Lower and upper bytes of a table.
#[cfg(target_arch = "x86_64")]
fn halves(table: &Table) -> wide::Halves {
    [
        table.map(|entry| entry as u8),
        table.map(|entry| (entry >> 8) as u8),
    ]
}

fn looked_up(tables: &[Table], codes: &[u8]) -> u32 {
    let pairs = tables.iter().zip(codes);
    pairs
        .map(|(table, &code)| u32::from(table[usize::from(code)]))
        .sum()
}

with_lanes! {
    /// Writes the inner products of `values` with all centroids, which lie value by value.
    fn products_with(values: &[f32], by_value: &[f32], products: &mut [f32; CENTROIDS]) = products_by
}

/// # Safety
/// The processor has the instructions of `L`.
#[inline(always)]
unsafe fn products_by<L: Lanes>(values: &[f32], by_value: &[f32], products: &mut [f32; CENTROIDS]) {
    assert_eq!(by_value.len(), values.len() * CENTROIDS);
    for (group, to) in products.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        // SAFETY: each load is of 16 of the 256 values of one row of the table.
        unsafe {
            let mut sum = L::all(0.0);
            for (at, &value) in values.iter().enumerate() {
                let row = by_value.as_ptr().add(at * CENTROIDS + group * LANES);
                sum = sum.add(L::all(value).mul(L::load(row)));
            }
            *to = sum.array();
        }
    }
}
