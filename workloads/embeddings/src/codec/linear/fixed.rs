//! A query in whole numbers, whose products with codes are exact in 32 bits whatever the order of additions.

use super::fixed_kernels::multiply;
use crate::simd::Simd;

/// Values of a query as whole multiples of one unit.
pub(super) struct Fixed {
    /// In two bytes each. For the multiplication of unsigned with signed bytes also split: 256 times one, plus another.
    whole: Vec<i16>,
    upper: Vec<i8>,
    lower: Vec<i8>,
    unit: f64,
    /// What rounding took from the values, times the middle code: what the products lack on average.
    rest: f64,
}

impl Fixed {
    pub(super) fn new(values: &[f32]) -> Self {
        // No sum of products with codes can leave 32 bits, nor can any of its parts.
        let most = (i32::MAX as usize / (255 * values.len())).clamp(1, 32_000) as f64;
        let widest = values
            .iter()
            .fold(0.0_f64, |widest, &value| widest.max(f64::from(value).abs()));
        let unit = widest / most;
        let fixed = |&value: &f32| {
            // Nothing but zeros: 0 / 0, which is 0 as an integer.
            (f64::from(value) / unit).round_ties_even() as i16
        };
        let whole: Vec<i16> = values.iter().map(fixed).collect();
        let pairs = values.iter().zip(&whole);
        let lost = pairs.map(|(&value, &whole)| f64::from(value) - f64::from(whole) * unit);
        Self {
            rest: 127.5 * lost.sum::<f64>(),
            upper: whole
                .iter()
                .map(|&value| ((i32::from(value) + 128) >> 8) as i8)
                .collect(),
            lower: whole.iter().map(|&value| value as i8).collect(),
            whole,
            unit,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.whole.len()
    }

    /// Calls `each` with the place and the product of as many codes at each `stride` bytes of `records`, `count` times.
    pub(super) fn products(
        &self,
        simd: Simd,
        records: &[u8],
        stride: usize,
        count: usize,
        mut each: impl FnMut(usize, f32),
    ) {
        const AT_ONCE: usize = 64;
        let mut products = [0; AT_ONCE];
        for first in (0..count).step_by(AT_ONCE) {
            let products = &mut products[..AT_ONCE.min(count - first)];
            self.whole_products(simd, &records[first * stride..], stride, products);
            for (at, &mut product) in products.iter_mut().enumerate() {
                let product = self.rest + self.unit * f64::from(product);
                each(first + at, product as f32);
            }
        }
    }

    fn whole_products(&self, simd: Simd, records: &[u8], stride: usize, products: &mut [i32]) {
        let planes = [&self.upper[..], &self.lower];
        multiply(simd, planes, &self.whole, records, stride, products);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The products of the records, by each way in turn.
    fn products(fixed: &Fixed, records: &[u8], stride: usize, count: usize) -> Vec<Vec<i32>> {
        let products = |&simd: &Simd| {
            let mut products = vec![0; count];
            fixed.whole_products(simd, records, stride, &mut products);
            products
        };
        Simd::all().iter().map(products).collect()
    }

    #[test]
    fn products_are_exact_by_every_way() {
        for length in [1, 5, 63, 64, 65, 200, 768, 12_000] {
            let value = |at: usize| ((at * 37 % 101) as f32 - 50.0) / 7.0;
            let fixed = Fixed::new(&(0..length).map(value).collect::<Vec<f32>>());
            let (stride, count) = (length + 3, 7);
            let mut records: Vec<u8> = (0..count * stride)
                .map(|at| (at * 91 % 256) as u8)
                .collect();
            records[..length].fill(255);
            let exact = |record: &[u8]| {
                let products = fixed.whole.iter().zip(record);
                products.map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
            };
            let exact: Vec<i32> = records.chunks(stride).map(exact).collect();
            for products in products(&fixed, &records, stride, count) {
                assert_eq!(products, exact, "{length}");
            }
        }
    }

    #[test]
    fn the_widest_value_everywhere_overflows_nothing() {
        for length in [768, 11_776, 1 << 20] {
            let fixed = Fixed::new(&vec![-3.0; length]);
            let exact = i64::from(fixed.whole[0]) * 255 * length as i64;
            for products in products(&fixed, &vec![255; length], length, 1) {
                assert_eq!(
                    products.into_iter().map(i64::from).collect::<Vec<_>>(),
                    [exact]
                );
            }
        }
        assert!(Fixed::new(&[0.0; 7]).whole.iter().all(|&value| value == 0));
    }
}
