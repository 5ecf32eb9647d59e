//! What a machine does to the elapsed times of one program, run after run: as it was recorded, and
//! as it may be elsewhere.

use std::sync::LazyLock;

use plimsoll::random::Random;

use super::random::student2;

/// Runs that are taken from the recording in one piece, so that what follows upon each other there
/// does so here: its autocorrelation is gone after 50 runs.
const BLOCK: usize = 100;

/// Logarithms of the recorded elapsed times, in the order of the runs.
static RECORDING: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let lines = include_str!("../../tests/data/noise/shell-loop.csv").lines();
    let walls = lines.filter_map(|line| line.split(',').next()?.parse::<f64>().ok());
    walls.map(f64::ln).collect()
});

/// A kind of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noise {
    /// The recording, put together anew from blocks (H. R. Künsch, *Annals of Statistics* 17, 1989).
    Recorded,
    /// Independent, log-normal, 22 % from run to run.
    LogNormal,
    /// Independent, Student's t of 2 degrees of freedom: no variance at all.
    HeavyTail,
    /// Independent, one run of three half as long again.
    Bimodal,
    /// Ever slower, by 10 % in 100 runs, and 10 % from run to run.
    Drift,
    /// Each run like the one before: autocorrelation 0.95, and 22 % in the long run.
    Autocorrelated,
    /// Slow and fast in turn with a period of five runs, which is that of two rounds.
    Periodic,
}

impl Noise {
    pub(crate) const ALL: [Noise; 7] = [
        Noise::Recorded,
        Noise::LogNormal,
        Noise::HeavyTail,
        Noise::Bimodal,
        Noise::Drift,
        Noise::Autocorrelated,
        Noise::Periodic,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Noise::Recorded => "recorded",
            Noise::LogNormal => "log-normal",
            Noise::HeavyTail => "heavy tail",
            Noise::Bimodal => "bimodal",
            Noise::Drift => "drift",
            Noise::Autocorrelated => "autocorrelated",
            Noise::Periodic => "periodic",
        }
    }

    /// The machine from some moment on.
    pub(crate) fn begin(self, seed: u64) -> Stream {
        let mut random = Random::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ self as u64);
        let phase = random.below(5);
        let state = random.normal();
        Stream {
            noise: self,
            random,
            run: phase,
            state,
            place: 0,
            left: 0,
        }
    }
}

/// One run's elapsed time after the other.
pub(crate) struct Stream {
    noise: Noise,
    random: Random,
    run: usize,
    state: f64,
    /// Where in the recording the next run is, and how many are left of this block.
    place: usize,
    left: usize,
}

impl Stream {
    /// The next run's elapsed time in seconds, around 20 ms.
    pub(crate) fn next(&mut self) -> f64 {
        let random = &mut self.random;
        let runs = self.run;
        self.run += 1;
        let log = match self.noise {
            Noise::Recorded => {
                let recording = &*RECORDING;
                if self.left == 0 {
                    self.place = random.below(recording.len() - BLOCK + 1);
                    self.left = BLOCK;
                }
                let log = recording[self.place];
                self.place += 1;
                self.left -= 1;
                return log.exp() * 1e-6;
            }
            Noise::LogNormal => 0.22 * random.normal(),
            Noise::HeavyTail => (0.08 * student2(random)).clamp(-10.0, 10.0),
            Noise::Bimodal => {
                let slow = random.below(3) == 0;
                0.02 * random.normal() + if slow { 1.5_f64.ln() } else { 0.0 }
            }
            Noise::Drift => 0.001 * runs as f64 + 0.10 * random.normal(),
            Noise::Autocorrelated => {
                self.state = 0.95 * self.state + (1.0 - 0.95_f64.powi(2)).sqrt() * random.normal();
                0.22 * self.state + 0.02 * random.normal()
            }
            Noise::Periodic => {
                let slow = runs % 5 < 2;
                0.02 * random.normal() + if slow { 0.2 } else { 0.0 }
            }
        };
        0.020 * log.exp()
    }
}
