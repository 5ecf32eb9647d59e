//! Which kernel this processor runs, found once.

use std::sync::LazyLock;

#[cfg(doc)]
use super::LEVELS;
use super::{cover, scalar};

/// Rows are whole multiples of this many codes, a cache line.
pub const UNIT: usize = 64;

/// The longest row whose products certainly fit an `i32` on every path.
pub const MAX_DIM: usize = 65_536;

/// Packed rows are whole multiples of this many codes: two to a byte, a cache line. Of every unit the low halves of its
/// bytes have the first 64 codes, the high ones the others.
pub const PACKED_UNIT: usize = 128;

type Dot4Packed = unsafe fn(&[i8], i32, [&[u8]; 4], [&[u8]; 4]) -> [i32; 4];
type Unpack = unsafe fn(&[u8], &mut [i8]);
type Dot4 = unsafe fn(&[i8], [&[i8]; 4], [i32; 4], [&[i8]; 4]) -> [i32; 4];
type Dot4x4 = unsafe fn([&[i8]; 4], [&[i8]; 4], [i32; 4]) -> [[i32; 4]; 4];
type Cover = unsafe fn(&[f32], &[f32], &mut [f32]) -> Option<usize>;

/// One way to compute dot products. It exists only where the processor has what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Kernel {
    name: &'static str,
    dot4: Dot4,
    dot4x4: Dot4x4,
    cover: Cover,
    dot4_packed: Dot4Packed,
    unpack: Unpack,
}

static AVAILABLE: LazyLock<Vec<Kernel>> = LazyLock::new(available);

impl Kernel {
    /// The fastest kernel of this processor.
    #[must_use]
    pub fn best() -> Self {
        Self::all()[0]
    }

    /// All kernels of this processor, the fastest first, the plain one last.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &AVAILABLE
    }

    /// What it is called: `avx512-vnni`, `avx2`, `neon-dotprod` or `scalar`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The exact dot products of `query` with four rows of codes.
    ///
    /// `sums` are the sums of each row's codes, which one of the paths needs; `next` are four rows that are worth
    /// having in the cache afterwards, and of which nothing is computed.
    ///
    /// # Panics
    /// When the slices are not of one length, a multiple of [`UNIT`] up to [`MAX_DIM`].
    #[inline]
    #[must_use]
    pub fn dot4(
        &self,
        query: &[i8],
        rows: [&[i8]; 4],
        sums: [i32; 4],
        next: [&[i8]; 4],
    ) -> [i32; 4] {
        let length = query.len();
        assert!(
            length.is_multiple_of(UNIT)
                && length <= MAX_DIM
                && rows.iter().chain(&next).all(|row| row.len() == length),
            "rows of {length} codes"
        );
        // SAFETY: the lengths were just checked, and `available` offers only what the processor has.
        unsafe { (self.dot4)(query, rows, sums, next) }
    }

    /// The exact dot products of each of four rows of codes with each of four `others`, which are read once for all
    /// four: where many are wanted this takes a fraction of the time.
    ///
    /// `sums` are the sums of each other row's codes, which one of the paths needs.
    ///
    /// # Panics
    /// When the slices are not of one length, a multiple of [`UNIT`] up to [`MAX_DIM`].
    #[inline]
    #[must_use]
    pub fn dot4x4(&self, rows: [&[i8]; 4], others: [&[i8]; 4], sums: [i32; 4]) -> [[i32; 4]; 4] {
        let length = rows[0].len();
        assert!(
            length.is_multiple_of(UNIT)
                && length <= MAX_DIM
                && rows.iter().chain(&others).all(|row| row.len() == length),
            "rows of {length} codes"
        );
        // SAFETY: as above.
        unsafe { (self.dot4x4)(rows, others, sums) }
    }

    /// Takes out of `left` what another vector covers: sets to infinity whatever is not nearer to a vector, by
    /// `distances`, than to the other, by `others`. Then finds the first least of what is left, if anything is.
    ///
    /// Nothing is negative, and nothing but infinity is as large.
    ///
    /// # Panics
    /// When the slices are not of one length.
    #[inline]
    #[must_use]
    pub fn cover(&self, distances: &[f32], others: &[f32], left: &mut [f32]) -> Option<usize> {
        assert!(distances.len() == left.len() && others.len() == left.len());
        // SAFETY: `available` offers only what the processor has.
        unsafe { (self.cover)(distances, others, left) }
    }

    /// The exact dot products of `query`, whose codes add up to `sum`, with the [levels](LEVELS) of four packed rows.
    ///
    /// `next` are four rows that are worth having in the cache afterwards, and of which nothing is computed.
    ///
    /// # Panics
    /// When `query` is not a multiple of [`PACKED_UNIT`] up to [`MAX_DIM`], or a row is not half as long.
    #[inline]
    #[must_use]
    pub fn dot4_packed(
        &self,
        query: &[i8],
        sum: i32,
        rows: [&[u8]; 4],
        next: [&[u8]; 4],
    ) -> [i32; 4] {
        let length = query.len();
        assert!(
            length.is_multiple_of(PACKED_UNIT)
                && length <= MAX_DIM
                && rows.iter().chain(&next).all(|row| row.len() == length / 2),
            "packed rows of {length} codes"
        );
        // SAFETY: the lengths were just checked, and `available` offers only what the processor has.
        unsafe { (self.dot4_packed)(query, sum, rows, next) }
    }

    /// Writes the [levels](LEVELS) of a packed row to `codes`.
    ///
    /// # Panics
    /// When `codes` is not a multiple of [`PACKED_UNIT`], or `row` is not half as long.
    #[inline]
    pub fn unpack(&self, row: &[u8], codes: &mut [i8]) {
        let length = codes.len();
        assert!(
            length.is_multiple_of(PACKED_UNIT) && row.len() == length / 2,
            "a packed row of {length} codes"
        );
        // SAFETY: the lengths were just checked, and `available` offers only what the processor has.
        unsafe { (self.unpack)(row, codes) }
    }
}

fn available() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vnni")
            && is_x86_feature_detected!("avx2")
        {
            kernels.push(Kernel {
                name: "avx512-vnni",
                dot4: super::avx512::dot4,
                dot4x4: super::avx512::dot4x4,
                cover: cover::avx512,
                dot4_packed: super::avx512::dot4_packed,
                unpack: super::avx2::unpack,
            });
        }
        if is_x86_feature_detected!("avx2") {
            kernels.push(Kernel {
                name: "avx2",
                dot4: super::avx2::dot4,
                dot4x4: super::avx2::dot4x4,
                cover: cover::avx2,
                dot4_packed: super::avx2::dot4_packed,
                unpack: super::avx2::unpack,
            });
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon")
        && std::arch::is_aarch64_feature_detected!("dotprod")
    {
        kernels.push(Kernel {
            name: "neon-dotprod",
            dot4: super::neon::dot4,
            dot4x4: super::neon::dot4x4,
            cover: cover::plain,
            dot4_packed: super::neon::dot4_packed,
            unpack: super::neon::unpack,
        });
    }
    kernels.push(Kernel {
        name: "scalar",
        dot4: scalar::dot4,
        dot4_packed: scalar::dot4_packed,
        unpack: scalar::unpack,
        dot4x4: scalar::dot4x4,
        cover: cover::plain,
    });
    kernels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What an index holds: codes, padded with zeros to whole units.
    fn padded(codes: &[i8]) -> Vec<i8> {
        let mut padded = codes.to_vec();
        padded.resize(codes.len().next_multiple_of(UNIT), 0);
        padded
    }

    fn check(query: &[i8], rows: [&[i8]; 4]) {
        let exact = rows.map(|row| {
            let products = query.iter().zip(row);
            products
                .map(|(a, b)| i64::from(*a) * i64::from(*b))
                .sum::<i64>()
        });
        let query = padded(query);
        let rows = rows.map(padded);
        let rows = std::array::from_fn(|row| rows[row].as_slice());
        let sums = rows.map(|row: &[i8]| row.iter().map(|code| i32::from(*code)).sum());
        for kernel in Kernel::all() {
            let found = kernel.dot4(&query, rows, sums, rows);
            assert_eq!(found.map(i64::from), exact, "{}", kernel.name());
        }
    }

    fn check_blocks(rows: [&[i8]; 4], others: [&[i8]; 4]) {
        let exact = rows.map(|row| {
            others.map(|other| {
                let products = row.iter().zip(other);
                products
                    .map(|(a, b)| i64::from(*a) * i64::from(*b))
                    .sum::<i64>()
            })
        });
        let (rows, others) = (rows.map(padded), others.map(padded));
        let rows = std::array::from_fn(|row| rows[row].as_slice());
        let others: [&[i8]; 4] = std::array::from_fn(|row| others[row].as_slice());
        let sums = others.map(|row| row.iter().map(|code| i32::from(*code)).sum());
        for kernel in Kernel::all() {
            let found = kernel.dot4x4(rows, others, sums);
            let found = found.map(|row| row.map(i64::from));
            assert_eq!(found, exact, "{}", kernel.name());
        }
    }

    proptest! {
        #[test]
        fn all_paths_give_the_same_block(
            columns in proptest::collection::vec(any::<[i8; 8]>(), 1..2_000),
        ) {
            let column = |at: usize| columns.iter().map(|codes| codes[at]).collect::<Vec<i8>>();
            let rows: [Vec<i8>; 8] = std::array::from_fn(column);
            let four = |first: usize| std::array::from_fn(|at| rows[first + at].as_slice());
            check_blocks(four(0), four(4));
        }

        #[test]
        fn all_paths_cover_the_same(
            columns in proptest::collection::vec((0_u8..9, 0_u8..9, any::<bool>()), 0..600),
        ) {
            let distances: Vec<f32> = columns.iter().map(|column| f32::from(column.0) / 3.0).collect();
            let others: Vec<f32> = columns.iter().map(|column| f32::from(column.1) / 3.0).collect();
            let before = columns.iter().map(|column| {
                if column.2 { f32::from(column.0) / 3.0 } else { f32::INFINITY }
            });
            let before: Vec<f32> = before.collect();
            let after = before.iter().zip(distances.iter().zip(&others)).map(|(left, (own, other))| {
                if other <= own { f32::INFINITY } else { *left }
            });
            let after: Vec<f32> = after.collect();
            let least = after.iter().copied().fold(f32::INFINITY, f32::min);
            let first = after.iter().position(|left| *left == least && least.is_finite());
            for kernel in Kernel::all() {
                let mut left = before.clone();
                prop_assert_eq!(kernel.cover(&distances, &others, &mut left), first);
                prop_assert_eq!(&left, &after);
            }
        }

        #[test]
        fn all_paths_give_the_same_product(
            columns in proptest::collection::vec(any::<[i8; 5]>(), 1..2_000),
        ) {
            let column = |at: usize| columns.iter().map(|codes| codes[at]).collect::<Vec<i8>>();
            let rows: [Vec<i8>; 5] = std::array::from_fn(column);
            check(&rows[0], [&rows[1], &rows[2], &rows[3], &rows[4]]);
        }

        #[test]
        fn all_paths_give_the_same_product_of_extreme_codes(
            columns in proptest::collection::vec(any::<[bool; 5]>(), 1..2_000),
            extremes in any::<[bool; 5]>(),
        ) {
            let column = |at: usize| {
                let low = if extremes[at] { -128 } else { -127 };
                columns.iter().map(|high| if high[at] { 127 } else { low }).collect::<Vec<i8>>()
            };
            let rows: [Vec<i8>; 5] = std::array::from_fn(column);
            check(&rows[0], [&rows[1], &rows[2], &rows[3], &rows[4]]);
        }
    }

    #[test]
    fn the_longest_rows_of_the_largest_codes_do_not_overflow() {
        for length in [1, 63, 64, 65, 1_535, 1_536, MAX_DIM] {
            let row = |code: i8| vec![code; length];
            let [low, high, least, zero] = [-127, 127, -128, 0].map(row);
            for query in [&low, &high, &least, &zero] {
                check(query, [&low, &high, &least, &zero]);
                check_blocks([query, &low, query, &high], [&low, &high, &least, &zero]);
            }
        }
    }

    #[test]
    fn the_plain_kernel_is_always_there() {
        assert_eq!(Kernel::all().last().unwrap().name(), "scalar");
    }

    #[test]
    #[should_panic(expected = "rows of 64 codes")]
    fn rows_of_another_length_are_refused() {
        let (query, short) = ([0; 64], [0; 63]);
        let rows = [&query[..], &query, &query, &short];
        let _ = Kernel::best().dot4(&query, rows, [0; 4], [&query; 4]);
    }

    #[test]
    #[should_panic(expected = "rows of 64 codes")]
    fn rows_of_another_length_are_refused_in_blocks() {
        let (row, short) = ([0; 64], [0; 63]);
        let _ = Kernel::best().dot4x4([&row; 4], [&row, &row, &short, &row], [0; 4]);
    }
}
