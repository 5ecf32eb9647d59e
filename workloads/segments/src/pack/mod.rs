//! Packs: the deltas of a group that are compressed together.

mod compact;
mod open;
mod view;

pub use open::OpenPack;
pub use view::PackView;

/// A raw pack closes once the lengths of its segments add up to so many codes.
pub const RAW_PACK_CODES: usize = 1 << 20;
