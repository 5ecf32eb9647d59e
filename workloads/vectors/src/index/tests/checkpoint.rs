//! Builds that are cut short go on to the same index, from whatever is left of their checkpoints.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::super::{Checkpoints, Index, IndexError, Params, Resources, Verify, Width};
use super::{SMALL, VecRows, built, bytes, generated};

const EVERY: usize = 150;

/// Where checkpoints are, and how often one is kept.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn index(&self) -> PathBuf {
        self.0.path().join("index")
    }

    fn checkpoint(&self, generation: usize) -> PathBuf {
        self.0.path().join(format!("index.checkpoint.{generation}"))
    }

    fn names(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }

    /// Builds with checkpoints; how many vectors were in already, and how many checkpoints were of no use.
    fn build(
        &self,
        rows: &VecRows,
        params: Params,
        threads: usize,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(Index, u64, usize), IndexError> {
        let mut kept = Checkpoints::beside(&self.index(), EVERY);
        let resources = Resources::new(threads);
        let index = Index::build_with(rows, params, resources, Some(&mut kept), progress)?;
        Ok((index, kept.resumed(), kept.passed_over().len()))
    }
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// What a build leaves that is killed when `cut` vectors are in.
fn cut_at(cut: u64, rows: &VecRows) -> Place {
    let (place, left) = (Place::new(), Place::new());
    let mut taken = false;
    let progress = &mut |done| {
        if done >= cut && !taken {
            taken = true;
            copy_all(place.0.path(), left.0.path());
        }
    };
    place.build(rows, SMALL, 2, progress).unwrap();
    assert!(taken);
    left
}

#[test]
fn a_build_that_was_cut_short_goes_on_to_the_same_bytes() {
    let rows = generated(1_200, 32);
    let expected = bytes(&built(&rows));
    for (cut, newest) in [(1, 0), (200, 150), (601, 450), (1_199, 1_050)] {
        for threads in [1, 2] {
            let left = cut_at(cut, &rows);
            let (index, resumed, passed_over) =
                left.build(&rows, SMALL, threads, &mut |_| ()).unwrap();
            // Checkpoints are at ends of batches, at most some dozens of vectors late.
            assert!(
                resumed >= newest && resumed < cut.max(1),
                "{cut}: {resumed}"
            );
            assert_eq!(passed_over, 0);
            assert!(bytes(&index) == expected, "cut at {cut}, {threads} threads");
        }
    }
}

#[test]
fn a_build_may_be_cut_short_again_and_again() {
    let rows = generated(1_200, 32);
    let mut left = cut_at(200, &rows);
    let mut last = 0;
    for cut in [400, 700, 1_000] {
        let next = Place::new();
        let mut began = None;
        let progress = &mut |done| {
            began.get_or_insert(done);
            if done >= cut && next.names() == 0 {
                copy_all(left.0.path(), next.0.path());
            }
        };
        left.build(&rows, SMALL, 2, progress).unwrap();
        assert!(began.unwrap() > last, "{began:?}");
        last = began.unwrap();
        left = next;
    }
    let (index, resumed, _) = left.build(&rows, SMALL, 1, &mut |_| ()).unwrap();
    assert!(resumed > last);
    assert!(bytes(&index) == bytes(&built(&rows)));
}

#[test]
fn of_two_checkpoints_the_newest_whole_one_is_taken() {
    let rows = generated(700, 16);
    let expected = bytes(&built(&rows));
    let left = cut_at(699, &rows);
    let inserted = |generation| match Index::open(&left.checkpoint(generation), Verify::Full) {
        Err(IndexError::Unfinished {
            inserted, len: 700, ..
        }) => inserted,
        other => panic!("{other:?}"),
    };
    let (newest, older) = if inserted(0) > inserted(1) {
        (0, 1)
    } else {
        (1, 0)
    };
    let (at_newest, at_older) = (inserted(newest), inserted(older));
    let whole = fs::read(left.checkpoint(newest)).unwrap();
    let again = |from: u64, passed_over: usize| {
        let copy = Place::new();
        copy_all(left.0.path(), copy.0.path());
        let (index, resumed, found) = copy.build(&rows, SMALL, 2, &mut |_| ()).unwrap();
        assert_eq!((resumed, found), (from, passed_over));
        assert!(bytes(&index) == expected);
    };
    again(at_newest, 0);
    // Torn, at any length.
    for length in [0, 1, 4095, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(left.checkpoint(newest), &whole[..length]).unwrap();
        again(at_older, 1);
    }
    // Flipped, in every part that is read: magic, version, header, links.
    for at in [0, 8, 20, 4090, whole.len() - 1, whole.len() - 40 * 700] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(left.checkpoint(newest), flipped).unwrap();
        again(at_older, 1);
    }
    fs::remove_file(left.checkpoint(newest)).unwrap();
    again(at_older, 0);
    let file = File::options().write(true).open(left.checkpoint(older));
    file.unwrap().write_all_at(&[9], 30).unwrap();
    again(0, 1);
}

#[test]
fn checkpoints_of_another_build_are_refused_and_left_alone() {
    let rows = generated(500, 16);
    let left = cut_at(499, &rows);
    let before = [0, 1].map(|generation| fs::read(left.checkpoint(generation)).unwrap());
    let refused = |rows: &VecRows, params, what: &str| {
        let error = left.build(rows, params, 1, &mut |_| ()).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, IndexError::OtherBuild { .. }), "{message}");
        assert!(message.contains(what), "{message}");
    };
    refused(&rows, Params { m: 7, ..SMALL }, "m: 6 there, 7 here");
    let params = Params {
        ef_construction: 41,
        ..SMALL
    };
    refused(&rows, params, "ef_construction: 40 there, 41 here");
    let params = Params {
        level_seed: 2,
        ..SMALL
    };
    refused(&rows, params, "the seed of levels: 1 there, 2 here");
    let params = Params {
        width: Width::Four,
        ..SMALL
    };
    refused(&rows, params, "bits of a code: 8 there, 4 here");
    refused(&generated(501, 16), SMALL, "vectors: 500 there, 501 here");
    refused(&generated(500, 17), SMALL, "coordinates of each: 16 there");
    let mut others = rows.clone();
    others.values[16 * 499] += 0.5;
    refused(&others, SMALL, "its vectors are others");
    for (generation, before) in before.iter().enumerate() {
        assert!(fs::read(left.checkpoint(generation)).unwrap() == *before);
    }
}

#[test]
fn checkpoints_are_removed_on_request_and_what_they_left_too() {
    let rows = generated(500, 16);
    let left = cut_at(499, &rows);
    fs::write(left.0.path().join("index.checkpoint.1.tmp.7.x"), "half").unwrap();
    assert_eq!(left.names(), 3);
    let kept = Checkpoints::beside(&left.index(), EVERY);
    kept.remove().unwrap();
    assert_eq!(left.names(), 0);
    kept.remove().unwrap();
}

#[test]
fn a_build_of_few_vectors_keeps_no_checkpoint() {
    for len in [0, 1, 150] {
        let place = Place::new();
        let (index, resumed, _) = place
            .build(&generated(len, 8), SMALL, 1, &mut |_| ())
            .unwrap();
        assert_eq!((index.len(), resumed, place.names()), (len, 0, 0));
    }
}
