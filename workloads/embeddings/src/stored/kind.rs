//! What tells the implementations from each other.

use std::path::PathBuf;

use plimsoll_workload::Failure;

use super::{ingest, serving};
use crate::encoding::Encoding;
use crate::job::{Candidate, Job, Serving};
use crate::params::{Params, Records};

/// How records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// From the mapping: every page that is touched is the process's.
    Mapped,
    /// Copied from the file: the pages are the system's.
    Copied,
}

/// What records hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    Always(Encoding),
    /// As the parameters say.
    AsAsked,
}

/// What stands before the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caching {
    Nothing,
    /// The vectors asked for last, by their bytes, behind one lock.
    Recent,
    /// The vectors asked for often, in chunks of a pool.
    Hot,
}

/// An implementation over the store.
#[derive(Debug)]
pub(crate) struct Kind {
    holding: Holding,
    /// Codes in a store of their own, which stay in memory.
    pub(super) codes: Option<Encoding>,
    pub(super) reading: Reading,
    pub(super) caching: Caching,
    /// Whether each vector is committed by itself unless it is said otherwise.
    pub(super) commits_each: bool,
}

const PLAIN: Kind = Kind {
    holding: Holding::Always(Encoding::F32),
    codes: None,
    reading: Reading::Mapped,
    caching: Caching::Nothing,
    commits_each: false,
};

pub(crate) const MAPPED: Kind = PLAIN;

pub(crate) const SYNCED_MAP: Kind = Kind {
    caching: Caching::Recent,
    commits_each: true,
    ..PLAIN
};

pub(crate) const SQ8: Kind = Kind {
    holding: Holding::Always(Encoding::Sq8PerDimension),
    ..PLAIN
};

pub(crate) const SQ8_STREAMING: Kind = Kind {
    holding: Holding::Always(Encoding::Sq8PerVector),
    ..PLAIN
};

pub(crate) const PRODUCT: Kind = Kind {
    codes: Some(Encoding::Product),
    reading: Reading::Copied,
    ..PLAIN
};

pub(crate) const BINARY: Kind = Kind {
    codes: Some(Encoding::Binary),
    ..PRODUCT
};

pub(crate) const TIERED: Kind = Kind {
    holding: Holding::AsAsked,
    caching: Caching::Hot,
    ..BINARY
};

impl Kind {
    /// What the records hold.
    pub(super) fn records(&self, params: &Params) -> Encoding {
        match (self.holding, params.records) {
            (Holding::Always(encoding), _) => encoding,
            (Holding::AsAsked, Records::F32) => Encoding::F32,
            (Holding::AsAsked, Records::Sq8PerDimension) => Encoding::Sq8PerDimension,
        }
    }

    /// The store of the records, with their ids.
    pub(crate) fn records_path(job: &Job<'_>) -> PathBuf {
        job.scratch("records.cgem")
    }

    /// The store of the codes, without ids.
    pub(crate) fn codes_path(job: &Job<'_>) -> PathBuf {
        job.scratch("codes.cgem")
    }

    /// How many of the best by their codes are scored again: from the originals, or, where there are none, by the proof.
    pub(crate) fn rescored(&self, params: &Params) -> usize {
        let usual = if self.codes.is_some() { 100 } else { 20 };
        params.rescore.unwrap_or(usual.max(params.k))
    }
}

impl Candidate for Kind {
    fn ingest(&self, job: &Job<'_>) -> Result<(), Failure> {
        ingest::ingest(self, job)
    }

    fn files(&self, job: &Job<'_>) -> Vec<PathBuf> {
        let mut files = vec![Self::records_path(job), job.scratch("records.cgem.ids")];
        if self.codes.is_some() {
            files.push(Self::codes_path(job));
            // Only short codes have it.
            files.extend(Some(job.scratch("codes.cgem.sums")).filter(|path| path.exists()));
        }
        files
    }

    fn open<'a>(&self, job: &Job<'a>) -> Result<Box<dyn Serving + 'a>, Failure> {
        Ok(Box::new(serving::open(self, job)?))
    }
}
