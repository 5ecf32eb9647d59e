//! Stopping a process for the milliseconds that a census takes.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::observe::platform::stat;

/// How long a process may take to stand still: its threads have to be scheduled for it, which takes a while
/// where many want the same processor.
const PATIENCE: Duration = Duration::from_millis(250);

/// A process that was stopped; it goes on when this is dropped.
#[derive(Debug)]
pub(super) struct Paused(OwnedFd);

impl Paused {
    /// Stops the process and waits until all of its threads stand still; `None` where that cannot be
    /// had, and for one that somebody else has stopped already.
    ///
    /// Through a descriptor, so that what is stopped is what goes on again. It may be another that
    /// got the pid, where the fork server has reaped the process since it was last seen and the
    /// kernel has given out all other pids meanwhile; it would stand still for that moment. If the
    /// harness is killed meanwhile, the fork server kills what it started, stopped or not.
    pub(super) fn stop(pid: i32) -> Option<Self> {
        let process = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        if state(pid)? == b'T' {
            return None;
        }
        pidfd_send_signal(&process, Signal::STOP).ok()?;
        let paused = Self(process);
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if stands_still(threads(pid)?) {
                return Some(paused);
            }
            thread::sleep(Duration::from_micros(200));
        }
        None
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // It fails only for a process that is gone.
        let _ = pidfd_send_signal(&self.0, Signal::CONT);
    }
}

/// Whether no thread of a process can run on. The signal reaches them one by one, and the leader's
/// state says nothing of the others: it stands still first, or has ended long before them.
fn stands_still(mut threads: impl Iterator<Item = u8>) -> bool {
    let mut stopped = false;
    let all = threads.all(|state| {
        stopped |= state == b'T';
        matches!(state, b'T' | b'Z' | b'X')
    });
    all && stopped
}

/// The states of a process's threads; one that ends meanwhile has none.
fn threads(pid: i32) -> Option<impl Iterator<Item = u8>> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    Some(threads.filter_map(|thread| state_in(&thread.ok()?.path())))
}

/// The state of a process's leader.
fn state(pid: i32) -> Option<u8> {
    state_in(Path::new(&format!("/proc/{pid}")))
}

fn state_in(directory: &Path) -> Option<u8> {
    let text = fs::read(directory.join("stat")).ok()?;
    stat(&text).map(|stat| stat.state)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// Set for a process of [`these_threads_never_rest`]: it says so, on a line of its own.
    const RESTLESS: &str = "PLIMSOLL_TEST_RESTLESS";

    /// A process with six threads that run all of the time. It ends with this one, however that ends.
    struct Restless(Child);

    impl Restless {
        fn new() -> Self {
            let name = concat!(module_path!(), "::these_threads_never_rest");
            let (_crate, name) = name.split_once("::").unwrap();
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--ignored", "--nocapture"])
                .arg(name)
                .env(RESTLESS, "1")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.map(Result::unwrap).any(|line| line == RESTLESS));
            Restless(child)
        }

        fn pid(&self) -> i32 {
            i32::try_from(self.0.id()).unwrap()
        }
    }

    impl Drop for Restless {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    #[ignore = "the program of the next test, not one itself"]
    fn these_threads_never_rest() {
        if std::env::var_os(RESTLESS).is_none() {
            return;
        }
        let begun = std::sync::Barrier::new(7);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    begun.wait();
                    loop {
                        std::hint::spin_loop();
                    }
                });
            }
            begun.wait();
            #[allow(clippy::print_stdout, reason = "its parent waits for it")]
            {
                println!("\n{RESTLESS}");
            }
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
    }

    #[test]
    fn every_thread_stands_still() {
        let process = Restless::new();
        let pid = process.pid();
        let states = || -> Vec<u8> { threads(pid).unwrap().collect() };
        assert!(states().len() >= 7);
        let mut stopped = 0;
        for _ in 0..50 {
            // Where many want the same processor, patience may end before.
            if let Some(paused) = Paused::stop(pid) {
                let states = states();
                assert!(states.iter().all(|state| *state == b'T'), "{states:?}");
                drop(paused);
                stopped += 1;
            }
        }
        assert!(stopped > 0);
    }

    #[test]
    fn one_thread_that_runs_on_is_enough() {
        let stands = |states: &[u8]| stands_still(states.iter().copied());
        assert!(stands(b"T") && stands(b"TTT"));
        assert!(stands(b"ZTX"), "a leader that has ended, and one that does");
        assert!(!stands(b"TRT") && !stands(b"TTS") && !stands(b"DT"));
        assert!(!stands(b"") && !stands(b"ZX"), "gone");
    }

    #[test]
    fn a_process_stands_still_until_the_pause_is_over() {
        let mut child = Command::new("sleep")
            .arg("60")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let paused = Paused::stop(pid).unwrap();
        assert_eq!(state(pid), Some(b'T'));
        assert!(
            Paused::stop(pid).is_none(),
            "stopped already: not ours to continue"
        );
        assert_eq!(state(pid), Some(b'T'));
        drop(paused);
        let goes_on = (0..1000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            state(pid) != Some(b'T')
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(goes_on);
    }

    #[test]
    fn nobody_is_stopped_where_nobody_is() {
        assert!(Paused::stop(i32::MAX).is_none());
        assert!(Paused::stop(0).is_none());
    }
}
