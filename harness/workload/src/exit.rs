//! How a program of the protocol ends: its exit codes.

use std::process::ExitCode;

/// The exit codes of `describe`, `key`, `prepare`, `run` and `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Completed = 0,
    /// The job failed: I/O, a full disk, a broken invariant.
    Failed = 1,
    /// The input, a parameter, a variable of the protocol or the command line is wrong; nothing was run, or not far.
    WrongInput = 2,
    /// The implementation saw that the job does not fit and did not start it.
    Refused = 3,
    /// The program panicked: what Rust itself exits with then.
    Panicked = 101,
    /// SIGTERM came, the implementation saw it and left early: what a shell reports for one who did not look.
    Cancelled = 143,
}

impl Exit {
    /// Every exit code.
    pub const ALL: [Self; 6] = [
        Self::Completed,
        Self::Failed,
        Self::WrongInput,
        Self::Refused,
        Self::Panicked,
        Self::Cancelled,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The meaning of a number, if it has one.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|exit| i32::from(exit.code()) == code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
