//! The samples in a directory of inputs, in the order and under the names that its manifest keeps.

use std::path::{Path, PathBuf};

use plimsoll_workload::{Failure, manifest};
use serde::{Deserialize, Serialize};

use super::name::Spelling;

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
        let manifest: Manifest = manifest::read(directory)?;
        if manifest.samples.is_empty() {
            let path = directory.join(manifest::FILE);
            return Err(manifest::damaged(&path, &"it names no samples"));
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
        manifest::write(directory, &manifest)
    }
}
