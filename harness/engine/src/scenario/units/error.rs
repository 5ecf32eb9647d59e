//! Why a text is no quantity, and what to write instead.

/// Why a text is not the quantity that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnitError {
    /// What is wrong, in a sentence.
    pub(crate) message: String,
    /// What the text is, in a word or two.
    pub(crate) label: &'static str,
    /// What to write instead.
    pub(crate) help: Option<String>,
}

impl UnitError {
    pub(super) fn new(message: String, label: &'static str, help: impl Into<String>) -> Self {
        Self {
            message,
            label,
            help: Some(help.into()),
        }
    }
}
