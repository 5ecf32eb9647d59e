//! Running one verb of a program to its end, outside of any measurement.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use plimsoll_workload::Bytes;
use plimsoll_workload::env::Environment;
use rustix::process::{Pid, Signal, kill_process_group};

use super::error::InputsError;
use super::guard::stand_between;
use crate::evidence::CapsKind;
use crate::run::caps::{Leaf, MachineCap};
use crate::run::processes::Processes;
use crate::run::watch::CapWatch;

/// An answer beyond this is cut, and then is none.
const LONGEST_ANSWER: usize = 16 << 20;
/// What is kept of standard error: its end.
const STDERR_TAIL: usize = 8 << 10;
/// How long whoever holds the other end of a pipe may keep it open after the program has ended.
const LINGER: Duration = Duration::from_millis(500);

/// A program of the workload protocol, and how to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramCommand {
    /// The program: a path, or a name to be found in `PATH`.
    pub program: PathBuf,
    /// Arguments before the verb.
    pub args: Vec<String>,
}

/// `describe` and `key` answer at once; what takes longer is another program.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How long a verb may take, and who may end it.
pub(in crate::run) struct Patience<'a> {
    /// No limit where absent.
    pub(in crate::run) limit: Option<Duration>,
    /// Looked at about twenty times a second.
    pub(in crate::run) cancelled: &'a dyn Fn() -> bool,
    /// What caps its memory.
    pub(in crate::run) cap: Option<&'a MachineCap>,
}

impl Patience<'static> {
    /// That for `describe` and `key`.
    pub(in crate::run) fn for_an_answer() -> Self {
        Self {
            limit: Some(ANSWER_WITHIN),
            cancelled: &|| false,
            cap: None,
        }
    }
}

impl ProgramCommand {
    /// Runs a verb; what it wrote to standard output. Whatever the ending, no process of its
    /// group is left.
    pub(in crate::run) fn ask(
        &self,
        verb: &str,
        environment: &Environment,
        patience: &Patience<'_>,
    ) -> Result<Vec<u8>, InputsError> {
        let leaf = patience.cap.map(MachineCap::leaf).transpose()?;
        let kind = patience.cap.map_or(CapsKind::Sampled, MachineCap::kind);
        let cap = CapWatch::new(leaf.as_deref(), kind);
        let mut child = self.start(verb, environment, leaf.as_deref())?;
        let stdout = Collected::of(child.stdout.take(), Keep::Beginning(LONGEST_ANSWER));
        let stderr = Collected::of(child.stderr.take(), Keep::End(STDERR_TAIL));
        let ending = wait(&mut child, patience, &cap);
        // Also after a good end: what it left running would write on in the inputs.
        kill(&mut child);
        let stderr = String::from_utf8_lossy(&stderr.finish()).into_owned();
        if let Some(leaf) = &leaf
            && (matches!(ending, Ending::OutOfMemory) || leaf.oom_kills() > 0)
        {
            return Err(InputsError::OutOfMemory {
                command: self.told(verb),
                cap: Bytes(leaf.evidence().limit),
                stderr,
            });
        }
        match ending {
            Ending::Exited(status) if status.success() => Ok(stdout.finish()),
            Ending::Exited(status) => Err(InputsError::Failed {
                command: self.told(verb),
                status: status.to_string(),
                stderr,
            }),
            Ending::TimedOut(limit) => Err(InputsError::TimedOut {
                command: self.told(verb),
                seconds: limit.as_secs(),
                stderr,
            }),
            // Only a leaf has it end so, and that is told above.
            Ending::Cancelled | Ending::OutOfMemory => Err(InputsError::Interrupted),
            Ending::Lost(source) => Err(InputsError::Start {
                program: self.program.clone(),
                source,
            }),
        }
    }

    /// Program, arguments and verb, for messages.
    pub(super) fn told(&self, verb: &str) -> String {
        let program = self.program.display().to_string();
        let words = [&program].into_iter().chain(&self.args);
        let words: Vec<_> = words.map(String::as_str).chain([verb]).collect();
        words.join(" ")
    }

    fn start(
        &self,
        verb: &str,
        environment: &Environment,
        leaf: Option<&dyn Leaf>,
    ) -> Result<Child, InputsError> {
        let unstarted = |source| InputsError::Start {
            program: self.program.clone(),
            source,
        };
        let procs = leaf.and_then(Leaf::procs);
        let open = |path| File::options().write(true).open(path);
        let procs = procs.map(open).transpose().map_err(unstarted)?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .arg(verb)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Of its own, so that all of it can be killed, and a Ctrl-C comes to us first.
            .process_group(0);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("PLIMSOLL_")) {
            command.env_remove(name);
        }
        command.envs(environment.variables());
        let harness = std::process::id().cast_signed();
        // SAFETY: the closure runs between fork and exec and makes system calls; it does not
        // allocate, lock or unwind.
        unsafe {
            command.pre_exec(move || {
                // Should the harness itself be killed, nobody else would end what this process starts.
                stand_between(harness)?;
                if let Some(procs) = &procs {
                    // Before anything else: memory is charged where a process is when it touches it.
                    rustix::io::write(procs, b"0")?;
                }
                // Nor may the guard be killed alone.
                rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
                Ok(())
            });
        }
        command.spawn().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => InputsError::NoProgram {
                program: self.program.clone(),
            },
            _ => unstarted(source),
        })
    }
}

enum Ending {
    Exited(ExitStatus),
    TimedOut(Duration),
    Cancelled,
    OutOfMemory,
    Lost(io::Error),
}

fn wait(child: &mut Child, patience: &Patience<'_>, cap: &CapWatch<'_>) -> Ending {
    let own = child.id().cast_signed();
    let resident = || {
        // The child itself is the guard, which shares what it holds with this process.
        let processes = Processes::new();
        processes.activity(&processes.descendants(own)).resident
    };
    let begin = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ending::Exited(status),
            Ok(None) => {}
            Err(error) => return Ending::Lost(error),
        }
        if (patience.cancelled)() {
            return Ending::Cancelled;
        }
        if cap.oom().or_else(|| cap.passed(resident)).is_some() {
            return Ending::OutOfMemory;
        }
        if let Some(limit) = patience.limit.filter(|limit| begin.elapsed() >= *limit) {
            return Ending::TimedOut(limit);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Kills all of the child's group and reaps the child.
fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It fails where nobody is left, which is what is wanted.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

/// Which part of a stream is kept. All of it is read, so that the writer never blocks.
#[derive(Debug, Clone, Copy)]
enum Keep {
    Beginning(usize),
    End(usize),
}

/// A stream that a thread of its own reads to its end.
struct Collected {
    kept: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<()>,
}

impl Collected {
    fn of(stream: Option<impl Read + Send + 'static>, keep: Keep) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (end, ended) = mpsc::channel();
        let into = Arc::clone(&kept);
        if let Some(mut stream) = stream {
            thread::spawn(move || {
                let mut piece = vec![0; 1 << 16];
                while let Ok(length @ 1..) = stream.read(&mut piece) {
                    keep.take(
                        &mut into.lock().unwrap_or_else(PoisonError::into_inner),
                        &piece[..length],
                    );
                }
                // Nobody waits any more where this fails.
                let _ = end.send(());
            });
        }
        Self { kept, ended }
    }

    /// What was read by the end of the stream, or a little after the end of the program.
    fn finish(self) -> Vec<u8> {
        let _ = self.ended.recv_timeout(LINGER);
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Keep {
    fn take(self, kept: &mut Vec<u8>, piece: &[u8]) {
        match self {
            Keep::Beginning(most) => {
                let room = most.saturating_sub(kept.len()).min(piece.len());
                kept.extend_from_slice(&piece[..room]);
            }
            Keep::End(most) => {
                kept.extend_from_slice(piece);
                let excess = kept.len().saturating_sub(most);
                kept.drain(..excess);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Option<Duration>) -> Result<Vec<u8>, InputsError> {
        let command = ProgramCommand {
            program: "sh".into(),
            args: vec!["-c".into(), script.into()],
        };
        let patience = Patience {
            limit,
            cancelled: &|| false,
            cap: None,
        };
        command.ask("key", &Environment::default(), &patience)
    }

    #[test]
    fn the_answer_is_what_is_printed() {
        assert_eq!(shell("echo yes; echo no >&2", None).unwrap(), b"yes\n");
        assert_eq!(
            shell("echo $0", None).unwrap(),
            b"key\n",
            "the verb comes last"
        );
    }

    #[test]
    fn a_failure_shows_its_status_and_what_it_said() {
        let message = shell("echo the disk is full >&2; exit 7", None)
            .unwrap_err()
            .to_string();
        assert!(message.contains("exit status: 7"), "{message}");
        assert!(message.ends_with("It said:\nthe disk is full"), "{message}");
        let message = shell("kill -9 $$", None).unwrap_err().to_string();
        assert!(message.contains("signal: 9"), "{message}");
    }

    #[test]
    fn a_program_that_never_ends_is_ended() {
        let message = shell(
            "echo waiting >&2; sleep 600",
            Some(Duration::from_millis(200)),
        )
        .unwrap_err()
        .to_string();
        assert!(message.contains("did not end within"), "{message}");
        assert!(message.contains("waiting"), "{message}");
    }

    #[test]
    fn what_it_leaves_running_is_ended_too() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let script = format!("sleep 600 >/dev/null 2>&1 & echo $! > {}", file.display());
        shell(&script, None).unwrap();
        let pid: i32 = std::fs::read_to_string(file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let gone = (0..1000).any(|_| {
            thread::sleep(Duration::from_millis(2));
            std::fs::read_to_string(format!("/proc/{pid}/stat"))
                .map_or(true, |stat| stat.contains(") Z "))
        });
        assert!(gone);
    }

    #[test]
    fn what_it_holds_is_capped() {
        let system = tempfile::tempdir().unwrap();
        std::fs::create_dir(system.path().join("proc")).unwrap();
        let meminfo = system.path().join("proc/meminfo");
        std::fs::write(meminfo, "MemAvailable: 131072 kB\n").unwrap();
        let cap = MachineCap::find(system.path());
        let command = ProgramCommand {
            program: "sh".into(),
            args: vec![
                "-c".into(),
                "head -c 500000000 /dev/zero | tail -n 1".into(),
            ],
        };
        let patience = Patience {
            limit: None,
            cancelled: &|| false,
            cap: Some(&cap),
        };
        let error = command.ask("prepare", &Environment::default(), &patience);
        let error = error.unwrap_err();
        assert!(matches!(error, InputsError::OutOfMemory { .. }), "{error}");
        assert!(error.to_string().contains("64 MiB"), "{error}");
    }

    #[test]
    fn a_flood_is_read_and_not_kept() {
        let script = "head -c 40000000 /dev/zero; head -c 40000000 /dev/zero >&2; exit 1";
        let InputsError::Failed { stderr, .. } = shell(script, None).unwrap_err() else {
            panic!("another error");
        };
        assert!(stderr.len() <= STDERR_TAIL);
        assert_eq!(
            shell("head -c 40000000 /dev/zero", None).unwrap().len(),
            LONGEST_ANSWER
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let command = ProgramCommand {
            program: "/nonexistent/mine".into(),
            args: Vec::new(),
        };
        let patience = Patience {
            limit: None,
            cancelled: &|| false,
            cap: None,
        };
        let error = command
            .ask("describe", &Environment::default(), &patience)
            .unwrap_err();
        assert!(matches!(error, InputsError::NoProgram { .. }), "{error}");
        assert!(error.to_string().contains("/nonexistent/mine"));
    }

    #[test]
    fn an_interruption_ends_it() {
        let command = ProgramCommand {
            program: "sleep".into(),
            args: vec!["600".into()],
        };
        let patience = Patience {
            limit: None,
            cancelled: &|| true,
            cap: None,
        };
        // `sleep 600 1`: the verb is a number, so that sleep accepts it.
        let error = command
            .ask("1", &Environment::default(), &patience)
            .unwrap_err();
        assert!(matches!(error, InputsError::Interrupted), "{error}");
    }
}
