//! Files of vectors that are not what they say are refused with their place.

use plimsoll_vectors::formats::{FileError, write_vectors};

use crate::formats::{ONE, Room, Table, read, words};

/// What reading a file of these bytes is refused with.
fn refused(room: &Room, name: &str, bytes: impl AsRef<[u8]>) -> FileError {
    let error = read(&room.put(name, bytes)).err().expect("a refusal");
    assert!(error.to_string().contains(name), "{error}");
    error
}

fn npy(header: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

#[test]
fn what_is_not_finite_is_refused_with_its_place() {
    let room = Room::new();
    let place = |error| match error {
        FileError::NotFinite { row, column, .. } => (row, column),
        other => panic!("{other}"),
    };
    for bits in [
        f32::NAN.to_bits(),
        f32::INFINITY.to_bits(),
        f32::NEG_INFINITY.to_bits(),
    ] {
        let fvecs = words(&[2, ONE, ONE, 2, ONE, bits]);
        assert_eq!(place(refused(&room, "a.fvecs", fvecs)), (1, 1));
        let fbin = words(&[2, 2, ONE, ONE, bits, ONE]);
        assert_eq!(place(refused(&room, "a.fbin", fbin)), (1, 0));
    }
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}";
    let values: Vec<u8> = [1.0, 1e39]
        .iter()
        .flat_map(|v: &f64| v.to_le_bytes())
        .collect();
    let error = refused(&room, "a.npy", npy(header, &values));
    assert!(
        error.to_string().contains("row 0, column 1 is 1000000000"),
        "{error}"
    );
    let header = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 1)}";
    assert_eq!(
        place(refused(&room, "a.npy", npy(header, &[0, 0x7c]))),
        (0, 0)
    );
}

#[test]
fn dimensions_that_cannot_be_are_refused_with_their_row() {
    let room = Room::new();
    for dim in [0, u32::MAX, 65_537, 0x8000_0000] {
        for (name, bytes) in [
            ("a.fvecs", words(&[dim, ONE])),
            ("a.bvecs", words(&[dim])),
            ("a.fbin", words(&[1, dim, ONE])),
        ] {
            let error = refused(&room, name, bytes);
            assert!(
                matches!(error, FileError::Dimension { row: 0, .. }),
                "{error}"
            );
        }
        let error = refused(&room, "a.fvecs", words(&[1, ONE, dim, ONE]));
        assert!(
            matches!(error, FileError::Dimension { row: 1, .. }),
            "{error}"
        );
    }
    let error = refused(&room, "a.fvecs", words(&[1, ONE, 2, ONE, ONE]));
    assert!(
        matches!(
            error,
            FileError::OtherDimension {
                row: 1,
                dim: 2,
                first: 1,
                ..
            }
        ),
        "{error}"
    );
    let none = npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 0)}",
        &[],
    );
    assert!(matches!(
        refused(&room, "a.npy", none),
        FileError::Dimension { dim: 0, .. }
    ));
}

#[test]
fn files_of_another_length_than_they_announce_are_refused() {
    let room = Room::new();
    let whole = npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)}",
        &[0; 8],
    );
    let mut long = whole.clone();
    long.push(0);
    assert!(matches!(
        refused(&room, "a.npy", long),
        FileError::Trailing {
            rows: 2,
            bytes: 1,
            ..
        }
    ));
    let error = refused(&room, "a.npy", &whole[..whole.len() - 1]);
    assert!(error.to_string().contains("within row 1 of 2"), "{error}");
    for (name, bytes) in [
        ("a.fbin", words(&[1, 1, ONE, ONE])),
        ("a.u8bin", words(&[1, 3, 0])),
    ] {
        assert!(matches!(
            refused(&room, name, bytes),
            FileError::Trailing { .. }
        ));
    }
    let error = refused(&room, "a.fvecs", &words(&[1, ONE, 1, ONE])[..13]);
    assert!(error.to_string().contains("within row 1"), "{error}");
    let error = refused(&room, "a.bvecs", [1, 0]);
    assert!(error.to_string().contains("its header"), "{error}");
}

#[test]
fn numbers_of_rows_that_cannot_be_are_refused() {
    let room = Room::new();
    for name in ["a.fvecs", "a.bvecs", "a.fbin", "a.u8bin", "a.npy"] {
        assert!(matches!(refused(&room, name, []), FileError::Empty { .. }));
    }
    assert!(matches!(
        refused(&room, "a.fbin", words(&[0, 5])),
        FileError::Empty { .. }
    ));
    for rows in [1 << 31, u32::MAX] {
        let error = refused(&room, "a.fbin", words(&[rows, 65_536]));
        assert!(matches!(error, FileError::TooMany { .. }), "{error}");
    }
    let many = npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551615, 65536)}",
        &[],
    );
    assert!(matches!(
        refused(&room, "a.npy", many),
        FileError::TooMany { rows: u64::MAX, .. }
    ));
    let wide = npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 18446744073709551615)}",
        &[],
    );
    assert!(matches!(
        refused(&room, "a.npy", wide),
        FileError::Dimension { .. }
    ));
}

#[test]
fn names_directories_and_missing_files_are_told_apart() {
    let room = Room::new();
    assert!(matches!(
        refused(&room, "a.hdf5", "x"),
        FileError::Format { .. }
    ));
    assert!(matches!(
        refused(&room, "fvecs", "x"),
        FileError::Format { .. }
    ));
    let directory = room.0.path().join("d.fvecs");
    std::fs::create_dir(&directory).unwrap();
    assert!(matches!(read(&directory), Err(FileError::NotAFile { .. })));
    let missing = room.0.path().join("m.fvecs");
    assert!(matches!(read(&missing), Err(FileError::Read { .. })));
    let array = refused(
        &room,
        "a.npy",
        npy(
            "{'descr': '<c8', 'fortran_order': False, 'shape': (1, 1)}",
            &[0; 8],
        ),
    );
    assert!(array.to_string().contains("`<c8`"), "{array}");
    let error = refused(&room, "a.npy", "no array of any kind");
    assert!(matches!(error, FileError::Npy { .. }), "{error}");
}

#[test]
fn what_bytes_cannot_hold_is_not_written_as_bytes() {
    let room = Room::new();
    for value in [0.5, -1.0, 256.0, f32::NAN] {
        let table = Table {
            dim: 2,
            values: vec![0.0, 1.0, 2.0, value],
        };
        let error = write_vectors(&room.0.path().join("a.u8bin"), &table, 1).unwrap_err();
        assert!(
            matches!(
                error,
                FileError::NotAByte {
                    row: 1,
                    column: 1,
                    ..
                }
            ),
            "{error}"
        );
    }
    let none = Table {
        dim: 2,
        values: vec![],
    };
    let error = write_vectors(&room.0.path().join("a.fbin"), &none, 1).unwrap_err();
    assert!(matches!(error, FileError::Empty { .. }));
}
