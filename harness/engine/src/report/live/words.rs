//! What is said of a session while it runs.

use crate::evidence::{Instrument, Outcome, Role, SweepPoint};
use crate::notice::Notice;
use crate::report::{format, text};

/// The trial that is running.
pub(super) struct Running {
    pub(super) number: u32,
    pub(super) of: u32,
    pub(super) label: String,
}

/// What a notice says for good, where it says anything.
pub(super) fn lasting(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::ScenarioBegins {
            scenario,
            size,
            variants,
            trials,
        } => format!(
            "{}, size {}: {}, at least {}",
            text::line(scenario, text::LABEL),
            text::line(size, text::LABEL),
            format::counted(variants.len(), "variant"),
            format::counted(*trials as usize, "trial"),
        ),
        Notice::Note { text } => format!("note: {}", text::line(text, text::SENTENCE)),
        Notice::ScenarioEnds { scenario, report } => format!(
            "{}: report in {}",
            text::line(scenario, text::LABEL),
            text::line(report, 4096)
        ),
        _ => return None,
    })
}

/// A trial in words: `depth-first (clock)`, `in-memory (clock, under 100 MiB)`.
pub(super) fn trial_label(
    variant: &str,
    instrument: Instrument,
    role: Role,
    under: Option<u64>,
    point: Option<&SweepPoint>,
) -> String {
    let mut said = vec![instrument.name().to_owned()];
    match role {
        Role::Warmup => said.push("warm-up".into()),
        Role::Control => said.push("control".into()),
        Role::Floor => said.push("floor".into()),
        Role::Measured | Role::Capped | Role::Sweep => {}
    }
    if let Some(SweepPoint { parameter, value }) = point {
        let parameter = text::line(parameter, text::LABEL);
        said.push(format!("{parameter} {}", format::count(*value)));
    }
    if let Some(cap) = under {
        said.push(format!("under {}", format::bytes(cap as f64)));
    }
    format!("{} ({})", text::line(variant, text::LABEL), said.join(", "))
}

/// A running trial: `search  37 %  1.2 GiB  12.4 s  about 21.0 s left`.
pub(super) fn tick(
    phase: Option<&str>,
    done: Option<u64>,
    total: Option<u64>,
    unit: &str,
    rss: u64,
    elapsed: f64,
) -> String {
    let mut parts = Vec::new();
    if let Some(phase) = phase {
        parts.push(text::line(phase, text::LABEL));
    }
    let mut left = None;
    match (done, total) {
        (Some(done), Some(total)) if total > 0 => {
            let share = (done as f64 / total as f64).clamp(0.0, 1.0);
            parts.push(format!("{:.0} %", share * 100.0));
            if share > 0.01 {
                left = Some(elapsed * (1.0 - share) / share);
            }
        }
        (Some(done), _) => {
            let unit = text::line(unit, text::LABEL);
            parts.push(format!("{} {unit}", format::count(done as f64)));
        }
        (None, _) => {}
    }
    parts.push(format::bytes(rss as f64));
    parts.push(format::seconds(elapsed));
    if let Some(left) = left {
        parts.push(format!("about {} left", format::seconds(left)));
    }
    parts.join("  ")
}

/// A trial that ended: `[3/27] depth-first (clock)  1.97 s  cpu 3.21 s  peak 13.9 MiB`.
pub(super) fn trial_end(notice: &Notice, running: Option<&Running>) -> Option<String> {
    let Notice::TrialEnds {
        number,
        variant,
        outcome,
        diagnosis,
        wall,
        cpu,
        peak_rss,
    } = notice
    else {
        return None;
    };
    let begun = running.filter(|running| running.number == *number);
    let head = match begun {
        Some(Running { of, label, .. }) => format!("[{}/{of}] {label}", number + 1),
        None => format!("[{}] {}", number + 1, text::line(variant, text::LABEL)),
    };
    let figures = format!(
        "{}  cpu {}  peak {}",
        format::seconds(*wall),
        format::seconds(*cpu),
        format::bytes(*peak_rss as f64)
    );
    Some(if *outcome == Outcome::Completed {
        format!("{head}  {figures}")
    } else {
        format!(
            "{head}  {figures}  {}",
            text::line(diagnosis, text::SENTENCE)
        )
    })
}
