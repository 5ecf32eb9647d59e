//! Depth first against the golden cases.

use plimsoll_ortho::depth_first;

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
