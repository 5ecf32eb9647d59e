//! Parameters, and which of them decide the inputs.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use plimsoll_workload::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::formats::{MOST_DIMENSIONS, TOO_MANY_VECTORS};
use crate::generate::Profile;
use crate::measures::EFS;

/// What a build may do where there is too little memory for it as wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnLowMemory {
    /// Nothing: it is refused.
    Refuse,
    /// Smaller blocks of vectors, then fewer threads, for the same index.
    #[default]
    Degrade,
    /// That, then codes of four bits instead of eight: another index, with other answers.
    DegradeLean,
    /// Smaller blocks, fewer threads, then codes and links in a file of the scratch directory: the same index, in more time.
    DegradeSpill,
}

/// What to index, how, and what to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Vectors to generate for the index.
    pub n: usize,
    /// Coordinates of each: 1 to 65,536.
    pub dim: usize,
    /// Seed of the generated vectors.
    pub seed: u64,
    /// Kind of the generated vectors.
    pub profile: Profile,
    /// Queries to generate.
    pub queries: usize,
    /// Vectors of a file instead of generated ones: `.fvecs`, `.bvecs`, `.fbin`, `.u8bin` or `.npy`.
    pub base_file: Option<PathBuf>,
    /// Queries of a file, together with `base_file`.
    pub query_file: Option<PathBuf>,
    /// Nearest vectors to find for each query.
    pub k: usize,
    /// Links that each vector chooses when it is inserted: 2 to 127.
    pub m: usize,
    /// Vectors that an insertion keeps in view.
    pub ef_construction: usize,
    /// Vectors that a query keeps in view, in ascending order: each is asked for in turn, and has metrics of its own.
    pub ef: Vec<usize>,
    /// One number in place of `ef`, 1 to 65,536: a number can be swept. The metrics `recall` and `query_p95` are of such a run.
    pub only_ef: Option<usize>,
    /// Vectors that `hnsw-rs` clones and inserts at a time, and after which every build says how far it is.
    pub chunk: usize,
    /// What a build may do where there is too little memory for it as wanted: `refuse`, `degrade`, `degrade-lean` or `degrade-spill`.
    pub on_low_memory: OnLowMemory,
    /// Vectors after which `quantized` keeps a checkpoint, from which a build goes on that was cut short; none where it is
    /// left out.
    pub checkpoint_every: Option<usize>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            n: 2000,
            dim: 64,
            seed: 42,
            profile: Profile::Standard,
            queries: 200,
            base_file: None,
            query_file: None,
            k: 10,
            m: 48,
            ef_construction: 200,
            ef: vec![16, 32, 64, 100, 200],
            only_ef: None,
            chunk: 10_000,
            on_low_memory: OnLowMemory::Degrade,
            checkpoint_every: None,
        }
    }
}

impl Params {
    /// Holds every parameter to its range.
    ///
    /// # Errors
    /// One is out of it; the message names it and the range.
    pub fn check(&self) -> Result<(), Failure> {
        Failure::unless_within("n", self.n, 1..=(TOO_MANY_VECTORS - 1) as usize)?;
        Failure::unless_within("dim", self.dim, 1..=MOST_DIMENSIONS)?;
        Failure::unless_within("queries", self.queries, 1..=1_000_000)?;
        Failure::unless_within("k", self.k, 1..=1000)?;
        Failure::unless_within("m", self.m, 2..=127)?;
        Failure::unless_within("ef_construction", self.ef_construction, 1..=65_536)?;
        Failure::unless_within("chunk", self.chunk, 1..=(TOO_MANY_VECTORS - 1) as usize)?;
        if let Some(every) = self.checkpoint_every {
            let most = (TOO_MANY_VECTORS - 1) as usize;
            Failure::unless_within("checkpoint_every", every, 1..=most)?;
        }
        if let Some(ef) = self.only_ef {
            Failure::unless_within("only_ef", ef, 1..=65_536)?;
        }
        self.check_ef()?;
        if self.base_file.is_some() != self.query_file.is_some() {
            return Err(Failure::Input(
                "only one of base_file and query_file is given; give both, or neither to have vectors generated".into(),
            ));
        }
        Ok(())
    }

    /// Every `ef` to ask with, in ascending order.
    #[must_use]
    pub fn asked(&self) -> &[usize] {
        match &self.only_ef {
            Some(only) => std::slice::from_ref(only),
            None => &self.ef,
        }
    }

    fn check_ef(&self) -> Result<(), Failure> {
        let known: Vec<_> = EFS.iter().map(|ef| ef.ef).collect();
        if let Some(unknown) = self.ef.iter().find(|ef| !known.contains(ef)) {
            return Err(Failure::Input(format!(
                "ef has {unknown}; choose from {known:?}"
            )));
        }
        if self.ef.is_empty() || !self.ef.is_sorted_by(|one, next| one < next) {
            return Err(Failure::Input(format!(
                "ef is {:?}; it must have at least one number, and be in ascending order",
                self.ef
            )));
        }
        Ok(())
    }

    /// The part that the inputs depend on, `k` among it: they hold the true neighbours.
    #[must_use]
    pub fn input_key(&self) -> Value {
        match (&self.base_file, &self.query_file) {
            (Some(base), Some(queries)) => json!({
                "base_file": file_state(base), "query_file": file_state(queries), "k": self.k,
            }),
            _ => json!({
                "n": self.n, "dim": self.dim, "seed": self.seed, "profile": self.profile,
                "queries": self.queries, "k": self.k,
            }),
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
        "path": path.to_string_lossy(),
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
            params.check().unwrap_err().to_string()
        };
        assert_eq!(
            refused(|p| p.n = 0),
            "n is 0; it must be from 1 to 2147483647"
        );
        assert!(refused(|p| p.n = 1 << 31).starts_with("n is 2147483648"));
        assert!(refused(|p| p.dim = 0).starts_with("dim is 0"));
        assert!(refused(|p| p.dim = 65_537).starts_with("dim is 65537"));
        assert!(refused(|p| p.queries = 0).starts_with("queries is 0"));
        assert!(refused(|p| p.k = 0).starts_with("k is 0"));
        assert!(refused(|p| p.m = 1).starts_with("m is 1"));
        assert!(refused(|p| p.m = 128).starts_with("m is 128"));
        assert!(refused(|p| p.ef_construction = 0).starts_with("ef_construction is 0"));
        assert!(refused(|p| p.chunk = 0).starts_with("chunk is 0"));
        assert!(refused(|p| p.checkpoint_every = Some(0)).starts_with("checkpoint_every is 0"));
        assert!(refused(|p| p.only_ef = Some(0)).starts_with("only_ef is 0"));
        assert!(refused(|p| p.ef = vec![]).starts_with("ef is []"));
        assert!(refused(|p| p.ef = vec![17]).starts_with("ef has 17; choose from [10, 16"));
        assert!(refused(|p| p.ef = vec![32, 16]).contains("ascending"));
        assert!(refused(|p| p.ef = vec![16, 16]).contains("ascending"));
        assert!(refused(|p| p.base_file = Some("a.fbin".into())).contains("only one"));
        Params::default().check().unwrap();
    }

    #[test]
    fn inputs_depend_on_what_is_generated_or_on_the_files_given() {
        let key = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.input_key()
        };
        let generated = key(|_| {});
        let changes: [fn(&mut Params); 6] = [
            |p| p.n = 5,
            |p| p.dim = 5,
            |p| p.seed = 5,
            |p| p.queries = 5,
            |p| p.k = 5,
            |p| p.profile = Profile::Hard,
        ];
        for change in changes {
            assert_ne!(key(change), generated);
        }
        let changes: [fn(&mut Params); 6] = [
            |p| p.only_ef = Some(5),
            |p| p.checkpoint_every = Some(5),
            |p| p.m = 5,
            |p| p.ef_construction = 5,
            |p| p.ef = vec![16],
            |p| p.chunk = 5,
        ];
        for change in changes {
            assert_eq!(key(change), generated);
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.fbin");
        let given = Params {
            base_file: Some(path.clone()),
            query_file: Some(path.clone()),
            ..Params::default()
        };
        let missing = given.input_key();
        std::fs::write(&path, "1").unwrap();
        let there = given.input_key();
        assert_ne!(there, missing);
        assert_eq!(
            Params {
                n: 5,
                ..given.clone()
            }
            .input_key(),
            there
        );
        std::fs::write(&path, "12").unwrap();
        assert_ne!(given.input_key(), there);
    }
}
