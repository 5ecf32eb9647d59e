//! The ids of records: a column on the disk, by the number of the record, and a table in memory the other way round.

mod column;
mod format;
mod pen;
mod table;

pub(super) use column::Column;
pub(super) use format::beside;
pub(super) use pen::IdsPen;
pub(super) use table::Table;
