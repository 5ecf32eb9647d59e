//! Index files: their format, writing one and opening one.

mod again;
mod checkpoint;
mod format;
mod header;
mod open;
mod replace;
mod save;
mod verify;

pub use checkpoint::Checkpoints;
pub use open::Verify;
pub(super) use replace::available;
