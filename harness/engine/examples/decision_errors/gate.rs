//! The rehearsal's gate on noise that is made up.

use plimsoll::evidence::Trial;
use plimsoll::rehearse::{Ended, Gate};
use plimsoll::scenario::Runs;
use serde_json::json;

use super::noise::Noise;

/// Plays gates of `at_most: 1.02 x baseline`.
pub(crate) struct Gates {
    gate: Gate,
    template: Trial,
}

impl Gates {
    /// Gates of at most so many pairs.
    pub(crate) fn new(pairs: u32) -> Gates {
        let runs = Runs { min: 6, max: pairs };
        let gate = match Gate::new(1, 1, Some(runs)) {
            Ok(gate) => gate,
            Err(error) => panic!("the gate: {error}"),
        };
        Gates {
            gate,
            template: template(),
        }
    }

    /// Plays one gate: the variant takes `slowdown` times as long as the baseline, on a machine
    /// with this noise.
    pub(crate) fn play(&self, noise: Noise, slowdown: f64, seed: u64) -> Ended {
        let mut stream = noise.begin(seed);
        self.gate
            .play(seed, slowdown, &self.template, &mut || stream.next())
    }
}

/// A completed clock trial, as results hold it.
fn template() -> Trial {
    let usage = json!({
        "user": 0.02, "sys": 0.0, "max_rss": 1_600_000, "minor_faults": 88, "major_faults": 0,
        "context_switches": 4,
    });
    let step = json!({
        "name": "", "wall": 0.02, "exit": { "code": 0 }, "usage": usage, "processes": [],
        "stored_peak": null, "floor": 1_300_000, "cap": null,
        "timeline": { "interval": 0.01, "samples": [], "cost": 0.0 },
        "phases": [], "stages": [], "metrics": [], "histograms": [], "progress": null,
        "ledger": [], "heap": null, "census": null, "malformed_events": 0, "misuse": [],
        "stderr_tail": "", "stdout_bytes": 0,
    });
    let trial = json!({
        "number": 0, "variant": "a", "instrument": "clock", "role": "measured", "block": null,
        "under": null, "outcome": "completed", "diagnosis": "completed", "verification": null,
        "notes": [], "steps": [step], "digests": {}, "scratch_peak": null, "profile": null,
    });
    match serde_json::from_value(trial) {
        Ok(trial) => trial,
        Err(error) => panic!("the simulated trial: {error}"),
    }
}
