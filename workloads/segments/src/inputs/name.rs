//! Names of samples: bytes, since file names need not be UTF-8.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The name of the sample that a file holds: the file's own without `.gz` and then without one of `.fa`, `.fna` and
/// `.fasta`. Nothing for a path that ends in no name, such as `..`.
#[must_use]
pub fn sample_name(path: &Path) -> Option<Vec<u8>> {
    let file = path.file_name()?.as_encoded_bytes();
    let inner = file.strip_suffix(b".gz").unwrap_or(file);
    let bare = [&b".fa"[..], b".fna", b".fasta"]
        .iter()
        .find_map(|ending| inner.strip_suffix(*ending));
    Some(bare.unwrap_or(inner).to_vec())
}

/// A name as JSON has it: a string, or the numbers of its bytes where they are not UTF-8.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Spelling {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&[u8]> for Spelling {
    fn from(name: &[u8]) -> Self {
        match std::str::from_utf8(name) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(name.to_vec()),
        }
    }
}

impl From<Spelling> for Vec<u8> {
    fn from(spelling: Spelling) -> Self {
        match spelling {
            Spelling::Text(text) => text.into_bytes(),
            Spelling::Bytes(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sample_is_named_after_its_file() {
        let named =
            |path: &str| sample_name(Path::new(path)).map(|name| String::from_utf8(name).unwrap());
        assert_eq!(named("a/S00.fa").unwrap(), "S00");
        assert_eq!(named("S00.fna.gz").unwrap(), "S00");
        assert_eq!(named("/x/S00.fasta").unwrap(), "S00");
        assert_eq!(named("S00.gz").unwrap(), "S00");
        assert_eq!(named("S00.fa.fa").unwrap(), "S00.fa");
        assert_eq!(named("S00.gz.fa").unwrap(), "S00.gz");
        assert_eq!(named("S00.fa.gz.gz").unwrap(), "S00.fa.gz");
        assert_eq!(named("S00.FA").unwrap(), "S00.FA");
        assert_eq!(named("S00.txt").unwrap(), "S00.txt");
        assert_eq!(named(".fa").unwrap(), "");
        assert_eq!(named(".."), None);
    }

    proptest! {
        #[test]
        fn any_name_survives_json(name in prop_oneof![
            any::<Vec<u8>>(),
            any::<String>().prop_map(String::into_bytes),
        ]) {
            let json = serde_json::to_string(&Spelling::from(&name[..])).unwrap();
            let read: Spelling = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(Vec::from(read), name);
        }
    }
}
