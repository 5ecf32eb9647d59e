//! Hand-made trials for tests.

use std::path::PathBuf;

use plimsoll_workload::{Better, Unit};

use super::{
    Block, CapEvidence, Census, Exit, HeapCounts, Identity, Instrument, Outcome, PhaseSpan,
    ReportedMetric, Role, Sample, Step, SweepPoint, Timeline, Trial, TrialHead, Usage,
    Verification,
};

/// Bytes of a mebibyte.
pub(crate) const MIB: u64 = 1 << 20;

/// A completed step of one second, half of it CPU time, with a peak of 100 MiB and two samples.
pub(crate) fn step() -> Step {
    let sample = |t, rss| Sample {
        t,
        rss,
        largest: rss,
        anon: rss * 3 / 4,
        file: rss / 4,
        processes: 1,
        ..Sample::default()
    };
    Step {
        name: String::new(),
        wall: 1.0,
        exit: Exit::Code(0),
        kill: None,
        usage: Usage {
            user: 0.4,
            sys: 0.1,
            max_rss: 100 * MIB,
            minor_faults: 1000,
            major_faults: 0,
            context_switches: 10,
        },
        processes: Vec::new(),
        stored_peak: None,
        floor: 2 * MIB,
        cap: None,
        timeline: Timeline {
            interval: 0.01,
            samples: vec![sample(0.1, 40 * MIB), sample(0.5, 90 * MIB)],
            cost: 0.0,
        },
        phases: Vec::new(),
        stages: Vec::new(),
        metrics: Vec::new(),
        histograms: Vec::new(),
        progress: None,
        ledger: Vec::new(),
        heap: None,
        uncounted: None,
        allocator: None,
        census: None,
        course: Vec::new(),
        instructions: None,
        malformed_events: 0,
        misuse: Vec::new(),
        stderr_tail: String::new(),
        stdout_bytes: 0,
    }
}

/// A cap that nobody was killed at.
pub(crate) fn cap(limit: u64, kind: &str) -> CapEvidence {
    CapEvidence {
        kind: kind.to_owned(),
        limit,
        peak: (kind != "sampled").then_some(limit / 2),
        oom_kills: 0,
    }
}

/// Makes a trial, one property at a time.
#[derive(Debug, Clone)]
pub(crate) struct Make(Trial);

/// Begins a completed, measured clock trial of one [`step`].
pub(crate) fn trial(variant: &str, number: u32) -> Make {
    Make(Trial {
        head: TrialHead {
            number,
            variant: variant.to_owned(),
            instrument: Instrument::Clock,
            role: Role::Measured,
            block: None,
            under: None,
            point: None,
            outcome: Outcome::Completed,
            diagnosis: "completed".to_owned(),
            verification: None,
            notes: Vec::new(),
        },
        steps: vec![step()],
        digests: std::collections::BTreeMap::new(),
        scratch_peak: None,
        profile: None,
    })
}

impl Make {
    fn step(mut self, change: impl Fn(&mut Step)) -> Make {
        self.0.steps.iter_mut().for_each(change);
        self
    }

    pub(crate) fn round(mut self, round: u32) -> Make {
        let position = self.0.head.number;
        self.0.head.block = Some(Block { round, position });
        self
    }

    pub(crate) fn role(mut self, role: Role) -> Make {
        self.0.head.role = role;
        self
    }

    /// At a point of a sweep, in this block.
    pub(crate) fn swept(mut self, parameter: &str, value: f64, block: u32) -> Make {
        self.0.head.role = Role::Sweep;
        self.0.head.point = Some(SweepPoint {
            parameter: parameter.to_owned(),
            value,
        });
        self.round(block)
    }

    pub(crate) fn instrument(mut self, instrument: Instrument) -> Make {
        self.0.head.instrument = instrument;
        self
    }

    pub(crate) fn ended(mut self, outcome: Outcome, diagnosis: &str) -> Make {
        self.0.head.outcome = outcome;
        self.0.head.diagnosis = format!("{outcome}: {diagnosis}");
        self
    }

    /// Its output was looked into, and stood or did not.
    pub(crate) fn verified(mut self, verified: bool) -> Make {
        self.0.head.verification = Some(Verification {
            verified,
            wall: 0.5,
            cpu: 0.5,
            peak_rss: 30 * MIB,
        });
        self
    }

    pub(crate) fn note(mut self, note: &str) -> Make {
        self.0.head.notes.push(note.to_owned());
        self
    }

    pub(crate) fn wall(self, seconds: f64) -> Make {
        self.step(|step| step.wall = seconds)
    }

    pub(crate) fn peak(self, bytes: u64) -> Make {
        self.step(|step| step.usage.max_rss = bytes)
    }

    pub(crate) fn floor(self, bytes: u64) -> Make {
        self.step(|step| step.floor = bytes)
    }

    pub(crate) fn samples(self, samples: &[Sample]) -> Make {
        self.step(|step| step.timeline.samples = samples.to_vec())
    }

    /// Without the sampler.
    pub(crate) fn unsampled(self) -> Make {
        self.step(|step| step.timeline = Timeline::default())
    }

    /// So many processes at once, at every sample.
    pub(crate) fn processes(self, processes: u32) -> Make {
        self.step(|step| {
            for sample in &mut step.timeline.samples {
                sample.processes = processes;
            }
        })
    }

    /// Under a target's cap, enforced by `kind`.
    pub(crate) fn under(mut self, limit: u64, kind: &str) -> Make {
        self.0.head.role = Role::Capped;
        self.0.head.under = Some(limit);
        self.cap(limit, kind)
    }

    /// With a cap of the plan's own.
    pub(crate) fn cap(self, limit: u64, kind: &str) -> Make {
        self.step(|step| {
            step.cap = Some(cap(limit, kind));
        })
    }

    /// Counted by the malloc layer.
    pub(crate) fn heap(mut self, counts: HeapCounts) -> Make {
        self.0.head.instrument = Instrument::Count;
        self.step(|step| step.heap = Some(counts))
    }

    pub(crate) fn census(self, census: Census) -> Make {
        self.step(|step| step.census = Some(census.clone()))
    }

    pub(crate) fn phase(self, name: &str, begin: f64, end: Option<f64>) -> Make {
        self.step(|step| {
            step.phases.push(PhaseSpan {
                name: name.to_owned(),
                begin,
                end,
                peak_rss: None,
            });
        })
    }

    pub(crate) fn reports(self, name: &str, unit: Unit, value: f64) -> Make {
        self.step(|step| {
            step.metrics.push(ReportedMetric {
                name: name.to_owned(),
                unit,
                better: Better::Higher,
                value,
            });
        })
    }

    pub(crate) fn digest(self, name: &str, value: &str) -> Make {
        self.kept(name, value, None)
    }

    /// A digest whose output was kept at this path.
    pub(crate) fn kept(mut self, name: &str, value: &str, path: Option<&str>) -> Make {
        let identity = Identity {
            value: value.to_owned(),
            kept: path.map(PathBuf::from),
        };
        self.0.digests.insert(name.to_owned(), identity);
        self
    }

    /// One more step like the last.
    pub(crate) fn twice(mut self) -> Make {
        let last = self.0.steps.last().cloned();
        self.0.steps.extend(last);
        self
    }

    pub(crate) fn build(self) -> Trial {
        self.0
    }
}
