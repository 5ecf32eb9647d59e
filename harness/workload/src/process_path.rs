//! Paths of files of which each process has one of its own in a directory, put together without allocating.

use std::ffi::CStr;

/// Longer ones there are none of: a path is put together on the stack of whatever thread allocates or forks first.
const LONGEST: usize = 1024;

/// A path in a buffer of its own; the text is followed by at least one zero.
#[derive(Debug, Clone)]
pub(crate) struct ProcessPath {
    bytes: [u8; LONGEST],
    length: usize,
}

impl ProcessPath {
    /// A directory; one whose name is too long for anything in it has no files.
    pub(crate) fn in_directory(directory: &CStr) -> Self {
        let mut path = ProcessPath {
            bytes: [0; LONGEST],
            length: 0,
        };
        if path.push(directory.to_bytes()).is_none() || path.push(b"/").is_none() {
            path.length = LONGEST;
        }
        path
    }

    /// The file of a process in this directory; none where its path is too long.
    pub(crate) fn of(&self, process: u32) -> Option<Self> {
        self.named("", process)
    }

    /// A file of a process in this directory, named for what it says.
    pub(crate) fn named(&self, prefix: &str, process: u32) -> Option<Self> {
        let mut path = self.clone();
        path.push(prefix.as_bytes())?;
        let mut digits = [0; 10];
        let mut first = digits.len();
        let mut rest = process;
        while rest > 0 || first == digits.len() {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        path.push(&digits[first..])?;
        Some(path)
    }

    /// As the system takes it.
    pub(crate) fn text(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }

    fn push(&mut self, text: &[u8]) -> Option<()> {
        let end = self.length + text.len();
        // The last byte stays zero.
        self.bytes
            .get_mut(self.length..end)
            .filter(|_| end < LONGEST)?
            .copy_from_slice(text);
        self.length = end;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_for_its_process() {
        let pages = ProcessPath::in_directory(c"/run/pages");
        for (process, path) in [(0, c"/run/pages/0"), (4_194_304, c"/run/pages/4194304")] {
            assert_eq!(pages.of(process).unwrap().text(), path);
        }
        let named = pages.named("other-", 7).unwrap();
        assert_eq!(named.text(), c"/run/pages/other-7");
    }

    #[test]
    fn a_path_that_is_too_long_is_none() {
        for length in [LONGEST - 4, LONGEST - 2, LONGEST, 2 * LONGEST] {
            let directory = std::ffi::CString::new(vec![b'x'; length]).unwrap();
            let pages = ProcessPath::in_directory(&directory);
            assert_eq!(pages.of(12).is_some(), length < LONGEST - 3, "{length}");
        }
    }
}
