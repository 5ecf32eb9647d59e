//! Parameters, the seeded text generator, and the making of a run's input files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use plimsoll_workload::{Bytes, Failure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{GOLDEN_GAMMA, mix};
use crate::texts::{file_name, read_text};

/// What to search, and how far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Seed of the generated text.
    pub seed: u64,
    /// Words that the generated text draws from: 1 to 17,576.
    pub vocabulary: u32,
    /// Sentences of the generated text.
    pub sentences: u32,
    /// Fewest words of a generated sentence.
    pub min_len: u32,
    /// Most words of a generated sentence.
    pub max_len: u32,
    /// 0 draws words evenly; 1, 2, ... prefer the first words ever more, as real text does.
    pub skew: u32,
    /// Orthos with this many filled cells are recorded but not expanded; nothing: no limit.
    pub max_filled: Option<u32>,
    /// Real texts, UTF-8, searched in order and cumulatively, instead of a generated one.
    pub input: Vec<PathBuf>,
    /// Memory for buffers of the implementations that work on disk.
    pub buffer: Bytes,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            seed: 1,
            vocabulary: 2000,
            sentences: 9500,
            min_len: 4,
            max_len: 8,
            skew: 0,
            max_filled: None,
            input: Vec::new(),
            buffer: Bytes(16 << 20),
        }
    }
}

/// Most words that three letters can name.
const MOST_WORDS: u32 = 26 * 26 * 26;

impl Params {
    /// Refuses values that no text can be generated from, or that no search can honour.
    pub fn check(&self) -> Result<(), Failure> {
        let refuse = |what: String| Err(Failure::Input(what));
        if self.max_filled == Some(0) {
            return refuse("max_filled is 0; it must be at least 1, or left out".into());
        }
        if !self.input.is_empty() {
            return Ok(());
        }
        if !(1..=MOST_WORDS).contains(&self.vocabulary) {
            return refuse(format!(
                "vocabulary is {}; three-letter words allow 1 to {MOST_WORDS}",
                self.vocabulary
            ));
        }
        if self.min_len == 0 || self.min_len > self.max_len {
            return refuse(format!(
                "min_len is {} and max_len {}; sentences need at least 1 word, and min_len at most max_len",
                self.min_len, self.max_len
            ));
        }
        Ok(())
    }

    /// The part that the input files depend on.
    pub fn input_key(&self) -> serde_json::Value {
        if self.input.is_empty() {
            serde_json::json!({
                "seed": self.seed,
                "vocabulary": self.vocabulary,
                "sentences": self.sentences,
                "min_len": self.min_len,
                "max_len": self.max_len,
                "skew": self.skew,
            })
        } else {
            let files: Vec<_> = self.input.iter().map(|path| file_state(path)).collect();
            serde_json::json!({ "input": files })
        }
    }

    /// Makes `text.1.txt`, ... in `directory`: the generated text, or copies of the given files,
    /// which must be readable UTF-8.
    pub fn prepare(&self, directory: &Path) -> Result<(), Failure> {
        self.check()?;
        if self.input.is_empty() {
            let path = directory.join(file_name(1));
            let write = |path: &Path| {
                let mut file = BufWriter::new(File::create(path)?);
                self.generate(&mut file)?;
                file.flush()
            };
            return write(&path).map_err(|error| cannot_write(&path, &error));
        }
        for (i, source) in self.input.iter().enumerate() {
            let text = read_text(source)?;
            let path = directory.join(file_name(i + 1));
            std::fs::write(&path, text).map_err(|error| cannot_write(&path, &error))?;
        }
        Ok(())
    }

    /// Writes the generated text, sentence by sentence.
    pub fn generate(&self, to: &mut impl Write) -> io::Result<()> {
        let mut random = SplitMix64(self.seed);
        let lengths = u64::from(self.max_len - self.min_len + 1);
        for _ in 0..self.sentences {
            let length = u64::from(self.min_len) + random.below(lengths);
            for i in 0..length {
                let mut range = u64::from(self.vocabulary);
                for _ in 0..self.skew {
                    range = random.below(range) + 1;
                }
                if i > 0 {
                    to.write_all(b" ")?;
                }
                to.write_all(&word(random.below(range)))?;
            }
            to.write_all(b".\n")?;
        }
        Ok(())
    }
}

/// What tells a changed file from the one read before: its path, length and time of change.
fn file_state(path: &Path) -> serde_json::Value {
    let state = std::fs::metadata(path).ok();
    let changed = state
        .as_ref()
        .and_then(|state| state.modified().ok())
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map(|since| since.as_nanos().to_string());
    serde_json::json!({ "path": path, "bytes": state.map(|state| state.len()), "changed": changed })
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Other(format!(
        "cannot write {}: {error}; free disk space or choose another input directory",
        path.display()
    ))
}

/// Three letters in base 26, the most significant first.
fn word(index: u64) -> [u8; 3] {
    [676, 26, 1].map(|unit| b'a' + (index / unit % 26) as u8)
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// A number under `range`, by the high half of a 128-bit product.
    fn below(&mut self, range: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(range)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_draws_the_specified_numbers_and_words() {
        assert_eq!(SplitMix64(1).next(), 0x910a_2dec_8902_5cc1);
        assert_eq!(&word(0), b"aaa");
        assert_eq!(&word(27), b"abb");
        let params = Params {
            vocabulary: 200,
            sentences: 300,
            ..Params::default()
        };
        let mut text = Vec::new();
        params.generate(&mut text).unwrap();
        assert!(text.starts_with(b"aft ahm adk adk afw agt.\n"));
    }

    #[test]
    fn impossible_parameters_are_refused_by_name() {
        let refused = |params: Params| params.check().unwrap_err().to_string();
        let base = Params::default();
        assert!(
            refused(Params {
                vocabulary: 0,
                ..base.clone()
            })
            .contains("vocabulary is 0")
        );
        assert!(
            refused(Params {
                vocabulary: 17_577,
                ..base.clone()
            })
            .contains("17576")
        );
        assert!(
            refused(Params {
                min_len: 9,
                ..base.clone()
            })
            .contains("min_len is 9")
        );
        assert!(
            refused(Params {
                min_len: 0,
                ..base.clone()
            })
            .contains("at least 1 word")
        );
        assert!(
            refused(Params {
                max_filled: Some(0),
                ..base
            })
            .contains("max_filled")
        );
    }

    #[test]
    fn bad_files_are_named_with_the_offset_of_the_bad_byte() {
        let directory = tempfile::tempdir().unwrap();
        let bad = directory.path().join("latin1.txt");
        std::fs::write(&bad, b"caf\xe9 au lait").unwrap();
        let prepare = |input: PathBuf| {
            let params = Params {
                input: vec![input],
                ..Params::default()
            };
            params.prepare(directory.path()).unwrap_err().to_string()
        };
        let message = prepare(bad);
        assert!(
            message.contains("latin1.txt") && message.contains("offset 3"),
            "{message}"
        );
        let message = prepare(directory.path().join("missing.txt"));
        assert!(
            message.contains("cannot read") && message.contains("missing.txt"),
            "{message}"
        );
    }

    #[test]
    fn given_files_are_copied_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let sources: Vec<_> = ["a b.", "a c."]
            .iter()
            .enumerate()
            .map(|(i, text)| {
                let path = directory.path().join(format!("source{i}"));
                std::fs::write(&path, text).unwrap();
                path
            })
            .collect();
        let params = Params {
            input: sources,
            ..Params::default()
        };
        params.prepare(directory.path()).unwrap();
        let texts = crate::Texts::in_directory(directory.path()).unwrap();
        assert_eq!(texts.len(), 2);
        assert_eq!(texts.read(1).unwrap(), "a c.");
    }
}
