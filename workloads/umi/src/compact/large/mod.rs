//! A group that is too large to be kept as it was read: its records packed, in memory or in a file, and its templates as
//! rows of sixteen bytes.

mod file;
mod numbered;
mod open;
mod packed;
mod pages;
mod pattern;
mod ranges;
mod row;

pub(super) use file::Spool;
pub(super) use numbered::Numbered;
pub(super) use open::{Large, Room, TEMPLATE_BYTES, umi_of};
pub(super) use pages::{Pages, Stock};
