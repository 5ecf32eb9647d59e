//! Writing a generated file: chunks are made and deflated by all threads, and written in their order.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use plimsoll_workload::{Bytes, Failure};

use super::chunk::Maker;
use super::plan::{Plan, REFERENCE, Shape};
use crate::bgzf::Deflater;
use crate::error::Error;
use crate::pipeline::{Output, Writer};

/// Level of the generated file.
const LEVEL: u32 = 1;
/// Bytes of a record in the file, generously.
const RECORD_BYTES: u64 = 64;

/// Writes a file of so many records at `path`, by way of a file beside it.
///
/// # Errors
/// The disk has no room for it, or it cannot be written.
pub(crate) fn write(
    path: &Path,
    shape: Shape,
    records: u64,
    seed: u64,
    threads: usize,
) -> Result<(), Failure> {
    room_for(path, records)?;
    let plan = Plan::new(shape, records / 2, seed);
    let mut output = Output::create(path)?;
    let mut deflater = Deflater::new(LEVEL)?;
    deflater.begin(Vec::new());
    deflater.push(&header(plan.references()))?;
    output.write(&deflater.finish()?)?;
    let writer = Mutex::new(Writer::new(&mut output, None));
    let next = AtomicU64::new(0);
    let work = || -> Result<(), Error> {
        let mut maker = Maker::new(seed);
        let mut deflater = Deflater::new(LEVEL)?;
        while let Some(chunk) = plan.chunk(next.fetch_add(1, Ordering::Relaxed)) {
            deflater.begin(Vec::new());
            deflater.push(maker.make(&chunk))?;
            let blocks = deflater.finish()?;
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let written = writer.deliver(chunk.number, blocks);
            if written.is_err() {
                // The others have nothing left to make.
                next.store(plan.chunks(), Ordering::Relaxed);
            }
            written?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut outcomes = vec![work()];
        for other in others {
            let outcome = other.join();
            outcomes.push(outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        outcomes.into_iter().collect::<Result<Vec<()>, Error>>()
    })?;
    output.commit()?;
    Ok(())
}

/// Looks whether the disk has room for a file of so many records.
fn room_for(path: &Path, records: u64) -> Result<(), Failure> {
    let directory = path.parent().unwrap_or(Path::new("."));
    // Where a system does not tell, the file is begun, and a full disk says so then.
    let Ok(disk) = rustix::fs::statvfs(directory) else {
        return Ok(());
    };
    let available = disk.f_bavail.saturating_mul(disk.f_frsize);
    let needed = records.saturating_mul(RECORD_BYTES);
    if needed <= available {
        return Ok(());
    }
    Err(Failure::Refused {
        needed: Bytes(needed),
        available: Bytes(available),
        hint: format!(
            "that much disk is needed in {} for {records} records; free some, or generate fewer",
            directory.display()
        ),
    })
}

fn header(references: u64) -> Vec<u8> {
    let mut text =
        "@HD\tVN:1.6\tSO:unsorted\tGO:query\tSS:unsorted:template-coordinate\n".to_owned();
    let mut list = (references as u32).to_le_bytes().to_vec();
    for number in 1..=references {
        let name = format!("chr{number}");
        text.push_str(&format!("@SQ\tSN:{name}\tLN:{REFERENCE}\n"));
        list.extend((name.len() as u32 + 1).to_le_bytes());
        list.extend(name.as_bytes());
        list.push(0);
        list.extend((REFERENCE as u32).to_le_bytes());
    }
    text.push_str("@RG\tID:A\tSM:sample\tLB:library\n");
    let mut bytes = b"BAM\x01".to_vec();
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(list);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_has_no_room_is_refused_before_it_is_begun() {
        let directory = tempfile::tempdir().unwrap();
        let failure =
            room_for(&directory.path().join("a.bam"), u64::MAX / RECORD_BYTES).unwrap_err();
        assert!(matches!(failure, Failure::Refused { .. }), "{failure}");
        room_for(&directory.path().join("a.bam"), 1000).unwrap();
    }
}
