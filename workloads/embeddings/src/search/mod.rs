//! Finding the vectors nearest to a query.

mod inner;

pub use inner::inner_product;
pub(crate) use inner::{check_records, inner_products};
