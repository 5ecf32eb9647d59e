//! What runs single trials: processes, or in tests and rehearsals something else.

use std::time::Duration;

use crate::evidence::Trial;
use crate::notice::Observer;
use crate::plan::TrialSpec;

/// Runs single trials.
pub trait Executor {
    /// What makes running impossible, as opposed to a trial that did not complete.
    type Error;

    /// Runs one trial; trials are numbered from 0 in the order in which they are run.
    ///
    /// # Errors
    /// Only where nothing can be measured at all; a trial that ends badly is evidence.
    fn trial(
        &mut self,
        spec: &TrialSpec,
        observer: &mut dyn Observer,
    ) -> Result<Trial, Self::Error>;

    /// Time since the session began.
    fn elapsed(&self) -> Duration;

    /// True once the user has asked for an end.
    fn interrupted(&self) -> bool;
}
