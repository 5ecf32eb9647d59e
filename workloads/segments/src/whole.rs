//! Whole records in memory, and splitters from all of the reference's k-mers: what `batch` does, and those near it.

use std::collections::HashSet;

use plimsoll_workload::Failure;

use crate::code;
use crate::fasta::read_all;
use crate::job::Job;
use crate::layers::{LayerBuilder, Layers};
use crate::splitters::sorted;

/// A record's sequence as codes, and what these lose of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Coded {
    pub(crate) codes: Vec<u8>,
    pub(crate) layers: Layers,
}

/// Bytes looked at together: most have no layer, and pass quickly.
const STRETCH: usize = 4 << 10;

impl Coded {
    pub(crate) fn new(sequence: &[u8]) -> Self {
        let mut codes = Vec::with_capacity(sequence.len());
        let mut layers = LayerBuilder::default();
        for stretch in sequence.chunks(STRETCH) {
            if code::append(stretch, &mut codes) {
                layers.skip(stretch.len());
            } else {
                layers.push(stretch);
            }
        }
        Self {
            codes,
            layers: layers.finish(),
        }
    }
}

/// The splitters of the first sample, as a phase of its own.
pub(crate) fn splitters(job: &Job<'_>) -> Result<HashSet<u64>, Failure> {
    let Job {
        settings, context, ..
    } = job;
    context.phase("splitters", || {
        let Some(reference) = job.inputs.samples().first() else {
            return Ok(HashSet::new());
        };
        let records: Vec<Vec<u8>> = read_all(&reference.path)?
            .into_iter()
            .map(|record| Coded::new(&record.sequence).codes)
            .collect();
        let ledger = context.ledger("splitters");
        // The codes and eight bytes a k-mer; what hash sets take beyond their content is not believed, but measured.
        let kmer = size_of::<u64>() + size_of::<u8>();
        let bases: usize = records.iter().map(Vec::len).sum();
        ledger.set((bases * kmer) as u64);
        let chosen = sorted::choose(&records, settings.k, settings.segment_size);
        ledger.set((chosen.capacity() * size_of::<u64>()) as u64);
        Ok(chosen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_layers_are_those_of_the_whole_sequence() {
        let mut sequence = b"ACGT".repeat(2 * STRETCH);
        sequence[STRETCH - 1..STRETCH + 3].copy_from_slice(b"acRR");
        let coded = Coded::new(&sequence);
        let mut layers = LayerBuilder::default();
        layers.push(&sequence);
        assert_eq!(coded.layers, layers.finish());
        let codes: Vec<u8> = sequence.iter().map(|byte| code::code(*byte)).collect();
        assert_eq!(coded.codes, codes);
    }
}
