//! A session as it happens: a progress line on a terminal, one plain line a trial elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Style;
use super::{format, text};
use crate::evidence::{Instrument, Outcome, Role, SweepPoint};
use crate::notice::{Notice, Observer};

/// Updates a second at most.
const REFRESH: u8 = 10;

/// So many trials have a line each.
const EACH: u32 = 40;

/// After those, a trial that completed has one only when there was none for this long.
const EVERY: Duration = Duration::from_secs(10);

/// The style of standard output: its width, and colours where it is a terminal and `NO_COLOR` is
/// not set. Not a terminal: 100 columns.
pub fn detect_style() -> Style {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return Style::plain(100);
    }
    let width = rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| usize::from(size.ws_col));
    Style {
        width: if width == 0 { 80 } else { width },
        colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Shows a session on standard error.
pub struct Live {
    sink: Sink,
    trial: Option<Running>,
    said: Said,
}

/// What was said of trials that ended. A session of thousands must not be a log of thousands of lines.
struct Said {
    lines: u32,
    last: Instant,
}

impl Said {
    fn nothing() -> Said {
        Said {
            lines: 0,
            last: Instant::now(),
        }
    }

    /// Whether a trial that ended like this at this time is said.
    fn says(&mut self, outcome: Outcome, now: Instant) -> bool {
        let due = now.duration_since(self.last) >= EVERY;
        let says = self.lines < EACH || outcome != Outcome::Completed || due;
        if says {
            self.lines = self.lines.saturating_add(1);
            self.last = now;
        }
        says
    }
}

/// The trial that is running.
struct Running {
    number: u32,
    of: u32,
    label: String,
}

enum Sink {
    /// A line that is drawn over, with lasting lines above it.
    Bar(ProgressBar),
    /// Lasting lines only.
    Plain(Box<dyn Write>),
}

impl Live {
    /// A progress line where standard error is a terminal, plain lines otherwise.
    pub fn detect() -> Live {
        if !io::stderr().is_terminal() {
            return Live::plain(Box::new(io::stderr()));
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REFRESH));
        // The template holds nothing that could fail to parse.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        Live {
            sink: Sink::Bar(bar),
            trial: None,
            said: Said::nothing(),
        }
    }

    /// Plain lines into `out`.
    pub fn plain(out: Box<dyn Write>) -> Live {
        Live {
            sink: Sink::Plain(out),
            trial: None,
            said: Said::nothing(),
        }
    }

    /// A line that stays.
    fn say(&mut self, line: &str) {
        match &mut self.sink {
            Sink::Bar(bar) => bar.println(line),
            // Nobody is left to be told when standard error cannot be written to.
            Sink::Plain(out) => drop(writeln!(out, "{line}").and_then(|()| out.flush())),
        }
    }

    /// What is happening now; only where a line can be drawn over.
    fn show(&self, line: String) {
        if let Sink::Bar(bar) = &self.sink {
            bar.set_message(line);
            bar.tick();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Sink::Bar(bar) = &self.sink {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Live {
    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::ScenarioBegins { .. } | Notice::Note { .. } | Notice::ScenarioEnds { .. } => {
                if matches!(notice, Notice::ScenarioBegins { .. }) {
                    self.said = Said::nothing();
                }
                if let Some(line) = lasting(&notice) {
                    self.say(&line);
                }
            }
            Notice::Preparing { ref what } => {
                let line = text::line(what, text::SENTENCE);
                match self.sink {
                    Sink::Bar(_) => self.show(line),
                    Sink::Plain(_) => self.say(&line),
                }
            }
            Notice::TrialBegins {
                number,
                of,
                variant,
                instrument,
                role,
                under,
                point,
            } => {
                let label = trial_label(&variant, instrument, role, under, point.as_ref());
                self.show(format!("[{}/{of}] {label}", number + 1));
                self.trial = Some(Running { number, of, label });
            }
            Notice::TrialTicks {
                phase,
                done,
                total,
                unit,
                rss,
                elapsed,
            } => {
                if let Some(Running { number, of, label }) = &self.trial {
                    let now = tick(phase.as_deref(), done, total, &unit, rss, elapsed);
                    self.show(format!("[{}/{of}] {label}  {now}", number + 1));
                }
            }
            Notice::TrialEnds { outcome, .. } => {
                let running = self.trial.take();
                if self.said.says(outcome, Instant::now())
                    && let Some(line) = trial_end(&notice, running.as_ref())
                {
                    self.say(&line);
                    if self.said.lines == EACH {
                        let seconds = EVERY.as_secs();
                        self.say(&format!("... from here on, one line every {seconds} s"));
                    }
                }
            }
        }
    }
}

/// What a notice says for good, where it says anything.
fn lasting(notice: &Notice) -> Option<String> {
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
fn trial_label(
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
fn tick(
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
fn trial_end(notice: &Notice, running: Option<&Running>) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Rc<RefCell<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn begins(number: u32, variant: &str, under: Option<u64>) -> Notice {
        Notice::TrialBegins {
            number,
            of: 27,
            variant: variant.into(),
            instrument: Instrument::Clock,
            role: Role::Measured,
            under,
            point: None,
        }
    }

    fn ticks() -> Notice {
        Notice::TrialTicks {
            phase: Some("search".into()),
            done: Some(37),
            total: Some(100),
            unit: "orthos".into(),
            rss: 1 << 30,
            elapsed: 12.4,
        }
    }

    fn ends(number: u32, variant: &str, outcome: Outcome, diagnosis: &str) -> Notice {
        Notice::TrialEnds {
            number,
            variant: variant.into(),
            outcome,
            diagnosis: diagnosis.into(),
            wall: 1.97,
            cpu: 3.21,
            peak_rss: 14_575_206,
        }
    }

    #[test]
    fn without_a_terminal_each_trial_is_one_line() {
        let page = Page::default();
        let mut live = Live::plain(Box::new(page.clone()));
        live.notice(Notice::ScenarioBegins {
            scenario: "ortho".into(),
            size: "full".into(),
            variants: vec!["in-memory".into(), "depth-first".into()],
            trials: 27,
        });
        live.notice(begins(0, "depth-first", None));
        for _ in 0..1000 {
            live.notice(ticks());
        }
        live.notice(ends(0, "depth-first", Outcome::Completed, "completed"));
        live.notice(begins(1, "in-memory", Some(100 << 20)));
        live.notice(ends(
            1,
            "in-memory",
            Outcome::OutOfMemory,
            "out-of-memory: killed\u{1b}[2J\nby the kernel",
        ));
        live.notice(Notice::ScenarioEnds {
            scenario: "ortho".into(),
            report: "reports/ortho.full/report.html".into(),
        });
        let shown = String::from_utf8(page.0.borrow().clone()).unwrap();
        insta::assert_snapshot!(shown, @r"
        ortho, size full: 2 variants, at least 27 trials
        [1/27] depth-first (clock)  1.97 s  cpu 3.21 s  peak 13.9 MiB
        [2/27] in-memory (clock, under 100 MiB)  1.97 s  cpu 3.21 s  peak 13.9 MiB  out-of-memory: killed by the kernel
        ortho: report in reports/ortho.full/report.html
        ");
    }

    #[test]
    fn thousands_of_trials_are_not_thousands_of_lines() {
        let mut said = Said::nothing();
        let begun = said.last;
        let mut lines = 0;
        for trial in 0..6_000 {
            let now = begun + Duration::from_millis(20) * trial;
            lines += u32::from(said.says(Outcome::Completed, now));
        }
        // Two minutes.
        assert_eq!(lines, EACH + 11);
        assert!(said.says(Outcome::Failed, begun + Duration::from_secs(120)));
    }

    #[test]
    fn a_running_trial_says_where_it_is() {
        assert_eq!(
            tick(Some("search"), Some(37), Some(100), "orthos", 1 << 30, 12.4),
            "search  37 %  1 GiB  12.4 s  about 21.1 s left"
        );
        assert_eq!(
            tick(None, Some(1_234_567), None, "orthos", 1 << 20, 0.5),
            "1,234,567 orthos  1 MiB  500 ms"
        );
        assert_eq!(tick(None, None, Some(0), "", 0, 0.0), "0 B  0 s");
    }
}
