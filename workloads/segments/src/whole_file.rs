//! Files that are there whole, or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use plimsoll_workload::Failure;
use tempfile::NamedTempFile;

const BUFFER: usize = 256 << 10;

/// Writes `path` by way of a file beside it, which takes its place once all is written, and is gone otherwise.
///
/// # Errors
/// The file cannot be made or written, told with its name and what to do; or the error of `fill`.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let failed = |error| Failure::io("writing", path, error);
    let mut file = unfinished(path).map_err(failed)?;
    let mut buffered = BufWriter::with_capacity(BUFFER, file.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush().map_err(failed)?;
    drop(buffered);
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The directory that `path` is in.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A new file beside `path`, with the permissions that the user's files have, which is gone unless it is given a name.
pub(crate) fn unfinished(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".unfinished-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_left_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let fill = |bytes: &'static [u8]| {
            move |file: &mut BufWriter<&mut File>| {
                file.write_all(bytes).unwrap();
                Ok(())
            }
        };
        write(&path, fill(b"first")).unwrap();
        let failure = write(&path, |file| {
            fill(&[0; 3 * BUFFER])(file)?;
            Err(Failure::Other("no more".into()))
        });
        assert_eq!(failure.unwrap_err().to_string(), "no more");
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        write(&path, fill(b"second")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_in_no_directory_is_named() {
        let message = write(Path::new("/nowhere/at all"), |_| Ok(())).unwrap_err();
        assert!(message.to_string().starts_with("writing /nowhere/at all: "));
    }
}
