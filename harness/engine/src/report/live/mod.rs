//! A session as it happens: a progress line on a terminal, one plain line a trial elsewhere.

mod said;
mod show;
mod style;
#[cfg(test)]
mod tests;
mod words;

pub use show::Live;
pub use style::detect_style;
