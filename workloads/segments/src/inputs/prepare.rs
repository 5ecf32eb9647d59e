//! Making the inputs: generated samples, or copies of given ones, which are read through once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;

use super::digest::RecordsDigest;
use super::manifest::{Inputs, Sample};
use super::name::sample_name;
use crate::fasta::{InputError, ScanError, scan};
use crate::params::{Levels, Params};
use crate::stamp::Stamp;
use crate::{generate, whole_file};

impl Inputs {
    /// Makes the inputs in `directory`: the generated pangenome, or copies of the given files, and a manifest that
    /// keeps their order, their names and the digest of their records.
    ///
    /// # Errors
    /// A parameter is out of range. The list of files is empty. A given file is a directory or otherwise not a regular file, cannot be read, has
    /// the sample name of another, is damaged gzip, has sequence before its first header, or changed meanwhile. A file
    /// cannot be written.
    pub fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
        params.settings(Levels::Lean)?;
        let generated;
        let (sources, samples) = match &params.input {
            None => {
                generated = generate::write(params.preset, params.seed, directory)?;
                (&generated, with_names(&generated, generated.clone())?)
            }
            Some(files) if files.is_empty() => {
                return Err(Failure::Input(
                    "input lists no files; list the reference's FASTA file at least, or leave input out to have a \
                     pangenome generated"
                        .to_owned(),
                ));
            }
            Some(files) => (files, copies(files, directory)?),
        };
        let mut digest = RecordsDigest::default();
        for (sample, source) in samples.iter().zip(sources) {
            digest.sample(&sample.name);
            scan(&sample.path, &mut digest).map_err(|error| match error {
                ScanError::Input(error) => error.told_of(source),
                ScanError::Sink(never) => match never {},
            })?;
        }
        let records = digest.finish();
        Self { samples, records }.write(directory)
    }
}

/// Copies the given files, once all of them are known to be possible.
fn copies(sources: &[PathBuf], directory: &Path) -> Result<Vec<Sample>, Failure> {
    let to = (1..=sources.len()).map(|number| directory.join(format!("sample.{number}")));
    let samples = with_names(sources, to.collect())?;
    sources
        .iter()
        .try_for_each(|source| check_regular(source))?;
    for (source, sample) in sources.iter().zip(&samples) {
        whole_file::write(&sample.path, |file| copy(source, file, &sample.path))?;
    }
    Ok(samples)
}

/// The samples at `paths`, named after the files that they come from.
fn with_names(sources: &[PathBuf], paths: Vec<PathBuf>) -> Result<Vec<Sample>, Failure> {
    let mut known: HashMap<Vec<u8>, &Path> = HashMap::new();
    let mut samples = Vec::new();
    for (source, path) in sources.iter().zip(paths) {
        let name = sample_name(source).ok_or_else(|| InputError::Directory {
            path: source.clone(),
        })?;
        if let Some(other) = known.insert(name.clone(), source) {
            return Err(Failure::Input(format!(
                "{} and {} are both sample `{}`; rename one of them",
                other.display(),
                source.display(),
                String::from_utf8_lossy(&name)
            )));
        }
        samples.push(Sample { name, path });
    }
    Ok(samples)
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> InputError {
    move |source| InputError::Read {
        path: path.into(),
        source,
    }
}

/// A pipe or a device may not end, and cannot be read twice.
fn check_regular(path: &Path) -> Result<(), Failure> {
    let metadata = std::fs::metadata(path).map_err(unreadable(path))?;
    if metadata.is_dir() {
        return Err(InputError::Directory { path: path.into() }.into());
    }
    if !metadata.is_file() {
        return Err(Failure::Input(format!(
            "{} is not a regular file; save what comes from it to a file first",
            path.display()
        )));
    }
    Ok(())
}

/// Copies a file that must not change meanwhile, nor be replaced by another; `name` is that of the copy.
fn copy(source: &Path, out: &mut impl Write, name: &Path) -> Result<(), Failure> {
    let mut file = File::open(source).map_err(unreadable(source))?;
    let before = Stamp::from(&file.metadata().map_err(unreadable(source))?);
    let doing = || format!("copying {} to", source.display());
    let copied = io::copy(&mut file, out).map_err(|error| Failure::io(&doing(), name, error))?;
    let after = std::fs::metadata(source).map_err(unreadable(source))?;
    if Stamp::from(&after) != before || copied != before.length {
        return Err(InputError::Changed {
            path: source.into(),
        }
        .into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    /// Does something to a file when the first bytes of its copy come.
    struct Meddler<'a> {
        with: &'a Path,
        how: Option<fn(&Path)>,
    }

    impl Write for Meddler<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(how) = self.how.take() {
                how(self.with);
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn copied_while(how: fn(&Path)) -> Result<(), Failure> {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("a.fa");
        std::fs::write(&source, [b'A'; 100_000]).unwrap();
        let mut out = Meddler {
            with: &source,
            how: Some(how),
        };
        copy(&source, &mut out, Path::new("copy"))
    }

    fn open(path: &Path) -> File {
        File::options().write(true).open(path).unwrap()
    }

    #[test]
    fn a_file_that_changes_while_it_is_copied_is_refused() {
        let changes: [fn(&Path); 4] = [
            |path| open(path).set_len(200_000).unwrap(),
            |path| open(path).set_len(10).unwrap(),
            |path| {
                let later = SystemTime::now() + Duration::from_secs(10);
                open(path).set_modified(later).unwrap();
            },
            |path| {
                let other = path.with_extension("new");
                std::fs::write(&other, [b'C'; 100_001]).unwrap();
                std::fs::rename(other, path).unwrap();
            },
        ];
        for change in changes {
            let message = copied_while(change).unwrap_err().to_string();
            assert!(message.contains("a.fa changed while"), "{message}");
        }
        let gone = copied_while(|path| std::fs::remove_file(path).unwrap());
        assert!(gone.unwrap_err().to_string().contains("a.fa"));
        copied_while(|_| {}).unwrap();
    }

    #[test]
    fn a_copy_that_cannot_be_written_is_named_with_its_source() {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("a.fa");
        std::fs::write(&source, ">a\nA\n").unwrap();
        let failure = copy(&source, &mut FullDisk, Path::new("the/copy")).unwrap_err();
        let message = failure.to_string();
        for part in ["a.fa to the/copy", "free some space"] {
            assert!(message.contains(part), "{message}");
        }
    }

    struct FullDisk;

    impl Write for FullDisk {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
