//! Files of the reference implementation: read, and written again byte for byte.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::codec::Codec;
use crate::encoding::Encoding;
use crate::store::{Appender, CreateOptions, OpenOptions, Store, StoreError};

use super::codecs::{directory, payloads, plain};

/// Name, encoding and bytes of a payload; all have rows of 64 values.
const FILES: [(&str, Encoding, usize); 3] = [
    ("store_f32.cgem", Encoding::F32, 256),
    ("store_sq8_dim.cgem", Encoding::Sq8PerDimension, 64),
    ("store_binary.cgem", Encoding::Binary, 8),
];

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn codec(store: &Store) -> Arc<dyn Codec> {
    let shape = store.shape();
    payloads(
        shape.encoding,
        64,
        shape.payload as usize,
        store.parameters(),
    )
}

#[test]
fn every_file_opens_and_is_whole() {
    for (name, encoding, payload) in FILES {
        let store = Store::open(&golden(name), &OpenOptions::default()).unwrap();
        assert_eq!(
            (store.len(), store.capacity(), store.generation()),
            (100, 128, 2),
            "{name}"
        );
        assert_eq!(
            (store.encoding(), store.payload(), store.dimension()),
            (encoding, payload, 64)
        );
        assert_eq!(store.store_id(), std::array::from_fn(|byte| byte as u8));
        let verified = store.verify().unwrap();
        assert!(verified.is_whole(), "{verified:?}");
        assert_eq!(verified.records, 100);
        assert!(!store.has_ids());
        assert!(matches!(store.find(1), Err(StoreError::NoIds { .. })));
        for index in 0..100 {
            let mut read = vec![0; payload];
            store.read_at(index, &mut read).unwrap();
            assert_eq!(store.get(index).unwrap(), read);
        }
        assert_eq!(store.records().len(), 100);
    }
}

#[test]
fn every_file_is_written_again_byte_for_byte() {
    for (name, ..) in FILES {
        let store = Store::open(&golden(name), &OpenOptions::default()).unwrap();
        let directory = directory();
        let path = directory.path().join(name);
        let options = CreateOptions {
            capacity: 128,
            ids: false,
            store_id: Some(store.store_id()),
            ..CreateOptions::default()
        };
        let mut appender = Appender::build(&path, codec(&store), &options).unwrap();
        for index in 0..99 {
            appender
                .append_payload(None, store.get(index).unwrap())
                .unwrap();
        }
        assert!(!path.exists());
        assert_eq!(appender.commit().unwrap().generation, 1);
        appender
            .append_payload(None, store.get(99).unwrap())
            .unwrap();
        assert_eq!(appender.commit().unwrap().generation, 2);
        drop(appender);
        assert!(
            fs::read(&path).unwrap() == fs::read(golden(name)).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn rows_are_borrowed_where_they_lie() {
    let store = Store::open(&golden(FILES[0].0), &OpenOptions::default()).unwrap();
    let rows = fs::read(golden(FILES[0].0)).unwrap();
    for index in [0, 1, 99] {
        let row = store.row(index).unwrap();
        let at = 4096 + index * 260;
        assert_eq!(bytemuck::cast_slice::<_, u8>(row), &rows[at..at + 256]);
        let mut decoded = [0.0; 64];
        store.decode_into(index, &*plain(64), &mut decoded).unwrap();
        assert_eq!(decoded, row);
    }
    let coded = Store::open(&golden(FILES[1].0), &OpenOptions::default()).unwrap();
    assert!(matches!(
        coded.row(0),
        Err(StoreError::EncodingMismatch { .. })
    ));
}

#[test]
fn a_damaged_later_header_leaves_the_earlier_commit() {
    let directory = directory();
    for (name, ..) in FILES {
        let path = directory.path().join(name);
        let mut bytes = fs::read(golden(name)).unwrap();
        bytes[2048 + 17] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let store = Store::open(&path, &OpenOptions::default()).unwrap();
        assert_eq!((store.len(), store.generation()), (99, 1));
    }
}
