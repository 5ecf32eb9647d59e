//! Answering queries.

use super::coded::Coded;
use super::codes::Origin;
use super::exact::squared_distances;
use super::walk::{ABOVE, Walker};
use super::{Index, IndexError, Width};
use crate::rows::Rows;

/// Searches an index, one query at a time; each thread has its own.
#[derive(Debug)]
pub struct Searcher<'a> {
    index: &'a Index,
    walker: Walker,
    codes: Vec<i8>,
    ids: Vec<u32>,
    vectors: Vec<f32>,
}

impl<'a> Searcher<'a> {
    pub(super) fn new(index: &'a Index) -> Result<Self, IndexError> {
        Ok(Self {
            index,
            walker: Walker::new(index.len())?,
            codes: vec![0; index.params.width.codes(index.dim)],
            ids: Vec::new(),
            vectors: Vec::new(),
        })
    }

    /// The `k` nearest vectors to `query` that a search with `ef` vectors in view finds: ids and exact squared
    /// distances, ordered by distance, then id. All of them when `k` is larger than the index.
    ///
    /// The search goes by codes and has at least `k` vectors in view. Of what it finds, the first max(16, 2k), or by codes
    /// of 4 bits max(32, 4k), are read from `rescored_from`, the vectors that the index was built over, and ordered by their exact distances.
    ///
    /// # Errors
    /// The query is of another length or not finite, the vectors are not as many or as long as those of the index, or
    /// they cannot be read.
    pub fn search(
        &mut self,
        query: &[f32],
        ef: usize,
        rescored_from: &dyn Rows,
        k: usize,
    ) -> Result<Vec<(u32, f64)>, IndexError> {
        self.check(query, rescored_from)?;
        let k = k.min(self.index.len());
        if k == 0 {
            return Ok(Vec::new());
        }
        self.walk(query, ef, k)?;
        let rescored = self.index.params.width.rescored(k);
        self.ids.clear();
        self.ids
            .extend(self.walker.found().take(rescored).map(|near| near.id()));
        // In the order of the file.
        self.ids.sort_unstable();
        self.vectors.resize(self.ids.len() * query.len(), 0.0);
        for (id, vector) in self
            .ids
            .iter()
            .zip(self.vectors.chunks_exact_mut(query.len()))
        {
            rescored_from.read(*id as usize, vector)?;
        }
        let mut answer = Vec::with_capacity(self.ids.len());
        let mut ids = self.ids.iter();
        squared_distances(query, &self.vectors, |distance| {
            answer.extend(ids.next().map(|id| (*id, distance)));
        });
        answer.sort_unstable_by(|(a, near), (b, far)| near.total_cmp(far).then(a.cmp(b)));
        answer.truncate(k);
        Ok(answer)
    }

    fn check(&self, query: &[f32], rows: &dyn Rows) -> Result<(), IndexError> {
        let (len, dim) = (self.index.len(), self.index.dim);
        if query.len() != dim {
            return Err(IndexError::QueryDim {
                found: query.len(),
                expected: dim,
            });
        }
        if (rows.len(), rows.dim()) != (len, dim) {
            return Err(IndexError::OtherRows {
                len,
                dim,
                found_len: rows.len(),
                found_dim: rows.dim(),
            });
        }
        Ok(())
    }

    /// Finds the nearest by codes: `ef` of them, and at least `k`.
    fn walk(&mut self, query: &[f32], ef: usize, k: usize) -> Result<(), IndexError> {
        let coded = Coded::new(query, &mut self.codes);
        let coded = coded.map_err(|column| IndexError::QueryNotFinite {
            column,
            value: query[column],
        })?;
        let view = self.index.view();
        let origin = Origin::new(&self.codes, coded.side(Width::Eight, self.index.exponent));
        let ef = ef.max(k);
        self.walker.descend(&view, &origin, 0, ABOVE);
        self.walker.search(&view, &origin, 0, ef);
        // Every vector can be reached along level 0 from the entry, not from wherever the descent ended.
        if self.walker.found().len() < k {
            self.walker.start(&view, &origin, view.entry);
            self.walker.search(&view, &origin, 0, ef);
        }
        Ok(())
    }
}
