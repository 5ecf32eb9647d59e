//! Generated vectors, queries and ids.

use plimsoll_embeddings::Simd;
use plimsoll_embeddings::data::{DataSet, Generator, GeneratorError};

use super::golden;

fn crc(rows: &[f32]) -> u64 {
    u64::from(crc32fast::hash(bytemuck::cast_slice(rows)))
}

#[test]
fn vectors_and_queries_are_the_golden_ones() {
    for &simd in Simd::all() {
        let generator = golden::generator().with_simd(simd);
        let mut rows = vec![0.0; 1024 * golden::DIMENSION];
        generator.rows(0, &mut rows);
        assert!(rows == golden::floats("vectors.f32"), "{}", simd.name());
        let mut queries = vec![0.0; 32 * golden::DIMENSION];
        for (number, query) in (0..).zip(queries.chunks_exact_mut(golden::DIMENSION)) {
            generator.query(number, query);
        }
        assert!(queries == golden::floats("queries.f32"), "{}", simd.name());
    }
}

#[test]
fn wide_vectors_have_the_golden_checksums() {
    let expected = &golden::expected()["generator_768"];
    for &simd in Simd::all() {
        let generator = Generator::new(DataSet::Default, 768, 1000, 42)
            .unwrap()
            .with_simd(simd);
        let mut rows = vec![0.0; 1000 * 768];
        generator.rows_in_parallel(0, &mut rows);
        assert_eq!(crc(&rows), expected["crc32"], "{}", simd.name());
        let mut row = vec![0.0; 768];
        generator.row(9_999_999, &mut row);
        assert_eq!(crc(&row), expected["crc32_row_9999999"]);
        generator.query(0, &mut row);
        assert_eq!(crc(&row), expected["crc32_query0"]);
    }
}

#[test]
fn other_sets_are_the_same_by_every_way_to_make_them() {
    for set in [DataSet::Isotropic, DataSet::Adversarial] {
        for dimension in [1, 3, 64, 100] {
            let generator = |simd| {
                Generator::new(set, dimension, 5, 9)
                    .unwrap()
                    .with_simd(simd)
            };
            let mut plain = vec![0.0; 200 * dimension];
            generator(Simd::PLAIN).rows(1000, &mut plain);
            let mut other = vec![0.0; 200 * dimension];
            generator(Simd::best()).rows_in_parallel(1000, &mut other);
            assert!(
                plain
                    .iter()
                    .map(|x| x.to_bits())
                    .eq(other.iter().map(|x| x.to_bits()))
            );
        }
    }
}

#[test]
fn isotropic_rows_have_length_one() {
    let generator = Generator::new(DataSet::Isotropic, 768, 10, 1).unwrap();
    let mut row = vec![0.0; 768];
    for index in 0..20 {
        generator.row(index, &mut row);
        let length: f64 = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        assert!((length - 1.0).abs() < 1e-6);
    }
}

#[test]
fn adversarial_rows_have_what_is_hard() {
    let (count, dimension) = (512, 64);
    let generator = Generator::new(DataSet::Adversarial, dimension, 5, 3).unwrap();
    let mut rows = vec![0.0_f32; count * dimension];
    generator.rows(0, &mut rows);
    assert!(rows.iter().all(|value| value.is_finite()));
    let row = |at: usize| &rows[at * dimension..][..dimension];
    assert_eq!(row(15), row(14));
    assert_ne!(row(16), row(15));
    let column = |at: usize| rows.iter().skip(at).step_by(dimension);
    let columns = |is: &dyn Fn(usize) -> bool| (0..dimension).filter(|&at| is(at)).count();
    let width = |at: usize| column(at).fold(0.0_f32, |most, value| most.max(value.abs()));
    assert_eq!(columns(&|at| width(at) > 10.0), 1);
    assert_eq!(
        columns(&|at| column(at).all(|x| x.is_subnormal() || *x == 0.0) && width(at) > 0.0),
        8
    );
    assert_eq!(
        columns(&|at| width(at) == 0.0 && column(at).any(|x| x.is_sign_negative())),
        8
    );
    let first = row(0);
    assert_eq!(
        columns(&|at| column(at).all(|&x| x == first[at]) && width(at) > 0.0),
        8
    );
}

#[test]
fn ids_are_two_words_of_a_stream() {
    let generator = golden::generator();
    assert_eq!(generator.id(7), generator.id(7));
    assert_ne!(generator.id(7), generator.id(8));
    // By the reference's formulas, of seed 20260101.
    assert_eq!(
        u128::from_le_bytes(generator.id(0)),
        0xd91ac8c06a050ff8c64b89cb5b6de9bb
    );
}

#[test]
fn impossible_shapes_are_refused() {
    let make = |dimension, clusters| Generator::new(DataSet::Default, dimension, clusters, 1).err();
    assert_eq!(make(0, 1), Some(GeneratorError::Dimension(0)));
    assert_eq!(make(1 << 21, 1), Some(GeneratorError::Dimension(1 << 21)));
    assert_eq!(make(8, 0), Some(GeneratorError::Clusters(0)));
    assert_eq!(Generator::usual_clusters(99), 1);
    assert_eq!(Generator::usual_clusters(100_000), 1000);
}
