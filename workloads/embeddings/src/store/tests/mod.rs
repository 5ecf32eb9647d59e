//! Stores as their users see them.

mod append;
mod codecs;
mod golden;
mod header;
mod ids;
mod open;
