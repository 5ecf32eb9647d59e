//! Parameters, and which of them decide the inputs.

use plimsoll_workload::{Bytes, Failure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::data::{DataSet, Generator};
use crate::job::FEWEST_READS;

/// What the records of `tiered` hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Records {
    /// The values themselves: answers are exact.
    #[default]
    F32,
    /// A byte for each value: a quarter of the disk, and answers that are nearly exact.
    Sq8PerDimension,
}

/// What to store, and what to ask of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Vectors to store.
    pub n: usize,
    /// Values of each: 1 to 65,536.
    pub dim: usize,
    /// Seed of the vectors.
    pub seed: u64,
    /// Kind of the vectors.
    pub data: DataSet,
    /// Clusters of the vectors; one for each hundred of them where it is left out.
    pub clusters: Option<u64>,
    /// Queries to search for; 0 for none.
    pub queries: usize,
    /// Nearest vectors to find for each query.
    pub k: usize,
    /// Whether the files are taken out of the page cache before they are opened, so that all that is read of them counts under a cap.
    pub cold_start: bool,
    /// Whether every vector is read once before anything else is asked.
    pub read_all: bool,
    /// Vectors to read, some much more often than others.
    pub reads: usize,
    /// The vector of rank r is read r to this power times less often than the first one.
    pub exponent: f64,
    /// Seed of what is read.
    pub trace_seed: u64,
    /// Best vectors by their codes that are scored again from the originals; 0 for none. Where it is left out, 100 of `pq`, `binary` and
    /// `tiered`. `sq8` and `sq8-streaming` have no originals: the proof of their runs scores so many again, 20 where it is left out.
    pub rescore: Option<usize>,
    /// Bytes of a code of `pq`, of which `dim` is a multiple; one for 8 values where it is left out.
    pub code_bytes: Option<usize>,
    /// What the caches of `heap-map`, `synced-map` and `tiered` may take; `heap-map` counts entries, of 4 KiB each.
    pub cache: Bytes,
    /// What the records of `tiered` hold.
    pub records: Records,
    /// Vectors that parameters of codes are made of, spread over all; all of them where there are no more.
    pub train_rows: usize,
    /// Vectors after which what was appended is committed. Where it is left out, each one of `synced-map`, and 8 MiB of the others.
    pub commit_every: Option<usize>,
    /// Lazy handles to load, of implementations that have them.
    pub lazy: usize,
    /// How many of them are loaded once more when the file is no longer in memory; at most all.
    pub cold: usize,
    /// Measures what part of the processor time of reads is the pool's, too, which takes the trace once more; of implementations
    /// that have a pool.
    pub pool_share: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            n: 10_000,
            dim: 64,
            seed: 42,
            data: DataSet::Default,
            clusters: None,
            queries: 50,
            k: 10,
            cold_start: false,
            read_all: true,
            reads: 20_000,
            exponent: 1.0,
            trace_seed: 7,
            rescore: None,
            code_bytes: None,
            cache: Bytes(1 << 20),
            records: Records::F32,
            train_rows: 100_000,
            commit_every: None,
            lazy: 1000,
            cold: 100,
            pool_share: false,
        }
    }
}

/// The most vectors: the trace has numbers of 30 bits.
const MOST: usize = 1 << 30;

impl Params {
    /// Holds every parameter to its range.
    ///
    /// # Errors
    /// One is out of it; the message names it and the range.
    pub fn check(&self) -> Result<(), Failure> {
        Failure::unless_within("n", self.n, 1..=MOST)?;
        Failure::unless_within("dim", self.dim, 1..=65_536)?;
        Failure::unless_within("queries", self.queries, 0..=1_000_000)?;
        Failure::unless_within("k", self.k, 1..=1000)?;
        let fewest_reads = if self.pool_share { FEWEST_READS } else { 0 };
        Failure::unless_within("reads", self.reads, fewest_reads..=MOST)?;
        Failure::unless_within("train_rows", self.train_rows, 1..=MOST)?;
        Failure::unless_within("lazy", self.lazy, 0..=MOST)?;
        Failure::unless_within("cold", self.cold, 0..=MOST)?;
        if let Some(every) = self.commit_every {
            Failure::unless_within("commit_every", every, 1..=MOST)?;
        }
        if let Some(best) = self.rescore.filter(|best| *best > 0) {
            Failure::unless_within("rescore", best, self.k..=1_000_000)?;
        }
        Failure::unless_within("exponent", self.exponent, 0.0..=8.0)?;
        let code = self.code_bytes();
        Failure::unless_within("code_bytes", code, 1..=self.dim)?;
        if !self.dim.is_multiple_of(code) {
            let dim = self.dim;
            let message = format!(
                "code_bytes is {code}; choose one that {dim}, the dimension, is a multiple of"
            );
            return Err(Failure::Input(message));
        }
        Ok(())
    }

    /// Makes the vectors, queries and ids.
    ///
    /// # Errors
    /// There are none of this shape.
    pub fn generator(&self) -> Result<Generator, Failure> {
        Generator::new(self.data, self.dim, self.clusters(), self.seed)
            .map_err(|error| Failure::Input(error.to_string()))
    }

    fn clusters(&self) -> u64 {
        let usual = || Generator::usual_clusters(self.n as u64);
        self.clusters.unwrap_or_else(usual)
    }

    /// Bytes of a code of `pq`.
    #[must_use]
    pub fn code_bytes(&self) -> usize {
        let usual = if self.dim.is_multiple_of(8) {
            self.dim / 8
        } else {
            1
        };
        self.code_bytes.unwrap_or(usual)
    }

    /// The part that the inputs depend on: they are the true neighbours of the queries.
    #[must_use]
    pub fn input_key(&self) -> Value {
        if self.queries == 0 {
            return json!({ "queries": 0 });
        }
        json!({
            "n": self.n, "dim": self.dim, "seed": self.seed, "data": self.data, "clusters": self.clusters(),
            "queries": self.queries, "k": self.k,
        })
    }
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
            "n is 0; it must be from 1 to 1073741824"
        );
        assert!(refused(|p| p.dim = 0).starts_with("dim is 0"));
        assert!(refused(|p| p.dim = 65_537).starts_with("dim is 65537"));
        assert!(refused(|p| p.k = 0).starts_with("k is 0"));
        assert!(refused(|p| (p.pool_share, p.reads) = (true, 29)).starts_with("reads is 29"));
        assert!(refused(|p| p.commit_every = Some(0)).starts_with("commit_every is 0"));
        assert!(refused(|p| p.train_rows = 0).starts_with("train_rows is 0"));
        assert!(refused(|p| p.rescore = Some(9)).starts_with("rescore is 9; it must be from 10"));
        assert!(refused(|p| p.exponent = f64::NAN).starts_with("exponent is NaN"));
        assert!(refused(|p| p.code_bytes = Some(0)).starts_with("code_bytes is 0"));
        assert!(refused(|p| p.code_bytes = Some(7)).contains("that 64, the dimension"));
        let none = Params {
            rescore: Some(0),
            dim: 7,
            ..Params::default()
        };
        none.check().unwrap();
        Params::default().check().unwrap();
    }

    #[test]
    fn inputs_depend_on_vectors_and_queries_and_on_nothing_without_queries() {
        let key = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.input_key()
        };
        let usual = key(|_| {});
        let changes: [fn(&mut Params); 7] = [
            |p| p.n = 5,
            |p| p.dim = 5,
            |p| p.seed = 5,
            |p| p.queries = 5,
            |p| p.k = 5,
            |p| p.data = DataSet::Isotropic,
            |p| p.clusters = Some(5),
        ];
        for change in changes {
            assert_ne!(key(change), usual);
        }
        assert_eq!(key(|p| p.reads = 5), usual);
        assert_eq!(key(|p| p.clusters = Some(100)), usual);
        assert_eq!(key(|p| (p.queries, p.n) = (0, 5)), key(|p| p.queries = 0));
    }
}
