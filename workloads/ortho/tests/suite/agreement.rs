//! All implementations against the specification's plain reading, on random texts.

use plimsoll_ortho::job::Search;
use plimsoll_ortho::{Options, Texts, depth_first, fifo, level_wise};
use plimsoll_workload::{Bytes, Context};
use proptest::prelude::*;

use crate::reference;

const SEARCHES: [(&str, Search); 4] = [
    ("in-memory", fifo::in_memory),
    ("disk-queue", fifo::disk_queue),
    ("level-wise", level_wise::search),
    ("depth-first", depth_first::search),
];

/// A text of a few words, now and then one that later texts have not seen.
fn text() -> impl Strategy<Value = String> {
    let word =
        prop_oneof![8 => 0..5_u8, 2 => 5..9_u8].prop_map(|i| char::from(b'a' + i).to_string());
    let sentence = prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "));
    prop::collection::vec(sentence, 0..12).prop_map(|sentences| sentences.join(". "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_implementation_reads_the_specification_alike(
        texts in prop::collection::vec(text(), 1..4),
        max_filled in prop_oneof![1 => Just(None), 3 => (1..14_u32).prop_map(Some)],
        buffer in prop_oneof![Just(0), Just(200), Just(3000), Just(1 << 20)],
    ) {
        let expected = reference::search(&texts, max_filled, 1_000);
        prop_assume!(expected.is_some());
        let options = Options { max_filled, buffer: Bytes(buffer) };
        for (name, search) in SEARCHES {
            let scratch = tempfile::tempdir().unwrap();
            let context = Context::detached(scratch.path());
            let found = search(&Texts::in_memory(texts.clone()), &options, &context).ok();
            prop_assert_eq!(&found, &expected, "{}", name);
        }
    }

    #[test]
    fn threads_share_the_work_without_loss(text in text(), threads in 1..6_usize) {
        let texts = Texts::in_memory([text]);
        let options = Options { max_filled: Some(7), buffer: Bytes(0) };
        let scratch = tempfile::tempdir().unwrap();
        let context = Context::detached(scratch.path());
        let one = depth_first::search_with(&texts, &options, &context, 1).unwrap();
        let many = depth_first::search_with(&texts, &options, &context, threads).unwrap();
        prop_assert_eq!(one, many);
    }
}
