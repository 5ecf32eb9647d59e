//! The supervisor's end of the fork server.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;

use super::protocol::{Report, Request, body_length};

/// The argument that makes an executable the fork server.
pub(super) const WORD: &str = "__fork-server";

/// An executable that does not know the word does something else; it gets this long to prove it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running fork server. Dropping it ends the server, and with it all that the server started.
#[derive(Debug)]
pub(crate) struct ForkServer {
    /// `None` only while dropping.
    stream: Option<UnixStream>,
    received: Vec<u8>,
    child: Child,
    resident: u64,
}

impl ForkServer {
    /// Starts `executable` as a fork server. Needs a tokio runtime.
    pub(crate) async fn start(executable: &Path) -> io::Result<Self> {
        let (ours, theirs) = BlockingStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = Command::new(executable);
        command.arg(WORD).env_clear().current_dir("/");
        if let Some(libraries) = std::env::var_os("LD_LIBRARY_PATH") {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        let child = command.spawn()?;
        // The command holds their end; as long as it does, a dead server looks alive.
        drop(command);
        let mut server = ForkServer {
            stream: Some(UnixStream::from_std(ours)?),
            received: Vec::new(),
            child,
            resident: 0,
        };
        let ready = tokio::time::timeout(PATIENCE, server.report()).await;
        match ready {
            Ok(Ok(Report::Ready { resident })) => {
                server.resident = resident;
                Ok(server)
            }
            Ok(Err(error)) => Err(error),
            Ok(Ok(_)) | Err(_) => {
                // It is not ours to wait for: whatever it does, it does not serve.
                let _ = server.child.kill();
                Err(io::Error::other("it did not answer as one"))
            }
        }
    }

    /// The server's process id.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// The server's resident size when it started, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        self.resident
    }

    fn stream(&mut self) -> io::Result<&mut UnixStream> {
        self.stream.as_mut().ok_or_else(gone)
    }

    /// Sends a request, with the standard streams where it starts a process.
    pub(crate) async fn send(
        &mut self,
        request: &Request,
        streams: Option<[BorrowedFd<'_>; 3]>,
    ) -> io::Result<()> {
        let message = request.encode();
        let stream = self.stream()?;
        let sent = match streams {
            None => 0,
            Some(streams) => {
                stream
                    .async_io(Interest::WRITABLE, || {
                        send_with(stream.as_fd(), &message, &streams)
                    })
                    .await?
            }
        };
        stream.write_all(&message[sent..]).await
    }

    /// The next report. Safe to drop and call again: nothing that arrived is lost.
    pub(crate) async fn report(&mut self) -> io::Result<Report> {
        loop {
            if let Some(report) = self.take_report()? {
                return Ok(report);
            }
            let stream = self.stream.as_mut().ok_or_else(gone)?;
            if stream.read_buf(&mut self.received).await? == 0 {
                return Err(gone());
            }
        }
    }

    fn take_report(&mut self) -> io::Result<Option<Report>> {
        let Some((header, rest)) = self.received.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = body_length(*header).map_err(io::Error::other)?;
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let report = Report::decode(body).map_err(io::Error::other)?;
        self.received.drain(..4 + length);
        Ok(Some(report))
    }
}

impl Drop for ForkServer {
    fn drop(&mut self) {
        // The closed socket tells it to kill what is left and to end.
        self.stream = None;
        let _ = self.child.wait();
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it ended by itself")
}

fn send_with(
    socket: BorrowedFd<'_>,
    message: &[u8],
    streams: &[BorrowedFd<'_>],
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(streams)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    Ok(sendmsg(
        socket,
        &[io::IoSlice::new(message)],
        &mut ancillary,
        flags,
    )?)
}
