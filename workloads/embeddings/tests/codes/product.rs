//! Product quantisation.

use plimsoll_embeddings::codec::Product;
use plimsoll_embeddings::{Codec, CodecError, RowProblem, Simd};

use super::golden::{self, DIMENSION};
use super::payloads::{decoded, encoded, mean_square, scores};

const CODES: usize = 16;

fn golden_codec() -> Product {
    Product::from_parameters(DIMENSION, CODES, &golden::bytes("pq.codebook.f32"))
        .expect("good input")
}

#[test]
fn codes_for_the_golden_codebook_are_the_golden_ones() {
    let rows = golden::floats("vectors.f32");
    let expected = golden::expected()["pq_m16"]["mse"].as_f64().unwrap();
    for &simd in Simd::all() {
        let codec = golden_codec().with_simd(simd);
        let payloads = encoded(&codec, &rows);
        assert!(payloads == golden::bytes("pq.codes.u8"), "{}", simd.name());
        assert!((mean_square(&rows, &decoded(&codec, &payloads)) - expected).abs() < 1e-9);
    }
}

#[test]
fn a_trained_codebook_is_as_good_as_the_golden_one_on_any_number_of_threads() {
    let rows = golden::floats("vectors.f32");
    let expected = golden::expected()["pq_m16"]["mse"].as_f64().unwrap();
    let train = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| Product::train(DIMENSION, CODES, &rows, 7))
            .unwrap()
    };
    let codec = train(1);
    let error = mean_square(&rows, &decoded(&codec, &encoded(&codec, &rows)));
    assert!(error <= 1.05 * expected, "{error} for {expected}");
    for threads in [2, 8] {
        assert!(train(threads).parameters() == codec.parameters());
    }
    let other = Product::train(DIMENSION, CODES, &rows, 8).unwrap();
    assert!(other.parameters() != codec.parameters());
}

#[test]
fn scores_are_those_of_decoded_rows() {
    let rows = golden::floats("vectors.f32");
    let codec = golden_codec();
    let payloads = encoded(&codec, &rows);
    let back = decoded(&codec, &payloads);
    for query in golden::floats("queries.f32").chunks_exact(DIMENSION) {
        for (row, score) in back
            .chunks_exact(DIMENSION)
            .zip(scores(&codec, query, &payloads))
        {
            let exact: f64 = row
                .iter()
                .zip(query)
                .map(|(&a, &b)| f64::from(a) * f64::from(b))
                .sum();
            assert!((exact - f64::from(score)).abs() < 5e-5);
        }
    }
}

#[test]
fn copies_of_few_rows_leave_no_error() {
    let rows: Vec<f32> = (0..300 * 4)
        .map(|at| (at / 4 % 3 * 10 + at % 4) as f32)
        .collect();
    let codec = Product::train(4, 2, &rows, 1).unwrap();
    assert_eq!(decoded(&codec, &encoded(&codec, &rows)), rows);
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let problem = |dimension, codes, rows: &[f32]| Product::train(dimension, codes, rows, 1).err();
    let few = CodecError::TooFewRows {
        rows: 255,
        needed: 256,
    };
    assert_eq!(problem(4, 2, &[0.0; 4 * 255]), Some(few));
    let codes = CodecError::Codes {
        codes: 3,
        dimension: 4,
    };
    assert_eq!(problem(4, 3, &[0.0; 4 * 256]), Some(codes));
    assert_eq!(problem(0, 1, &[]), Some(CodecError::Dimension(0)));
    let mut rows = vec![0.0; 4 * 256];
    rows[4 * 100 + 2] = f32::NAN;
    let problem_of_row = RowProblem::NonFinite { index: 2 };
    let row = CodecError::Row {
        row: 100,
        problem: problem_of_row,
    };
    assert_eq!(problem(4, 2, &rows), Some(row));
}
