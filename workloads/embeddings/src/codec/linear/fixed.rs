//! A query in whole numbers, whose products with codes are exact in 32 bits whatever the order of additions.

use super::fixed_kernels::product;
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

    /// The product with as many codes.
    pub(super) fn product(&self, simd: Simd, codes: &[u8]) -> f32 {
        (self.rest + self.unit * f64::from(self.whole_product(simd, codes))) as f32
    }

    fn whole_product(&self, simd: Simd, codes: &[u8]) -> i32 {
        product(simd, [&self.upper, &self.lower], &self.whole, codes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_by_every_way() {
        for length in [1, 5, 63, 64, 65, 200, 768, 12_000] {
            let values: Vec<f32> = (0..length)
                .map(|at| ((at * 37 % 101) as f32 - 50.0) / 7.0)
                .collect();
            for codes in [
                vec![255_u8; length],
                (0..length).map(|at| (at * 91 % 256) as u8).collect(),
            ] {
                let fixed = Fixed::new(&values);
                let products = fixed.whole.iter().zip(&codes);
                let exact: i64 = products.map(|(&a, &b)| i64::from(a) * i64::from(b)).sum();
                for &simd in Simd::all() {
                    assert_eq!(
                        i64::from(fixed.whole_product(simd, &codes)),
                        exact,
                        "{length} {}",
                        simd.name()
                    );
                }
            }
        }
    }

    #[test]
    fn the_widest_value_everywhere_overflows_nothing() {
        for length in [768, 11_776, 1 << 20] {
            let fixed = Fixed::new(&vec![-3.0; length]);
            let codes = vec![255; length];
            let exact = i64::from(fixed.whole[0]) * 255 * length as i64;
            for &simd in Simd::all() {
                assert_eq!(i64::from(fixed.whole_product(simd, &codes)), exact);
            }
        }
        assert!(Fixed::new(&[0.0; 7]).whole.iter().all(|&value| value == 0));
    }
}
