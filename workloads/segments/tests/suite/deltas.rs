//! Deltas: both encoders against the rule in its plainest words, and the way back.

use plimsoll_segments::code;
use plimsoll_segments::delta::{Columns, Encoder, decode, hashed};
use plimsoll_segments::varint::{put, zigzag};
use proptest::prelude::*;

const N: u8 = 4;

/// The rule word for word: quadratic, without any index.
fn plain(t: &[u8], r: &[u8], min_match: usize) -> Columns {
    let w = min_match - 3;
    let mut out = Columns::default();
    let (mut i, mut lit0, mut pred) = (0, 0, 0);
    while i < t.len() {
        let mut found = None;
        if pred < r.len() {
            let l = (0..)
                .take_while(|x| i + x < t.len() && pred + x < r.len() && t[i + x] == r[pred + x])
                .count();
            if l >= min_match || (l > 0 && i + l == t.len() && pred + l == r.len()) {
                found = Some((pred, l, 0));
            }
        }
        let run = t[i..].iter().take_while(|code| **code == N).count();
        if found.is_none() && run >= 4 {
            put(&mut out.lens, (i - lit0) as u64);
            put(&mut out.lens, 1);
            put(&mut out.lens, run as u64);
            out.lits.extend(&t[lit0..i]);
            i += run;
            pred += run;
            lit0 = i;
            continue;
        }
        if found.is_none() && i + w <= t.len() && !t[i..i + w].contains(&N) {
            let places = (0..r.len())
                .filter(|p| p % 4 == 0 && p + w <= r.len() && r[*p..p + w] == t[i..i + w]);
            let mut most = 0;
            for p in places.take(64) {
                let f = (0..)
                    .take_while(|x| i + x < t.len() && p + x < r.len() && t[i + x] == r[p + x])
                    .count();
                let b = (0..)
                    .take_while(|x| {
                        i - lit0 > *x && p > *x && t[i - 1 - x] == r[p - 1 - x] && t[i - 1 - x] != N
                    })
                    .count();
                if f + b > most {
                    most = f + b;
                    found = (most >= min_match).then_some((p, f, b));
                }
            }
        }
        let Some((p, f, b)) = found else {
            i += 1;
            pred += 1;
            continue;
        };
        put(&mut out.lens, (i - b - lit0) as u64);
        put(&mut out.lens, (f + b + 2) as u64);
        out.lits.extend(&t[lit0..i - b]);
        put(&mut out.pos, zigzag(p as i64 - pred as i64));
        pred = p + f;
        i += f;
        lit0 = i;
    }
    put(&mut out.lens, (t.len() - lit0) as u64);
    put(&mut out.lens, 0);
    out.lits.extend(&t[lit0..]);
    out
}

fn by_hash(text: &[u8], reference: &[u8], min_match: u32) -> Columns {
    let mut out = Columns::default();
    hashed::encode(text, reference, min_match, &mut out);
    out
}

fn back(delta: &Columns, reference: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![9; 3];
    decode(
        &delta.lens,
        &delta.pos,
        &delta.lits,
        reference,
        length,
        &mut out,
    )
    .expect("a delta that was just encoded");
    out
}

fn codes(letters: &str) -> Vec<u8> {
    letters.bytes().map(code::code).collect()
}

#[test]
fn the_worked_example_of_the_format() {
    let reference = codes("ACGTTGCAACGATTACAGGCTCATGNNNNNCCGATTGACCTAGAACT");
    let text = codes("TTAGTTGCAACGATTACAGGCTCATGNNNNNCCGNNNNCCCTAGAACT");
    let expected = Columns {
        lens: vec![0x03, 0x21, 0x00, 0x01, 0x04, 0x01, 0x0b, 0x00, 0x00],
        pos: vec![0x01, 0x00],
        lits: vec![3, 3, 0, 1],
    };
    assert_eq!(plain(&text, &reference, 16), expected);
    assert_eq!(by_hash(&text, &reference, 16), expected);
    let mut out = Columns::default();
    Encoder::new(16).encode(&text, &reference, &mut out);
    assert_eq!(out, expected);
    assert_eq!(back(&expected, &reference, text.len()), text);
}

/// A change of a text.
#[derive(Debug, Clone)]
enum Change {
    Substitute(usize, u8),
    Insert(usize, Vec<u8>),
    Delete(usize, usize),
    Invert(usize, usize),
    Mask(usize, usize),
    Repeat(usize, usize, usize),
    Swap(usize),
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>) {
        let length = text.len();
        let range = |at: usize, count: usize| {
            let start = at % (length + 1);
            start..(start + count).min(length)
        };
        match self {
            Self::Substitute(at, code) => {
                if length > 0 {
                    text[at % length] = *code;
                }
            }
            Self::Insert(at, codes) => {
                text.splice(range(*at, 0), codes.iter().copied());
            }
            Self::Delete(at, count) => {
                text.drain(range(*at, *count));
            }
            Self::Invert(at, count) => code::reverse_complement(&mut text[range(*at, *count)]),
            Self::Mask(at, count) => text[range(*at, *count)].fill(N),
            Self::Repeat(at, unit, times) => {
                let unit = text[range(*at, *unit)].repeat(*times);
                text.splice(range(*at, 0), unit);
            }
            Self::Swap(at) => text.rotate_left(if length == 0 { 0 } else { at % length }),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0_usize..5_000;
    prop_oneof![
        8 => (at.clone(), 0_u8..5).prop_map(|(at, code)| Change::Substitute(at, code)),
        2 => (at.clone(), proptest::collection::vec(0_u8..4, 1..60)).prop_map(|(at, codes)| Change::Insert(at, codes)),
        2 => (at.clone(), 1_usize..60).prop_map(|(at, count)| Change::Delete(at, count)),
        1 => (at.clone(), 10_usize..300).prop_map(|(at, count)| Change::Invert(at, count)),
        2 => (at.clone(), 1_usize..50).prop_map(|(at, count)| Change::Mask(at, count)),
        2 => (at.clone(), 1_usize..9, 1_usize..400).prop_map(|(at, unit, times)| Change::Repeat(at, unit, times)),
        1 => (at.clone(), 16_usize..40, 60_usize..75).prop_map(|(at, unit, times)| Change::Repeat(at, unit, times)),
        1 => at.prop_map(Change::Swap),
    ]
}

/// A reference and texts that come from it, or from the same origin.
fn related() -> impl Strategy<Value = (Vec<u8>, Vec<Vec<u8>>)> {
    let origin = prop_oneof![
        6 => proptest::collection::vec(0_u8..4, 0..900),
        2 => proptest::collection::vec(0_u8..2, 0..300),
        1 => proptest::collection::vec(0_u8..5, 0..60),
        2 => proptest::collection::vec(prop_oneof![40 => 0_u8..4, 1 => Just(N)], 0..600),
    ];
    let changes = || proptest::collection::vec(change(), 0..8);
    (
        origin,
        changes(),
        proptest::collection::vec(changes(), 1..4),
    )
        .prop_map(|(origin, first, others)| {
            let changed = |changes: &[Change]| {
                let mut text = origin.clone();
                for change in changes {
                    change.apply(&mut text);
                }
                text
            };
            (
                changed(&first),
                others.iter().map(|changes| changed(changes)).collect(),
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn both_encoders_write_what_the_rule_says((reference, texts) in related(), min_match in 16_u32..=32) {
        let mut encoder = Encoder::new(min_match);
        let mut against = encoder.against(&reference);
        let mut out = Columns { lens: vec![7], pos: vec![8], lits: vec![9] };
        for text in &texts {
            let expected = plain(text, &reference, min_match as usize);
            prop_assert_eq!(&by_hash(text, &reference, min_match), &expected);
            against.encode(text, &mut out);
            prop_assert_eq!(&out, &expected);
            prop_assert_eq!(&back(&out, &reference, text.len()), text);
        }
    }

    #[test]
    fn scratch_memory_keeps_nothing_of_the_pair_before((reference, texts) in related(), min_match in 16_u32..=32) {
        let mut encoder = Encoder::new(min_match);
        let mut out = Columns::default();
        let all: Vec<_> = texts.iter().chain([&reference]).collect();
        for reference in &all {
            for text in &all {
                encoder.encode(text, reference, &mut out);
                prop_assert_eq!(&out, &by_hash(text, reference, min_match));
            }
        }
    }

    #[test]
    fn damaged_deltas_are_refused_or_give_just_the_length(
        (reference, texts) in related(),
        place: proptest::sample::Index,
        byte: u8,
        length in 0_usize..2_000,
    ) {
        let mut delta = by_hash(&texts[0], &reference, 16);
        for column in [&mut delta.lens, &mut delta.pos, &mut delta.lits] {
            if !column.is_empty() {
                let at = place.index(column.len());
                column[at] ^= byte;
            }
        }
        let mut out = Vec::new();
        if decode(&delta.lens, &delta.pos, &delta.lits, &reference, length, &mut out).is_ok() {
            prop_assert_eq!(out.len(), length);
            prop_assert!(out.iter().all(|code| *code <= N));
        }
        prop_assert!(out.capacity() <= length);
    }

    #[test]
    fn arbitrary_columns_never_panic(
        lens in proptest::collection::vec(prop_oneof![0_u8..40, any::<u8>()], 0..30),
        pos: Vec<u8>,
        lits in proptest::collection::vec(0_u8..6, 0..60),
        reference in proptest::collection::vec(0_u8..5, 0..60),
        length in 0_usize..200,
    ) {
        let mut out = Vec::new();
        if decode(&lens, &pos, &lits, &reference, length, &mut out).is_ok() {
            prop_assert_eq!(out.len(), length);
        }
        prop_assert!(out.capacity() <= length);
    }
}

#[test]
fn only_the_first_copies_of_a_w_mer_are_tried() {
    // Seventy copies of a unit; only after the sixty-fifth does the reference go on as the text does.
    let unit = codes("ACGTTGCAACGATTACAGGCTCATGACC");
    let tail = codes("TTTTCCCCGGGGAAAATCTCTCAGAGAC");
    let mut reference: Vec<u8> = Vec::new();
    for copy in 0..70 {
        reference.extend(&unit);
        let next = if copy == 65 {
            tail.clone()
        } else {
            vec![(copy % 3) as u8; tail.len()]
        };
        reference.extend(&next);
    }
    let text = [unit, tail].concat();
    for min_match in [16, 20, 28] {
        let expected = plain(&text, &reference, min_match as usize);
        assert!(
            expected.pos.len() > 1,
            "the longer match is beyond the limit"
        );
        let mut out = Columns::default();
        Encoder::new(min_match).encode(&text, &reference, &mut out);
        assert_eq!(out, expected);
        assert_eq!(by_hash(&text, &reference, min_match), expected);
    }
}

#[test]
fn a_run_beyond_all_memory_is_refused() {
    let mut lens = vec![0, 1];
    put(&mut lens, u64::MAX);
    lens.extend([0, 0]);
    let refused = decode(&lens, &[], &[], &[], usize::MAX, &mut Vec::new());
    assert!(refused.unwrap_err().to_string().contains("codes"));
    lens.splice(0..0, [0, 1, 5]);
    assert!(decode(&lens, &[], &[], &[], 4, &mut Vec::new()).is_err());
}

#[test]
fn long_references_are_encoded_without_a_blow_up() {
    // The same base a million times, then two short units a million times: every place has the same w-mers.
    let mut out = Columns::default();
    let mut encoder = Encoder::new(20);
    for unit in [&[0_u8][..], &[0, 1], &[0, 1, 2, 3, 3]] {
        let reference: Vec<u8> = unit.iter().copied().cycle().take(1 << 20).collect();
        let mut text = reference.clone();
        for at in (0..text.len()).step_by(101) {
            text[at] = 3 - text[at];
        }
        encoder.encode(&text, &reference, &mut out);
        assert_eq!(back(&out, &reference, text.len()), text);
    }
    let large = encoder.heap_bytes();
    encoder.encode(&[0; 100], &[1; 100], &mut out);
    assert!(
        encoder.heap_bytes() < large / 100,
        "scratch memory of a long reference stays"
    );
}

#[test]
fn a_match_grows_backwards_to_an_n_and_forwards_through_it() {
    let reference = codes("GATTACAGGCTCATGACCGTTANACCGATTGACCTAGAACTTTGCANCGGAT");
    // What comes before the first N is the same in both, but too short to be looked up.
    let text = codes("TTTTTTTTTTTTTCCGTTANACCGATTGACCTAGAACTTTGCANCGGAT");
    let expected = plain(&text, &reference, 16);
    assert_eq!(
        &expected.lits,
        &text[..19 + 1],
        "literals up to the N, and with it"
    );
    assert_eq!(by_hash(&text, &reference, 16), expected);
    let mut out = Columns::default();
    Encoder::new(16).encode(&text, &reference, &mut out);
    assert_eq!(out, expected);
}

#[test]
#[should_panic(expected = "min_match is 15")]
fn a_match_shorter_than_the_format_allows_is_refused() {
    let _ = Encoder::new(15);
}
