//! Memory caps: a limit that the kernel enforces on all processes of a trial together, and the
//! evidence that it leaves.

mod budget;
mod detect;
mod leaf;
mod machine;
mod mounts;
mod sampled;
mod v1;
mod v2;

pub use detect::{Detected, detect};
pub use leaf::CapsError;
pub use machine::MachineCap;

pub(crate) use budget::{Budget, budget};
pub(crate) use leaf::{Leaf, SessionName};
