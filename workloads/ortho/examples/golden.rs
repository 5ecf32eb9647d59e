//! Holds every implementation to every golden case and to the table of large generated texts, as
//! far as it can hold them: `cargo run --release -p plimsoll-ortho --example golden [MOST]`.
//!
//! Searches that keep every ortho seen take the cases of at most MOST orthos (11 million where not
//! said), the others take all.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal, whose failure is a panic with the case's name"
)]

use std::time::Instant;

use plimsoll_ortho::{Options, Params, Summary, Texts, depth_first, fifo, level_wise};
use plimsoll_workload::{Bytes, Context, Failure};

#[path = "../tests/suite/golden.rs"]
mod golden;

type Search = fn(&Texts, &Options, &Context) -> Result<Vec<Summary>, Failure>;

const BUFFER: u64 = 16 << 20;

/// Vocabulary, sentences, and what is found: orthos, candidates, leaves, sum of digests; of texts
/// generated from seed 1 with 4 to 8 words a sentence, drawn evenly, without a cap.
const TABLE: [(u64, u64, u64, u64, u64, u64); 12] = [
    (200, 300, 13_314, 18_504, 7_395, 0xded2_f17f_456e_deaf),
    (500, 1_200, 88_457, 123_313, 51_945, 0xbeb7_88bc_7289_1c8b),
    (
        1_000,
        4_000,
        574_291,
        767_952,
        326_522,
        0xe541_ae8b_3c63_dfea,
    ),
    (
        2_000,
        9_500,
        1_248_142,
        1_801_320,
        780_874,
        0x2229_9b6f_d266_a993,
    ),
    (
        2_000,
        12_000,
        2_828_952,
        3_709_124,
        1_581_256,
        0x0026_757c_7fd2_413f,
    ),
    (
        2_000,
        16_000,
        10_517_231,
        12_078_970,
        5_334_368,
        0xee0d_0879_3015_6b10,
    ),
    (
        2_000,
        18_000,
        20_545_533,
        22_516_306,
        10_437_821,
        0x2bb3_013b_f86b_3597,
    ),
    (
        2_000,
        20_000,
        42_167_290,
        44_599_752,
        21_891_491,
        0x0034_0bf5_e3f6_3111,
    ),
    (
        2_000,
        21_500,
        75_090_897,
        77_900_504,
        40_023_859,
        0x6c08_0703_bcf5_0f25,
    ),
    (
        2_000,
        22_500,
        110_521_189,
        113_596_106,
        59_561_126,
        0xb4e9_53c5_53a0_c607,
    ),
    (
        3_000,
        24_000,
        9_029_747,
        11_399_717,
        4_880_175,
        0xbcb8_2b46_9186_81d4,
    ),
    (
        3_000,
        30_000,
        26_429_909,
        30_130_945,
        13_420_017,
        0x3ead_8472_64d1_26c4,
    ),
];

fn main() {
    let most: u64 = std::env::args()
        .nth(1)
        .map_or(11_000_000, |most| most.parse().unwrap());
    let searches: [(&str, u64, Search); 7] = [
        ("depth-first", u64::MAX, depth_first::search),
        ("level-wise", u64::MAX, level_wise::search),
        ("in-memory", most, fifo::in_memory),
        ("disk-queue", most, fifo::disk_queue),
        ("queue-mmap", most, fifo::queue_mmap),
        ("queue-sqlite", most, fifo::queue_sqlite),
        ("queue-redb", most, fifo::queue_redb),
    ];
    for (name, most, search) in searches {
        let begin = Instant::now();
        golden::check_golden(most, BUFFER, search);
        let cases = golden::cases(most).len();
        let rows = TABLE
            .iter()
            .filter(|row| row.2 <= most)
            .map(|row| check(name, row, search));
        println!(
            "{name}: {cases} golden cases and {} rows of the table, {:.0} s",
            rows.count(),
            begin.elapsed().as_secs_f64()
        );
    }
}

fn check(name: &str, row: &(u64, u64, u64, u64, u64, u64), search: Search) {
    let &(vocabulary, sentences, orthos, candidates, leaves, digest) = row;
    let params = Params {
        vocabulary: vocabulary.try_into().unwrap(),
        sentences: sentences.try_into().unwrap(),
        ..Params::default()
    };
    let mut text = Vec::new();
    params.generate(&mut text).unwrap();
    let texts = Texts::in_memory([String::from_utf8(text).unwrap()]);
    let scratch = tempfile::tempdir().unwrap();
    let context = Context::detached(scratch.path());
    let options = Options {
        max_filled: None,
        buffer: Bytes(BUFFER),
    };
    let found = search(&texts, &options, &context).unwrap().pop().unwrap();
    assert_eq!(
        (
            found.orthos,
            found.candidates,
            found.leaves,
            found.digest_sum
        ),
        (orthos, candidates, leaves, digest),
        "{name}: {vocabulary} words, {sentences} sentences"
    );
}
