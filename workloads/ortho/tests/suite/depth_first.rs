//! Depth first against the golden cases.

use plimsoll_ortho::{Options, Params, Texts, depth_first};
use plimsoll_workload::{Bytes, Context};

use crate::golden::check_golden;

#[test]
fn golden_results_with_one_thread() {
    check_golden(2_000_000, 0, |texts, options, context| {
        depth_first::search_with(texts, options, context, 1)
    });
}

#[test]
fn golden_results_with_two_threads_up_to_twenty_five_million_orthos() {
    check_golden(25_000_000, 0, |texts, options, context| {
        depth_first::search_with(texts, options, context, 2)
    });
}

#[test]
fn golden_results_with_three_threads() {
    check_golden(2_000_000, 0, |texts, options, context| {
        depth_first::search_with(texts, options, context, 3)
    });
}

#[test]
fn generated_texts_hold_as_many_orthos_as_known() {
    // Seed, vocabulary, sentences; orthos, candidates, leaves, digest.
    let known = [
        (
            1,
            2_000,
            12_000,
            2_828_952,
            3_709_124,
            1_581_256,
            0x0026_757c_7fd2_413f,
        ),
        (
            1,
            3_000,
            24_000,
            9_029_747,
            11_399_717,
            4_880_175,
            0xbcb8_2b46_9186_81d4,
        ),
    ];
    for (seed, vocabulary, sentences, orthos, candidates, leaves, digest) in known {
        let params = Params {
            seed,
            vocabulary,
            sentences,
            ..Params::default()
        };
        let mut text = Vec::new();
        params.generate(&mut text).unwrap();
        let texts = Texts::in_memory([String::from_utf8(text).unwrap()]);
        let options = Options {
            max_filled: None,
            buffer: Bytes(0),
        };
        let scratch = tempfile::tempdir().unwrap();
        let context = Context::detached(scratch.path());
        let found = depth_first::search_with(&texts, &options, &context, 2).unwrap();
        let found = found.last().unwrap();
        assert_eq!(
            (
                found.orthos,
                found.candidates,
                found.leaves,
                found.digest_sum
            ),
            (orthos, candidates, leaves, digest)
        );
    }
}
