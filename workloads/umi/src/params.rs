//! Parameters, and which of them decide the inputs.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use plimsoll_workload::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::generate::Shape;
use crate::settings::{Settings, Strategy};

/// What to group, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Shape of the generated file.
    pub shape: Shape,
    /// Records to generate, two a template.
    pub records: u64,
    /// Seed of the generated file.
    pub seed: u64,
    /// A BAM file instead of a generated one, sorted by template coordinate.
    pub input: Option<PathBuf>,
    /// How the UMIs of a position are brought together.
    pub strategy: Strategy,
    /// Differences between neighbouring UMIs: 0 to 3. Identity has none, whatever is said here.
    pub edits: u32,
    /// Least mapping quality of a mapped read and of its mate.
    pub min_mapq: u8,
    /// Keep reads that failed the sequencer's own check.
    pub include_non_pf: bool,
    /// Keep templates without a mapped read.
    pub allow_unmapped: bool,
    /// Fewest letters of a UMI; UMIs are then compared by as many letters as the shortest of a position has. At least 1,
    /// and not with paired.
    pub min_umi_length: Option<u32>,
    /// Level of libdeflate for the output: 1 to 12.
    pub level: u32,
    /// Whether `bounded` may keep large groups in files; without, their records stay in memory, packed.
    pub spill: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            shape: Shape::Many,
            records: 100_000,
            seed: 20_261_122,
            input: None,
            strategy: Strategy::Identity,
            edits: 1,
            min_mapq: 1,
            include_non_pf: false,
            allow_unmapped: false,
            min_umi_length: None,
            level: 1,
            spill: true,
        }
    }
}

/// Records that can be generated: more have no room on the references.
const MOST_RECORDS: u64 = 1_000_000_000;

impl Params {
    /// The settings of the grouping, each in its range.
    ///
    /// # Errors
    /// A parameter is out of its range; the message names it and the range.
    pub fn settings(&self) -> Result<Settings, Failure> {
        Failure::unless_within("edits", self.edits, 0..=3)?;
        Failure::unless_within("level", self.level, 1..=12)?;
        if let Some(length) = self.min_umi_length {
            Failure::unless_within("min_umi_length", length, 1..=1 << 16)?;
            if self.strategy == Strategy::Paired {
                return Err(Failure::Input(
                    "min_umi_length cannot be had with the strategy paired; leave out one of them"
                        .to_owned(),
                ));
            }
        }
        let identity = self.strategy == Strategy::Identity;
        Ok(Settings {
            strategy: self.strategy,
            edits: if identity { 0 } else { self.edits },
            min_mapq: self.min_mapq,
            include_non_pf: self.include_non_pf,
            allow_unmapped: self.allow_unmapped,
            min_umi_length: self.min_umi_length,
            level: self.level,
        })
    }

    /// Holds what is to be generated to its range.
    ///
    /// # Errors
    /// It is out of it.
    pub(crate) fn check_generated(&self) -> Result<(), Failure> {
        Failure::unless_within("records", self.records, 2..=MOST_RECORDS)
    }

    /// The part that the input depends on: shape, records and seed, or what tells the given file from a changed one.
    #[must_use]
    pub fn input_key(&self) -> Value {
        match &self.input {
            Some(file) => file_state(file),
            None => json!({ "shape": self.shape, "records": self.records, "seed": self.seed }),
        }
    }
}

/// Path, length and time of change; a file that is not there has but a path, and `prepare` refuses it.
fn file_state(path: &Path) -> Value {
    let metadata = std::fs::metadata(path).ok();
    let modified = metadata
        .as_ref()
        .and_then(|metadata| metadata.modified().ok());
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!({
        "input": path.to_string_lossy(),
        "bytes": metadata.map(|metadata| metadata.len()),
        "changed": since.map(|since| since.as_nanos().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        let refused = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.settings().unwrap_err().to_string()
        };
        assert_eq!(
            refused(|p| p.edits = 4),
            "edits is 4; it must be from 0 to 3"
        );
        assert!(refused(|p| p.level = 0).starts_with("level is 0"));
        assert!(refused(|p| p.level = 13).starts_with("level is 13"));
        assert!(refused(|p| p.min_umi_length = Some(0)).starts_with("min_umi_length is 0"));
        let paired = refused(|p| (p.strategy, p.min_umi_length) = (Strategy::Paired, Some(6)));
        assert!(paired.contains("with the strategy paired"));
        assert_eq!(Params::default().settings().unwrap().edits, 0);
        for records in [0, 1, MOST_RECORDS + 1] {
            let params = Params {
                records,
                ..Params::default()
            };
            assert!(params.check_generated().is_err());
        }
    }

    #[test]
    fn the_input_depends_on_what_is_generated_or_on_the_file_given() {
        let key = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.input_key()
        };
        let generated = key(|_| {});
        assert_eq!(key(|p| p.strategy = Strategy::Edit), generated);
        assert_eq!(key(|p| p.level = 5), generated);
        assert_eq!(key(|p| p.spill = false), generated);
        assert_ne!(key(|p| p.shape = Shape::Deep), generated);
        assert_ne!(key(|p| p.records = 5), generated);
        assert_ne!(key(|p| p.seed = 5), generated);
        let file = tempfile::NamedTempFile::new().unwrap();
        let given = |seed| Params {
            input: Some(file.path().into()),
            seed,
            ..Params::default()
        };
        let empty = given(1).input_key();
        assert_eq!(given(2).input_key(), empty);
        std::fs::write(file.path(), "1").unwrap();
        assert_ne!(given(1).input_key(), empty);
    }
}
