//! The samples of a pangenome, written as FASTA files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;

use super::ancestor::{Families, ancestor};
use super::assembly::{contigs, flaw};
use super::evolve::evolve;
use super::random::Random;
use super::shape::Shape;
use crate::params::Preset;
use crate::whole_file;

const CLADES: u64 = 4;
/// Bases of a line.
const WIDTH: usize = 80;

/// Mean bases between the changes of a generation.
mod gap {
    pub(super) const CLADE: usize = 4000;
    pub(super) const REFERENCE: usize = 4000;
    pub(super) const STRAIN: usize = 260;
    /// Between the haplotypes of most samples, and of every third.
    pub(super) const HETEROZYGOUS: usize = 400;
    pub(super) const HOMOZYGOUS: usize = 50_000;
}

/// Writes a pangenome's samples to `directory`, a file each: `S00.fa`, the reference, `S01.fa`, ... The paths, in order.
///
/// Memory holds the ancestor (12 MB of a yeast, 100 MB of `bigref`) and three chromosomes.
///
/// # Errors
/// A file cannot be written; none is left half written.
pub fn write(preset: Preset, seed: u64, directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut pangenome = Pangenome::new(preset, seed);
    (0..pangenome.shape.samples)
        .map(|sample| {
            let path = directory.join(format!("S{sample:02}.fa"));
            whole_file::write(&path, |file| {
                let written = pangenome.write_sample(sample, file);
                written.map_err(|error| Failure::io("writing", &path, error))
            })?;
            Ok(path)
        })
        .collect()
}

struct Pangenome {
    seed: u64,
    shape: Shape,
    families: Families,
    ancestor: Vec<Vec<u8>>,
    /// A chromosome at hand, and room for its child.
    current: Vec<u8>,
    next: Vec<u8>,
}

impl Pangenome {
    fn new(preset: Preset, seed: u64) -> Self {
        let shape = Shape::of(preset);
        let families = Families::new(seed);
        Self {
            ancestor: ancestor(seed, &shape, &families),
            seed,
            shape,
            families,
            current: Vec::new(),
            next: Vec::new(),
        }
    }

    fn write_sample(&mut self, sample: u64, file: &mut dyn Write) -> io::Result<()> {
        for haplotype in 0..self.shape.haplotypes(sample) {
            let mut assembler = Random::stream(self.seed, &[50, sample, haplotype]);
            for chromosome in 0..self.shape.chromosomes.len() {
                self.descend(sample, haplotype, chromosome);
                // The reference is assembled without a flaw.
                let breaks = match sample {
                    0 => Vec::new(),
                    _ => flaw(&mut self.current, &mut assembler),
                };
                let name = self.shape.chromosome_name(chromosome);
                for (part, contig) in contigs(&self.current, &breaks) {
                    writeln!(file, ">S{sample:02}#{}#{name}{part}", haplotype + 1)?;
                    write_lines(contig, file)?;
                }
            }
        }
        Ok(())
    }

    /// Makes the chromosome at hand that of a haplotype.
    fn descend(&mut self, sample: u64, haplotype: u64, chromosome: usize) {
        let number = chromosome as u64;
        let clade = sample % CLADES;
        evolve(
            &self.ancestor[chromosome],
            gap::CLADE,
            &self.families,
            Random::stream(self.seed, &[30, clade, number]),
            &mut self.current,
        );
        let strain = match sample {
            0 => gap::REFERENCE,
            _ => gap::STRAIN,
        };
        self.next_generation(strain, &[40, sample, number]);
        if haplotype == 1 {
            let other = match sample % 3 {
                0 => gap::HOMOZYGOUS,
                _ => gap::HETEROZYGOUS,
            };
            self.next_generation(other, &[41, sample, number]);
        }
    }

    fn next_generation(&mut self, gap: usize, tags: &[u64]) {
        let random = Random::stream(self.seed, tags);
        evolve(&self.current, gap, &self.families, random, &mut self.next);
        std::mem::swap(&mut self.current, &mut self.next);
    }
}

fn write_lines(contig: &[u8], file: &mut dyn Write) -> io::Result<()> {
    let mut line = [b'\n'; WIDTH + 1];
    for bases in contig.chunks(WIDTH) {
        line[..bases.len()].copy_from_slice(bases);
        line[bases.len()] = b'\n';
        file.write_all(&line[..=bases.len()])?;
    }
    Ok(())
}
