//! An archive back into FASTA files, one a sample.

use std::ffi::OsStr;
use std::io::{BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;
use tempfile::NamedTempFile;

use crate::archive::{Archive, DecompressError, RecordSink};
use crate::whole_file;

/// Bases a line. An archive does not keep the widths that the input had.
const WIDTH: usize = 80;

/// Writes every sample of `archive` as `NAME.fa` into `directory`, which is made if it is not there; the files in
/// order. A file appears under its name when its sample is whole, and takes the place of one of that name.
///
/// # Errors
/// The archive cannot be read or is damaged, a sample's name is not one of a file, or a file cannot be written.
pub fn extract(archive: &Path, directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let archive = Archive::open(archive).map_err(|error| Failure::Input(error.to_string()))?;
    std::fs::create_dir_all(directory)
        .map_err(|error| Failure::io("creating", directory, error))?;
    let mut files = Files {
        directory,
        open: None,
        written: Vec::new(),
    };
    archive
        .decompress(&mut files)
        .map_err(|error| match error {
            DecompressError::Read(error) => Failure::Input(error.to_string()),
            DecompressError::Sink(failure) => failure,
        })?;
    files.close()?;
    Ok(files.written)
}

/// Writes samples as they come.
struct Files<'a> {
    directory: &'a Path,
    open: Option<Sample>,
    written: Vec<PathBuf>,
}

/// The sample that is being written.
struct Sample {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    /// Bytes on the line that is open, and the last of them.
    column: usize,
    last: u8,
}

impl Files<'_> {
    /// Ends the open sample, and gives its file its name.
    fn close(&mut self) -> Result<(), Failure> {
        let Some(mut sample) = self.open.take() else {
            return Ok(());
        };
        if sample.column > 0 {
            sample.end_line()?;
        }
        let Sample { path, file, .. } = sample;
        let failed = |error| Failure::io("writing", &path, error);
        let file = file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        self.written.push(path);
        Ok(())
    }

    fn open(&mut self) -> Result<&mut Sample, Failure> {
        self.open
            .as_mut()
            .ok_or_else(|| Failure::Other("a record comes before its sample".to_owned()))
    }
}

impl Sample {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file
            .write_all(bytes)
            .map_err(|error| Failure::io("writing", &self.path, error))
    }

    /// Ends the line. After a CR of the record's own, the line end has one too, for a reader takes one away.
    fn end_line(&mut self) -> Result<(), Failure> {
        self.column = 0;
        self.write(if self.last == b'\r' { b"\r\n" } else { b"\n" })
    }
}

impl RecordSink for Files<'_> {
    type Error = Failure;

    fn sample(&mut self, name: &[u8]) -> Result<(), Failure> {
        self.close()?;
        // A name that leads elsewhere is no name: archives come from anywhere.
        let is_name = !name.is_empty() && !name.iter().any(|byte| matches!(byte, b'/' | 0));
        if !is_name {
            return Err(Failure::Input(format!(
                "a sample is called `{}`, which is not the name of a file",
                name.escape_ascii()
            )));
        }
        let mut path = self
            .directory
            .join(OsStr::from_bytes(name))
            .into_os_string();
        path.push(".fa");
        let path = PathBuf::from(path);
        let file =
            whole_file::unfinished(&path).map_err(|error| Failure::io("writing", &path, error))?;
        self.open = Some(Sample {
            path,
            file: BufWriter::new(file),
            column: 0,
            last: 0,
        });
        Ok(())
    }

    fn record(&mut self, header: &[u8]) -> Result<(), Failure> {
        let sample = self.open()?;
        if sample.column > 0 {
            sample.end_line()?;
        }
        sample.write(b">")?;
        sample.write(header)?;
        sample.last = header.last().copied().unwrap_or_default();
        sample.end_line()
    }

    fn sequence(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        let sample = self.open()?;
        while let Some(&first) = bytes.first() {
            // A line must not begin with what begins a record.
            let room = match WIDTH.checked_sub(sample.column) {
                Some(room @ 1..) => room,
                _ if first == b'>' => 1,
                _ => {
                    sample.end_line()?;
                    WIDTH
                }
            };
            let (line, rest) = bytes.split_at(bytes.len().min(room));
            sample.write(line)?;
            sample.column += line.len();
            sample.last = line.last().copied().unwrap_or_default();
            bytes = rest;
        }
        Ok(())
    }
}
