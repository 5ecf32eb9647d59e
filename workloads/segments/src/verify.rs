//! Proof that an archive gives its input back, byte for byte.

use std::convert::Infallible;
use std::path::Path;

use plimsoll_workload::{Context, Failure};

use crate::archive::{Archive, DecompressError, ReadError, RecordSink, digest};
use crate::fasta::{self, ScanError};
use crate::inputs::{Inputs, RecordsDigest};

/// The digests that every proof reports: of the records that come back, of all payloads, and of the file.
pub(crate) const DIGESTS: &[&str] = &["records", "logical", "file"];

/// Decompresses the archive and compares its records with the inputs' own; reports the digests `records`, `logical`
/// and `file`.
///
/// # Errors
/// The archive cannot be read or is damaged, or its records are not those of the inputs. The message names the first
/// record that differs.
pub fn verify(archive: &Path, inputs: &Inputs, context: &Context) -> Result<(), Failure> {
    let opened = Archive::open(archive).map_err(failed)?;
    let mut records = Records::default();
    opened.decompress(&mut records).map_err(unreadable)?;
    let records = records.0.finish();
    if records != inputs.records_digest() {
        let place = first_difference(&opened, inputs)?;
        return Err(Failure::Other(format!(
            "the archive {} does not give its input back: {place}",
            archive.display()
        )));
    }
    context.digest("records").finish_with(&records);
    let logical = digest::logical(&opened).map_err(failed)?;
    context.digest("logical").finish_with(&logical);
    let file = digest::file(archive).map_err(failed)?;
    context.digest("file").finish_with(&file);
    Ok(())
}

fn failed(error: ReadError) -> Failure {
    Failure::Other(error.to_string())
}

fn unreadable(error: DecompressError<Infallible>) -> Failure {
    Failure::Other(error.to_string())
}

/// The digest of all records that an archive gives back.
#[derive(Default)]
struct Records(RecordsDigest);

impl RecordSink for Records {
    type Error = Infallible;

    fn sample(&mut self, name: &[u8]) -> Result<(), Infallible> {
        self.0.sample(name);
        Ok(())
    }

    fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
        self.0.record(header);
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.sequence(bytes);
        Ok(())
    }
}

/// Where the archive's records and the inputs' begin to differ, in words.
fn first_difference(archive: &Archive, inputs: &Inputs) -> Result<String, Failure> {
    let mut archived = Outline::default();
    archive.decompress(&mut archived).map_err(unreadable)?;
    let mut given = Outline::default();
    for sample in inputs.samples() {
        given.begin_sample(&sample.name);
        fasta::scan(&sample.path, &mut given).map_err(|error| match error {
            ScanError::Input(error) => Failure::Input(error.to_string()),
            ScanError::Sink(never) => match never {},
        })?;
    }
    let (archived, given) = (archived.finish(), given.finish());
    let mut sample = String::new();
    for (place, item) in given.iter().enumerate() {
        if let Item::Sample(name) = item {
            sample = name.escape_ascii().to_string();
        }
        if archived.get(place) != Some(item) {
            return Ok(format!("it differs first at {}", item.told(&sample)));
        }
    }
    if archived.len() > given.len() {
        return Ok("it has more records than the inputs".to_owned());
    }
    Ok("the inputs have changed since they were made; make them again".to_owned())
}

/// Samples and records, each with a digest in the place of its sequence.
#[derive(Default)]
struct Outline {
    items: Vec<Item>,
    open: Option<(Vec<u8>, blake3::Hasher)>,
    records: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Item {
    Sample(Vec<u8>),
    Record {
        number: usize,
        header: Vec<u8>,
        sequence: blake3::Hash,
    },
}

impl Item {
    fn told(&self, sample: &str) -> String {
        match self {
            Self::Sample(_) => format!("sample {sample}"),
            Self::Record { number, header, .. } => format!(
                "sample {sample}, record {number} \"{}\"",
                header.escape_ascii()
            ),
        }
    }
}

impl Outline {
    fn begin_sample(&mut self, name: &[u8]) {
        self.end_record();
        self.records = 0;
        self.items.push(Item::Sample(name.to_vec()));
    }

    fn end_record(&mut self) {
        let Some((header, sequence)) = self.open.take() else {
            return;
        };
        self.records += 1;
        self.items.push(Item::Record {
            number: self.records,
            header,
            sequence: sequence.finalize(),
        });
    }

    fn finish(mut self) -> Vec<Item> {
        self.end_record();
        self.items
    }
}

impl fasta::Sink for Outline {
    type Error = Infallible;

    fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
        self.end_record();
        self.open = Some((header.to_vec(), blake3::Hasher::new()));
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        if let Some((_, sequence)) = &mut self.open {
            sequence.update(bytes);
        }
        Ok(())
    }
}

impl RecordSink for Outline {
    type Error = Infallible;

    fn sample(&mut self, name: &[u8]) -> Result<(), Infallible> {
        self.begin_sample(name);
        Ok(())
    }

    fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
        fasta::Sink::record(self, header)
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        fasta::Sink::sequence(self, bytes)
    }
}
