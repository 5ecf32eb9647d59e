//! An index over codes of 4 bits: the same always, half as large, and no worse than its codes allow.

use super::super::kernels::Kernel;
use super::super::{Index, Params, Resources, Verify, Width};
use super::{SMALL, VecRows, bytes, generated, part};
use crate::generate::Part;
use crate::rows::Rows;
use crate::truth::{Near, recall, scan};

const LEAN: Params = Params {
    width: Width::Four,
    ..SMALL
};

fn lean(rows: &dyn Rows) -> Index {
    let index = Index::build(rows, LEAN, 2, &mut |_| ()).unwrap();
    index.check().unwrap();
    index
}

#[test]
fn it_is_the_same_for_any_threads_and_kernels() {
    let rows = generated(1_000, 70);
    let expected = bytes(&lean(&rows));
    for kernel in Kernel::all() {
        for threads in [1, 3] {
            let resources = Resources::new(threads);
            let index =
                Index::build_by(*kernel, &rows, LEAN, resources, None, &mut |_| ()).unwrap();
            assert!(
                bytes(&index) == expected,
                "{threads} threads {}",
                kernel.name()
            );
        }
    }
}

#[test]
fn it_takes_half_a_byte_for_each_coordinate_and_comes_back_from_its_file() {
    let (rows, queries) = (generated(500, 256), part(Part::Queries, 20, 256));
    let index = lean(&rows);
    assert_eq!(index.memory().codes, 500 * 128);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index");
    index.save(&path).unwrap();
    let opened = Index::open(&path, Verify::Full).unwrap();
    assert_eq!(opened.params(), LEAN);
    assert!(bytes(&opened) == bytes(&index));
    for query in 0..20 {
        let answers = [&index, &opened].map(|index| {
            let mut searcher = index.searcher().unwrap();
            searcher.search(queries.row(query), 32, &rows, 10).unwrap()
        });
        assert_eq!(answers[0], answers[1]);
    }
}

#[test]
fn most_nearest_are_found_and_their_distances_are_exact() {
    let (rows, queries) = (generated(2_000, 256), part(Part::Queries, 100, 256));
    let truth = scan(&rows, &queries, 10, 2).unwrap();
    let params = Params {
        m: 16,
        ef_construction: 100,
        ..LEAN
    };
    let index = Index::build(&rows, params, 2, &mut |_| ()).unwrap();
    let mut searcher = index.searcher().unwrap();
    let found: f64 = (truth.iter().enumerate())
        .map(|(query, truth)| {
            let answer = searcher.search(queries.row(query), 64, &rows, 10).unwrap();
            let near = answer.iter().map(|(id, distance)| {
                assert_eq!(
                    *distance,
                    crate::truth::squared_distance(queries.row(query), rows.row(*id as usize))
                );
                let (id, distance) = (*id, *distance);
                Near { id, distance }
            });
            recall(&near.collect::<Vec<_>>(), truth)
        })
        .sum();
    assert!(found > 97.0, "{found}");
}

#[test]
fn it_is_not_built_in_bulk() {
    let resources = Resources::new(1);
    let refused = Index::build_in_bulk(&generated(20, 8), LEAN, resources, &mut |_| ());
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("in bulk is 4; give 8 to 8"), "{message}");
}

#[test]
fn vectors_of_any_size_equal_ones_and_none_are_taken() {
    for unit in [f32::MAX, f32::MAX / 4.0, 1e-38] {
        let values = (0..300_u32).flat_map(|id| [id as f32 / 300.0 * unit, unit]);
        let rows = VecRows::new(2, values.collect());
        let index = lean(&rows);
        let answer = index
            .searcher()
            .unwrap()
            .search(rows.row(150), 300, &rows, 300);
        assert_eq!(answer.unwrap()[0], (150, 0.0));
    }
    for row in [
        vec![0.5, -1.0, 2.0, 0.0, 0.25, 3.0, -3.0, 1.0],
        vec![0.0; 8],
        vec![-0.0; 8],
    ] {
        let rows = VecRows::new(8, row.repeat(500));
        let answer = lean(&rows)
            .searcher()
            .unwrap()
            .search(rows.row(0), 500, &rows, 500);
        let answer = answer.unwrap();
        assert!(answer.len() == 500 && answer.iter().all(|(_, distance)| *distance == 0.0));
    }
    let none = VecRows::new(8, Vec::new());
    assert!(lean(&none).is_empty());
}
