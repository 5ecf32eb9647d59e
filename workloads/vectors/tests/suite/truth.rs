//! The exact scan against the golden sets' truth, and against itself on other numbers of threads.

use plimsoll_vectors::Rows;
use plimsoll_vectors::formats::Ids;
use plimsoll_vectors::generate::{Generator, Part, Profile};
use plimsoll_vectors::truth::{Near, scan, squared_distance};
use proptest::prelude::*;

use crate::formats::{Table, read};
use crate::golden;

/// Holds a scan to the ids, and within numpy's rounding to the distances, of a golden set.
fn agrees(set: &str, base: &dyn Rows, queries: &dyn Rows) {
    let truth = scan(base, queries, 10, 2).unwrap();
    let ids = Ids::read(&golden::file(&format!("{set}.gt10.ivecs"))).unwrap();
    assert_eq!(truth.len(), ids.rows().len());
    let text = std::fs::read_to_string(golden::file(&format!("{set}.gt10_sqdist.txt"))).unwrap();
    let distances = text.lines().map(|line| {
        let numbers = line
            .split_ascii_whitespace()
            .map(|number| number.parse::<f64>().unwrap());
        numbers.collect::<Vec<_>>()
    });
    for (query, ((found, ids), distances)) in
        truth.iter().zip(ids.rows()).zip(distances).enumerate()
    {
        let found_ids: Vec<_> = found.iter().map(|near| near.id).collect();
        assert_eq!(found_ids, ids, "{set}, query {query}");
        assert_eq!(distances.len(), 10);
        for (near, distance) in found.iter().zip(distances) {
            assert!(
                (near.distance - distance).abs() <= 1e-12 * distance,
                "{set}, query {query}: {near:?}, {distance}"
            );
        }
    }
}

fn of_files(set: &str, base: &str) {
    let base = read(&golden::file(&format!("{set}.base.{base}"))).unwrap();
    let queries = read(&golden::file(&format!("{set}.query.fvecs"))).unwrap();
    agrees(set, &base, &queries);
}

#[test]
fn short_generated_vectors_have_the_published_neighbours() {
    of_files("gen64_seed7_n2000", "npy");
}

#[test]
fn handwritten_digits_with_many_ties_have_the_published_neighbours() {
    of_files("digits64_n1697", "bvecs");
}

#[test]
fn embeddings_of_sentences_have_the_published_neighbours() {
    of_files("minilm384_n500", "fvecs");
}

#[test]
fn long_generated_vectors_have_the_published_neighbours() {
    let generator = Generator::new(1536, 42, Profile::Standard).unwrap();
    let (base, queries) = (
        generator.rows(Part::Base, 500),
        generator.rows(Part::Queries, 50),
    );
    agrees("gen1536_seed42_n500", &base, &queries);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_scan_is_a_sort_of_all_distances_on_any_number_of_threads(
        dim in 1usize..6,
        base in 0usize..150,
        queries in 0usize..20,
        k in 0usize..12,
        seed in any::<u32>(),
    ) {
        // Few different values: many ties.
        let table = |rows: usize, salt: u32| Table {
            dim,
            values: (0..(rows * dim) as u32)
                .map(|i| ((i ^ seed).wrapping_add(salt).wrapping_mul(0x9E37_79B9) >> 30) as f32)
                .collect(),
        };
        let (base, queries) = (table(base, 1), table(queries, 2));
        let sorted: Vec<Vec<Near>> = queries.values.chunks(dim).map(|query| {
            let vectors = (0..).zip(base.values.chunks(dim));
            let mut all: Vec<_> = vectors
                .map(|(id, vector)| Near { id, distance: squared_distance(vector, query) })
                .collect();
            all.sort_by(Near::order);
            all.truncate(k);
            all
        }).collect();
        for threads in [0, 1, 3] {
            prop_assert_eq!(&scan(&base, &queries, k, threads).unwrap(), &sorted);
        }
    }
}

#[test]
fn queries_of_another_dimension_are_refused() {
    let table = |dim| Table {
        dim,
        values: vec![0.0; dim],
    };
    assert!(scan(&table(2), &table(3), 1, 1).is_err());
}
