//! Phases: exclusive, process-wide parts of a step; and stages, which may overlap.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, Release};

use crate::clock::{monotonic_ns, thread_cpu_ns};
use crate::context::{Channels, lock};
use crate::event::Kind;
use crate::{heap, resident};

/// How long a stage keeps still between two of its lines.
const STAGE_INTERVAL_NS: u64 = 1_000_000_000;

/// A running phase; ends when dropped, also by a panic.
pub(crate) struct Phase<'a> {
    channels: &'a Channels,
    name: &'a str,
    slot: Option<usize>,
}

impl<'a> Phase<'a> {
    /// Begins a phase. Where one is running already, that is said and this one is not recorded: `None`.
    pub(crate) fn begin(channels: &'a Channels, name: &'a str) -> Option<Self> {
        let mut running = lock(&channels.phase);
        if let Some(running) = running.as_deref() {
            let about = format!(
                "phase `{name}` began while phase `{running}` ran; phases are exclusive, so it is not recorded"
            );
            channels.events.emit(Kind::Misuse { about });
            return None;
        }
        *running = Some(name.to_owned());
        let page = &channels.page;
        let slot = page.phase_slot(name);
        if slot.is_none() {
            channels.no_slot("phase", name);
        }
        if let Some(slot) = slot {
            page.phases[slot].begun.fetch_add(1, Relaxed);
            page.phase_now.store(slot as u32 + 1, Release);
        }
        // What was resident between phases belongs to none of them.
        channels.take_resident_peak();
        channels.events.emit(Kind::PhaseBegin {
            phase: name.to_owned(),
        });
        Some(Self {
            channels,
            name,
            slot,
        })
    }
}

impl Drop for Phase<'_> {
    fn drop(&mut self) {
        let channels = self.channels;
        let page = &channels.page;
        let peak_rss = channels.take_resident_peak();
        if let (Some(slot), Some(peak)) = (self.slot, peak_rss) {
            page.phases[slot].peak.fetch_max(peak, Relaxed);
        }
        heap::publish();
        let mut running = lock(&channels.phase);
        page.phase_now.store(0, Release);
        channels.events.emit(Kind::PhaseEnd {
            phase: self.name.to_owned(),
            peak_rss,
        });
        *running = None;
    }
}

impl Channels {
    /// Where phase peaks are asked for: the resident peak since the last call, stored in the page before it is reset.
    fn take_resident_peak(&self) -> Option<u64> {
        if !self.phase_peaks.load(Relaxed) {
            return None;
        }
        let peak = resident::peak();
        if let Some(peak) = peak {
            self.page.resident_peak.fetch_max(peak, Relaxed);
        }
        // Without a reset the next phase would be charged with this one's peak: better none at all.
        if (peak.is_none() || !resident::reset_peak()) && self.phase_peaks.swap(false, Relaxed) {
            let about = "no phase peaks: /proc/self/status cannot be read or /proc/self/clear_refs not written".into();
            self.events.emit(Kind::Notice { about });
        }
        peak
    }
}

/// CPU time of each stage so far.
#[derive(Debug, Default)]
pub(crate) struct Stages(HashMap<String, Stage>);

#[derive(Debug, Default)]
struct Stage {
    cpu_ns: u64,
    count: u64,
    /// When it was last reported, and at which count.
    reported: (u64, u64),
}

impl Stages {
    /// Adds an interval; the line to write, if the last one was long enough ago.
    fn add(&mut self, name: &str, cpu_ns: u64, now: u64) -> Option<Kind> {
        if !self.0.contains_key(name) {
            self.0.insert(
                name.to_owned(),
                Stage {
                    reported: (now, 0),
                    ..Stage::default()
                },
            );
        }
        let stage = self.0.get_mut(name)?;
        stage.cpu_ns += cpu_ns;
        stage.count += 1;
        (now.saturating_sub(stage.reported.0) >= STAGE_INTERVAL_NS).then(|| stage.line(name, now))
    }

    /// The lines of all stages that have not reported their last intervals.
    pub(crate) fn finish(&mut self) -> Vec<Kind> {
        let mut lines: Vec<_> = self
            .0
            .iter_mut()
            .filter(|(_, stage)| stage.reported.1 < stage.count)
            .collect();
        lines.sort_by(|a, b| a.0.cmp(b.0));
        lines
            .into_iter()
            .map(|(name, stage)| stage.line(name, 0))
            .collect()
    }
}

impl Stage {
    fn line(&mut self, name: &str, now: u64) -> Kind {
        self.reported = (now, self.count);
        Kind::Stage {
            stage: name.to_owned(),
            cpu_ns: self.cpu_ns,
            count: self.count,
        }
    }
}

/// See [`Context::stage`](crate::Context::stage). Stays on its thread, whose CPU time it measures.
#[derive(Debug)]
pub struct StageTimer {
    name: String,
    from: u64,
    channels: Arc<Channels>,
    this_thread: PhantomData<*const ()>,
}

impl StageTimer {
    pub(crate) fn begin(name: &str, channels: Arc<Channels>) -> Self {
        Self {
            name: name.to_owned(),
            from: thread_cpu_ns(),
            channels,
            this_thread: PhantomData,
        }
    }
}

impl Drop for StageTimer {
    fn drop(&mut self) {
        let cpu_ns = thread_cpu_ns().saturating_sub(self.from);
        let line = lock(&self.channels.stages).add(&self.name, cpu_ns, monotonic_ns());
        if let Some(line) = line {
            self.channels.events.emit(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_speaks_once_a_second_and_at_the_end() {
        let line = |cpu_ns, count| Kind::Stage {
            stage: "merge".into(),
            cpu_ns,
            count,
        };
        let mut stages = Stages::default();
        assert_eq!(stages.add("merge", 10, 5), None);
        assert_eq!(stages.add("merge", 10, STAGE_INTERVAL_NS), None);
        assert_eq!(
            stages.add("merge", 10, STAGE_INTERVAL_NS + 5),
            Some(line(30, 3))
        );
        assert_eq!(stages.finish(), []);
        assert_eq!(stages.add("merge", 1, STAGE_INTERVAL_NS + 6), None);
        assert_eq!(stages.finish(), [line(31, 4)]);
        assert_eq!(stages.finish(), []);
    }
}
