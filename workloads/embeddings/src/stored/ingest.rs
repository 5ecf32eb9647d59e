//! Storing vectors: encoded by all threads, appended, committed; from the beginning, or from where an earlier step was cut short.

use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;

use plimsoll_workload::Failure;
use rayon::prelude::*;

use super::codecs::{of_store, trained};
use super::kind::Kind;
use crate::account::{Held, heap_bytes};
use crate::encoding::Encoding;
use crate::job::{Chunk, Chunks, Job};
use crate::measures::{self, CLAMPED, COMMITS, TRAIN_CPU};
use crate::store::{AppendOptions, Appender, Commits, CreateOptions, OpenOptions, Store};

/// Bytes below which a code has no checksum of its own.
const SHORT: usize = 256;

/// One of the stores of an implementation, appended to.
struct Column {
    appender: Appender,
    /// What is encoded and not appended yet.
    payloads: Vec<u8>,
    ids: bool,
    clamped: usize,
    held: Held,
}

/// All of them.
struct Columns {
    columns: Vec<Column>,
    /// Whether each chunk is committed; else the stores do it by themselves.
    commits_chunks: bool,
}

/// Appends all vectors that are not in the stores.
pub(super) fn ingest(kind: &Kind, job: &Job<'_>) -> Result<(), Failure> {
    let each = kind.commits_each.then_some(1);
    let every = job.params.commit_every.or(each);
    let commits = match every.and_then(|every| NonZeroU64::new(every as u64)) {
        Some(every) => Commits::Records(every),
        None => Commits::Explicit,
    };
    let append = AppendOptions {
        commits,
        ..AppendOptions::default()
    };
    let mut columns = vec![Column::open(
        job,
        &Kind::records_path(job),
        kind.records(job.params),
        true,
        &append,
    )?];
    if let Some(codes) = kind.codes {
        let path = Kind::codes_path(job);
        columns.push(Column::open(job, &path, codes, false, &append)?);
    }
    let mut columns = Columns {
        columns,
        commits_chunks: every.is_none(),
    };
    let begun = |columns: &[Column]| -> u64 {
        columns
            .iter()
            .map(|column| column.appender.store().generation())
            .sum()
    };
    let before = begun(&columns.columns);
    let from = columns.stored();
    Chunks::from(job, from).each(&mut columns, Columns::append, Columns::commit)?;
    let commits = begun(&columns.columns) - before;
    measures::report(job.context, COMMITS, commits as f64);
    let clamped: usize = columns.columns.iter().map(|column| column.clamped).sum();
    measures::report(job.context, CLAMPED, clamped as f64);
    Ok(())
}

impl Columns {
    /// Vectors that all of them have.
    fn stored(&self) -> usize {
        let stored = self.columns.iter().map(|column| column.appender.appended());
        stored.min().unwrap_or_default() as usize
    }

    fn append(&mut self, chunk: &Chunk<'_>) -> Result<(), Failure> {
        for column in &mut self.columns {
            column.append(chunk)?;
        }
        if self.commits_chunks {
            self.commit()
        } else {
            Ok(())
        }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        for column in &mut self.columns {
            column.appender.commit()?;
        }
        Ok(())
    }
}

impl Column {
    fn open(
        job: &Job<'_>,
        path: &Path,
        encoding: Encoding,
        ids: bool,
        append: &AppendOptions,
    ) -> Result<Self, Failure> {
        let appender = if path.exists() {
            let codec = of_store(&Store::open(path, &OpenOptions::default())?)?;
            Appender::open(path, codec, append)?
        } else {
            let (codec, seconds) = trained(job, encoding)?;
            if seconds > 0.0 {
                measures::report(job.context, TRAIN_CPU, seconds);
            }
            let options = CreateOptions {
                capacity: job.params.n as u64,
                ids,
                // Of a short code four bytes are too much: it is read in scans, and has one for many.
                checksums: ids || codec.payload() >= SHORT,
                append: append.clone(),
                ..CreateOptions::default()
            };
            Appender::create(path, codec, &options)?
        };
        Ok(Self {
            appender,
            payloads: Vec::new(),
            ids,
            clamped: 0,
            held: Held::new(job.context, "buffers", 0),
        })
    }

    /// Appends those of the chunk that are not there yet.
    fn append(&mut self, chunk: &Chunk<'_>) -> Result<(), Failure> {
        let codec = Arc::clone(self.appender.codec());
        let (dim, payload) = (codec.dimension(), codec.payload());
        let there = (self.appender.appended() as usize).saturating_sub(chunk.first);
        let there = there.min(chunk.ids.len());
        let (ids, rows) = (&chunk.ids[there..], &chunk.rows[there * dim..]);
        self.payloads.resize(ids.len() * payload, 0);
        self.held.set(heap_bytes(&self.payloads));
        let payloads = self.payloads.par_chunks_exact_mut(payload);
        let encoded = payloads.zip(rows.par_chunks_exact(dim)).with_min_len(16);
        let encoded = encoded.map(|(payload, row)| codec.encode(row, payload));
        let clamped = encoded.try_reduce(|| 0, |one, other| Ok(one + other));
        self.clamped += clamped.map_err(|problem| Failure::Other(problem.to_string()))?;
        for (id, payload) in ids.iter().zip(self.payloads.chunks_exact(payload)) {
            self.appender
                .append_payload(self.ids.then_some(*id), payload)?;
        }
        Ok(())
    }
}
