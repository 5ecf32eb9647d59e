//! Golden cases, as files under `tests/golden`.

use std::path::{Path, PathBuf};

use plimsoll_ortho::{Options, Params, Summary, Texts};
use plimsoll_workload::{Bytes, Context, Failure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// One case: its texts and the result after each.
#[derive(Debug, Deserialize)]
pub(crate) struct Golden {
    pub(crate) case: String,
    source: String,
    texts: Vec<TextFile>,
    max_filled: Option<u32>,
    pub(crate) stages: Vec<Summary>,
}

#[derive(Debug, Deserialize)]
struct TextFile {
    file: Option<String>,
    sha256: String,
}

impl Golden {
    /// The texts, read or generated, each with the recorded SHA-256.
    pub(crate) fn texts(&self) -> Texts {
        Texts::in_memory(self.texts.iter().map(|text| {
            let bytes = match &text.file {
                Some(file) => std::fs::read(directory().join(file)).unwrap(),
                None => generated(&self.source),
            };
            let sum: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(sum, text.sha256, "text of {}", self.case);
            String::from_utf8(bytes).unwrap()
        }))
    }

    /// The case's options, with `buffer` bytes for the implementations that take some.
    pub(crate) fn options(&self, buffer: u64) -> Options {
        Options {
            max_filled: self.max_filled,
            buffer: Bytes(buffer),
        }
    }

    /// Number of orthos after the last text.
    pub(crate) fn orthos(&self) -> u64 {
        self.stages.last().unwrap().orthos
    }
}

/// Every case with at most `most` orthos, by name.
pub(crate) fn cases(most: u64) -> Vec<Golden> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .filter(|golden: &Golden| golden.orthos() <= most)
        .collect()
}

/// Holds `search` to every golden case with at most `most` orthos.
pub(crate) fn check_golden(
    most: u64,
    buffer: u64,
    search: impl Fn(&Texts, &Options, &Context) -> Result<Vec<Summary>, Failure>,
) {
    for golden in cases(most) {
        let scratch = tempfile::tempdir().unwrap();
        let context = Context::detached(scratch.path());
        let found = search(&golden.texts(), &golden.options(buffer), &context).unwrap();
        assert_eq!(found, golden.stages, "{}", golden.case);
    }
}

/// Generates the text that a case's source describes: `... seed=1 vocab=2000 sentences=9500 len=4..8 skew=0`.
fn generated(source: &str) -> Vec<u8> {
    let mut params = Params::default();
    for (name, value) in source
        .split_whitespace()
        .filter_map(|part| part.split_once('='))
    {
        match name {
            "seed" => params.seed = value.parse().unwrap(),
            "vocab" => params.vocabulary = value.parse().unwrap(),
            "sentences" => params.sentences = value.parse().unwrap(),
            "skew" => params.skew = value.parse().unwrap(),
            "len" => {
                let (least, most) = value.split_once("..").unwrap();
                params.min_len = least.parse().unwrap();
                params.max_len = most.parse().unwrap();
            }
            _ => panic!("unknown generator parameter {name}"),
        }
    }
    let mut text = Vec::new();
    params.generate(&mut text).unwrap();
    text
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn every_golden_text_has_its_recorded_checksum() {
    let cases = cases(u64::MAX);
    assert_eq!(cases.len(), 29);
    for golden in cases {
        assert_eq!(golden.texts().len(), golden.stages.len(), "{}", golden.case);
    }
}
