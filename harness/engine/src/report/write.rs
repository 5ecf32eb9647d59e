//! Putting a report's files in place, whole or not at all, and finding them again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::place::{WRITING, begin, exchange, keep, put, share, sync};
use super::{ReadError, Report, csv, from_json, html, markdown, to_json};

/// The name of the result within a report's directory.
pub const RESULT: &str = "result.json";

/// Why a report could not be written, or found.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The operating system refused.
    #[error("cannot write the report to {}: {doing}: {source}; {}", directory.display(), advice(source))]
    Io {
        /// Where the report was to go.
        directory: PathBuf,
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A rendered form could not be made.
    #[error("cannot render {file} for {}: {reason}", directory.display())]
    Render {
        /// Where the report was to go.
        directory: PathBuf,
        /// The file.
        file: &'static str,
        /// Why.
        reason: String,
    },
    /// A result could not be read from the disk.
    #[error("cannot read {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A result could not be understood.
    #[error("cannot use {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ReadError,
    },
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "name a directory that can be written to with --out"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or name a directory on another disk with --out"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file is in the way; move it, or name another directory with --out"
        }
        _ => "name another directory with --out if it stays so",
    }
}

/// Where the files of a report are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The report's directory.
    pub directory: PathBuf,
    /// `result.json`.
    pub result: PathBuf,
    /// `report.html`.
    pub html: PathBuf,
    /// `report.md`.
    pub markdown: PathBuf,
    /// `trials.csv`.
    pub csv: PathBuf,
}

/// Writes all forms of a report into its directory below `out`, and beside them every file that is
/// directly in `evidence`: raw trials, heap profiles.
///
/// Everything is written and synced into a temporary directory beside it first, then the two are
/// exchanged: until then an old report stays as it was, and of two sessions that write the same
/// report at once the last one's is there, whole.
///
/// # Errors
///
/// [`WriteError`], which names the directory and what to do; what was there before is intact.
pub fn write(out: &Path, report: &Report, evidence: Option<&Path>) -> Result<Written, WriteError> {
    let directory = report.subject().directory(out);
    let forms = render(report, &directory)?;
    let fail = |doing: &str, source: io::Error| WriteError::Io {
        directory: directory.clone(),
        doing: doing.to_owned(),
        source,
    };
    fs::create_dir_all(out).map_err(|e| fail("making the directory", e))?;
    let temporary = tempfile::Builder::new()
        .prefix(WRITING)
        .tempdir_in(evidence.unwrap_or(out))
        .map_err(|e| fail("making a temporary directory in it", e))?;
    for (name, text) in &forms {
        put(&temporary.path().join(name), text.as_bytes())
            .map_err(|e| fail(&format!("writing {name}"), e))?;
    }
    if let Some(evidence) = evidence {
        keep(evidence, temporary.path()).map_err(|e| fail("keeping the raw evidence", e))?;
    }
    share(temporary.path()).map_err(|e| fail("opening it to others", e))?;
    sync(temporary.path()).map_err(|e| fail("syncing it", e))?;
    exchange(temporary.path(), &directory).map_err(|e| fail("putting it in place", e))?;
    sync(out).map_err(|e| fail("syncing it", e))?;
    // What is in the temporary directory now is the old report.
    drop(temporary);
    Ok(paths(directory))
}

/// Reads the result in a report's directory, or in a file.
///
/// # Errors
///
/// [`WriteError::Open`] and [`WriteError::Read`], with the file's name.
pub fn read(path: &Path) -> Result<Report, WriteError> {
    let path = if path.is_dir() {
        path.join(RESULT)
    } else {
        path.to_owned()
    };
    let bytes = fs::read(&path).map_err(|source| WriteError::Open {
        path: path.clone(),
        source,
    })?;
    from_json(&String::from_utf8_lossy(&bytes)).map_err(|source| WriteError::Read { path, source })
}

/// Makes the rendered forms in a report's directory again from its result, and returns both. The
/// result itself and what is kept beside it stay as they are.
///
/// # Errors
///
/// [`WriteError`], with the file's or directory's name.
pub fn rerender(directory: &Path) -> Result<(Report, Written), WriteError> {
    let report = read(directory)?;
    for (name, text) in render(&report, directory)? {
        if name == RESULT {
            continue;
        }
        let fail = |doing: &str, source| WriteError::Io {
            directory: directory.to_owned(),
            doing: format!("{doing} {name}"),
            source,
        };
        let mut file = begin(directory).map_err(|e| fail("making a temporary file for", e))?;
        file.write_all(text.as_bytes())
            .map_err(|e| fail("writing", e))?;
        file.as_file().sync_all().map_err(|e| fail("syncing", e))?;
        file.persist(directory.join(name))
            .map_err(|e| fail("putting in place", e.error))?;
    }
    Ok((report, paths(directory.to_owned())))
}

fn paths(directory: PathBuf) -> Written {
    Written {
        result: directory.join(RESULT),
        html: directory.join("report.html"),
        markdown: directory.join("report.md"),
        csv: directory.join("trials.csv"),
        directory,
    }
}

/// File names and texts of all forms of a report.
fn render(report: &Report, directory: &Path) -> Result<Vec<(&'static str, String)>, WriteError> {
    let fail = |file: &'static str, reason: String| WriteError::Render {
        directory: directory.to_owned(),
        file,
        reason,
    };
    Ok(vec![
        (
            RESULT,
            to_json(report).map_err(|e| fail(RESULT, e.to_string()))?,
        ),
        (
            "report.html",
            html(report).map_err(|e| fail("report.html", e.to_string()))?,
        ),
        ("report.md", markdown(report)),
        (
            "trials.csv",
            csv(report).map_err(|e| fail("trials.csv", e.to_string()))?,
        ),
    ])
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::sample;
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_are_there_and_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        let evidence = tempfile::tempdir().unwrap();
        fs::write(evidence.path().join("in-memory.dhat-heap.json"), "{}").unwrap();
        let evidence = Some(evidence.path());
        let written = write(&out.path().join("new"), &sample::report(), evidence).unwrap();
        assert_eq!(written.directory, out.path().join("new/ortho.full"));
        assert_eq!(names(&out.path().join("new")), ["ortho.full"]);
        let expected = [
            "in-memory.dhat-heap.json",
            "report.html",
            "report.md",
            "result.json",
            "trials.csv",
        ];
        assert_eq!(names(&written.directory), expected);
        assert!(read(&written.directory).unwrap() == sample::report());
        let mode = fs::metadata(&written.directory)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o755);
    }

    #[test]
    fn a_new_report_replaces_the_old_one_whole() {
        let out = tempfile::tempdir().unwrap();
        let evidence = tempfile::tempdir().unwrap();
        fs::write(evidence.path().join("stale"), "").unwrap();
        write(out.path(), &sample::report(), Some(evidence.path())).unwrap();
        let mut report = sample::report();
        report.seed = 2;
        let written = write(out.path(), &report, None).unwrap();
        assert_eq!(read(&written.result).unwrap().seed, 2);
        assert!(!written.directory.join("stale").exists());
        assert_eq!(names(out.path()), ["ortho.full"]);
    }

    #[test]
    fn sessions_that_write_at_once_leave_one_whole_report() {
        let out = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for session in 0..4u64 {
                let out = out.path();
                scope.spawn(move || {
                    let mut report = sample::report();
                    report.seed = session;
                    report.about = format!("about {session}");
                    for _ in 0..5 {
                        write(out, &report, None).unwrap();
                    }
                });
            }
        });
        let place = out.path().join("ortho.full");
        let report = read(&place).unwrap();
        assert_eq!(report.about, format!("about {}", report.seed));
        let markdown = fs::read_to_string(place.join("report.md")).unwrap();
        assert!(markdown.contains(&report.about));
        assert_eq!(names(out.path()), ["ortho.full"]);
    }

    #[test]
    fn a_hostile_name_stays_below_its_directory() {
        let hostile = sample::hostile();
        let place = hostile.subject().directory(Path::new("out"));
        assert_eq!(place.parent(), Some(Path::new("out")));
    }

    #[test]
    fn a_file_in_the_way_is_named_and_left_alone() {
        let out = tempfile::tempdir().unwrap();
        let way = out.path().join("file");
        fs::write(&way, "precious").unwrap();
        let error = write(&way, &sample::report(), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains(&way.display().to_string()), "{error}");
        assert!(error.contains("--out"), "{error}");
        assert_eq!(fs::read_to_string(&way).unwrap(), "precious");
    }

    #[test]
    fn a_failure_in_the_middle_leaves_the_old_report_and_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        write(out.path(), &sample::report(), None).unwrap();
        let mut report = sample::report();
        report.seed = 2;
        // Evidence of the name that a form has: it must not take its place.
        let evidence = tempfile::tempdir().unwrap();
        fs::write(evidence.path().join("result.json"), "in the way").unwrap();
        let error = write(out.path(), &report, Some(evidence.path()))
            .unwrap_err()
            .to_string();
        assert!(error.contains("keeping the raw evidence"), "{error}");
        assert!(read(&out.path().join("ortho.full")).unwrap() == sample::report());
        assert_eq!(names(out.path()), ["ortho.full"]);
    }

    #[test]
    fn a_full_disk_is_said_to_be_full() {
        // Writing to this device fails as on a full disk.
        let full = File::options()
            .write(true)
            .open("/dev/full")
            .unwrap()
            .write_all(b"x");
        let error = WriteError::Io {
            directory: "reports/ortho.full".into(),
            doing: "writing result.json".into(),
            source: full.unwrap_err(),
        };
        assert_eq!(
            error.to_string(),
            "cannot write the report to reports/ortho.full: writing result.json: \
             No space left on device (os error 28); \
             free some space, or name a directory on another disk with --out"
        );
    }

    #[test]
    fn a_kernel_file_system_refuses_and_is_named() {
        // /proc refuses new files even to root.
        let error = write(Path::new("/proc/reports"), &sample::report(), None).unwrap_err();
        let said = error.to_string();
        assert!(
            said.starts_with("cannot write the report to /proc/reports/ortho.full: "),
            "{said}"
        );
    }

    #[test]
    fn forms_are_made_again_from_the_result() {
        let out = tempfile::tempdir().unwrap();
        let written = write(out.path(), &sample::report(), None).unwrap();
        let before = fs::read_to_string(&written.markdown).unwrap();
        fs::write(&written.markdown, "spoilt").unwrap();
        fs::remove_file(&written.html).unwrap();
        let (report, again) = rerender(&written.directory).unwrap();
        assert!(report == sample::report());
        assert_eq!(again, written);
        assert_eq!(fs::read_to_string(&written.markdown).unwrap(), before);
        assert!(written.html.exists());
        assert_eq!(names(&written.directory).len(), 4);
    }

    #[test]
    fn what_nobody_lives_to_finish_is_swept_and_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        let written = write(out.path(), &sample::report(), None).unwrap();
        let deep = out.path().join("baselines/main/ortho.full");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join(".writing-dead"), "{").unwrap();
        fs::write(written.directory.join(".writing-dead"), "{").unwrap();
        let session = out.path().join(".session-x");
        fs::create_dir(&session).unwrap();
        fs::write(session.join(".writing-dead"), "{").unwrap();
        let living = super::super::place::begin(&deep).unwrap();
        assert_eq!(super::super::sweep_unfinished(out.path()), 2);
        assert!(living.path().exists() && session.join(".writing-dead").exists());
        assert_eq!(names(&written.directory).len(), 4);
    }

    #[test]
    fn a_directory_without_a_result_is_named() {
        let out = tempfile::tempdir().unwrap();
        let error = read(out.path()).unwrap_err().to_string();
        assert!(error.contains("result.json"), "{error}");
        let path = out.path().join(RESULT);
        fs::write(&path, "{\"schema_version\":").unwrap();
        let error = read(out.path()).unwrap_err().to_string();
        assert!(error.contains("truncated"), "{error}");
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}
