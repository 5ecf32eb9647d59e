//! Processes as `/proc` shows them.

mod parse;
mod process;
mod source;
mod tree;
mod watch;

pub(crate) use parse::{Stat, stat};
pub(crate) use watch::Watch;
