//! The samples in a directory of inputs, in the order and under the names that its manifest keeps.

use std::io;
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;
use serde::{Deserialize, Serialize};

use super::name::Spelling;
use crate::whole_file;

const FILE: &str = "inputs.json";

/// The samples of a run, the reference first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub(super) samples: Vec<Sample>,
    pub(super) records: String,
}

/// A sample and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Differs from all others' names; need not be UTF-8.
    pub name: Vec<u8>,
    /// A FASTA file, plain or gzip.
    pub path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    records: String,
    samples: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spelling,
    /// In the manifest's own directory.
    file: PathBuf,
}

impl Inputs {
    /// The samples that [`prepare`](Self::prepare) left in `directory`.
    ///
    /// # Errors
    /// There are none, or their manifest cannot be read.
    pub fn open(directory: &Path) -> Result<Self, Failure> {
        let path = directory.join(FILE);
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::Input(format!(
                "no {FILE} in {}; make the inputs first",
                directory.display()
            )),
            _ => Failure::io("reading", &path, error),
        })?;
        let damaged = |what: &dyn std::fmt::Display| {
            Failure::Input(format!(
                "{} is damaged: {what}; make the inputs again",
                path.display()
            ))
        };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
        if manifest.samples.is_empty() {
            return Err(damaged(&"it names no samples"));
        }
        let samples = manifest.samples.into_iter().map(|entry| Sample {
            name: entry.name.into(),
            path: directory.join(entry.file),
        });
        Ok(Self {
            samples: samples.collect(),
            records: manifest.records,
        })
    }

    /// The samples, the reference first; at least one.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The digest of all samples' own records, as [`RecordsDigest`](super::RecordsDigest) computes it.
    #[must_use]
    pub fn records_digest(&self) -> &str {
        &self.records
    }

    /// Names the files in `directory` and what they hold.
    pub(super) fn write(&self, directory: &Path) -> Result<(), Failure> {
        let entries = self.samples.iter().map(|sample| Entry {
            name: Spelling::from(&sample.name[..]),
            file: sample.path.file_name().unwrap_or_default().into(),
        });
        let manifest = Manifest {
            records: self.records.clone(),
            samples: entries.collect(),
        };
        let path = directory.join(FILE);
        whole_file::write(&path, |file| {
            serde_json::to_writer_pretty(file, &manifest)
                .map_err(|error| Failure::io("writing", &path, error.into()))
        })
    }
}
