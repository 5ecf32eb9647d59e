//! Scalar quantisation.

use plimsoll_embeddings::codec::{Ranges, Sq8PerDimension, Sq8PerVector};
use plimsoll_embeddings::data::{DataSet, Generator};
use plimsoll_embeddings::{Codec, CodecError, RowProblem, Simd};
use proptest::prelude::*;

use super::golden::{self, DIMENSION};
use super::payloads::{bits, decoded, encoded, mean_square, scores};

fn trained(rows: &[f32], dimension: usize) -> Result<Sq8PerDimension, CodecError> {
    let mut ranges = Ranges::new(dimension)?;
    ranges.add(rows)?;
    ranges.codec()
}

#[test]
fn codes_per_dimension_are_the_golden_ones() {
    let rows = golden::floats("vectors.f32");
    let expected = &golden::expected()["sq8_dim"];
    for &simd in Simd::all() {
        let codec = trained(&rows, DIMENSION).unwrap().with_simd(simd);
        assert!(*codec.parameters() == *golden::bytes("sq8_dim.params.f32"));
        let codes = encoded(&codec, &rows);
        assert!(
            codes == golden::bytes("sq8_dim.codes.u8"),
            "{}",
            simd.name()
        );
        let back = decoded(&codec, &codes);
        assert!(bits(&back) == bits(&golden::floats("sq8_dim.decoded.f32")));
        let error = mean_square(&rows, &back);
        assert!((error - expected["mse"].as_f64().unwrap()).abs() < 1e-15);
    }
}

#[test]
fn records_per_vector_are_the_golden_ones() {
    let rows = golden::floats("vectors.f32");
    for &simd in Simd::all() {
        let codec = Sq8PerVector::new(DIMENSION).unwrap().with_simd(simd);
        assert!(
            encoded(&codec, &rows) == golden::bytes("sq8_vec.records.bin"),
            "{}",
            simd.name()
        );
    }
}

#[test]
fn ranges_do_not_depend_on_pieces() {
    let rows = golden::floats("vectors.f32");
    let whole = trained(&rows, DIMENSION).unwrap();
    let (first, second) = rows.split_at(100 * DIMENSION);
    let mut ranges = Ranges::new(DIMENSION).unwrap();
    let mut others = ranges.clone();
    ranges.add(second).unwrap();
    others.add(first).unwrap();
    ranges.merge(&others);
    assert_eq!(ranges.codec().unwrap().parameters(), whole.parameters());
}

#[test]
fn values_out_of_range_are_clamped_and_counted() {
    let codec = trained(&[0.0, 5.0, -0.0, 255.0, 5.0, 0.0], 3).unwrap();
    for &simd in Simd::all() {
        let codec = codec.clone().with_simd(simd);
        let clamped = |row: &[f32]| {
            let mut codes = [9; 3];
            (codec.encode(row, &mut codes).unwrap(), codes)
        };
        assert_eq!(clamped(&[0.5, 5.0, 0.0]), (0, [0, 0, 0]));
        assert_eq!(clamped(&[1.5, 5.0, -0.0]), (0, [2, 0, 0]));
        assert_eq!(clamped(&[255.5, 5.0, 0.0]), (1, [255, 0, 0]));
        assert_eq!(clamped(&[255.4, 5.1, 0.0]), (1, [255, 0, 0]));
        assert_eq!(clamped(&[-0.5, 4.9, 1e-40]), (2, [0, 0, 0]));
        assert_eq!(clamped(&[-0.51, 4.9, -1.0]), (3, [0, 0, 0]));
        assert_eq!(clamped(&[f32::MAX, f32::MIN, 0.0]), (2, [255, 0, 0]));
    }
}

#[test]
fn bad_rows_are_refused_and_nothing_is_written() {
    let codec = Sq8PerVector::new(20).unwrap();
    let mut payload = [7; 28];
    let mut row = [1.0; 20];
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        row[17] = value;
        let problem = codec.encode(&row, &mut payload);
        assert_eq!(problem, Err(RowProblem::NonFinite { index: 17 }));
    }
    row[17] = f32::MAX;
    row[3] = f32::MIN;
    assert_eq!(
        codec.encode(&row, &mut payload),
        Err(RowProblem::RangeOverflow)
    );
    let (expected, found) = (20, 19);
    let problem = codec.encode(&row[1..], &mut payload);
    assert_eq!(
        problem,
        Err(RowProblem::DimensionMismatch { expected, found })
    );
    assert_eq!(payload, [7; 28]);
    let problem = trained(&row, 20).err();
    assert_eq!(problem, None);
    let problem = trained(&[f32::MAX, f32::MIN], 1).err();
    assert_eq!(problem, Some(CodecError::RangeOverflow { dimension: 0 }));
    let problem = trained(&[1.0, 2.0, 3.0], 2).err();
    let (expected, found) = (2, 1);
    let cut = RowProblem::DimensionMismatch { expected, found };
    assert_eq!(
        problem,
        Some(CodecError::Row {
            row: 1,
            problem: cut
        })
    );
    assert_eq!(
        trained(&[], 2).err(),
        Some(CodecError::TooFewRows { rows: 0, needed: 1 })
    );
    assert_eq!(trained(&[], 0).err(), Some(CodecError::Dimension(0)));
}

#[test]
fn adversarial_rows_stay_within_the_bound() {
    let generator = Generator::new(DataSet::Adversarial, 100, 3, 5).unwrap();
    let mut rows = vec![0.0; 300 * 100];
    generator.rows(0, &mut rows);
    within_bound(&rows, 100);
}

#[test]
fn scores_are_those_of_decoded_rows() {
    let rows = golden::floats("vectors.f32");
    let dimension = trained(&rows, DIMENSION).unwrap();
    let vector = Sq8PerVector::new(DIMENSION).unwrap();
    for codec in [&dimension as &dyn Codec, &vector] {
        let payloads = encoded(codec, &rows);
        let back = decoded(codec, &payloads);
        for query in golden::floats("queries.f32").chunks_exact(DIMENSION) {
            let scores = scores(codec, query, &payloads);
            for (row, score) in back.chunks_exact(DIMENSION).zip(scores) {
                let exact: f64 = row
                    .iter()
                    .zip(query)
                    .map(|(&a, &b)| f64::from(a) * f64::from(b))
                    .sum();
                assert!((exact - f64::from(score)).abs() < 2e-5);
            }
        }
    }
}

/// The distance of a float to the next larger one.
fn ulp(value: f32) -> f64 {
    f64::from(value.abs().next_up()) - f64::from(value.abs())
}

/// No value is off by more than half its step and what rounding adds, by either codec.
fn within_bound(rows: &[f32], dimension: usize) {
    let extremes = |values: &mut dyn Iterator<Item = f32>| {
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let check = |value: f32, back: f32, step: f32, (low, high): (f32, f32)| {
        let most = low.abs().max(high.abs());
        let bound = f64::from(step) / 2.0 + 4.0 * ulp(most) + 2.0_f64.powi(-142);
        let error = (f64::from(value) - f64::from(back)).abs();
        assert!(
            error <= bound,
            "{value} comes back as {back}, steps of {step}"
        );
    };
    match trained(rows, dimension) {
        Ok(codec) => {
            let mut payload = vec![0; dimension];
            let mut back = vec![0.0; dimension];
            for row in rows.chunks_exact(dimension) {
                codec.encode(row, &mut payload).expect("good input");
                codec.decode(&payload, &mut back);
                for (at, (&value, &back)) in row.iter().zip(&back).enumerate() {
                    let range = extremes(&mut rows.iter().skip(at).step_by(dimension).copied());
                    if range.0 == range.1 {
                        assert_eq!(value, back);
                    }
                    check(value, back, codec.steps()[at], range);
                }
            }
        }
        Err(problem) => assert!(matches!(problem, CodecError::RangeOverflow { .. })),
    }
    let codec = Sq8PerVector::new(dimension).expect("good input");
    let mut payload = vec![0; 8 + dimension];
    let mut back = vec![0.0; dimension];
    for row in rows.chunks_exact(dimension) {
        let range = extremes(&mut row.iter().copied());
        match codec.encode(row, &mut payload) {
            Ok(clamped) => {
                assert_eq!(clamped, 0);
                codec.decode(&payload, &mut back);
                let step = f32::from_le_bytes(payload[4..8].try_into().expect("good input"));
                for (&value, &back) in row.iter().zip(&back) {
                    check(value, back, step, range);
                }
            }
            Err(problem) => {
                assert_eq!(problem, RowProblem::RangeOverflow);
                assert!(f64::from(range.1) - f64::from(range.0) > f64::from(f32::MAX) * 0.99);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_value_is_off_by_more_than_the_bound(
        (dimension, rows) in super::copies::rows()
    ) {
        within_bound(&rows, dimension);
    }
}
