//! Where a session is shown: on a line that is drawn over, or on lines that stay.

use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::said::{EACH, EVERY, Said};
use super::words::{Running, lasting, tick, trial_end, trial_label};
use crate::notice::{Notice, Observer};
use crate::report::text;

/// Updates a second at most.
const REFRESH: u8 = 10;

/// Shows a session on standard error.
pub struct Live {
    sink: Sink,
    trial: Option<Running>,
    said: Said,
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
