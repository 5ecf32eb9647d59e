//! Every length and every flipped field of a header: an error of its own, and never a panic.

use std::fs;
use std::path::Path;

use crate::store::{OpenOptions, Store, StoreError};

use super::codecs::directory;

const NAMES: [&str; 3] = ["store_f32.cgem", "store_sq8_dim.cgem", "store_binary.cgem"];

fn golden(name: &str) -> Vec<u8> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    fs::read(golden.join(name)).unwrap()
}

/// Reads everything there is to read of a file of these bytes.
fn open(path: &Path, bytes: &[u8]) -> Result<usize, StoreError> {
    fs::write(path, bytes).unwrap();
    read(path)
}

fn read(path: &Path) -> Result<usize, StoreError> {
    let store = Store::open(path, &OpenOptions::default())?;
    for index in 0..store.len() {
        store.get(index)?;
    }
    store.verify()?;
    Ok(store.len())
}

/// Puts bytes into the second slot, and its checksum.
fn with(bytes: &[u8], at: usize, field: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[2048 + at..2048 + at + field.len()].copy_from_slice(field);
    let crc = crc32fast::hash(&bytes[2048..2048 + 124]);
    bytes[2048 + 124..2048 + 128].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn every_length_opens_or_is_said_to_be_short() {
    let directory = directory();
    let path = directory.path().join("store");
    for name in NAMES {
        let mut bytes = golden(name);
        let whole = bytes.len();
        bytes.resize(8193.max(whole), 0);
        let (data_at, stride) = match name {
            "store_f32.cgem" => (4096, 260),
            "store_sq8_dim.cgem" => (8192, 68),
            _ => (4096, 12),
        };
        fs::write(&path, &bytes).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        for length in (0..=8192).rev() {
            file.set_len(length as u64).unwrap();
            let found = read(&path);
            let expected = if length < 4096 {
                4096
            } else {
                data_at + 100 * stride
            };
            if length >= expected {
                assert_eq!(found.unwrap(), 100, "{name} {length}");
            } else {
                assert!(
                    matches!(found, Err(StoreError::Truncated { expected: e, found: f, .. })
                        if (e, f) == (expected as u64, length as u64)),
                    "{name} {length}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn a_flipped_bit_of_a_slot_is_found_and_hides_nothing() {
    let directory = directory();
    let path = directory.path().join("store");
    for name in NAMES {
        let bytes = golden(name);
        for bit in 0..128 * 8 {
            let flip = |slots: &[usize]| {
                let mut bytes = bytes.clone();
                for slot in slots {
                    bytes[slot + bit / 8] ^= 1 << (bit % 8);
                }
                open(&path, &bytes)
            };
            assert_eq!(flip(&[0]).unwrap(), 100);
            assert_eq!(flip(&[2048]).unwrap(), 99);
            let found = flip(&[0, 2048]);
            match bit / 8 {
                0..4 => assert!(matches!(found, Err(StoreError::BadMagic { .. }))),
                4..8 => assert!(matches!(found, Err(StoreError::UnsupportedVersion { .. }))),
                _ => assert!(matches!(found, Err(StoreError::HeaderChecksum { .. }))),
            }
        }
    }
}

#[test]
fn fields_that_no_store_has_are_named_in_their_order() {
    let directory = directory();
    let path = directory.path().join("store");
    let bytes = golden("store_sq8_dim.cgem");
    let u32s = [
        (32, 0, "dimension"),
        (36, 6, "encoding"),
        (36, u32::MAX, "encoding"),
        (48, 2, "flags"),
        (48, 0x8000_0001, "flags"),
        (32, 65, "payload"),
        (36, 0, "payload"),
        (36, 3, "parameters' length"),
        (40, 0, "payload"),
        (40, 63, "payload"),
        (40, u32::MAX, "payload"),
        (44, 0, "stride"),
        (44, 64, "stride"),
        (44, 72, "stride"),
        (48, 0, "stride"),
    ];
    let u64s = [
        (56, 0, "parameters' offset"),
        (56, 8192, "parameters' offset"),
        (64, 0, "parameters' length"),
        (64, 511, "parameters' length"),
        (64, u64::MAX, "parameters' length"),
        (72, 0, "data offset"),
        (72, 4096, "data offset"),
        (72, 8193, "data offset"),
        (72, u64::MAX, "data offset"),
        (16, 129, "count"),
        (16, u64::MAX, "count"),
        (24, 99, "count"),
        (24, u64::MAX, "capacity"),
        (24, (1 << 63) / 68, "capacity"),
        (72, 1 << 63, "capacity"),
    ];
    let fields = u32s.map(|(at, value, field)| (at, u32::to_le_bytes(value).to_vec(), field));
    let wide = u64s.map(|(at, value, field)| (at, u64::to_le_bytes(value).to_vec(), field));
    for (at, value, field) in fields.into_iter().chain(wide) {
        let found = open(&path, &with(&bytes, at, &value));
        assert!(
            matches!(found, Err(StoreError::InvalidHeader { field: f, .. }) if f == field),
            "{at} {value:?}: {found:?}"
        );
    }
    // Each wrong field is named although all later ones are wrong too.
    let mut wrong = bytes;
    let order = [
        (16, 24, "count"),
        (72, 80, "data offset"),
        (64, 72, "parameters' length"),
        (56, 64, "parameters' offset"),
        (44, 48, "stride"),
        (40, 44, "payload"),
        (48, 52, "flags"),
        (36, 40, "encoding"),
    ];
    for (from, to, field) in order {
        wrong = with(&wrong, from, &vec![0xFE; to - from]);
        let found = open(&path, &wrong);
        assert!(
            matches!(found, Err(StoreError::InvalidHeader { field: f, .. }) if f == field),
            "{field}: {found:?}"
        );
    }
}

#[test]
fn later_checks_come_later() {
    let directory = directory();
    let path = directory.path().join("store");
    let bytes = golden("store_sq8_dim.cgem");
    let mut damaged = bytes.clone();
    damaged[4096] ^= 1;
    let found = open(&path, &damaged);
    assert!(matches!(found, Err(StoreError::ParamsChecksum { .. })));
    let found = open(&path, &with(&bytes, 52, &[0; 4]));
    assert!(matches!(found, Err(StoreError::ParamsChecksum { .. })));
    // Short, too: that is said first.
    let found = open(&path, &damaged[..9000]);
    assert!(matches!(found, Err(StoreError::Truncated { .. })));
    // Parameters that are none have no checksum either.
    let found = open(&path, &with(&golden("store_f32.cgem"), 52, &[1, 0, 0, 0]));
    assert!(matches!(found, Err(StoreError::ParamsChecksum { .. })));
    // Zeros that readers do not look at.
    assert_eq!(open(&path, &with(&bytes, 96, &[7; 28])).unwrap(), 100);
    // Records may begin later than ours do.
    let mut later = bytes[..8192].to_vec();
    later.extend([0; 8192]);
    later.extend(&bytes[8192..]);
    assert_eq!(
        open(&path, &with(&later, 72, &16_384_u64.to_le_bytes())).unwrap(),
        100
    );
    // The later of two good slots counts, whatever it says.
    let found = open(&path, &with(&bytes, 32, &[0; 4]));
    assert!(matches!(
        found,
        Err(StoreError::InvalidHeader {
            field: "dimension",
            ..
        })
    ));
    let older = with(&bytes, 8, &[0; 8]);
    assert_eq!(open(&path, &older).unwrap(), 99);
}

#[test]
fn any_page_is_a_header_or_an_error() {
    use proptest::prelude::*;

    use crate::store::header::Header;

    let bytes = golden("store_sq8_dim.cgem");
    let mut page = [0; 4096];
    page.copy_from_slice(&bytes[..4096]);
    let field = (0_usize..124, proptest::collection::vec(any::<u8>(), 1..9));
    proptest!(|(fields in proptest::collection::vec(field, 1..6))| {
        let mut page = page;
        for (at, values) in fields {
            for (byte, value) in (at..124).zip(values) {
                page[byte] = value;
            }
        }
        let crc = crc32fast::hash(&page[..124]);
        page[124..128].copy_from_slice(&crc.to_le_bytes());
        page[2048..4096].fill(0);
        if let Ok((header, slot)) = Header::of_page(&page) {
            prop_assert_eq!(slot, 0);
            prop_assert!(header.count <= header.capacity);
            prop_assert_eq!(&header.slot()[..96], &page[..96]);
        }
    });
}
