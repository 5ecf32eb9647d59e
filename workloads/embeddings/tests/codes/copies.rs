//! Every copy of a loop gives what the plain one gives, byte for byte.

use plimsoll_embeddings::codec::{Binary, BinaryQuery, Full, Half, Product, Ranges, Sq8PerVector};
use plimsoll_embeddings::search::inner_product;
use plimsoll_embeddings::{Codec, Simd};
use proptest::prelude::*;

use super::payloads::bits;

/// Rows of one dimension: of ordinary values, constants, subnormals, huge ones and zeros of both signs.
pub(crate) fn rows() -> impl Strategy<Value = (usize, Vec<f32>)> {
    let value = prop_oneof![
        4 => -1.0_f32..1.0,
        1 => Just(0.25_f32),
        1 => Just(0.0_f32),
        1 => Just(-0.0_f32),
        1 => (0_u32..1 << 24, any::<bool>()).prop_map(|(bits, sign)| {
            f32::from_bits(bits | (u32::from(sign) << 31))
        }),
        1 => prop_oneof![-1e30_f32..1e30, f32::MIN..f32::MAX],
    ];
    let uniform = prop_oneof![
        -1.0_f32..1.0,
        Just(3.0_f32),
        -1e-42_f32..1e-42,
        -6e4_f32..6e4
    ];
    let mixed = move |length| {
        prop_oneof![
            proptest::collection::vec(value.clone(), length),
            proptest::collection::vec(uniform.clone(), length),
            uniform.clone().prop_map(move |value| vec![value; length]),
        ]
    };
    (1_usize..150, 1_usize..6).prop_flat_map(move |(dimension, count)| {
        mixed(dimension * count).prop_map(move |rows| (dimension, rows))
    })
}

/// What a codec makes of rows: payloads, or why not; rows; scores for the first row.
type Made = (Vec<String>, Vec<u8>, Vec<u32>, Vec<u32>);

fn made(codec: &dyn Codec, rows: &[f32]) -> Made {
    let stride = codec.payload() + 3;
    let count = rows.len() / codec.dimension();
    let mut records = vec![0; count * stride];
    let mut results = Vec::new();
    let mut back = vec![0.0; rows.len()];
    for (at, row) in rows.chunks_exact(codec.dimension()).enumerate() {
        let payload = &mut records[at * stride..][..codec.payload()];
        results.push(format!("{:?}", codec.encode(row, payload)));
        codec.decode(
            payload,
            &mut back[at * codec.dimension()..][..codec.dimension()],
        );
    }
    let mut scores = vec![0.0; count];
    codec
        .scorer(&rows[..codec.dimension()])
        .score(&records, stride, &mut scores);
    let canonical = |score: f32| if score.is_nan() { f32::NAN } else { score };
    let scores: Vec<f32> = scores.into_iter().map(canonical).collect();
    (results, records, bits(&back), bits(&scores))
}

fn same(of: impl Fn(Simd) -> Box<dyn Codec>, rows: &[f32]) {
    let plain = made(&*of(Simd::PLAIN), rows);
    for &simd in Simd::all() {
        let codec = of(simd);
        assert!(
            made(&*codec, rows) == plain,
            "{:?} by {}",
            codec.encoding(),
            simd.name()
        );
    }
}

proptest! {
    #[test]
    fn payloads_rows_and_scores_are_the_same((dimension, rows) in rows()) {
        same(|simd| Box::new(Full::new(dimension).expect("good input").with_simd(simd)), &rows);
        same(|simd| Box::new(Half::new(dimension).expect("good input").with_simd(simd)), &rows);
        same(|simd| Box::new(Sq8PerVector::new(dimension).expect("good input").with_simd(simd)), &rows);
        for query in [BinaryQuery::Signs, BinaryQuery::Values] {
            same(|simd| Box::new(Binary::new(dimension, query).expect("good input").with_simd(simd)), &rows);
        }
        let mut ranges = Ranges::new(dimension).expect("good input");
        // All but the last: that one is clamped.
        ranges.add(&rows[..(rows.len() / dimension - 1).max(1) * dimension]).expect("good input");
        if let Ok(codec) = ranges.codec() {
            same(|simd| Box::new(codec.clone().with_simd(simd)), &rows);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn codes_of_a_codebook_are_the_same(
        (dimension, rows) in rows(), seed in any::<u64>(), scale in prop_oneof![Just(1.0_f32), Just(1e-30), Just(1e30)]
    ) {
        let word = |at: usize| seed.wrapping_mul(2 * at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let values = (0..256 * dimension).map(|at| (word(at) as f32 / 8_388_608.0 - 1.0) * scale);
        let parameters: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
        for codes in (1..=dimension).filter(|codes| dimension.is_multiple_of(*codes)) {
            let codec = Product::from_parameters(dimension, codes, &parameters).expect("good input");
            same(|simd| Box::new(codec.clone().with_simd(simd)), &rows);
        }
    }

    #[test]
    fn sums_over_tables_are_the_same(
        codes in prop_oneof![1_usize..40, Just(300)], count in 1_usize..200, pad in 0_usize..5, seed in any::<u64>()
    ) {
        let word = |at: usize| (seed ^ at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let float = |at: usize| word(at) as f32 / 8_388_608.0 - 1.0;
        let parameters: Vec<u8> = (0..256 * codes).flat_map(|at| float(at).to_le_bytes()).collect();
        let codec = Product::from_parameters(codes, codes, &parameters).expect("a codebook");
        let query: Vec<f32> = (0..codes).map(|at| float(at + 7)).collect();
        let stride = codes + pad;
        let records: Vec<u8> = (0..count * stride - pad).map(|at| word(3 * at) as u8).collect();
        let scores = |simd| {
            let mut scores = vec![0.0; count];
            codec.clone().with_simd(simd).scorer(&query).score(&records, stride, &mut scores);
            bits(&scores)
        };
        let plain = scores(Simd::PLAIN);
        for &simd in Simd::all() {
            assert!(scores(simd) == plain, "{}", simd.name());
        }
    }
}

#[test]
fn an_inner_product_is_added_up_in_sixteen_lanes() {
    for length in [1, 15, 16, 17, 64, 100] {
        let of = |at: usize, by: usize| ((at * by % 97) as f32 - 48.0) / 7.0;
        let query: Vec<f32> = (0..length).map(|at| of(at, 31)).collect();
        let row: Vec<f32> = (0..length).map(|at| of(at, 53)).collect();
        let mut lanes = [0.0_f32; 16];
        for at in 0..length {
            lanes[at % 16] += query[at] * row[at];
        }
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] += lanes[lane + half];
            }
        }
        assert_eq!(inner_product(&query, &row).to_bits(), lanes[0].to_bits());
    }
}
