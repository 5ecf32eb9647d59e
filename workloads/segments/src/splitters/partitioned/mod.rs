//! Splitters in bounded memory: only the k-mers that occur more than once are kept, and they are found part by part.

mod buckets;
mod choose;
mod hash;
mod remainder;
mod repeats;
mod sweep;

pub use choose::choose;
