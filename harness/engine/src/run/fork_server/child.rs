//! From a fork to the program: what the child does to itself before it executes.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::process::{
    Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit, setsid,
};
use rustix::thread::{CpuSet, sched_setaffinity};

use super::protocol::{Report, Stage, Start};
use super::sys::{self, Vector};

/// What the child writes just before it executes: when, and how large it is.
const READY: usize = 16;
/// What it writes after that where it failed: the stage and the error number.
const FAILED: usize = 5;

/// Starts a process and says how that went. The child tells through a pipe that closes on exec:
/// 16 bytes where it came that far, 5 more (or 5 only) where it failed.
pub(super) fn start(start: &Start, streams: &[OwnedFd]) -> Report {
    let failed = |error: &io::Error| Report::NotStarted {
        stage: Stage::Fork,
        errno: sys::errno(error),
    };
    let image = match Image::new(start) {
        Ok(image) => image,
        Err(error) => return failed(&error),
    };
    let (mut reader, writer) = match io::pipe() {
        Ok(pipe) => pipe,
        Err(error) => return failed(&error),
    };
    let pid = match sys::fork() {
        Err(error) => return failed(&error),
        Ok(None) => become_program(start, &image, streams, writer),
        Ok(Some(pid)) => pid,
    };
    drop(writer);
    let mut said = Vec::with_capacity(READY + FAILED);
    if let Err(error) = reader.read_to_end(&mut said) {
        return failed(&error);
    }
    let failure = match said.len() {
        READY => None,
        // It died before it came to anything: killed in its cgroup, say.
        0 => Some(&said[..]),
        FAILED => Some(&said[..]),
        _ => said.get(READY..),
    };
    match failure {
        None => Report::Started {
            pid,
            at: number(&said, 0),
            floor: number(&said, 8),
        },
        Some(failure) => Report::NotStarted {
            stage: failure
                .first()
                .and_then(|n| Stage::from_number(*n))
                .unwrap_or(Stage::Fork),
            errno: failure
                .get(1..5)
                .and_then(|b| b.try_into().ok())
                .map_or(0, i32::from_le_bytes),
        },
    }
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..at + 8)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u64::from_le_bytes)
}

/// The strings of an exec, made before the fork.
struct Image {
    program: CString,
    argv: Vec<CString>,
    environment: Vec<CString>,
}

impl Image {
    fn new(start: &Start) -> io::Result<Self> {
        let string = |s: &OsStr| CString::new(s.as_bytes()).map_err(io::Error::from);
        Ok(Image {
            program: string(start.program.as_os_str())?,
            argv: start
                .argv
                .iter()
                .map(|s| string(s))
                .collect::<Result<_, _>>()?,
            environment: start
                .environment
                .iter()
                .map(|s| string(s))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// In the child: never returns.
fn become_program(start: &Start, image: &Image, streams: &[OwnedFd], pipe: impl Write) -> ! {
    let mut pipe = pipe;
    let (argv, environment) = (Vector::new(&image.argv), Vector::new(&image.environment));
    let (stage, error) = match arrange(start, streams) {
        Err(failure) => failure,
        Ok(()) => {
            let mut ready = [0; READY];
            ready[8..].copy_from_slice(&sys::own_peak().to_le_bytes());
            ready[..8].copy_from_slice(&sys::monotonic().to_le_bytes());
            match pipe.write_all(&ready) {
                Err(error) => (Stage::Execute, error),
                Ok(()) => (
                    Stage::Execute,
                    sys::execute(&image.program, &argv, &environment),
                ),
            }
        }
    };
    let mut failed = [0; FAILED];
    failed[0] = stage as u8;
    failed[1..].copy_from_slice(&sys::errno(&error).to_le_bytes());
    // Without the pipe the server sees a child that left before it said anything.
    let _ = pipe.write_all(&failed);
    sys::leave(127)
}

fn arrange(start: &Start, streams: &[OwnedFd]) -> Result<(), (Stage, io::Error)> {
    let at = |stage: Stage| move |error: io::Error| (stage, error);
    let at_errno = |stage: Stage| move |error: rustix::io::Errno| (stage, error.into());

    setsid().map_err(at_errno(Stage::Session))?;
    // Should the fork server itself be killed, nobody would be left to end the trial.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    for cgroup in &start.cgroups {
        // Before anything else: memory is charged where a process is when it touches it.
        write(cgroup.as_os_str(), b"0").map_err(at(Stage::Cgroup))?;
    }
    // Where the machine as a whole runs out, the trial goes before anything of the user's.
    // A kernel without the file has no such choice to make.
    let _ = write(OsStr::new("/proc/self/oom_score_adj"), b"1000");
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(at_errno(Stage::Limits))?;
    if !start.processors.is_empty() {
        let mut set = CpuSet::new();
        for processor in &start.processors {
            set.set(*processor as usize);
        }
        sched_setaffinity(None, &set).map_err(at_errno(Stage::Affinity))?;
    }
    rustix::process::chdir(&start.directory).map_err(at_errno(Stage::Directory))?;
    for (stream, number) in streams.iter().zip(0..) {
        sys::connect(stream, number).map_err(at(Stage::Streams))?;
    }
    sys::reset_signals();
    if start.fixed_addresses {
        sys::fix_addresses();
    }
    if let Some(bytes) = start.address_space {
        let limit = Rlimit {
            current: Some(bytes),
            maximum: Some(bytes),
        };
        setrlimit(Resource::As, limit).map_err(at_errno(Stage::Limits))?;
    }
    Ok(())
}

fn write(path: &OsStr, text: &[u8]) -> io::Result<()> {
    File::options().write(true).open(path)?.write_all(text)
}
