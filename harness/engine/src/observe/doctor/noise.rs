//! How much the same work varies here from one time to the next.

use std::hint::black_box;

use super::finding::DoctorFinding;
use crate::observe::clock::{monotonic_ns, thread_cpu_ns};

/// Repetitions; about 10 ms each, half a second in all.
const TIMES: usize = 40;
/// Iterations that take a few milliseconds anywhere.
const WORK: u64 = 4_000_000;
/// A spread above this hides small differences.
const UNSTEADY: f64 = 0.05;

/// Repeats a fixed piece of work and tells the spread.
pub(super) fn finding() -> DoctorFinding {
    spin();
    let times: Vec<(f64, f64)> = (0..TIMES)
        .map(|_| {
            let (wall, cpu) = (monotonic_ns(), thread_cpu_ns());
            spin();
            (
                monotonic_ns().saturating_sub(wall) as f64,
                thread_cpu_ns().saturating_sub(cpu) as f64,
            )
        })
        .collect();
    let (wall, cpu): (Vec<_>, Vec<_>) = times.into_iter().unzip();
    told(spread(&wall), spread(&cpu))
}

fn told(wall: f64, cpu: f64) -> DoctorFinding {
    let what = "noise";
    let detail = format!(
        "the same 10 ms of work varies by {:.1} % (elapsed) and {:.1} % (CPU time)",
        100.0 * wall,
        100.0 * cpu
    );
    if wall.max(cpu) > UNSTEADY {
        let advice = "differences of a few percent need many runs here; peaks, counts and digests do not suffer";
        return DoctorFinding::limited(what, detail, advice);
    }
    DoctorFinding::good(what, detail)
}

/// Work of the same length each time, in registers only.
fn spin() {
    let mut state = black_box(1u64);
    for _ in 0..WORK {
        state = black_box(state)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
    }
    black_box(state);
}

/// Coefficient of variation: the standard deviation over the mean; 0 for fewer than two.
fn spread(times: &[f64]) -> f64 {
    let n = times.len() as f64;
    let mean = times.iter().sum::<f64>() / n;
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    if times.len() < 2 || mean <= 0.0 {
        return 0.0;
    }
    (squares / (n - 1.0)).sqrt() / mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::doctor::State;

    #[test]
    fn the_spread_is_relative_to_the_mean() {
        assert_eq!(spread(&[5.0; 8]), 0.0);
        assert!((spread(&[90.0, 110.0]) - 0.141_421).abs() < 1e-5);
        assert_eq!(spread(&[7.0]), 0.0);
        assert_eq!(spread(&[]), 0.0);
    }

    #[test]
    fn an_unsteady_machine_is_told_so() {
        assert_eq!(told(0.2, 0.01).state, State::Limited);
        let steady = told(0.012, 0.004);
        assert_eq!(steady.state, State::Good);
        assert_eq!(
            steady.detail,
            "the same 10 ms of work varies by 1.2 % (elapsed) and 0.4 % (CPU time)"
        );
    }
}
