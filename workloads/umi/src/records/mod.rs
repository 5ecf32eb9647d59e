//! From records to templates at positions: what belongs together, what is filtered, what a template's UMI is.

mod filter;
mod framing;
mod positions;
mod read;
mod source;

pub(crate) use filter::{Discard, discard};
pub(crate) use framing::Framing;
pub(crate) use positions::{Belongs, Positions};
pub(crate) use read::{Side, Template};
pub(crate) use source::open;
