//! Stores as their users see them.

mod append;
mod codecs;
mod crash;
mod failures;
mod golden;
mod header;
mod ids;
mod open;
mod readers;
mod sums;
