//! The report as one HTML file that needs nothing else: no network, no script, no font.

mod call_sites;
mod charts;
mod figures;
mod growth;
mod heap_against;
mod page;
mod sessions;
mod trials;
mod variants;

pub use page::{HtmlError, html};
