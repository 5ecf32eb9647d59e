//! What is built from leaves: the same always, whole whatever the vectors are, and as good as what comes in batches.

use super::super::kernels::Kernel;
use super::super::{Index, IndexError, Params, Resources};
use super::{SMALL, VecRows, bytes, generated, part};
use crate::generate::Part;
use crate::rows::Rows;

/// An index over `rows`, with [`SMALL`] parameters, which keeps its invariants.
fn built(rows: &dyn Rows) -> Index {
    with(rows, SMALL)
}

fn with(rows: &dyn Rows, params: Params) -> Index {
    let index = Index::build_in_bulk(rows, params, Resources::new(2), &mut |_| ()).unwrap();
    index.check().unwrap();
    index
}

fn found(index: &Index, rows: &VecRows, query: &[f32], ef: usize, k: usize) -> Vec<(u32, f64)> {
    let mut searcher = index.searcher().unwrap();
    searcher.search(query, ef, rows, k).unwrap()
}

#[test]
fn the_index_is_the_same_for_any_threads_and_kernels() {
    // Several splits, one below another, and halves.
    let rows = generated(5_000, 64);
    let expected = bytes(&built(&rows));
    for kernel in Kernel::all() {
        for threads in [1, 2, 3, 8] {
            let resources = Resources::new(threads);
            let index = Index::build_in_bulk_by(*kernel, &rows, SMALL, resources, &mut |_| ());
            let index = index.unwrap();
            let same = bytes(&index) == expected;
            assert!(same, "{} threads, {}", threads, kernel.name());
        }
    }
}

#[test]
fn another_seed_is_another_index_and_so_is_one_in_batches() {
    let rows = generated(3_000, 16);
    let params = Params {
        level_seed: 2,
        ..SMALL
    };
    let (this, other) = (bytes(&built(&rows)), bytes(&with(&rows, params)));
    assert_ne!(this, other);
    assert_ne!(this, bytes(&super::built(&rows)));
}

#[test]
fn lists_overflow_and_keep_their_invariants() {
    let rows = generated(2_500, 16);
    for m in [2, 3, 6, 127] {
        let index = with(&rows, Params { m, ..SMALL });
        let degree = index.counters().mean_degree();
        assert!(degree >= 1.5 && degree <= 2.0 * m as f64, "{m}: {degree}");
    }
}

#[test]
fn links_back_that_do_not_fit_at_once_come_in_parts() {
    // Vectors that have chosen anew among links back of the first part have fewer links of their own in the second.
    let rows = generated(60_000, 8);
    let index = built(&rows);
    assert!(index.counters().links as usize > super::super::builder::bulk::SORTED / 2);
}

#[test]
fn sets_smaller_than_a_leaf_are_indexed() {
    for len in [0, 1, 2, 3, 100] {
        let rows = generated(len, 8);
        let index = built(&rows);
        assert_eq!(index.len(), len);
        let answer = found(&index, &rows, &[0.5; 8], 100, 100);
        assert_eq!(answer.len(), len);
    }
}

#[test]
fn progress_ascends_and_ends_with_all_vectors() {
    for len in [0_usize, 1, 2, 3_001] {
        let mut told = vec![0];
        let rows = generated(len, 8);
        let resources = Resources::new(2);
        Index::build_in_bulk(&rows, SMALL, resources, &mut |done| told.push(done)).unwrap();
        assert!(
            told.is_sorted() && told.last() == Some(&(len as u64)),
            "{told:?}"
        );
    }
}

#[test]
fn a_thousand_equal_vectors_can_all_be_reached() {
    // Fewer than a leaf has, and more.
    for len in [1_000, 3_000] {
        let rows = VecRows::new(8, [0.5, -1.0, 2.0, 0.0, 0.25, 3.0, -3.0, 1.0].repeat(len));
        let index = built(&rows);
        let answer = found(&index, &rows, rows.row(0), len, len);
        assert!(answer.iter().map(|(id, _)| *id).eq(0..len as u32));
        assert!(answer.iter().all(|(_, distance)| *distance == 0.0));
    }
}

#[test]
fn zero_vectors_are_as_good_as_others() {
    let mut rows = generated(3_000, 16);
    rows.fill(0..1_400, 0.0);
    let index = built(&rows);
    let answer = found(&index, &rows, &[0.0; 16], 64, 300);
    assert_eq!(answer.len(), 300);
    assert!(
        answer
            .iter()
            .take(100)
            .all(|(id, distance)| *id < 1_400 && *distance == 0.0)
    );
}

#[test]
fn coordinates_that_are_not_finite_are_refused() {
    let mut rows = generated(50, 8);
    rows.fill(7..8, f32::NAN);
    let refused = Index::build_in_bulk(&rows, SMALL, Resources::new(2), &mut |_| ());
    let refused = refused.unwrap_err();
    assert!(
        matches!(
            refused,
            IndexError::NotFinite {
                row: 7,
                column: 0,
                ..
            }
        ),
        "{refused}"
    );
}

#[test]
fn what_it_took_is_told() {
    let counters = built(&generated(4_000, 16)).counters();
    assert_eq!(counters.inserted, 4_000);
    // Every vector is held against hundreds in each of several leaves.
    assert!(counters.evaluations_per_insert() > 500.0);
    assert!(counters.selections > 0 && counters.mean_degree() > 3.0);
}

/// Right answers of 1,000, for each of these `ef`.
fn right(index: &Index, rows: &VecRows, queries: &VecRows, ef: usize) -> usize {
    let right = |query| {
        let query = queries.row(query);
        let all = found(index, rows, query, 1_000, 10);
        let near = found(index, rows, query, ef, 10);
        near.iter()
            .filter(|(_, distance)| *distance <= all[9].1)
            .count()
    };
    (0..queries.len()).map(right).sum()
}

#[test]
fn as_much_is_found_as_in_an_index_built_in_batches() {
    let (rows, queries) = (generated(6_000, 256), part(Part::Queries, 100, 256));
    let params = Params::default();
    let batches = Index::build(&rows, params, 2, &mut |_| ()).unwrap();
    let leaves = with(&rows, params);
    for ef in [16, 32, 64, 200] {
        let of = |index| right(index, &rows, &queries, ef);
        let (batches, leaves) = (of(&batches), of(&leaves));
        assert!(
            leaves + 10 >= batches,
            "{leaves} and {batches} of 1,000 at ef {ef}"
        );
    }
}
