//! The fork server's loop: one trial at a time, everything it starts accounted for and gone at the end.

use std::fs;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use rustix::process::Signal;

use super::protocol::{Report, Request, body_length};
use super::sys::{self, Waited};
use super::{child, client};
use crate::observe::instructions::perf::Counter;
use crate::run::processes::{Processes, members, signal_all};

/// Between two passes of killing: time for the kernel to finish the first.
const KILL_PAUSE: Duration = Duration::from_millis(2);
/// What can't be killed by then (stuck in the kernel) is left to the system.
const KILL_PATIENCE: Duration = Duration::from_secs(30);
/// Rounds of stopping what is being forked, before what was found is killed.
const STOP_ROUNDS: usize = 16;

/// Becomes the fork server where the process was started as one, and never returns then. Call it
/// first thing in `main`: what is loaded before it counts towards the smallest peak that can be seen.
pub fn enter_if_asked() {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == client::WORD)
    {
        let status = match serve() {
            Ok(()) => 0,
            Err(error) => {
                // Nobody else can say it: the supervisor sees no more than a closed socket.
                let _ = writeln!(io::stderr(), "plimsoll: the fork server failed: {error}");
                1
            }
        };
        std::process::exit(status);
    }
}

fn serve() -> io::Result<()> {
    let control = take_control()?;
    let signals = sys::shield()?;
    sys::close_rest_on_exec();
    let own = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(own))?;
    // A group leader already has a group of its own; it matters only that Ctrl-C does not come here.
    let _ = rustix::process::setsid();
    let mut server = Server {
        control,
        signals,
        own: own.as_raw_nonzero().get(),
        processes: Processes::new(),
        state: State::Idle,
        cgroups: Vec::new(),
        adopted: Vec::new(),
        counter: None,
    };
    let resident = server.processes.activity(&[server.own]).resident;
    server.say(&Report::Ready { resident })?;
    let ended = server.run();
    server.clear_away();
    ended
}

/// The control socket comes as standard input; what is started must not inherit it.
fn take_control() -> io::Result<UnixStream> {
    let control = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    let null = fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(UnixStream::from(control))
}

struct Server {
    control: UnixStream,
    signals: OwnedFd,
    own: i32,
    processes: Processes,
    state: State,
    /// The `cgroup.procs` of the current trial or the last one.
    cgroups: Vec<PathBuf>,
    /// Directories that go when the supervisor is gone.
    adopted: Vec<PathBuf>,
    /// What counts in the current trial, where something does.
    counter: Option<io::Result<Counter>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No process of a trial exists.
    Idle,
    /// A trial runs.
    Running,
    /// A trial is being killed.
    Killing,
}

impl Server {
    fn run(&mut self) -> io::Result<()> {
        loop {
            let readable = self.wait_for_news()?;
            self.reap()?;
            if readable && !self.serve_request()? {
                return Ok(());
            }
            if self.state == State::Killing {
                self.kill_pass();
                self.reap()?;
            }
        }
    }

    /// Waits for a request, an ended child, or the next pass of killing. True where there is a request.
    fn wait_for_news(&mut self) -> io::Result<bool> {
        let nanoseconds = KILL_PAUSE.as_nanos() as i64;
        let pause = (self.state == State::Killing).then_some(Timespec {
            tv_sec: 0,
            tv_nsec: nanoseconds,
        });
        let mut news = [
            PollFd::new(&self.control, PollFlags::IN),
            PollFd::new(&self.signals, PollFlags::IN),
        ];
        match poll(&mut news, pause.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let readable = !news[0].revents().is_empty();
        if !news[1].revents().is_empty() {
            // Only wakes the loop: signals merge, so who ended is asked of `wait4`.
            let mut told = [0; 1024];
            let _ = rustix::io::read(&self.signals, &mut told);
        }
        Ok(readable)
    }

    fn reap(&mut self) -> io::Result<()> {
        if self.state == State::Idle {
            return Ok(());
        }
        // One message for all: each wakes the supervisor, on a machine that has better to do.
        let mut news = Vec::new();
        loop {
            match sys::wait()? {
                Waited::Ended(reaped) => news.extend(Report::Ended(reaped).encode()),
                Waited::None => break,
                Waited::NoChild => {
                    self.state = State::Idle;
                    if let Some(counter) = self.counter.take() {
                        let count = counter.and_then(|mut counter| counter.read());
                        let count = count.map_err(|error| sys::errno(&error));
                        news.extend(Report::Counted(count).encode());
                    }
                    news.extend(Report::Empty.encode());
                    break;
                }
            }
        }
        self.send(&news)
    }

    /// Serves one request. False where the supervisor is gone.
    fn serve_request(&mut self) -> io::Result<bool> {
        let Some((request, streams)) = self.receive()? else {
            return Ok(false);
        };
        match request {
            Request::Adopt(directory) => self.adopted.push(directory),
            Request::Start(start) => {
                // Opened here and inherited by the child, in whose programs it counts.
                self.counter = start.counted.map(Counter::of_programs_to_come);
                let report = child::start(&start, &streams);
                self.cgroups = start.cgroups;
                self.state = State::Running;
                self.say(&report)?;
                if matches!(report, Report::NotStarted { .. }) {
                    // Where there was not even a child, no signal will say that none is left.
                    self.reap()?;
                }
            }
            Request::Signal(number) => {
                if let Some(signal) = Signal::from_named_raw(number) {
                    signal_all(&self.everyone(), signal);
                }
            }
            Request::Kill if self.state == State::Running => self.state = State::Killing,
            Request::Kill => {}
        }
        Ok(true)
    }

    /// Every process of the trial: descendants, orphans and `setsid` escapees among them, because
    /// the server is their subreaper; and whatever else is in the cgroup.
    fn everyone(&self) -> Vec<i32> {
        let mut everyone = self.processes.descendants(self.own);
        everyone.extend(members(&self.cgroups));
        everyone.sort_unstable();
        everyone.dedup();
        everyone
    }

    /// Stops everyone until nobody new appears, then kills them: a process that forks as fast as it
    /// can is not outrun by killing alone.
    fn kill_pass(&self) {
        let mut found = self.everyone();
        for _ in 0..STOP_ROUNDS {
            signal_all(&found, Signal::STOP);
            let again = self.everyone();
            if again == found {
                break;
            }
            found = again;
        }
        signal_all(&found, Signal::KILL);
    }

    /// The supervisor is gone, perhaps by SIGKILL: nothing that was started on its behalf may stay.
    fn clear_away(&self) {
        let since = Instant::now();
        while since.elapsed() < KILL_PATIENCE {
            self.kill_pass();
            match sys::wait() {
                Ok(Waited::NoChild) | Err(_) => break,
                Ok(Waited::Ended(_)) => {}
                Ok(Waited::None) => std::thread::sleep(KILL_PAUSE),
            }
        }
        for leaf in self.cgroups.iter().filter_map(|file| file.parent()) {
            // The kernel may hold an emptied cgroup for a moment longer.
            for _ in 0..100 {
                if fs::remove_dir(leaf).is_ok() || !leaf.exists() {
                    break;
                }
                std::thread::sleep(KILL_PAUSE);
            }
        }
        for directory in &self.adopted {
            let _ = fs::remove_dir_all(directory);
        }
    }

    fn say(&self, report: &Report) -> io::Result<()> {
        self.send(&report.encode())
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        match (&self.control).write_all(message) {
            // The supervisor is gone; the next read says so, and clears away.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// The next request and the descriptors that came with it; `None` at the end of the stream.
    fn receive(&mut self) -> io::Result<Option<(Request, Vec<OwnedFd>)>> {
        let mut header = [0; 4];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let got = recvmsg(
            self.control.as_fd(),
            &mut [io::IoSliceMut::new(&mut header)],
            &mut ancillary,
            RecvFlags::CMSG_CLOEXEC,
        );
        let got = match got {
            Ok(message) => message.bytes,
            Err(rustix::io::Errno::CONNRESET) => 0,
            Err(error) => return Err(error.into()),
        };
        let mut streams = Vec::new();
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                streams.extend(rights);
            }
        }
        if got == 0 {
            return Ok(None);
        }
        let gone = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => Ok(None),
            _ => Err(error),
        };
        if let Err(error) = self.control.read_exact(&mut header[got..]) {
            return gone(error);
        }
        let mut body = vec![0; body_length(header).map_err(io::Error::other)?];
        if let Err(error) = self.control.read_exact(&mut body) {
            return gone(error);
        }
        let request = Request::decode(&body).map_err(io::Error::other)?;
        Ok(Some((request, streams)))
    }
}
