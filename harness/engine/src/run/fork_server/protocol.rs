//! What the supervisor and the fork server say to each other, and how it is put into bytes.
//!
//! A message is its length (4 bytes, little endian) and a body: a tag byte, then fields in order;
//! integers little endian, byte strings and lists preceded by their length. Hand-made, because the
//! fork server's own size is the floor of what can be measured.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::wire::{Garbled, Reader, Writer};
use crate::observe::instructions::perf::Event;

/// A body longer than this is not one of ours.
pub(crate) const LONGEST: usize = 64 << 20;

/// From the supervisor to the fork server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Remove this directory when the supervisor is gone without having said good-bye.
    Adopt(PathBuf),
    /// Start a process; standard input, output and error come along as file descriptors.
    Start(Start),
    /// Send this signal to every process of the trial.
    Signal(i32),
    /// Kill until no process of the trial is left.
    Kill,
}

/// A process to start, everything about it said: nothing is taken over from the fork server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// The executable, absolute.
    pub(crate) program: PathBuf,
    /// Its arguments, its own name first.
    pub(crate) argv: Vec<OsString>,
    /// The environment, `NAME=value` each.
    pub(crate) environment: Vec<OsString>,
    /// The working directory.
    pub(crate) directory: PathBuf,
    /// The `cgroup.procs` files to enter before the program is executed.
    pub(crate) cgroups: Vec<PathBuf>,
    /// Address-space limit in bytes.
    pub(crate) address_space: Option<u64>,
    /// Processors to stay on; empty means any.
    pub(crate) processors: Vec<u32>,
    /// What is counted in it and in all its descendants, from its execution on.
    pub(crate) counted: Option<Event>,
    /// Whether its addresses are the same each time, where the kernel permits: programs whose course depends on
    /// them then repeat themselves.
    pub(crate) fixed_addresses: bool,
}

/// From the fork server to the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// The fork server stands; it holds this many resident bytes.
    Ready {
        /// Resident bytes.
        resident: u64,
    },
    /// The program was executed.
    Started {
        /// Process id.
        pid: i32,
        /// CLOCK_MONOTONIC nanoseconds just before it was executed.
        at: u64,
        /// Resident bytes that its peak cannot be told apart from: the child's own before it became the program.
        floor: u64,
    },
    /// The program could not be executed.
    NotStarted {
        /// What failed.
        stage: Stage,
        /// The system's error number.
        errno: i32,
    },
    /// A process was reaped.
    Ended(Reaped),
    /// What [`Start::counted`] asked for, when no process is left: the count, or the system's error number.
    Counted(Result<u64, i32>),
    /// No process of the trial is left.
    Empty,
}

/// A reaped process and the kernel's accounting for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reaped {
    /// Process id.
    pub(crate) pid: i32,
    /// The status that `wait4` gave.
    pub(crate) status: i32,
    /// CLOCK_MONOTONIC nanoseconds just after.
    pub(crate) at: u64,
    /// User CPU time in microseconds.
    pub(crate) user: u64,
    /// System CPU time in microseconds.
    pub(crate) sys: u64,
    /// Peak resident bytes.
    pub(crate) max_rss: u64,
    /// Page faults without I/O.
    pub(crate) minor_faults: u64,
    /// Page faults with I/O.
    pub(crate) major_faults: u64,
    /// Context switches of both kinds.
    pub(crate) context_switches: u64,
}

/// What a child does before it becomes the program, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Making the child.
    Fork = 1,
    /// Leaving the fork server's session.
    Session,
    /// Entering the cap's cgroup.
    Cgroup,
    /// Setting limits.
    Limits,
    /// Pinning to processors.
    Affinity,
    /// Entering the working directory.
    Directory,
    /// Taking over standard input, output and error.
    Streams,
    /// Executing the program.
    Execute,
}

impl Stage {
    /// What was being done, in words that follow "could not".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Stage::Fork => "make a process",
            Stage::Session => "start a session of its own",
            Stage::Cgroup => "enter the cgroup of its memory cap",
            Stage::Limits => "set its resource limits",
            Stage::Affinity => "pin it to its processors",
            Stage::Directory => "enter its working directory",
            Stage::Streams => "connect its standard streams",
            Stage::Execute => "execute it",
        }
    }

    /// The stage of a number.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        const ALL: [Stage; 8] = [
            Stage::Fork,
            Stage::Session,
            Stage::Cgroup,
            Stage::Limits,
            Stage::Affinity,
            Stage::Directory,
            Stage::Streams,
            Stage::Execute,
        ];
        ALL.into_iter().find(|stage| *stage as u8 == number)
    }
}

impl Request {
    /// The message, its length first.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Request::Adopt(directory) => {
                out.byte(1);
                out.bytes(directory.as_os_str().as_bytes());
            }
            Request::Start(start) => {
                out.byte(2);
                out.bytes(start.program.as_os_str().as_bytes());
                out.list(start.argv.iter().map(|item| item.as_bytes()));
                out.list(start.environment.iter().map(|item| item.as_bytes()));
                out.bytes(start.directory.as_os_str().as_bytes());
                out.list(start.cgroups.iter().map(|item| item.as_os_str().as_bytes()));
                out.byte(u8::from(start.address_space.is_some()));
                out.number(start.address_space.unwrap_or(0));
                out.number(start.processors.len() as u64);
                for processor in &start.processors {
                    out.number(u64::from(*processor));
                }
                out.byte(u8::from(start.counted.is_some()));
                let event = start.counted.unwrap_or(Event { kind: 0, config: 0 });
                out.numbers(&[u64::from(event.kind), event.config]);
                out.byte(u8::from(start.fixed_addresses));
            }
            Request::Signal(signal) => {
                out.byte(3);
                out.number(*signal as u64);
            }
            Request::Kill => out.byte(4),
        }
        out.finish()
    }

    /// Reads a body.
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Garbled> {
        let mut input = Reader::new(body);
        let request = match input.byte()? {
            1 => Request::Adopt(path(input.bytes()?)),
            2 => Request::Start(Start {
                program: path(input.bytes()?),
                argv: input.list(string)?,
                environment: input.list(string)?,
                directory: path(input.bytes()?),
                cgroups: input.list(path)?,
                address_space: {
                    let set = input.byte()? == 1;
                    let limit = input.number()?;
                    set.then_some(limit)
                },
                processors: {
                    let count = input.number()?;
                    (0..count)
                        .map(|_| input.number()?.try_into().map_err(|_| Garbled))
                        .collect::<Result<_, _>>()?
                },
                counted: {
                    let set = input.byte()? == 1;
                    let event = Event {
                        kind: input.number()?.try_into().map_err(|_| Garbled)?,
                        config: input.number()?,
                    };
                    set.then_some(event)
                },
                fixed_addresses: input.byte()? == 1,
            }),
            3 => Request::Signal(input.number()? as i32),
            4 => Request::Kill,
            _ => return Err(Garbled),
        };
        input.end().map(|()| request)
    }
}

impl Report {
    /// The message, its length first.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Report::Ready { resident } => {
                out.byte(1);
                out.number(*resident);
            }
            Report::Started { pid, at, floor } => {
                out.byte(2);
                out.numbers(&[*pid as u64, *at, *floor]);
            }
            Report::NotStarted { stage, errno } => {
                out.byte(3);
                out.numbers(&[*stage as u64, *errno as u64]);
            }
            Report::Ended(p) => {
                out.byte(4);
                out.numbers(&[
                    p.pid as u64,
                    p.status as u64,
                    p.at,
                    p.user,
                    p.sys,
                    p.max_rss,
                ]);
                out.numbers(&[p.minor_faults, p.major_faults, p.context_switches]);
            }
            Report::Empty => out.byte(5),
            Report::Counted(count) => {
                out.byte(6);
                out.byte(u8::from(count.is_ok()));
                out.number(count.unwrap_or_else(|errno| errno as u64));
            }
        }
        out.finish()
    }

    /// Reads a body.
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Garbled> {
        let mut input = Reader::new(body);
        let report = match input.byte()? {
            1 => Report::Ready {
                resident: input.number()?,
            },
            2 => Report::Started {
                pid: input.number()? as i32,
                at: input.number()?,
                floor: input.number()?,
            },
            3 => {
                let stage = u8::try_from(input.number()?)
                    .ok()
                    .and_then(Stage::from_number);
                Report::NotStarted {
                    stage: stage.ok_or(Garbled)?,
                    errno: input.number()? as i32,
                }
            }
            4 => Report::Ended(Reaped {
                pid: input.number()? as i32,
                status: input.number()? as i32,
                at: input.number()?,
                user: input.number()?,
                sys: input.number()?,
                max_rss: input.number()?,
                minor_faults: input.number()?,
                major_faults: input.number()?,
                context_switches: input.number()?,
            }),
            5 => Report::Empty,
            6 => {
                let counted = input.byte()? == 1;
                let number = input.number()?;
                Report::Counted(if counted {
                    Ok(number)
                } else {
                    Err(number as i32)
                })
            }
            _ => return Err(Garbled),
        };
        input.end().map(|()| report)
    }
}

/// The length of the body that follows these four bytes.
pub(crate) fn body_length(header: [u8; 4]) -> Result<usize, Garbled> {
    let length = u32::from_le_bytes(header) as usize;
    if length > LONGEST {
        Err(Garbled)
    } else {
        Ok(length)
    }
}

fn string(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(string(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strings() -> impl Strategy<Value = Vec<OsString>> {
        let string = proptest::collection::vec(any::<u8>(), 0..20).prop_map(OsString::from_vec);
        proptest::collection::vec(string, 0..5)
    }

    fn request() -> impl Strategy<Value = Request> {
        let start = (
            strings(),
            strings(),
            strings(),
            any::<Option<u64>>(),
            proptest::collection::vec(any::<u32>(), 0..4),
            any::<Option<(u32, u64)>>(),
            any::<bool>(),
        );
        prop_oneof![
            any::<i32>().prop_map(Request::Signal),
            Just(Request::Kill),
            strings().prop_map(|parts| Request::Adopt(parts.into_iter().collect())),
            start.prop_map(
                |(argv, environment, paths, address_space, processors, event, fixed)| {
                    let cgroups: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
                    Request::Start(Start {
                        program: cgroups.iter().collect(),
                        directory: cgroups.first().cloned().unwrap_or_default(),
                        argv,
                        environment,
                        cgroups,
                        address_space,
                        processors,
                        counted: event.map(|(kind, config)| Event { kind, config }),
                        fixed_addresses: fixed,
                    })
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn requests_come_back_as_they_were(request in request()) {
            let message = request.encode();
            let header = message[..4].try_into().unwrap();
            prop_assert_eq!(body_length(header).unwrap(), message.len() - 4);
            prop_assert_eq!(Request::decode(&message[4..]).unwrap(), request);
        }

        #[test]
        fn a_message_cut_short_is_garbled(request in request(), keep in 0.0..1.0f64) {
            let message = request.encode();
            let kept = 4 + ((message.len() - 4) as f64 * keep) as usize;
            prop_assert_eq!(Request::decode(&message[4..kept]), Err(Garbled));
        }

        #[test]
        fn no_bytes_can_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Request::decode(&bytes);
            let _ = Report::decode(&bytes);
        }
    }

    #[test]
    fn reports_come_back_as_they_were() {
        let reaped = Reaped {
            pid: 7,
            status: -1,
            at: u64::MAX,
            max_rss: 9,
            ..Reaped::default()
        };
        for report in [
            Report::Ready { resident: 1 << 40 },
            Report::Started {
                pid: i32::MAX,
                at: 1,
                floor: 2,
            },
            Report::NotStarted {
                stage: Stage::Execute,
                errno: 2,
            },
            Report::Ended(reaped),
            Report::Counted(Ok(1 << 50)),
            Report::Counted(Err(libc::ENOENT)),
            Report::Empty,
        ] {
            assert_eq!(Report::decode(&report.encode()[4..]), Ok(report));
        }
    }

    #[test]
    fn a_length_beyond_reason_is_garbled() {
        assert_eq!(body_length(u32::MAX.to_le_bytes()), Err(Garbled));
    }
}
