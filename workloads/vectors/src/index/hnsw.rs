//! The index as a whole.

use super::builder::{self, Standing};
use super::check::{self, Broken};
use super::coded::Side;
use super::codes::Codes;
use super::columns::Column;
use super::encode::{Encoded, encode};
use super::kernels::{Kernel, MAX_DIM};
use super::links::{Graph, Growing};
use super::params::within;
use super::threads::Threads;
use super::walk::View;
use super::{Checkpoints, Counters, IndexError, Means, Memory, Params, Resources, Searcher};
use crate::rows::Rows;

/// Ids fit 31 bits: a pool marks what it expanded in the one that is left.
pub(super) const MOST_VECTORS: usize = (1 << 31) - 1;

/// An index over vectors of one length, complete and unchanging.
///
/// It holds codes of the vectors and the links between them, not the vectors: who searches it hands them in, to
/// compute exact distances to the few that count.
#[derive(Debug)]
pub struct Index {
    pub(super) dim: usize,
    pub(super) params: Params,
    /// The unit of scales, as a power of two.
    pub(super) exponent: i32,
    pub(super) codes: Column<i8>,
    pub(super) sides: Column<Side>,
    pub(super) graph: Graph,
    pub(super) entry: u32,
    pub(super) top: u8,
    pub(super) counters: Counters,
    pub(super) kernel: Kernel,
}

impl Index {
    /// Builds an index over `rows` on `threads` threads of its own; `progress` is told now and then how many vectors
    /// are in.
    ///
    /// The rows are read once, about 12 MB at a time, and by several threads. The result depends on the rows and
    /// `params` alone.
    ///
    /// # Errors
    /// A parameter or the vectors' length is out of bounds, a coordinate is not finite, rows cannot be read, or the
    /// system gives no memory or threads.
    pub fn build(
        rows: &dyn Rows,
        params: Params,
        threads: usize,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, IndexError> {
        Self::build_with(rows, params, Resources::new(threads), None, progress)
    }

    /// The same by other `means`, and with checkpoints: where some were left by a build of these rows and
    /// `params` that was cut short, this one goes on from there, to the same index.
    ///
    /// # Errors
    /// As [`Index::build`]; or there are checkpoints of another build, or one cannot be read or written.
    pub fn build_with(
        rows: &dyn Rows,
        params: Params,
        means: impl Into<Means>,
        checkpoints: Option<&mut Checkpoints>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, IndexError> {
        Self::build_by(Kernel::best(), rows, params, means, checkpoints, progress)
    }

    /// Another index over the same: as good to search, and built in a fraction of the time, all at once from groups of
    /// near vectors. `ef_construction` plays no part.
    ///
    /// # Errors
    /// As [`Index::build`]; and codes are of 4 bits, of which no blocks are computed.
    pub fn build_in_bulk(
        rows: &dyn Rows,
        params: Params,
        means: impl Into<Means>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, IndexError> {
        Self::build_in_bulk_by(Kernel::best(), rows, params, means, progress)
    }

    /// [`Index::build_with`] by a certain kernel.
    pub(super) fn build_by(
        kernel: Kernel,
        rows: &dyn Rows,
        params: Params,
        means: impl Into<Means>,
        checkpoints: Option<&mut Checkpoints>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, IndexError> {
        let dim = rows.dim();
        Self::link(
            kernel,
            rows,
            params,
            &means.into(),
            |threads, encoded, codes, mut graph| {
                let mut from = Standing::first(&graph);
                let mut keeper = checkpoints.map(|kept| kept.of(dim, params, encoded, &graph));
                if let Some(keeper) = &mut keeper {
                    from = keeper.resume(&mut graph)?.unwrap_or(from);
                }
                let batch_ended = &mut |graph: &Growing, standing: &Standing| {
                    threads.moving()?;
                    progress(standing.counters.inserted);
                    match &mut keeper {
                        Some(keeper) => keeper.keep(graph, standing),
                        None => Ok(()),
                    }
                };
                builder::build(codes, graph, from, params, threads, batch_ended)
            },
        )
    }

    /// [`Index::build_in_bulk`] by a certain kernel.
    pub(super) fn build_in_bulk_by(
        kernel: Kernel,
        rows: &dyn Rows,
        params: Params,
        means: impl Into<Means>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, IndexError> {
        let bits = params.width.bits() as usize;
        within("bits of a code in bulk", bits, 8, 8)?;
        Self::link(
            kernel,
            rows,
            params,
            &means.into(),
            |threads, _, codes, graph| {
                builder::bulk::build(codes, graph, params, threads, progress)
            },
        )
    }

    /// Codes the vectors and has `link` link them.
    fn link(
        kernel: Kernel,
        rows: &dyn Rows,
        params: Params,
        means: &Means,
        link: impl FnOnce(
            &Threads,
            &Encoded,
            Codes<'_>,
            Growing,
        ) -> Result<(Growing, Standing), IndexError>,
    ) -> Result<Self, IndexError> {
        let threads = means.resources.threads;
        let (len, dim) = (rows.len(), rows.dim());
        params.check()?;
        within("threads", threads, 1, 1024)?;
        if !(1..=MAX_DIM).contains(&dim) {
            return Err(IndexError::Dim(dim));
        }
        if len > MOST_VECTORS {
            return Err(IndexError::TooMany(len));
        }
        let threads = Threads::new(threads)?.telling(&means.account);
        let encoded = threads.watched(|| encode(rows, params.width, &threads, means));
        threads.moving()?;
        let encoded = encoded?;
        let graph = Growing::new(len, params, means)?;
        let codes = Codes::new(&encoded.codes, &encoded.sides, dim, params.width, kernel);
        let linked = threads.watched(|| link(&threads, &encoded, codes, graph));
        threads.moving()?;
        let (graph, standing) = linked?;
        Ok(Self {
            dim,
            params,
            exponent: encoded.exponent,
            codes: Column::Built(encoded.codes),
            sides: Column::Built(encoded.sides),
            graph: graph.finish(),
            entry: standing.entry,
            top: standing.top,
            counters: standing.counters,
            kernel,
        })
    }

    /// How many vectors it is over.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sides.len()
    }

    /// Whether it is over none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Coordinates of each vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// What it was built with.
    #[must_use]
    pub fn params(&self) -> Params {
        self.params
    }

    /// What building it took.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// What it holds.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let graph = &self.graph;
        let sizes = |sizes: &[usize]| sizes.iter().map(|size| *size as u64).sum();
        Memory {
            codes: sizes(&[self.codes.bytes().len()]),
            sides: sizes(&[self.sides.bytes().len()]),
            level0: sizes(&[graph.level0.bytes().len(), graph.counts.len()]),
            upper: sizes(&[
                graph.levels.len(),
                graph.offsets.bytes().len(),
                graph.upper.bytes().len(),
                graph.upper_counts.len(),
            ]),
        }
    }

    /// What a thread needs to search it.
    ///
    /// # Errors
    /// The system gives no memory.
    pub fn searcher(&self) -> Result<Searcher<'_>, IndexError> {
        Searcher::new(self)
    }

    /// Holds the graph against its invariants: no list with the vector itself, with an id twice, of none that is there
    /// or not on that level; and every vector can be reached from the entry along level 0.
    ///
    /// # Errors
    /// The first that does not hold, and where.
    pub fn check(&self) -> Result<(), Broken> {
        check::check(&self.view())
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            codes: Codes::new(
                &self.codes,
                &self.sides,
                self.dim,
                self.params.width,
                self.kernel,
            ),
            links: self.graph.links(self.params.m),
            entry: self.entry,
            top: self.top,
        }
    }
}
