//! The program's side of the protocol: the verbs, over all workloads a program offers.

mod main;
mod offer;
mod params;

pub use main::{Registry, VERBS};
