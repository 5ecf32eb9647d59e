//! The part of the parameters that the inputs depend on.

use std::path::Path;
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use super::name::Spelling;
use crate::params::Params;
use crate::stamp::Stamp;

impl Params {
    /// The part that the input files depend on: preset and seed, or what tells the given files from changed ones.
    #[must_use]
    pub fn input_key(&self) -> Value {
        match &self.input {
            None => json!({ "preset": self.preset, "seed": self.seed }),
            Some(files) => {
                let files: Vec<_> = files.iter().map(|path| file_state(path)).collect();
                json!({ "input": files })
            }
        }
    }
}

/// Path, length and time of change; a file that is not there has but a path, and `prepare` refuses it.
fn file_state(path: &Path) -> Value {
    let stamp = std::fs::metadata(path)
        .ok()
        .map(|metadata| Stamp::from(&metadata));
    let changed = stamp
        .and_then(|stamp| stamp.modified)
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map(|since| since.as_nanos().to_string());
    json!({
        "path": Spelling::from(path.as_os_str().as_encoded_bytes()),
        "bytes": stamp.map(|stamp| stamp.length),
        "changed": changed,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;
    use crate::params::Preset;

    #[test]
    fn a_generated_pangenome_depends_on_preset_and_seed_alone() {
        let params = Params::default();
        let key = json!({ "preset": "tiny", "seed": 20_251_023 });
        assert_eq!(params.input_key(), key);
        let same = Params {
            k: 31,
            pack: 1,
            ..params.clone()
        };
        assert_eq!(same.input_key(), key);
        let other = Params {
            preset: Preset::Small,
            ..params.clone()
        };
        assert_ne!(other.input_key(), key);
        assert_ne!(Params { seed: 1, ..params }.input_key(), key);
    }

    #[test]
    fn given_files_are_known_by_path_length_and_time_of_change() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.fa");
        let params = Params {
            input: Some(vec![path.clone()]),
            ..Params::default()
        };
        let missing = params.input_key();
        std::fs::write(&path, ">a\nA\n").unwrap();
        let written = params.input_key();
        assert_ne!(written, missing);
        assert_eq!(params.input_key(), written);
        let reseeded = Params {
            seed: 1,
            preset: Preset::Small,
            ..params.clone()
        };
        assert_eq!(reseeded.input_key(), written);
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1))
            .unwrap();
        let touched = params.input_key();
        assert_ne!(touched, written);
        file.set_len(9).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1))
            .unwrap();
        assert_ne!(params.input_key(), touched);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_need_not_be_utf8() {
        let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff.fa");
        let params = Params {
            input: Some(vec![name.into()]),
            ..Params::default()
        };
        assert_eq!(
            params.input_key()["input"][0]["path"],
            json!([255, 46, 102, 97])
        );
    }
}
