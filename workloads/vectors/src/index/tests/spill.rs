//! An index that is built in a file: the same, and no memory for what is there.

use std::fs;

use super::super::{
    Account, Builder, Checkpoints, Index, IndexError, Means, Params, Part, Resources, Width,
};
use super::{SMALL, bytes, generated};

#[test]
fn what_is_built_in_a_file_is_the_same_index_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let rows = generated(3_000, 70);
    for (builder, width) in [
        (Builder::Batches, Width::Eight),
        (Builder::Batches, Width::Four),
        (Builder::Leaves, Width::Eight),
    ] {
        let params = Params { width, ..SMALL };
        let build = |means: Means| match builder {
            Builder::Batches => Index::build_with(&rows, params, means, None, &mut |_| ()),
            Builder::Leaves => Index::build_in_bulk(&rows, params, means, &mut |_| ()),
        };
        let spilling = Means {
            account: Account::new(|part, _| assert!(!matches!(part, Part::Codes | Part::Level0))),
            spill: Some(directory.path().to_owned()),
            ..Resources::new(2).into()
        };
        let expected = build(Resources::new(2).into()).unwrap();
        let spilled = build(spilling).unwrap();
        assert!(
            bytes(&spilled) == bytes(&expected),
            "{builder:?}, {width:?}"
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_build_goes_on_from_a_checkpoint_in_a_file() {
    let (directory, rows) = (tempfile::tempdir().unwrap(), generated(600, 16));
    let place = directory.path().join("index");
    let build = |kept: &mut Checkpoints| {
        let means = Means {
            spill: Some(directory.path().to_owned()),
            ..Resources::new(1).into()
        };
        Index::build_with(&rows, SMALL, means, Some(kept), &mut |_| ()).unwrap()
    };
    let first = build(&mut Checkpoints::beside(&place, 150));
    let mut kept = Checkpoints::beside(&place, 150);
    let second = build(&mut kept);
    assert!(kept.resumed() >= 150);
    assert!(bytes(&first) == bytes(&second));
}

#[test]
fn a_directory_that_is_not_there_is_told() {
    let means = Means {
        spill: Some("/none/at/all".into()),
        ..Resources::new(1).into()
    };
    let refused = Index::build_with(&generated(9, 8), SMALL, means, None, &mut |_| ());
    let refused = refused.unwrap_err();
    assert!(matches!(refused, IndexError::Io { .. }), "{refused}");
    assert!(refused.to_string().contains("/none/at/all"), "{refused}");
}
