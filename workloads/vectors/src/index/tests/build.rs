//! What is built: the same always, whole whatever the vectors are, or an error.

use super::super::kernels::{Kernel, MAX_DIM};
use super::super::{Index, IndexError, Params, Resources};
use super::{SMALL, VecRows, built, bytes, generated};
use crate::rows::{Rows, RowsError};

#[test]
fn the_index_is_the_same_for_any_threads_and_kernels() {
    let rows = generated(3_000, 64);
    let expected = bytes(&built(&rows));
    for kernel in Kernel::all() {
        for threads in [1, 2, 3, 8] {
            let index = Index::build_by(
                *kernel,
                &rows,
                SMALL,
                Resources::new(threads),
                None,
                &mut |_| (),
            )
            .unwrap();
            assert!(
                bytes(&index) == expected,
                "{} threads {}",
                threads,
                kernel.name()
            );
        }
    }
}

#[test]
fn another_seed_of_levels_is_another_index() {
    let rows = generated(300, 16);
    let params = Params {
        level_seed: 2,
        ..SMALL
    };
    let other = Index::build(&rows, params, 2, &mut |_| ()).unwrap();
    assert_ne!(bytes(&built(&rows)), bytes(&other));
}

#[test]
fn lists_overflow_and_keep_their_invariants() {
    for m in [2, 3, 6, 127] {
        let params = Params { m, ..SMALL };
        let index = Index::build(&generated(1_500, 16), params, 2, &mut |_| ()).unwrap();
        index.check().unwrap();
        let degree = index.counters().mean_degree();
        assert!(degree >= 1.5 && degree <= 2.0 * m as f64, "{m}: {degree}");
    }
}

#[test]
fn progress_ends_with_all_vectors() {
    let mut told = vec![0];
    Index::build(&generated(500, 8), SMALL, 2, &mut |done| told.push(done)).unwrap();
    assert!(told.is_sorted() && told.last() == Some(&500));
}

#[test]
fn what_it_took_and_holds_is_told() {
    let index = built(&generated(1_000, 70));
    let counters = index.counters();
    assert_eq!(counters.inserted, 1_000);
    assert!(counters.hops_per_insert() > 20.0);
    assert!(counters.evaluations > counters.hops && counters.selections > 0);
    let memory = index.memory();
    assert_eq!((memory.codes, memory.sides), (128_000, 12_000));
    assert_eq!(memory.level0, 1_000 * (12 * 4 + 1));
    assert!(memory.upper > 5_000 && memory.upper < 12_000);
    assert!(memory.total() < index.file_bytes().unwrap());
}

#[test]
fn a_thousand_equal_vectors_can_all_be_reached() {
    let rows = VecRows::new(8, [0.5, -1.0, 2.0, 0.0, 0.25, 3.0, -3.0, 1.0].repeat(1_000));
    let index = built(&rows);
    let answer = index
        .searcher()
        .unwrap()
        .search(rows.row(0), 1_000, &rows, 1_000);
    let ids = answer.unwrap().into_iter().map(|(id, distance)| {
        assert_eq!(distance, 0.0);
        id
    });
    assert!(ids.eq(0..1_000));
}

#[test]
fn groups_of_equal_vectors_can_all_be_reached() {
    let few = generated(7, 16);
    let rows = VecRows::new(16, few.values.repeat(300));
    let index = built(&rows);
    for id in 0..7 {
        let answer = index
            .searcher()
            .unwrap()
            .search(rows.row(id), 200, &rows, 10)
            .unwrap();
        assert!(
            answer
                .iter()
                .all(|(found, distance)| *found as usize % 7 == id && *distance == 0.0)
        );
    }
}

#[test]
fn zero_vectors_are_as_good_as_others() {
    let mut rows = generated(400, 16);
    rows.values[..16 * 200].fill(0.0);
    let index = built(&rows);
    let answer = index
        .searcher()
        .unwrap()
        .search(&[0.0; 16], 64, &rows, 300)
        .unwrap();
    assert_eq!(answer.len(), 300);
    assert!(
        answer[..100]
            .iter()
            .all(|(id, distance)| *id < 200 && *distance == 0.0)
    );
    let zeros = VecRows::new(16, vec![0.0; 16 * 50]);
    let answer = built(&zeros)
        .searcher()
        .unwrap()
        .search(rows.row(300), 16, &zeros, 60);
    assert_eq!(answer.unwrap().len(), 50);
}

#[test]
fn no_vectors_and_one_make_an_index() {
    let none = VecRows::new(8, Vec::new());
    let index = built(&none);
    assert!(index.is_empty());
    assert_eq!(
        index
            .searcher()
            .unwrap()
            .search(&[1.0; 8], 16, &none, 10)
            .unwrap(),
        []
    );
    let one = VecRows::new(8, vec![2.0; 8]);
    let answer = built(&one)
        .searcher()
        .unwrap()
        .search(&[1.0; 8], 16, &one, 10);
    assert_eq!(answer.unwrap(), [(0, 8.0)]);
}

#[test]
fn coordinates_at_the_ends_of_what_an_f32_holds_are_told_apart() {
    for unit in [f32::MAX / 4.0, 1e-38] {
        let values = (0..300_u32)
            .flat_map(|id| [id as f32 / 300.0 * unit, unit])
            .collect();
        let rows = VecRows::new(2, values);
        let index = built(&rows);
        let answer = index
            .searcher()
            .unwrap()
            .search(rows.row(150), 64, &rows, 1)
            .unwrap();
        assert_eq!(answer, [(150, 0.0)]);
    }
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    let rows = generated(10, 8);
    let build = |params, threads| Index::build(&rows, params, threads, &mut |_| ());
    for (params, threads, what) in [
        (Params { m: 1, ..SMALL }, 1, "m is 1"),
        (Params { m: 128, ..SMALL }, 1, "m is 128"),
        (
            Params {
                ef_construction: 0,
                ..SMALL
            },
            1,
            "ef_construction is 0",
        ),
        (SMALL, 0, "threads is 0"),
    ] {
        let message = build(params, threads).unwrap_err().to_string();
        assert!(message.starts_with(what), "{message}");
    }
    let long = VecRows::new(MAX_DIM + 1, vec![0.0; MAX_DIM + 1]);
    let refused = Index::build(&long, SMALL, 1, &mut |_| ());
    assert!(matches!(refused, Err(IndexError::Dim(dim)) if dim == MAX_DIM + 1));
}

#[test]
fn the_longest_vectors_are_taken() {
    let mut values = vec![1.0; 3 * MAX_DIM];
    values[..MAX_DIM].fill(-1.0);
    values[MAX_DIM] = 0.5;
    let rows = VecRows::new(MAX_DIM, values);
    let answer = built(&rows)
        .searcher()
        .unwrap()
        .search(rows.row(0), 16, &rows, 3)
        .unwrap();
    assert_eq!(
        answer.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [0, 1, 2]
    );
}

#[test]
fn the_first_coordinate_that_is_not_finite_is_named() {
    let mut rows = generated(2_000, 8);
    rows.values[8 * 1_999] = f32::NAN;
    rows.values[8 * 1_203 + 5] = f32::NEG_INFINITY;
    let message = Index::build(&rows, SMALL, 3, &mut |_| ()).unwrap_err();
    assert!(
        message
            .to_string()
            .starts_with("row 1203, column 5 (from 0) is -inf"),
        "{message}"
    );
}

#[test]
fn vectors_that_cannot_be_read_are_told() {
    struct Short(VecRows);
    impl Rows for Short {
        fn len(&self) -> usize {
            self.0.len() + 1
        }
        fn dim(&self) -> usize {
            self.0.dim
        }
        fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError> {
            self.0.read(first, out)
        }
    }
    let refused = Index::build(&Short(generated(10, 8)), SMALL, 2, &mut |_| ());
    assert!(matches!(
        refused,
        Err(IndexError::Rows(RowsError::Range { len: 10, .. }))
    ));
}
