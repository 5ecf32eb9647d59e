//! Packs: the deltas of a group that are compressed together.

mod compact;
mod open;
mod view;

pub use open::OpenPack;
pub use view::PackView;
