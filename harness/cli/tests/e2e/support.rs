//! A scratch project with scenarios in it, and the binary run inside.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Longest that any command in these tests may take before the test gives up: a guard against
/// hanging, not an expectation.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A directory with scenarios, a cache of its own, and a reports directory.
pub(crate) struct Project {
    dir: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        // Not the system's temporary directory: that may be tmpfs, which scratch is refused on.
        let dir = tempfile::Builder::new()
            .prefix("e2e-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a scenario and returns its file name.
    pub(crate) fn scenario(&self, name: &str, yaml: &str) -> String {
        let file = format!("{name}.yaml");
        std::fs::write(self.path(&file), yaml).unwrap();
        file
    }

    /// With one scenario; its file name comes with it.
    pub(crate) fn of(name: &str, yaml: &str) -> (Self, String) {
        let project = Self::new();
        let file = project.scenario(name, yaml);
        (project, file)
    }

    /// With one scenario that was run, its outputs kept in `kept`, and its result: it held its targets, and every trial's
    /// output was proved.
    #[track_caller]
    pub(crate) fn proved(name: &str, yaml: &str) -> (Self, Value) {
        let (project, file) = Self::of(name, yaml);
        project
            .run(&["run", &file, "--keep-output", "kept"])
            .expect_code(0);
        let result = project.result(&format!("{name}.default"));
        for trial in result["trials"].as_array().unwrap() {
            assert_eq!(trial["verification"]["verified"], true, "{trial:#}");
        }
        (project, result)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("PLIMSOLL_CACHE", self.path("cache"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        Ended::from(self.command(args).output().unwrap())
    }

    /// Runs a scenario at size `smoke`.
    pub(crate) fn smoke(&self, file: &str, more: &[&str]) -> Ended {
        self.run(&[&["run", file, "--size", "smoke"], more].concat())
    }

    /// As [`Project::run`]; the process id that it had comes first.
    pub(crate) fn run_as(&self, args: &[&str]) -> (u32, Ended) {
        let child = self.start(args);
        let pid = child.id();
        (pid, Ended::from(child.wait_with_output().unwrap()))
    }

    /// Starts the binary and leaves it running.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn result(&self, name: &str) -> Value {
        let text = self.read(&format!("reports/{name}/result.json"));
        serde_json::from_str(&text).unwrap()
    }

    /// A file of the project as text.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Names directly in `reports/`, hidden ones included, sorted; without what every session leaves for
    /// later comparisons.
    pub(crate) fn reports(&self) -> Vec<String> {
        let mut names = names_in(&self.path("reports"));
        names.retain(|name| name != "history");
        names
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }
}

pub(crate) fn names_in(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Writes a program into the project.
pub(crate) fn program(project: &Project, name: &str, script: &str) {
    let path = project.path(name);
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A finished command.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Everything printed, for messages of failed assertions.
    pub(crate) fn all(&self) -> String {
        format!(
            "exit {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }

    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }

    /// All of this is printed for the user.
    #[track_caller]
    pub(crate) fn expect_said(&self, needles: &[&str]) {
        self.expect_in(&self.stdout, needles);
    }

    /// All of this is told beside that: errors, warnings, what is going on.
    #[track_caller]
    pub(crate) fn expect_error(&self, needles: &[&str]) {
        self.expect_in(&self.stderr, needles);
    }

    /// These are the verdicts in its result, in the order of the targets.
    #[track_caller]
    pub(crate) fn expect_verdicts(&self, result: &Value, expected: &[&str]) {
        let number = result["verdicts"].as_array().unwrap().len();
        let verdicts: Vec<&str> = (0..number).map(|index| verdict(result, index)).collect();
        assert_eq!(verdicts, expected, "{}", self.all());
    }

    #[track_caller]
    fn expect_in(&self, text: &str, needles: &[&str]) {
        for needle in needles {
            assert!(
                text.contains(needle),
                "`{needle}` is not said:\n{}",
                self.all()
            );
        }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Says that the machine does not permit a test.
#[allow(clippy::print_stderr, reason = "the runner shows it with the test")]
pub(crate) fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// Polls until `condition` holds; fails the test after [`PATIENCE`].
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Process ids whose command line contains `marker`.
pub(crate) fn processes_with(marker: &str) -> Vec<i32> {
    let own = std::process::id() as i32;
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if pid != own && String::from_utf8_lossy(&command).contains(marker) {
            found.push(pid);
        }
    }
    found
}

/// Commands of the processes whose working directory is `root` or below it: all that a scenario
/// there has started, whatever it has become since.
pub(crate) fn processes_in(root: &Path) -> Vec<String> {
    let root = root.canonicalize().unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let there = std::fs::read_link(entry.path().join("cwd"));
        if there.is_ok_and(|there| there.starts_with(&root)) {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&command).replace('\0', " "));
        }
    }
    found
}

/// Control groups made by the `plimsoll` whose process id is `pid`.
pub(crate) fn cgroups_of(pid: u32) -> Vec<String> {
    fn search(dir: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            // Links lead to hierarchies that are there under their own name, too.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if entry.file_name().to_string_lossy().starts_with(prefix) {
                    found.push(entry.path().display().to_string());
                }
                search(&entry.path(), prefix, found);
            }
        }
    }
    let mut found = Vec::new();
    search(
        Path::new("/sys/fs/cgroup"),
        &format!("plimsoll-{pid}-"),
        &mut found,
    );
    found
}

/// Sends a signal to a child that has not been waited for.
pub(crate) fn signal(child: &Child, signal: libc::c_int) {
    // SAFETY: kill has no memory effects; the child has not been waited for, so its id is its own.
    let sent = unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    assert_eq!(sent, 0);
}

/// A verdict's name by the target's place.
pub(crate) fn verdict(result: &Value, index: usize) -> &str {
    result["verdicts"][index]["verdict"].as_str().unwrap()
}

/// A variant by its id.
pub(crate) fn variant<'a>(result: &'a Value, id: &str) -> &'a Value {
    let variants = result["variants"].as_array().unwrap();
    variants.iter().find(|variant| variant["id"] == id).unwrap()
}
