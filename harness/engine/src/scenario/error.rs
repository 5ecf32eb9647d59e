//! What can be wrong with a scenario, and how it is told: file, line, column, text, nearest name.

use std::path::PathBuf;

use miette::{Diagnostic, LabeledSpan, SourceCode};
use thiserror::Error;

use super::source::{SourceText, Span, shown};

pub(crate) use plimsoll_workload::nearest::nearest;

/// Mistakes told at once; a file with more gets a note on how many were left out.
const TOLD: usize = 25;

/// Why a scenario could not be loaded.
#[derive(Debug, Error, Diagnostic)]
pub enum ScenarioError {
    /// The file could not be read.
    #[error("{path}: {what}", path = shown(&path.display().to_string()))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What to do about it.
        #[help]
        help: String,
    },
    /// The file was read, and something in it is wrong.
    #[error("{name}: {count}", name = shown(&path.display().to_string()), count = count(mistakes.len(), *left_out))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, in the order of the file.
        #[related]
        mistakes: Vec<Mistake>,
        /// Mistakes found beyond those told.
        left_out: usize,
    },
}

fn count(told: usize, left_out: usize) -> String {
    match (told, left_out) {
        (1, 0) => "1 mistake".to_owned(),
        (told, 0) => format!("{told} mistakes"),
        (told, left_out) => format!(
            "{} mistakes, the first {told} of them shown",
            told + left_out
        ),
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Error)]
#[error("{message}")]
pub struct Mistake {
    message: String,
    label: String,
    help: Option<String>,
    span: Span,
    text: SourceText,
    /// Line in the file, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

impl Mistake {
    /// What is wrong, in words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(
            Some(self.label.clone()),
            (self.span.start, self.span.len),
        );
        Some(Box::new(std::iter::once(label)))
    }
}

/// Collects mistakes while a file is read, so that all are told at once.
#[derive(Debug)]
pub(crate) struct Mistakes {
    source: SourceText,
    found: Vec<Mistake>,
}

impl Mistakes {
    /// None so far.
    pub(crate) fn new(source: SourceText) -> Self {
        Self {
            source,
            found: Vec::new(),
        }
    }

    /// Adds one: what is wrong, in a sentence; what the marked text is; what to do.
    pub(crate) fn add(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let span = self.source.on_one_line(span);
        let (line, column) = self.source.position(span.start);
        self.found.push(Mistake {
            message: message.into(),
            label: label.into(),
            help: help.into(),
            span,
            text: self.source.clone(),
            line,
            column,
        });
    }

    /// Line of a span, from 1.
    pub(crate) fn line(&self, span: Span) -> u64 {
        self.source.position(span.start).0
    }

    /// Mistakes found so far.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// `Ok` if there were none.
    pub(crate) fn into_result(mut self, path: &std::path::Path) -> Result<(), ScenarioError> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by_key(|mistake| mistake.span.start);
        let left_out = self.found.len().saturating_sub(TOLD);
        self.found.truncate(TOLD);
        Err(ScenarioError::Invalid {
            path: path.to_owned(),
            mistakes: self.found,
            left_out,
        })
    }
}

/// "did you mean `x`?", else the list of what is valid.
pub(crate) fn suggestion<'a>(
    given: &str,
    what: &str,
    valid: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match nearest(given, valid.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => listed(what, valid),
    }
}

/// "{what}: a, b, c", at most a dozen of them.
pub(crate) fn listed<'a>(what: &str, valid: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 30;
    let all: Vec<String> = valid.into_iter().map(shown).collect();
    match all.len() {
        0 => format!("{what}: none"),
        n if n <= MOST => format!("{what}: {}", all.join(", ")),
        n => format!("{what}: {} and {} more", all[..MOST].join(", "), n - MOST),
    }
}
