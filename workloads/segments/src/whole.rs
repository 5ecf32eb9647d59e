//! Whole records in memory, and splitters from all of the reference's k-mers: what `batch` does, and those near it.

use std::collections::HashSet;

use plimsoll_workload::{Failure, Gauge};

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

/// Splitters, and all the k-mers that they were chosen from. These are of no more use; the account of the program that
/// `batch` retells has them as fixed overhead at its peak, so `batch` and those near it keep them to their end.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) splitters: HashSet<u64>,
    candidates: HashSet<u64>,
    ledger: Gauge,
}

impl Chosen {
    /// Chooses among the k-mers of the first sample, as a phase of its own.
    pub(crate) fn new(job: &Job<'_>) -> Result<Self, Failure> {
        job.context.phase("splitters", || {
            let Some(reference) = job.inputs.samples().first() else {
                return Ok(Self::among(&[], HashSet::new(), job));
            };
            let records: Vec<Vec<u8>> = read_all(&reference.path)?
                .into_iter()
                .map(|record| Coded::new(&record.sequence).codes)
                .collect();
            // The codes, and eight bytes for the k-mer that ends with each.
            let bases: usize = records.iter().map(Vec::len).sum();
            let ledger = job.context.ledger("splitters");
            ledger.set((bases * (size_of::<u8>() + size_of::<u64>())) as u64);
            let candidates = sorted::candidates(&records, job.settings.k);
            Ok(Self::among(&records, candidates, job))
        })
    }

    fn among(records: &[Vec<u8>], candidates: HashSet<u64>, job: &Job<'_>) -> Self {
        let (k, segment_size) = (job.settings.k, job.settings.segment_size);
        let splitters = sorted::choose_among(&candidates, records, k, segment_size);
        let ledger = job.context.ledger("splitters");
        // Eight bytes each, as the account has them: what a hash table takes beyond its items is not believed, but
        // measured.
        ledger.set(((candidates.len() + splitters.len()) * size_of::<u64>()) as u64);
        Self {
            splitters,
            candidates,
            ledger,
        }
    }
}

impl Chosen {
    /// The splitters alone.
    pub(crate) fn into_splitters(mut self) -> HashSet<u64> {
        std::mem::take(&mut self.splitters)
    }
}

impl Drop for Chosen {
    fn drop(&mut self) {
        self.candidates = HashSet::new();
        self.ledger.set(0);
    }
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
