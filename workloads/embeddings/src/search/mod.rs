//! Finding the vectors nearest to a query.

mod inner;
mod quality;
mod rescore;
mod scan;
mod top;

pub use inner::inner_product;
pub(crate) use inner::{check_records, inner_products};
pub use quality::{Differences, identical, recall};
pub use rescore::rescored;
pub use scan::{scan, scan_in_parallel};
pub use top::{Hit, Top};
