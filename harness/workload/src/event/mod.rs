//! Events: the JSON lines a program appends for the harness.

mod kind;
mod line;
mod log;

pub use kind::{Event, Kind};
pub(crate) use line::to_line;
pub use line::{MAX_LINE, Malformed, parse_line};
pub(crate) use log::EventLog;
