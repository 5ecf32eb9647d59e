//! What valgrind is asked, and what it leaves: one file with a count and one with what it had to say,
//! for each process.
//!
//! The tool is cachegrind without its caches: of those that count instructions it is the quickest (six
//! times a program's own time, where callgrind and exp-bbv take twenty), and its file ends in the
//! total, `summary: N` (valgrind's manual, 5.3).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// Names of the files, before the process id.
const COUNT: &str = "count.";
const SAID: &str = "said.";
/// The total is at the end of a file that grows with the program.
const END: u64 = 4096;
/// What is read of what valgrind had to say.
const MOST_SAID: u64 = 1 << 20;

/// valgrind's arguments, the program's own to follow. Its files go to `directory`.
pub(crate) fn arguments(directory: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = [
        "--tool=cachegrind",
        "--cache-sim=no",
        "--branch-sim=no",
        "--trace-children=yes",
        // No pipes for a debugger that nobody attaches.
        "--vgdb=no",
    ]
    .map(OsString::from)
    .into();
    for (option, name) in [("--cachegrind-out-file=", COUNT), ("--log-file=", SAID)] {
        let mut argument = option.as_bytes().to_vec();
        // A percent sign in a path is not one of valgrind's placeholders.
        for byte in directory.join(name).as_os_str().as_bytes() {
            argument.push(*byte);
            if *byte == b'%' {
                argument.push(b'%');
            }
        }
        argument.extend(b"%p");
        arguments.push(OsString::from_vec(argument));
    }
    arguments.push("--".into());
    arguments
}

/// What valgrind left of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    /// The instructions of all processes, or why they are not all known.
    pub(crate) count: Result<u64, String>,
    /// What ended a process under it, in its words: an instruction that it does not know, a signal.
    pub(crate) trouble: Option<String>,
    /// Processes that were forked and executed no program of their own: valgrind counts what their
    /// parent did before once more in each.
    pub(crate) forked: usize,
}

/// One process, by its files.
#[derive(Debug, Default)]
struct Process {
    count: Option<u64>,
    /// The program and its arguments.
    command: Option<String>,
    parent: Option<u32>,
    trouble: Option<String>,
}

/// Reads what valgrind left in `directory`.
///
/// # Errors
/// The directory or a file in it can't be read.
pub(crate) fn counted(directory: &Path) -> io::Result<Left> {
    let mut processes: BTreeMap<u32, Process> = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let of = |prefix| name.strip_prefix(prefix)?.parse().ok();
        if let Some(pid) = of(COUNT) {
            processes.entry(pid).or_default().count = total(&entry.path())?;
        } else if let Some(pid) = of(SAID) {
            processes.entry(pid).or_default().hear(&entry.path())?;
        }
    }
    Ok(summed(&processes))
}

fn summed(processes: &BTreeMap<u32, Process>) -> Left {
    let silent = processes.values().filter(|one| one.count.is_none()).count();
    let counts = processes.values().filter_map(|one| one.count);
    let count = match (processes.len(), silent) {
        (0, _) => Err("valgrind did not start".to_owned()),
        (1, 1) => Err("valgrind left no count: the program was killed".to_owned()),
        (all, silent) if silent > 0 => Err(format!(
            "{silent} of {all} processes left no count: they were killed"
        )),
        _ => Ok(counts.fold(0, u64::saturating_add)),
    };
    let forked = processes.values().filter(|one| {
        let parent = one.parent.and_then(|parent| processes.get(&parent));
        parent.is_some_and(|parent| parent.command == one.command)
    });
    Left {
        count,
        trouble: processes.values().find_map(|one| one.trouble.clone()),
        forked: forked.count(),
    }
}

/// The total at the end of a file; none in a file that was not written to its end.
fn total(path: &Path) -> io::Result<Option<u64>> {
    let mut file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(summary(&String::from_utf8_lossy(&end)))
}

fn summary(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("summary:"))?;
    // Later versions put thousands apart.
    line.trim().replace(',', "").parse().ok()
}

impl Process {
    fn hear(&mut self, path: &Path) -> io::Result<()> {
        let mut said = Vec::new();
        fs::File::open(path)?
            .take(MOST_SAID)
            .read_to_end(&mut said)?;
        let said = String::from_utf8_lossy(&said);
        let mut lines = said.lines();
        while let Some(line) = lines.next() {
            let text = bare(line);
            if let Some(command) = text.strip_prefix("Command: ") {
                self.command = Some(command.to_owned());
            } else if let Some(parent) = text.strip_prefix("Parent PID: ") {
                self.parent = parent.parse().ok();
            } else if self.trouble.is_none() && text.contains("unhandled instruction") {
                self.trouble = Some(text.to_owned());
            } else if self.trouble.is_none() && text.starts_with("Process terminating") {
                // What it did and where follow in the next lines.
                let next = lines.clone().take(2).map(bare);
                let whole: Vec<&str> = [text].into_iter().chain(next).collect();
                self.trouble = Some(whole.join("; "));
            }
        }
        Ok(())
    }
}

/// A line without the `==PID==` before it, which it lacks where the decoder itself speaks.
fn bare(line: &str) -> &str {
    let text = line.trim_start_matches(['=', '-']);
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.trim_start_matches(['=', '-']).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(files: &[(&str, &str)]) -> Left {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        counted(directory.path()).unwrap()
    }

    const SAID_7: &str = "==7== Cachegrind\n==7== Command: ./a b\n==7== Parent PID: 3\n==7== \n";

    #[test]
    fn processes_are_summed() {
        let child = SAID_7.replace("./a b", "./c").replace("PID: 3", "PID: 7");
        let left = left(&[
            ("count.7", "fn=main\n1 2\nsummary: 6127688\n"),
            ("said.7", SAID_7),
            ("count.8", "summary: 1,000\n"),
            ("said.8", &child),
            ("other", "summary: 5\n"),
        ]);
        assert_eq!(left.count, Ok(6_128_688));
        assert_eq!((left.forked, left.trouble), (0, None));
    }

    #[test]
    fn a_forked_process_that_stays_what_it_was_is_told() {
        let child = SAID_7.replace("PID: 3", "PID: 7");
        let left = left(&[
            ("count.7", "summary: 10\n"),
            ("said.7", SAID_7),
            ("count.8", "summary: 12\n"),
            ("said.8", &child),
        ]);
        assert_eq!((left.count, left.forked), (Ok(22), 1));
    }

    #[test]
    fn a_sum_with_a_gap_is_none() {
        let one = left(&[("said.7", SAID_7)]).count.unwrap_err();
        assert!(one.contains("killed"), "{one}");
        let half = left(&[("count.7", "summary: 10\n"), ("said.8", SAID_7)]);
        assert_eq!(
            half.count.unwrap_err(),
            "1 of 2 processes left no count: they were killed"
        );
        assert_eq!(left(&[]).count.unwrap_err(), "valgrind did not start");
        assert!(left(&[("count.7", "fn=main\n1 2\nsumm")]).count.is_err());
    }

    #[test]
    fn an_instruction_that_valgrind_does_not_know_is_quoted() {
        let said =
            format!("{SAID_7}vex amd64->IR: unhandled instruction bytes: 0x62 0xF1\n==7== x");
        let left = left(&[("count.7", "summary: 10\n"), ("said.7", &said)]);
        assert_eq!(
            left.trouble.unwrap(),
            "vex amd64->IR: unhandled instruction bytes: 0x62 0xF1"
        );
    }

    #[test]
    fn a_crash_is_told_with_its_place() {
        let said = format!(
            "{SAID_7}==7== Process terminating with default action of signal 11 (SIGSEGV)\n\
             ==7==  Access not within mapped region at address 0x0\n\
             ==7==    at 0x1091: main (in /a)\n==7==  If you believe\n"
        );
        let left = left(&[("count.7", "summary: 10\n"), ("said.7", &said)]);
        assert_eq!(
            left.trouble.unwrap(),
            "Process terminating with default action of signal 11 (SIGSEGV); Access not within \
             mapped region at address 0x0; at 0x1091: main (in /a)"
        );
    }

    #[test]
    fn percent_signs_of_a_path_are_not_placeholders() {
        let arguments = arguments(Path::new("/a%b"));
        assert!(arguments.contains(&OsString::from("--cachegrind-out-file=/a%%b/count.%p")));
        assert_eq!(arguments.last().unwrap(), "--");
    }
}
