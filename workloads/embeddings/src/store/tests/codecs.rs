//! Codecs for tests: rows as they are, and payloads that are made elsewhere.

use std::borrow::Cow;
use std::sync::Arc;

use crate::codec::{Codec, RowProblem, Scorer};
use crate::encoding::Encoding;

/// Takes no rows, only payloads, of any encoding; [`Encoding::F32`] takes rows too.
pub(super) struct Payloads {
    encoding: Encoding,
    dimension: usize,
    payload: usize,
    parameters: Vec<u8>,
}

/// A codec of these sizes.
pub(super) fn payloads(
    encoding: Encoding,
    dimension: usize,
    payload: usize,
    parameters: &[u8],
) -> Arc<dyn Codec> {
    Arc::new(Payloads {
        encoding,
        dimension,
        payload,
        parameters: parameters.to_vec(),
    })
}

/// Rows as they are.
pub(super) fn plain(dimension: usize) -> Arc<dyn Codec> {
    payloads(Encoding::F32, dimension, 4 * dimension, &[])
}

impl Codec for Payloads {
    fn encoding(&self) -> Encoding {
        self.encoding
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn payload(&self) -> usize {
        self.payload
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.parameters)
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        assert_eq!(self.encoding, Encoding::F32);
        let (expected, found) = (self.dimension, row.len());
        if expected != found {
            return Err(RowProblem::DimensionMismatch { expected, found });
        }
        if let Some(index) = row.iter().position(|value| !value.is_finite()) {
            return Err(RowProblem::NonFinite { index });
        }
        payload.copy_from_slice(bytemuck::cast_slice(row));
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        bytemuck::cast_slice_mut(row).copy_from_slice(payload);
    }

    fn scorer<'a>(&'a self, _query: &[f32]) -> Box<dyn Scorer + 'a> {
        unimplemented!("no test of the store scores")
    }
}

/// A directory for the files of a test: in memory where there is such a place, so that no test waits for a disk.
pub(super) fn directory() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
    made.unwrap()
}

/// Row `index` of a test.
pub(super) fn row(index: usize, dimension: usize) -> Vec<f32> {
    (0..dimension)
        .map(|value| (index * dimension + value) as f32)
        .collect()
}

/// Id `index` of a test.
pub(super) fn id(index: usize) -> u128 {
    (index as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
}
