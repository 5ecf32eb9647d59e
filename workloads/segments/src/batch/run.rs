//! The phases, one after another.

use plimsoll_workload::Failure;
use rayon::ThreadPoolBuilder;

use super::encode::{self, Encoding, Way};
use super::group::group;
use super::load::load;
use super::tools::Tools;
use super::write::{Writing, write};
use crate::archive::ArchiveFile;
use crate::counts::Counts;
use crate::job::Job;
use crate::whole::Chosen;

/// The baseline: segments are cloned as they are handed on. The k-mers that splitters are chosen from stay to the end,
/// as in the account of the program that is retold: there they are part of what is known to be held at the peak.
///
/// Without `clone`, each segment's content is moved instead, and what remains of it, 104 bytes, stays until all groups
/// are done; only that tells it from [`moved`].
///
/// # Errors
/// The inputs cannot be read, the archive cannot be written, or the run is cancelled.
pub fn batch(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    let way = if job.params.clone {
        encode::cloned
    } else {
        encode::emptied
    };
    run(file, job, way)
}

/// The same, with the groups consumed and their segments moved to the writers.
///
/// # Errors
/// As for [`batch`].
pub fn moved(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    run(file, job, encode::moved)
}

/// The same, with the segments lent to the writers.
///
/// # Errors
/// As for [`batch`].
pub fn borrowed(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    run(file, job, encode::borrowed)
}

fn run(file: ArchiveFile, job: &Job<'_>, encode: Way) -> Result<Counts, Failure> {
    let context = job.context;
    let chosen = Chosen::new(job)?;
    let (groups, catalogue, bases) = context.phase("read", || {
        let loaded = load(job, &chosen.splitters)?;
        let groups = group(loaded.segments);
        context.ledger("groups").set(groups.list_bytes() as u64);
        Ok::<_, Failure>((groups, loaded.catalogue, loaded.bases))
    })?;
    let tools = Tools::new(job, context.threads())?;
    let all_packs = context.phase("encode", || {
        let pool = ThreadPoolBuilder::new()
            .num_threads(context.threads())
            .build()
            .map_err(|error| Failure::Other(format!("starting threads: {error}")))?;
        let encoding = Encoding {
            context,
            tools: &tools,
            progress: context.progress("groups", Some(groups.list.len() as u64)),
        };
        pool.install(|| encode(groups, &encoding))
    })?;
    tools.segments.set(0);
    context.ledger("groups").set(0);
    let writing = Writing {
        job,
        tools: &tools,
        catalogue: &catalogue,
        splitters: chosen.splitters.len() as u64,
        bases,
    };
    context.phase("write", || write(file, &writing, all_packs))
}
