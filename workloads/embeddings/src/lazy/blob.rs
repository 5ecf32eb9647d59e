//! Vectors in fewer bytes, with what proves them whole.

use std::sync::Arc;

use crate::codec::{Codec, RowProblem};
use crate::lazy::LoadError;
use crate::pool::{Pool, SharedChunk};

/// One vector, compressed or encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    form: Form,
    dimension: usize,
    crc: u32,
    bytes: Box<[u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The values, little-endian, as an LZ4 block: the same bits come back.
    Lz4,
    /// A payload of the decoder's codec.
    Encoded,
}

impl Blob {
    /// The values themselves as an LZ4 block.
    #[must_use]
    pub fn compressed(row: &[f32]) -> Self {
        let values: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::of(Form::Lz4, row.len(), lz4_flex::block::compress(&values))
    }

    /// The row as a payload of `codec`.
    ///
    /// # Errors
    /// The codec does not take the row.
    pub fn encoded(row: &[f32], codec: &dyn Codec) -> Result<Self, RowProblem> {
        let mut payload = vec![0; codec.payload()];
        codec.encode(row, &mut payload)?;
        Ok(Self::of(Form::Encoded, row.len(), payload))
    }

    fn of(form: Form, dimension: usize, bytes: Vec<u8>) -> Self {
        Self {
            form,
            dimension,
            crc: crc32fast::hash(&bytes),
            bytes: bytes.into_boxed_slice(),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes, to damage them: they are not what the checksum was made of from then on.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// Turns blobs into vectors in chunks of a pool.
#[derive(Clone)]
pub struct BlobDecoder {
    codec: Arc<dyn Codec>,
    pool: Pool,
}

impl BlobDecoder {
    /// Decodes payloads of `codec`, and LZ4 blocks of its dimension, into chunks of `pool`.
    ///
    /// # Errors
    /// The pool's chunks are not as long as a vector of the codec's dimension.
    pub fn new(codec: Arc<dyn Codec>, pool: Pool) -> Result<Self, LoadError> {
        of_length(
            "a chunk of the pool",
            size_of::<f32>() * codec.dimension(),
            pool.chunk_size(),
        )?;
        Ok(Self { codec, pool })
    }

    /// Checks a blob and decodes it.
    ///
    /// # Errors
    /// It is damaged, of another dimension or length, or no block of LZ4; or the pool has no chunk.
    pub fn decode(&self, blob: &Blob) -> Result<SharedChunk, LoadError> {
        let found = crc32fast::hash(&blob.bytes);
        if found != blob.crc {
            return Err(LoadError::Checksum {
                what: "a compressed vector".to_owned(),
                expected: blob.crc,
                found,
            });
        }
        let dimension = self.codec.dimension();
        if blob.dimension != dimension {
            return Err(LoadError::DimensionMismatch {
                expected: dimension,
                found: blob.dimension,
            });
        }
        match blob.form {
            Form::Encoded => {
                let (payload, bytes) = (self.codec.payload(), &blob.bytes);
                of_length("an encoded vector", payload, bytes.len())?;
                decoded(&self.pool, |row| {
                    self.codec.decode(bytes, row);
                    Ok(())
                })
            }
            Form::Lz4 => {
                let mut chunk = self.pool.try_alloc()?;
                let written = lz4_flex::block::decompress_into(&blob.bytes, &mut chunk)?;
                of_length("a decompressed vector", chunk.len(), written)?;
                #[cfg(target_endian = "big")]
                chunk.chunks_exact_mut(4).for_each(<[u8]>::reverse);
                Ok(chunk.share())
            }
        }
    }
}

impl std::fmt::Debug for BlobDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobDecoder")
            .field("encoding", &self.codec.encoding())
            .field("dimension", &self.codec.dimension())
            .finish_non_exhaustive()
    }
}

/// A chunk of the pool with the row that `decode` writes. Its chunks are as long as a row: that is checked where decoders and loaders are made.
pub(super) fn decoded(
    pool: &Pool,
    decode: impl FnOnce(&mut [f32]) -> Result<(), LoadError>,
) -> Result<SharedChunk, LoadError> {
    let mut chunk = pool.try_alloc()?;
    if let Some(row) = chunk.floats_mut() {
        decode(row)?;
    }
    Ok(chunk.share())
}

/// Refuses what is not of its length.
pub(super) fn of_length(what: &str, expected: usize, found: usize) -> Result<(), LoadError> {
    if expected == found {
        return Ok(());
    }
    Err(LoadError::Length {
        what: what.to_owned(),
        expected,
        found,
    })
}
