//! The seeded pangenome: the same files on every machine, by integer arithmetic alone.
//!
//! An ancestor full of repeats evolves into clades, those into samples of one or two haplotypes, and an assembler
//! reports each haplotype with gaps, turned contigs and broken ones. Every chromosome of every generation draws from
//! its own stream of numbers, so that any of them can be made again from the ancestor when it is needed: memory holds
//! the ancestor and a few chromosomes, however many samples there are.

mod ancestor;
mod assembly;
mod evolve;
mod pangenome;
mod random;
mod shape;
mod strand;

pub use pangenome::write;
pub use random::Random;
