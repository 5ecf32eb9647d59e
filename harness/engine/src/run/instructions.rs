//! Trials that count instructions: what is added to a step before it runs, and read after it.

use std::path::PathBuf;

use super::error::RunError;
use super::fork_server::Start;
use super::measured::Measured;
use super::session::Core;
use super::trial::Running;
use crate::evidence::{CountedBy, Instructions, Outcome};
use crate::observe::InstructionCounter;
use crate::observe::instructions::perf::Event;
use crate::observe::instructions::{arguments, counted};

/// How a step's instructions are counted.
pub(super) enum Counting {
    /// By the fork server.
    Perf,
    /// By valgrind, which leaves its files here.
    Valgrind(PathBuf),
}

impl Core {
    /// Changes what is started so that its instructions are counted.
    pub(super) fn count_instructions(
        &self,
        running: &mut Running<'_>,
        start: &mut Start,
    ) -> Result<Counting, RunError> {
        start.fixed_addresses = true;
        match &self.counter {
            None => Err(RunError::NoCounter),
            Some(InstructionCounter::Perf) => {
                start.counted = Some(Event::INSTRUCTIONS);
                Ok(Counting::Perf)
            }
            Some(InstructionCounter::Valgrind(valgrind)) => {
                let name = format!("instructions-{}", running.trial.steps.len());
                let directory = running.directory.directory(&name)?;
                let mut argv = vec![valgrind.clone().into_os_string()];
                argv.extend(arguments(&directory));
                argv.push(start.program.clone().into_os_string());
                argv.extend(start.argv.drain(..).skip(1));
                start.argv = argv;
                start.program.clone_from(valgrind);
                // valgrind lives in the program's address space, and needs more of it than it has.
                start.address_space = None;
                Ok(Counting::Valgrind(directory))
            }
        }
    }
}

impl Counting {
    /// Whether the program shares its memory with valgrind, so that a cap meant for the program
    /// would bind something else.
    pub(super) fn takes_memory(&self) -> bool {
        matches!(self, Counting::Valgrind(_))
    }

    /// Reads the count into a step that has ended.
    pub(super) fn take_in(self, measured: &mut Measured) {
        let instructions = match self {
            Counting::Perf => by_processor(measured.counted),
            Counting::Valgrind(directory) => match counted(&directory) {
                Ok(left) => {
                    if let Some(trouble) = left.trouble
                        && measured.outcome != Some(Outcome::Completed)
                    {
                        measured.diagnosis =
                            format!("{}; valgrind says: {trouble}", measured.diagnosis);
                    }
                    if left.forked > 0 {
                        measured.notes.push(format!(
                            "{} of its processes were forked and executed nothing: what went before the fork is counted in each",
                            left.forked
                        ));
                    }
                    of(CountedBy::Valgrind, left.count)
                }
                Err(error) => Instructions::Absent {
                    why: format!("valgrind's files cannot be read: {error}"),
                },
            },
        };
        measured.step.instructions = Some(instructions);
    }
}

fn of(by: CountedBy, count: Result<u64, String>) -> Instructions {
    match count {
        Ok(count) => Instructions::Counted { by, count },
        Err(why) => Instructions::Absent { why },
    }
}

fn by_processor(counted: Option<Result<u64, i32>>) -> Instructions {
    let count = match counted {
        None => Err("the fork server counted nothing".to_owned()),
        Some(Err(libc::EBUSY)) => Err(
            "somebody else used the processor's counters meanwhile; measure again without"
                .to_owned(),
        ),
        Some(Err(errno)) => {
            let error = std::io::Error::from_raw_os_error(errno);
            Err(format!("the processor's counter failed: {error}"))
        }
        Some(Ok(0)) => Err("the processor's counter stood still".to_owned()),
        Some(Ok(count)) => Ok(count),
    };
    of(CountedBy::Perf, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_did_not_count_is_no_zero() {
        let why = |counted| match by_processor(counted) {
            Instructions::Absent { why } => why,
            Instructions::Counted { .. } => panic!("counted"),
        };
        assert!(why(Some(Ok(0))).contains("stood still"));
        assert!(why(Some(Err(libc::EBUSY))).contains("somebody else"));
        assert!(why(Some(Err(libc::ENOENT))).contains("No such file"));
        assert!(why(None).contains("nothing"));
        let counted = Instructions::Counted {
            by: CountedBy::Perf,
            count: 7,
        };
        assert_eq!(by_processor(Some(Ok(7))), counted);
    }
}
