//! Made-up vectors, queries, ids and accesses: each from its number and a seed alone.

mod adversarial;
mod bells;
mod error;
mod generator;
mod latent;
mod mixture;
mod random;
mod ranks;
mod set;
mod trace;

pub(crate) use ranks::shuffled;

pub use error::{GeneratorError, TraceError};
pub use generator::{Generator, MOST_CLUSTERS, QUERIES_FROM};
pub use set::DataSet;
pub use trace::{Access, Trace, TraceOptions};
