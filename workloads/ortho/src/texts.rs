//! The texts of one run, in order, from a directory or from memory.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;

/// The texts of one run, in order.
#[derive(Debug, Clone)]
pub struct Texts(Vec<Text>);

#[derive(Debug, Clone)]
enum Text {
    File(PathBuf),
    Memory(String),
}

impl Texts {
    /// The files `text.1.txt`, `text.2.txt`, ... that lie in `directory`, up to the first number missing.
    pub fn in_directory(directory: &Path) -> Result<Self, Failure> {
        let files: Vec<_> = (1..)
            .map(|number| directory.join(file_name(number)))
            .take_while(|path| path.exists())
            .map(Text::File)
            .collect();
        if files.is_empty() {
            return Err(Failure::Input(format!(
                "no {} in {}: make the inputs first",
                file_name(1),
                directory.display()
            )));
        }
        Ok(Self(files))
    }

    /// Texts already at hand.
    pub fn in_memory(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(
            texts
                .into_iter()
                .map(|text| Text::Memory(text.into()))
                .collect(),
        )
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads text number `index`, counted from 0.
    pub fn read(&self, index: usize) -> Result<Cow<'_, str>, Failure> {
        match &self.0[index] {
            Text::Memory(text) => Ok(Cow::Borrowed(text)),
            Text::File(path) => read_text(path).map(Cow::Owned),
        }
    }
}

/// The name of text `number`, counted from 1, in an input directory.
pub(crate) fn file_name(number: usize) -> String {
    format!("text.{number}.txt")
}

/// Reads a file that must be UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Input(format!("cannot read {}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        Failure::Input(format!(
            "{} is not UTF-8: bad byte at offset {}; convert the file to UTF-8 first",
            path.display(),
            error.utf8_error().valid_up_to()
        ))
    })
}
