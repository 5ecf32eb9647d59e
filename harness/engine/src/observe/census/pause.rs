//! Stopping a process for the milliseconds that a census takes.

use std::fs;
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
    /// Stops the process and waits until it stands still; `None` where that cannot be had, and for
    /// one that somebody else has stopped already.
    ///
    /// Through a descriptor of the process, so that no other that got its pid is stopped. If the
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
            if state(pid)? == b'T' {
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

fn state(pid: i32) -> Option<u8> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    stat(&text).map(|stat| stat.state)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

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
