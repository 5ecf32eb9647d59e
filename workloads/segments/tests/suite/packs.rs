//! Packs and their payloads.

use plimsoll_segments::delta::{Columns, hashed};
use plimsoll_segments::pack::{OpenPack, PackView};
use proptest::prelude::*;

/// Deltas as encoders write them.
fn deltas() -> impl Strategy<Value = Vec<Columns>> {
    let changes = proptest::collection::vec((0_usize..300, 0_u8..5, 1_usize..30), 0..8);
    (
        proptest::collection::vec(0_u8..4, 300),
        proptest::collection::vec(changes, 0..20),
    )
        .prop_map(|(reference, texts)| {
            let delta = |changes: &Vec<(usize, u8, usize)>| {
                let mut text = reference.clone();
                for &(at, code, run) in changes {
                    let end = (at + run).min(text.len());
                    text[at..end].fill(code);
                }
                let mut out = Columns::default();
                hashed::encode(&text, &reference, 16, &mut out);
                out
            };
            texts.iter().map(delta).collect()
        })
}

proptest! {
    #[test]
    fn payloads_give_the_deltas_back(deltas in deltas()) {
        let mut pack = OpenPack::default();
        let mut held: Vec<&Columns> = Vec::new();
        for delta in &deltas {
            let known = held.iter().position(|own| *own == delta);
            prop_assert_eq!(pack.find(&[], delta), known);
            if known.is_none() {
                prop_assert_eq!(pack.push(delta), held.len());
                held.push(delta);
            }
        }
        prop_assert_eq!(pack.len(), held.len());
        let mut payload = vec![5];
        pack.payload(&[], &mut payload);
        let view = PackView::new(&payload[1..], held.len()).unwrap();
        for (place, delta) in held.iter().enumerate() {
            let columns = (&delta.lens[..], &delta.pos[..], &delta.lits[..]);
            prop_assert_eq!(view.delta(place), Some(columns));
        }
        prop_assert!(view.delta(held.len()).is_none());
        prop_assert!(PackView::new(&payload, held.len() + 1).is_err());
        payload.push(0);
        prop_assert!(PackView::new(&payload[1..], held.len()).is_err());
        pack.clear();
        prop_assert!(pack.is_empty());
        prop_assert_eq!(pack.heap_bytes(), 0);
    }

    #[test]
    fn bytes_may_be_elsewhere(deltas in deltas(), every in 1_usize..5) {
        let (mut whole, mut part, mut elsewhere) = (OpenPack::default(), OpenPack::default(), Vec::new());
        for (place, delta) in deltas.iter().enumerate() {
            let known = whole.find(&[], delta);
            prop_assert_eq!(part.find(&elsewhere, delta), known);
            if known.is_some() {
                prop_assert!(part.may_hold(delta));
                continue;
            }
            prop_assert_eq!(part.push(delta), whole.push(delta));
            if place.is_multiple_of(every) {
                elsewhere.extend(part.take_out());
            }
        }
        let (mut expected, mut payload) = (Vec::new(), Vec::new());
        whole.payload(&[], &mut expected);
        part.payload(&elsewhere, &mut payload);
        prop_assert_eq!(payload, expected);
    }

    #[test]
    fn arbitrary_payloads_never_panic(payload: Vec<u8>, deltas in prop_oneof![0_usize..9, any::<usize>()]) {
        if let Ok(view) = PackView::new(&payload, deltas) {
            prop_assert!(view.delta(0).is_some() == (deltas > 0));
        }
    }
}

#[test]
fn a_payload_is_sizes_then_columns() {
    let columns = |lens: &[u8], pos: &[u8], lits: &[u8]| Columns {
        lens: lens.to_vec(),
        pos: pos.to_vec(),
        lits: lits.to_vec(),
    };
    let mut pack = OpenPack::default();
    pack.push(&columns(&[0, 42, 2, 0], &[8], &[1, 3]));
    pack.push(&columns(&[1, 0], &[], &[2]));
    let mut payload = Vec::new();
    pack.payload(&[], &mut payload);
    assert_eq!(payload, [4, 1, 2, 2, 0, 1, 0, 42, 2, 0, 1, 0, 8, 1, 3, 2]);
}

#[test]
fn an_open_pack_takes_half_of_what_its_columns_would() {
    let mut state = 1_u64;
    let mut base = |_| {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 62) as u8
    };
    let reference: Vec<u8> = (0..10_000).map(&mut base).collect();
    let (mut pack, mut columns) = (OpenPack::default(), 0);
    let mut delta = Columns::default();
    for first in 1..50 {
        let mut text = reference.clone();
        for at in (first..text.len()).step_by(260) {
            text[at] ^= 1;
        }
        hashed::encode(&text, &reference, 20, &mut delta);
        columns += delta.len();
        pack.push(&delta);
    }
    assert!(2 * pack.heap_bytes() < columns);
}
