//! What is known of samples and records apart from their segments.

use crate::layers::Layers;

/// All samples, in input order.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) samples: Vec<Sample>,
}

#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: Vec<u8>,
    pub(super) records: Vec<Record>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) header: Vec<u8>,
    /// Bytes of its sequence.
    pub(super) length: u64,
    pub(super) layers: Layers,
    /// How many segments it was cut into.
    pub(super) segments: u32,
}

impl Sample {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        let records = self.records.iter().map(|record| {
            size_of::<Record>() + record.header.capacity() + record.layers.heap_bytes()
        });
        size_of::<Self>() + self.name.capacity() + records.sum::<usize>()
    }
}
