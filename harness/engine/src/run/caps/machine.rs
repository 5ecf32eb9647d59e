//! All the memory that may be given to one program at a time: the cap of what runs before a session.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use super::budget::{Budget, budget};
use super::detect::{Detected, detect};
use super::leaf::{CapsError, Leaf, SessionName};
use crate::evidence::CapsKind;

/// The machine's own cap.
#[derive(Debug)]
pub struct MachineCap {
    detected: Detected,
    budget: Budget,
}

impl MachineCap {
    /// Finds out what the system at `root` permits (`/`, or a directory made for a test).
    pub fn find(root: &Path) -> Self {
        MachineCap {
            detected: detect(root),
            budget: budget(root),
        }
    }

    /// A cap of it for one program.
    pub(crate) fn leaf(&self) -> Result<Box<dyn Leaf>, CapsError> {
        static LEAVES: AtomicU32 = AtomicU32::new(0);
        let number = LEAVES.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-beside-{number}", SessionName::own());
        self.detected.backend.leaf(&name, self.budget.most)
    }

    pub(crate) fn kind(&self) -> CapsKind {
        self.detected.kind()
    }
}
