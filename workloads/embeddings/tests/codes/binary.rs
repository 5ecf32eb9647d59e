//! Binary quantisation.

use plimsoll_embeddings::codec::{Binary, BinaryQuery};
use plimsoll_embeddings::{Codec, Simd};

use super::golden::{self, DIMENSION};
use super::payloads::{bits, encoded, mean_square, scores};

fn codec(query: BinaryQuery) -> Binary {
    Binary::new(DIMENSION, query).expect("good input")
}

#[test]
fn signs_scales_and_distances_are_the_golden_ones() {
    let rows = golden::floats("vectors.f32");
    let distances = golden::bytes("binary.hamming.u16");
    let mut distances = distances
        .as_chunks()
        .0
        .iter()
        .copied()
        .map(u16::from_le_bytes);
    for &simd in Simd::all() {
        let codec = codec(BinaryQuery::Signs).with_simd(simd);
        assert!(
            encoded(&codec, &rows) == golden::bytes("binary.codes.u8"),
            "{}",
            simd.name()
        );
    }
    let codec = codec(BinaryQuery::Signs);
    let alphas: Vec<f32> = rows.chunks_exact(DIMENSION).map(Binary::alpha).collect();
    assert!(bits(&alphas) == bits(&golden::floats("binary.alpha.f32")));
    let payloads = encoded(&codec, &rows);
    for query in golden::floats("queries.f32").chunks_exact(DIMENSION) {
        for score in scores(&codec, query, &payloads) {
            assert_eq!(distances.next().map(f32::from), Some(-score));
        }
    }
    assert_eq!(distances.next(), None);
}

#[test]
fn scaled_signs_have_the_golden_error() {
    let rows = golden::floats("vectors.f32");
    let codec = codec(BinaryQuery::Values);
    let payloads = encoded(&codec, &rows);
    let mut back = vec![0.0; rows.len()];
    let of_rows = rows
        .chunks_exact(DIMENSION)
        .zip(payloads.chunks_exact(codec.payload()));
    for ((row, payload), back) in of_rows.zip(back.chunks_exact_mut(DIMENSION)) {
        let alpha = Binary::alpha(row);
        codec.decode_scaled(payload, alpha, back);
        let squares: f64 = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let expected = squares / DIMENSION as f64 - f64::from(alpha) * f64::from(alpha);
        assert!((mean_square(row, back) - expected).abs() < 1e-9);
    }
    let expected = golden::expected()["binary"]["mse"].as_f64().unwrap();
    assert!((mean_square(&rows, &back) - expected).abs() < 1e-9);
}

#[test]
fn scores_of_values_are_sums_over_signs() {
    let rows = golden::floats("vectors.f32");
    let codec = codec(BinaryQuery::Values);
    let payloads = encoded(&codec, &rows);
    for query in golden::floats("queries.f32").chunks_exact(DIMENSION) {
        let widest = query
            .iter()
            .fold(0.0_f32, |widest, value| widest.max(value.abs()));
        for (row, score) in rows
            .chunks_exact(DIMENSION)
            .zip(scores(&codec, query, &payloads))
        {
            let signed = |(&q, &x): (&f32, &f32)| if x >= 0.0 { q } else { -q };
            let exact: f32 = query.iter().zip(row).map(signed).sum();
            // Each value is rounded by half a unit at most.
            assert!((exact - score).abs() <= 64.0 * widest / 31.0 / 2.0 + 1e-5);
        }
    }
}

#[test]
fn zeros_are_positive_and_padding_is_zero() {
    let codec = Binary::new(11, BinaryQuery::Signs).unwrap();
    let mut payload = [0xFF; 2];
    let mut row = [-1.0; 11];
    row[0] = 0.0;
    row[1] = -0.0;
    row[10] = 1e-45;
    codec.encode(&row, &mut payload).unwrap();
    assert_eq!(payload, [0b11, 0b100]);
}
