//! What lies beside the records: their ids, in a column on the disk and, the other way round, in a table in memory; and the
//! sums of blocks of records that have no checksums of their own.

mod column;
mod format;
mod pen;
mod sums;
mod table;

pub(super) use column::Column;
pub(super) use format::{Commit, beside, sums_beside};
pub(super) use pen::IdsPen;
pub(super) use sums::{Sums, SumsPen};
pub(super) use table::Table;
