//! What all renderers say in the same words.

mod attribution;
mod call_site;
mod figure;
pub(crate) mod floor;
mod headline;
pub(crate) mod heap;
mod instructions;
mod machine;
mod reconciliation;
mod sameness;
pub(crate) mod steps;
mod sweeps;
mod variants;

pub(crate) use attribution::{Attributed, READING, attribution};
pub(crate) use call_site::{call_site, function, is_library, own_frames, site_functions};
pub(crate) use figure::{FIGURES, NOTHING, estimated, quantile};
pub(crate) use headline::moment;
pub(crate) use machine::machine;
