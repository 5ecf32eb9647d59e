//! Telling a build that is stuck from one that is slow.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Of one processor: whoever uses less is not computing.
const LEAST_SHARE: u32 = 20;

/// What a process has used so far, and what it holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    /// Of all its threads together.
    cpu: Duration,
    /// Page faults that had to wait for a disk.
    major_faults: u64,
    /// Bytes of anonymous memory that are resident.
    anonymous: u64,
    /// Bytes of its memory that are swapped out.
    swapped: u64,
    /// Share of the last ten seconds in which somebody on the machine waited for memory, in percent; where the kernel
    /// tells (PSI).
    pressure: Option<f64>,
}

impl Usage {
    /// That of this process. What the system does not tell is 0.
    pub(super) fn now() -> Self {
        let text = |path| std::fs::read_to_string(path).unwrap_or_default();
        let (status, stat) = (text("/proc/self/status"), text("/proc/self/stat"));
        let kibibytes = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
            number
                .and_then(|number| number.parse::<u64>().ok())
                .unwrap_or(0)
                * 1024
        };
        // The tenth field after the program's name, which may have spaces and parentheses in it.
        let fields = stat.rsplit(") ").next().unwrap_or_default();
        let faults = fields.split(' ').nth(9);
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        Self {
            cpu: Duration::new(cpu.tv_sec as u64, cpu.tv_nsec as u32),
            major_faults: faults.and_then(|faults| faults.parse().ok()).unwrap_or(0),
            anonymous: kibibytes("RssAnon:"),
            swapped: kibibytes("VmSwap:"),
            pressure: pressure(&text("/proc/pressure/memory")),
        }
    }
}

/// The line `some avg10=1.23 …`.
fn pressure(text: &str) -> Option<f64> {
    let some = text.strip_prefix("some avg10=")?;
    some.split(' ').next()?.parse().ok()
}

/// Looks at a build now and then.
#[derive(Debug)]
pub(super) struct Judge {
    limit: Duration,
    looks: u32,
    /// Tasks that were finished when one last was, and what the process had used then.
    last: Option<(u64, Usage)>,
    /// Looks since.
    idle: u32,
}

impl Judge {
    /// One that looks `looks` times in `limit`.
    pub(super) fn new(limit: Duration, looks: u32) -> Self {
        Self {
            limit,
            looks,
            last: None,
            idle: 0,
        }
    }

    /// Looks at a build that has tasks, or not, and has finished so many; says so if it is stuck.
    pub(super) fn look(&mut self, busy: bool, finished: u64, now: Usage) -> Option<Stalled> {
        let (known, then) = self.last.unwrap_or((finished, now));
        if self.last.is_none() || !busy || known != finished {
            self.last = Some((finished, now));
            self.idle = 0;
            return None;
        }
        self.idle += 1;
        let cpu = now.cpu.saturating_sub(then.cpu);
        let faults = now.major_faults.saturating_sub(then.major_faults);
        let active = cpu >= self.limit / LEAST_SHARE || faults > 0;
        if self.idle < self.looks || !active {
            return None;
        }
        Some(Stalled {
            limit: self.limit,
            finished,
            cpu,
            faults_per_second: faults as f64 / self.limit.as_secs_f64(),
            anonymous: now.anonymous,
            swapped: now.swapped,
            pressure: now.pressure,
        })
    }
}

/// A build that computed and finished nothing, and what the process did instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Stalled {
    /// For how long.
    pub limit: Duration,
    /// Tasks that were finished before: parts of vectors read, vectors inserted, links chosen anew.
    pub finished: u64,
    /// CPU time since.
    pub cpu: Duration,
    /// Page faults that had to wait for a disk.
    pub faults_per_second: f64,
    /// Bytes of anonymous memory that are resident.
    pub anonymous: u64,
    /// Bytes of the process's memory that are swapped out.
    pub swapped: u64,
    /// Share of the last ten seconds in which somebody on the machine waited for memory, in percent; where the kernel
    /// tells.
    pub pressure: Option<f64>,
}

impl std::fmt::Display for Stalled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pressure = match self.pressure {
            Some(percent) => format!("{percent} %"),
            None => "not told".to_owned(),
        };
        write!(
            f,
            "the build is stuck: nothing finished in {:?}, after {} tasks, with {:?} of CPU time; {} bytes of anonymous memory, {} swapped out, {:.1} major faults a second, memory pressure {pressure}; ",
            self.limit,
            self.finished,
            self.cpu,
            self.anonymous,
            self.swapped,
            self.faults_per_second,
        )?;
        f.write_str(if self.faults_per_second > 0.0 || self.swapped > 0 {
            "give it more memory, or fewer vectors"
        } else {
            "it is no lack of memory: tell this to who maintains the program"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    fn used(seconds: f64, major_faults: u64) -> Usage {
        Usage {
            cpu: Duration::from_secs_f64(seconds),
            major_faults,
            ..Usage::default()
        }
    }

    /// What ten looks and one say, of a build that has this between two of them: seconds of CPU, faults, tasks.
    fn after(busy: bool, each: (f64, u64, u64)) -> Option<Stalled> {
        let mut judge = Judge::new(LIMIT, 10);
        (0..=10).find_map(|look| {
            let usage = used(each.0 * f64::from(look), each.1 * u64::from(look as u8));
            judge.look(busy, 5 + each.2 * look as u64, usage)
        })
    }

    #[test]
    fn whoever_computes_and_finishes_nothing_is_stuck() {
        let stalled = after(true, (3.0, 0, 0)).unwrap();
        assert_eq!((stalled.finished, stalled.limit), (5, LIMIT));
        assert_eq!(stalled.cpu, LIMIT);
        let said = stalled.to_string();
        assert!(said.contains("nothing finished in 30s, after 5 tasks, with 30s of CPU time"));
        assert!(said.contains("memory pressure not told; it is no lack of memory"));
    }

    #[test]
    fn whoever_fetches_pages_and_finishes_nothing_is_stuck() {
        let stalled = after(true, (0.0, 300, 0)).unwrap();
        assert_eq!(stalled.faults_per_second, 100.0);
        assert!(
            stalled
                .to_string()
                .ends_with("give it more memory, or fewer vectors")
        );
    }

    #[test]
    fn whoever_is_slow_or_waits_or_has_nothing_to_do_is_not() {
        assert_eq!(after(true, (3.0, 0, 1)), None);
        assert_eq!(after(true, (0.1, 0, 0)), None);
        assert_eq!(after(false, (3.0, 100, 0)), None);
        let mut judge = Judge::new(LIMIT, 10);
        for look in 0..100 {
            // One task just in time, again and again.
            let stalled = judge.look(true, look / 10, used(look as f64 * 3.0, look));
            assert_eq!(stalled, None);
        }
    }

    #[test]
    fn pressure_is_read_where_it_is_told() {
        let line = "some avg10=1.25 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00";
        assert_eq!(pressure(line), Some(1.25));
        assert_eq!(pressure(""), None);
        let now = Usage::now();
        assert!(now.cpu > Duration::ZERO);
        if cfg!(target_os = "linux") {
            assert!(now.anonymous > 0);
        }
    }
}
