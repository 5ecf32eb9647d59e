//! Index files: their format, writing one and opening one.

mod format;
mod header;
mod open;
mod save;
mod verify;

pub use open::Verify;
