//! Plain blocks and back.

use plimsoll_segments::code;
use plimsoll_segments::plain;
use plimsoll_segments::two_bit;
use plimsoll_segments::varint::Cursor;
use proptest::prelude::*;

/// Codes with runs of Ns anywhere, the ends included.
fn codes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => proptest::collection::vec(0_u8..4, 0..150),
        1 => (1_usize..40).prop_map(|run| vec![4; run]),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn block(codes: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    plain::write(codes, &mut block);
    block
}

#[test]
fn the_block_of_the_formats_example() {
    let codes: Vec<u8> = b"ACGTTGCAACGATTACAGGCTCATGNNNNNCCGATTGACCTAGAACT"
        .iter()
        .map(|byte| code::code(*byte))
        .collect();
    let expected = [
        0x2f, 0x01, 0x19, 0x05, 0xe4, 0x1b, 0x24, 0x4f, 0x68, 0xc7, 0x02, 0x50, 0xf2, 0x52, 0x23,
        0x34,
    ];
    assert_eq!(block(&codes), expected);
}

proptest! {
    #[test]
    fn blocks_give_their_codes_back(codes in codes(), rest: Vec<u8>) {
        let block = block(&codes);
        prop_assert_eq!(plain::length(&block), Ok(codes.len()));
        let mut stored = block.clone();
        stored.extend(&rest);
        let mut cursor = Cursor::new(&stored);
        let mut out = vec![1, 2, 3];
        plain::read(&mut cursor, codes.len(), &mut out).unwrap();
        prop_assert_eq!(cursor.rest(), &rest[..]);
        prop_assert_eq!(&out, &codes);
        if let Some(limit) = codes.len().checked_sub(1) {
            prop_assert!(plain::read(&mut Cursor::new(&block), limit, &mut out).is_err());
        }
        prop_assert!(plain::read(&mut Cursor::new(&block[..block.len() - 1]), codes.len(), &mut out).is_err());
    }

    #[test]
    fn only_the_blocks_own_codes_equal_it(codes in codes(), at: proptest::sample::Index, other in 0_u8..5) {
        let block = block(&codes);
        prop_assert!(plain::equals(&block, &codes));
        if !codes.is_empty() {
            let mut changed = codes.clone();
            let at = at.index(codes.len());
            changed[at] = other;
            prop_assert_eq!(plain::equals(&block, &changed), changed == codes);
            prop_assert!(!plain::equals(&block, &codes[1..]));
        }
        let longer = [&codes[..], &[other]].concat();
        prop_assert!(!plain::equals(&block, &longer));
    }

    #[test]
    fn damaged_blocks_are_refused_or_give_just_so_many_codes(
        codes in codes(),
        at: proptest::sample::Index,
        byte: u8,
        limit in 0_usize..600,
    ) {
        let mut block = block(&codes);
        let at = at.index(block.len());
        block[at] ^= byte;
        let mut out = Vec::new();
        if plain::read(&mut Cursor::new(&block), limit, &mut out).is_ok() {
            prop_assert_eq!(Ok(out.len()), plain::length(&block));
        }
        prop_assert!(out.capacity() <= limit);
        let _ = plain::equals(&block, &codes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, limit in 0_usize..600) {
        let mut out = Vec::new();
        let _ = plain::read(&mut Cursor::new(&bytes), limit, &mut out);
        prop_assert!(out.capacity() <= limit);
        let _ = plain::equals(&bytes, &out);
        let _ = plain::length(&bytes);
    }

    #[test]
    fn packed_codes_are_two_bits_each(codes in proptest::collection::vec(0_u8..5, 0..300), extra in 0_usize..9) {
        let mut packed = vec![0xaa];
        two_bit::pack(&codes, &mut packed);
        prop_assert_eq!(packed.len(), 1 + codes.len().div_ceil(4));
        for (at, code) in codes.iter().enumerate() {
            prop_assert_eq!(packed[1 + at / 4] >> (2 * (at % 4)) & 3, code & 3);
        }
        let mut out = vec![7];
        two_bit::unpack(&packed[1..], codes.len(), &mut out);
        let kept: Vec<u8> = codes.iter().map(|code| code & 3).collect();
        prop_assert_eq!(&out[1..], &kept[..]);
        // No more than there is.
        out.clear();
        two_bit::unpack(&packed[1..], codes.len() + 4 * extra, &mut out);
        prop_assert!(out.len() <= 4 * packed.len() && out.starts_with(&kept));
    }

    #[test]
    fn the_value_of_a_string_is_its_packed_form(codes in proptest::collection::vec(prop_oneof![60 => 0_u8..4, 1 => Just(4_u8)], 0..40), width in 1_usize..=32) {
        let expected = (codes.len() >= width && !codes[..width].contains(&4))
            .then(|| codes[..width].iter().rev().fold(0, |value, code| value << 2 | u64::from(*code)));
        prop_assert_eq!(two_bit::value(&codes, width), expected);
    }
}
