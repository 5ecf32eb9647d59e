//! What a session says where nothing can be drawn over, and how much of it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use super::Live;
use super::said::{EACH, Said};
use super::words::tick;
use crate::evidence::{Instrument, Outcome, Role};
use crate::notice::{Notice, Observer};

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
