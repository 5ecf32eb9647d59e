//! What a run has left, looked at as a whole: every block held against its checksum, every record's length against the
//! file, and all of it hashed.

use std::path::Path;

use plimsoll_workload::Context;
use sha2::{Digest, Sha256};

use crate::bam::Header;
use crate::bgzf::{Compressed, Inflater};
use crate::error::Error;
use crate::measures::RECORDS_DIGEST;
use crate::pipeline::Pool;
use crate::records::{Framing, open};

/// The SHA-256 of all that follows a BAM file's header, which is whole.
///
/// # Errors
/// The file is damaged, or ends early.
pub fn digest_of_records(path: &Path) -> Result<String, Error> {
    let mut opened = open(path)?;
    let pool = Pool::new(None);
    let mut framing = Framing::default();
    let mut hasher = Sha256::new();
    let mut segment = pool.adopt(opened.rest);
    let mut inflater = Inflater::new();
    let mut run = Compressed::default();
    let failed = |records, problem| Error::record(path, records, b"", problem);
    loop {
        hasher.update(segment.bytes());
        if let Some(segment) = framing.begin(segment) {
            let mut at = 0;
            loop {
                match framing.next(segment.bytes(), &mut at) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(problem) => return Err(failed(framing.records(), problem)),
                }
            }
        }
        if !opened.runs.next(&mut run)? {
            break;
        }
        segment = pool.take(run.inflated);
        inflater.inflate(path, &run, segment.bytes_mut())?;
    }
    if let Err(problem) = framing.end() {
        return Err(failed(framing.records(), problem));
    }
    Ok(format!("sha256:{:x}", hasher.finalize()))
}

/// The header of a BAM file that is sorted by template coordinate, grouped or not.
///
/// # Errors
/// The file cannot be read, is no BAM file, is damaged, or is in another order.
pub fn header_of(path: &Path) -> Result<Header, Error> {
    Ok(open(path)?.header)
}

/// Reports the digest of the grouped file's records.
pub(crate) fn verify(path: &Path, context: &Context) -> Result<(), Error> {
    let digest = digest_of_records(path)?;
    context.digest(RECORDS_DIGEST).finish_with(&digest);
    Ok(())
}
