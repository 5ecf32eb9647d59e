//! What part of the processor time of reads is the pool's.

use std::hint::black_box;

use plimsoll_workload::Failure;
use plimsoll_workload::clock::thread_cpu_ns;

use super::ingest::id_of;
use super::steps::{Job, Serving};
use crate::data::Trace;
use crate::search::inner_product;

/// How many chunks are taken and given back for each load in one of two turns.
const CHUNKS: u32 = 10;
/// The fewest turns of either kind.
const TURNS: usize = 15;
/// The most reads of a turn: some hundred microseconds, in which little changes about them.
const READS: usize = 256;
/// Reads that make one for each of the fewest turns.
pub(crate) const FEWEST_READS: usize = 2 * TURNS;

/// Fails where there is no pool whose part it could be.
pub(super) fn need_pool(serving: &mut dyn Serving) -> Result<(), Failure> {
    if serving.take_more_chunks(0) {
        return Ok(());
    }
    let message = "pool_share is asked of an implementation without a pool; tiered has one";
    Err(Failure::Input(message.to_owned()))
}

/// Reads the trace once more, as it was followed, in turns with one chunk for each load and with ten: the nine more cost nine times
/// what the pool's part is. The median of that part.
pub(super) fn pool_share(
    job: &Job<'_>,
    trace: &Trace,
    serving: &mut dyn Serving,
) -> Result<f64, Failure> {
    let mut query = vec![0.0; job.params.dim];
    job.generator.query(0, &mut query);
    let mut row = vec![0.0; job.params.dim];
    let length = (trace.len() / FEWEST_READS).min(READS);
    let turns = trace.len() / (2 * length).max(1);
    let mut accesses = trace.iter();
    let mut turn = |chunks: u32| -> Result<f64, Failure> {
        serving.take_more_chunks(chunks - 1);
        let begin = thread_cpu_ns();
        for access in accesses.by_ref().take(length) {
            serving.read(id_of(job, access.key.into()), &mut row)?;
            black_box(inner_product(&query, &row));
        }
        Ok((thread_cpu_ns() - begin) as f64)
    };
    let mut shares = Vec::with_capacity(turns);
    for number in 0..turns {
        // Whoever comes second finds warmer tables: they take turns in that, too.
        let (once, often) = if number % 2 == 0 {
            let once = turn(1)?;
            (once, turn(CHUNKS)?)
        } else {
            let often = turn(CHUNKS)?;
            (turn(1)?, often)
        };
        shares.push((often - once) / f64::from(CHUNKS - 1) / once.max(1.0));
    }
    serving.take_more_chunks(0);
    shares.sort_unstable_by(f64::total_cmp);
    Ok(shares[turns / 2].max(0.0))
}
