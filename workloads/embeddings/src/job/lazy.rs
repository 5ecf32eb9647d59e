//! Lazy handles: how long it takes from one without its vector to the vector, in the page cache and on the disk.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use plimsoll_workload::Failure;

use super::ingest::id_of;
use super::memory::forget;
use super::reading::nanoseconds;
use super::steps::{Job, Serving};
use crate::data::Trace;
use crate::lazy::{Handle, Loader};
use crate::measures::{
    self, DEVICE_P50, DEVICE_P99, LAZY_COLD_EXTRA, LAZY_COLD_P50, LAZY_COLD_P99, LAZY_LATENCY,
    LAZY_P50, LAZY_P99,
};

/// Bytes of a read that tells how fast the device is.
const PAGE: u64 = 4096;

/// Loads handles to vectors of the trace, the rarest ones, which no cache is likely to have; `file` has their records.
pub(super) fn load(
    job: &Job<'_>,
    trace: &Trace,
    file: &Path,
    loader: &Arc<dyn Loader>,
    serving: &mut dyn Serving,
) -> Result<(), Failure> {
    let (params, context) = (job.params, job.context);
    // A record has the number of its vector.
    let handles = trace.keys_by_rank().iter().rev();
    let handles = handles.map(|key| (*key, Handle::of_record(*key, Arc::clone(loader))));
    let warm: Vec<_> = handles.clone().take(params.lazy).collect();
    let mut times = context.phase("lazy", || timed(&warm))?;
    let percentiles = [(0.5, LAZY_P50), (0.99, LAZY_P99)];
    measures::report_times(context, Some(LAZY_LATENCY), &percentiles, &mut times);
    proved(job, &warm, serving)?;
    drop(warm);
    let cold: Vec<_> = handles.take(params.cold.min(params.lazy)).collect();
    forget(file, None)?;
    let mut cold_times = context.phase("cold", || timed(&cold))?;
    let percentiles = [(0.5, LAZY_COLD_P50), (0.99, LAZY_COLD_P99)];
    measures::report_times(context, None, &percentiles, &mut cold_times);
    drop(cold);
    forget(file, None)?;
    let places = trace
        .keys_by_rank()
        .iter()
        .rev()
        .take(params.cold.min(params.lazy));
    let share = places.map(|key| f64::from(*key) / params.n as f64);
    let mut times = context.phase("device", || read_pages(file, share))?;
    let percentiles = [(0.5, DEVICE_P50), (0.99, DEVICE_P99)];
    measures::report_times(context, None, &percentiles, &mut times);
    let [lazy, device] = [&cold_times, &times].map(|times| measures::percentile(times, 0.99));
    if let (Some(lazy), Some(device)) = (lazy, device) {
        measures::report(context, LAZY_COLD_EXTRA, (lazy - device).max(0.0));
    }
    Ok(())
}

/// How long each takes to have its vector.
fn timed(handles: &[(u32, Handle)]) -> Result<Vec<u32>, Failure> {
    let times = handles.iter().map(|(_, handle)| {
        let start = Instant::now();
        let loaded = handle.get().map_err(failed)?;
        black_box(loaded.floats());
        let time = nanoseconds(start);
        drop(loaded);
        // Its chunk is the next one's.
        handle.unload();
        Ok(time)
    });
    times.collect()
}

/// Each has the vector that is read otherwise, and has it again once it was unloaded.
fn proved(
    job: &Job<'_>,
    handles: &[(u32, Handle)],
    serving: &mut dyn Serving,
) -> Result<(), Failure> {
    let mut row = vec![0.0; job.params.dim];
    for (key, handle) in handles {
        serving.read(id_of(job, (*key).into()), &mut row)?;
        let expected: &[u8] = bytemuck::cast_slice(&row);
        let is_right = || Ok::<_, Failure>(*handle.get().map_err(failed)? == *expected);
        let first = is_right()?;
        handle.unload();
        if !first || !is_right()? {
            let message = format!("the handle of vector {key} has another vector");
            return Err(Failure::Other(message));
        }
        handle.unload();
    }
    Ok(())
}

fn failed(error: crate::lazy::LoadError) -> Failure {
    Failure::Other(error.to_string())
}

/// How long reading a page takes, at each of these shares of a file.
fn read_pages(path: &Path, shares: impl Iterator<Item = f64>) -> Result<Vec<u32>, Failure> {
    let reading = |error| Failure::io("reading", path, error);
    let file = File::open(path).map_err(reading)?;
    let pages = file.metadata().map_err(reading)?.len() / PAGE;
    let mut page = [0; PAGE as usize];
    let times = shares.map(|share| {
        let at = (share * pages.saturating_sub(1) as f64) as u64 * PAGE;
        let start = Instant::now();
        file.read_exact_at(&mut page, at).map_err(reading)?;
        black_box(&page);
        Ok(nanoseconds(start))
    });
    times.collect()
}
