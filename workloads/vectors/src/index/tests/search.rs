//! What is answered: nearly always the nearest, always in order, or an error.

use super::super::{Index, IndexError, Params};
use super::{VecRows, built, generated, part};
use crate::generate::Part;
use crate::index::levels::mix;
use crate::rows::Rows;

/// All vectors at their exact distances, the nearest first.
fn exact(rows: &VecRows, query: &[f32]) -> Vec<(u32, f64)> {
    let distance = |row: &[f32]| {
        let terms = row.iter().zip(query);
        terms.fold(0.0, |sum, (a, b)| {
            let t = f64::from(*a) - f64::from(*b);
            sum + t * t
        })
    };
    let mut all: Vec<_> = (0..rows.len())
        .map(|id| (id as u32, distance(rows.row(id))))
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    all
}

#[test]
fn nearly_all_nearest_are_found_and_their_distances_are_exact() {
    let (rows, queries) = (generated(2_000, 64), part(Part::Queries, 100, 64));
    let index = Index::build(&rows, Params::default(), 2, &mut |_| ()).unwrap();
    index.check().unwrap();
    let mut searcher = index.searcher().unwrap();
    for (ef, floor) in [(16, 920), (64, 990), (200, 998)] {
        let mut right = 0;
        for query in 0..100 {
            let all = exact(&rows, queries.row(query));
            let answer = searcher.search(queries.row(query), ef, &rows, 10).unwrap();
            assert_eq!(answer.len(), 10);
            for (id, distance) in &answer {
                let truth = all.iter().find(|(other, _)| other == id).unwrap().1;
                assert_eq!(distance.to_bits(), truth.to_bits());
                right += u32::from(*distance <= all[9].1);
            }
            assert!(answer.is_sorted_by(|a, b| (a.1, a.0) < (b.1, b.0)));
        }
        assert!(right >= floor, "{right} of 1,000 at ef {ef}");
    }
}

#[test]
fn all_vectors_find_themselves() {
    let rows = generated(1_000, 32);
    let index = built(&rows);
    let mut searcher = index.searcher().unwrap();
    for id in 0..1_000 {
        let answer = searcher.search(rows.row(id), 64, &rows, 1).unwrap();
        assert_eq!(answer[0].1, 0.0, "{id}");
    }
}

/// With one vector in view above level 0, 85 of them are lost.
#[test]
fn vectors_of_small_clusters_well_apart_find_themselves() {
    let (clusters, dim) = (1_000, 16);
    // -1 to 1, by a seed and a place.
    let random = |seed: u64, at: u64| (mix(seed << 40 | at) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    let coordinate = |id: u64, at: u64| {
        let centre = mix(id) % clusters * dim + at;
        random(0, centre) + 0.05 * random(1, id * dim + at)
    };
    let values = (0..20 * clusters).flat_map(|id| (0..dim).map(move |at| coordinate(id, at)));
    let rows = VecRows::new(dim as usize, values.collect());
    let index = built(&rows);
    let mut searcher = index.searcher().unwrap();
    let mut lost = |id: &usize| {
        let answer = searcher.search(rows.row(*id), 16, &rows, 1).unwrap();
        answer[0].1 != 0.0
    };
    let count = (0..rows.len()).step_by(20).filter(|id| lost(id)).count();
    assert!(count <= 40, "{count} of 1,000");
}

#[test]
fn whoever_asks_for_more_than_there_is_gets_all() {
    let rows = generated(700, 16);
    let index = built(&rows);
    for k in [700, 701, usize::MAX] {
        let answer = index
            .searcher()
            .unwrap()
            .search(rows.row(3), 1, &rows, k)
            .unwrap();
        assert_eq!(answer, exact(&rows, rows.row(3)));
    }
    assert_eq!(
        index
            .searcher()
            .unwrap()
            .search(rows.row(3), 16, &rows, 0)
            .unwrap(),
        []
    );
}

#[test]
fn a_query_from_far_away_is_answered() {
    let rows = generated(300, 16);
    let index = built(&rows);
    for value in [f32::MAX, 1e30, f32::MIN_POSITIVE] {
        let answer = index
            .searcher()
            .unwrap()
            .search(&[value; 16], 64, &rows, 10)
            .unwrap();
        assert_eq!(answer.len(), 10);
    }
}

#[test]
fn queries_that_do_not_fit_are_refused() {
    let rows = generated(100, 16);
    let index = built(&rows);
    let mut searcher = index.searcher().unwrap();
    let refused = searcher.search(&[0.0; 15], 16, &rows, 1).unwrap_err();
    assert!(matches!(
        refused,
        IndexError::QueryDim {
            found: 15,
            expected: 16
        }
    ));
    let mut query = [0.0; 16];
    query[7] = f32::NAN;
    let refused = searcher.search(&query, 16, &rows, 1).unwrap_err();
    assert!(matches!(
        refused,
        IndexError::QueryNotFinite { column: 7, .. }
    ));
    let refused = searcher
        .search(&[0.0; 16], 16, &generated(99, 16), 1)
        .unwrap_err();
    assert!(matches!(
        refused,
        IndexError::OtherRows { found_len: 99, .. }
    ));
}
