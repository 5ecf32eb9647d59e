//! The heap, counted.

/// Hands in what this thread has counted, so that the gauge page shows it.
pub(crate) fn publish() {}
