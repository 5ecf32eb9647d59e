//! The variants that something is told of.

use crate::evidence::Outcome;
use crate::report::{Report, VariantReport};

impl Report {
    /// The variant that others are held against.
    pub fn baseline(&self) -> Option<&VariantReport> {
        self.variants.iter().find(|variant| variant.baseline)
    }

    /// The variants that did not complete.
    pub(crate) fn incomplete(&self) -> impl Iterator<Item = &VariantReport> {
        let variants = self.variants.iter();
        variants.filter(|variant| variant.outcome != Outcome::Completed)
    }

    /// The place of a variant among all, which gives it its colour wherever it is drawn.
    pub(crate) fn place(&self, id: &str) -> usize {
        let place = self.variants.iter().position(|variant| variant.id == id);
        place.unwrap_or(0)
    }
}
