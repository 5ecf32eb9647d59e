//! `kill -9` of the supervisor at any moment: nothing is left running, and the next run removes what
//! lies around and says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use plimsoll::random::Random;

use crate::support::{Project, cgroups_of, program, wait_until};

/// A workload whose every verb takes a while, and does it in processes of its own, one of which has
/// left the session.
const SLOW: &str = r#"#!/bin/sh
slowly() { setsid sleep 0.12 & sleep 0.1; wait; }
case $1 in
describe)
    echo '{"protocol":1,"workloads":[{"name":"slow","generator":1,"schema":{},"defaults":{"n":1},
        "verifies":true,"output":"txt","implementations":[{"id":"one"},{"id":"two"}]}]}' ;;
key)
    echo '{"params":{"n":1},"input_key":{}}' ;;
prepare)
    echo first > "$PLIMSOLL_INPUTS/text"; slowly; slowly; echo second >> "$PLIMSOLL_INPUTS/text" ;;
run)
    slowly; cat "$PLIMSOLL_INPUTS/text" > "$PLIMSOLL_OUTPUT" ;;
verify)
    slowly ;;
esac
"#;

const WORKLOAD: &str = "name: workload
workload: { program: ./slow.sh, name: slow }
variants: [{ id: one }, { id: two }]
measure: { warmup: 1, runs: 1 }
";

/// A command with everything that may stand beside it, and a floor to be searched for.
const COMMANDS: &str = r#"name: commands
variants:
  - id: it
    command: [sh, -c, "setsid sleep 0.1 & head -c 9000000 /dev/zero | tail -c 8000000 > {output}; wait; : {scratch}"]
    output: { file: bin }
    prepare: [sh, -c, "sleep 0.05 & wait"]
    conclude: [sh, -c, "sleep 0.05 & wait"]
    canonicalise: [sh, -c, "sleep 0.05; wc -c < {}"]
measure: { warmup: 1, runs: 2, floor: { repeats: 1, precision: 50 %, attempts: 4 } }
targets: [{ metric: floor, variant: it, at_most: 1 GiB }]
"#;

const QUICK: &str =
    "name: quick\nvariants: [{ id: it, command: [\"true\"] }]\nmeasure: { warmup: 0, runs: 1 }\n";

/// When a session is killed.
#[derive(Clone, Copy)]
enum Moment {
    /// After this share of what a whole session takes.
    Share(f64),
    /// While the report is written.
    Writing,
}

/// What became of one killed session.
struct Killed {
    when: String,
    /// The last thing that it had said.
    doing: String,
    /// Processes that it had.
    processes: usize,
    /// What lay around once they were gone.
    left: Vec<String>,
    /// What the next run said of it.
    said: Vec<String>,
}

struct Sessions {
    project: Project,
    whole: Duration,
}

impl Sessions {
    /// A project, and how long its session takes.
    fn new() -> Self {
        let project = Project::new();
        program(&project, "slow.sh", SLOW);
        for (name, yaml) in [
            ("workload", WORKLOAD),
            ("commands", COMMANDS),
            ("quick", QUICK),
        ] {
            project.scenario(name, yaml);
        }
        let mut sessions = Sessions {
            project,
            whole: Duration::ZERO,
        };
        let began = Instant::now();
        let (mut child, said) = sessions.start();
        let ended = child.wait().unwrap();
        // Where no cap is enforced the floor is absent, which is no matter here.
        let said = fs::read_to_string(said).unwrap();
        assert!(matches!(ended.code(), Some(0 | 3)), "{ended}\n{said}");
        sessions.whole = began.elapsed();
        sessions
    }

    /// Begins a session as if there had been none before; where what it says goes.
    fn start(&self) -> (Child, std::path::PathBuf) {
        for directory in ["reports", "cache", "kept"] {
            let _ = fs::remove_dir_all(self.project.path(directory));
        }
        let said = self.project.path("said");
        let child = self
            .project
            .command(&[
                "run",
                "workload.yaml",
                "commands.yaml",
                "--keep-output",
                "kept",
                "--progress",
                "lines",
            ])
            .stdout(Stdio::null())
            .stderr(fs::File::create(&said).unwrap())
            .spawn()
            .unwrap();
        (child, said)
    }

    /// Whether a report is being written.
    fn is_writing(&self) -> bool {
        let mut left = left_in(&self.project.path("reports")).into_iter();
        left.any(|path| path.contains(".writing-"))
    }

    /// Kills a session, looks around, and has the next one clean up.
    fn kill(&self, moment: Moment) -> Killed {
        let (mut child, mut said) = self.start();
        let mut began = Instant::now();
        match moment {
            Moment::Share(share) => std::thread::sleep(self.whole.mul_f64(share)),
            // Over in a few milliseconds: looked for without a rest, in a session after the other.
            Moment::Writing => {
                let mut sessions = 1;
                while !self.is_writing() {
                    if child.try_wait().unwrap().is_some() {
                        sessions += 1;
                        assert!(sessions <= 10, "no report was seen being written");
                        (child, said) = self.start();
                        began = Instant::now();
                    }
                }
            }
        }
        let pid = child.id();
        let alive = descendants(pid);
        let when = began.elapsed();
        child.kill().unwrap();
        child.wait().unwrap();
        wait_until("everything that it started is gone", || {
            alive.iter().all(|one| !one.lives()) && marked(self.project.root()).is_empty()
        });
        let mut left = left_in(self.project.root());
        left.extend(cgroups_of(pid));
        let doing = fs::read_to_string(said).unwrap();
        let next = self
            .project
            .run(&["run", "quick.yaml", "--keep-output", "kept"])
            .expect_code(0);
        let about_it =
            |line: &&str| line.contains("killed session") || line.contains("dead session");
        let told: Vec<String> = next
            .stderr
            .lines()
            .filter(about_it)
            .map(str::to_owned)
            .collect();
        let mut still = left_in(self.project.root());
        still.extend(cgroups_of(pid));
        assert_eq!(
            still,
            Vec::<String>::new(),
            "after {when:?}: {}",
            next.all()
        );
        assert_eq!(
            left.is_empty(),
            told.is_empty(),
            "{left:#?}\n{}",
            next.all()
        );
        assert_eq!(half_reports(&self.project), Vec::<String>::new());
        Killed {
            when: format!("{} ms", when.as_millis()),
            doing: doing.lines().last().unwrap_or("nothing yet").to_owned(),
            processes: alive.len(),
            left,
            said: told,
        }
    }
}

/// A process for good: its number and when it started.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Process(u32, u64);

impl Process {
    fn lives(&self) -> bool {
        stat(self.0).is_some_and(|(_, state, start)| start == self.1 && !matches!(state, 'Z' | 'X'))
    }
}

/// The parent, state and start of a process.
fn stat(pid: u32) -> Option<(u32, char, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some((
        fields.get(1)?.parse().ok()?,
        fields.first()?.chars().next()?,
        fields.get(19)?.parse().ok()?,
    ))
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Everything below a process.
fn descendants(of: u32) -> BTreeSet<Process> {
    let all: Vec<(u32, u32, u64)> = pids()
        .into_iter()
        .filter_map(|pid| stat(pid).map(|(parent, _, start)| (pid, parent, start)))
        .collect();
    let mut found = BTreeSet::new();
    let mut open = vec![of];
    while let Some(parent) = open.pop() {
        for (pid, _, start) in all.iter().filter(|one| one.1 == parent) {
            open.push(*pid);
            found.insert(Process(*pid, *start));
        }
    }
    found
}

/// Processes that stand in the project, or that have its name in their arguments or environment.
fn marked(root: &Path) -> Vec<u32> {
    let root = root.canonicalize().unwrap();
    let name = root.file_name().unwrap().to_str().unwrap();
    let has = |pid: &u32| {
        let text = |file: &str| {
            let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains(name)
        };
        let there = fs::read_link(format!("/proc/{pid}/cwd"));
        there.is_ok_and(|there| there.starts_with(&root)) || text("cmdline") || text("environ")
    };
    pids().into_iter().filter(has).collect()
}

/// What a session makes for itself and removes again, below a directory.
fn left_in(directory: &Path) -> Vec<String> {
    const OURS: [&str; 4] = ["plimsoll-", ".session-", ".writing-", ".making-"];
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if OURS.iter().any(|prefix| name.starts_with(prefix)) {
            found.push(entry.path().display().to_string());
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(left_in(&entry.path()));
        }
    }
    found
}

/// Reports that are there without all of their files.
fn half_reports(project: &Project) -> Vec<String> {
    let reports = project.path("reports");
    let entries = fs::read_dir(&reports).into_iter().flatten().flatten();
    // What is learned from sessions lies there too, in a directory of its own.
    let reports = entries.filter(|entry| {
        entry.file_name() != "history" && entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    let half = reports.filter(|entry| {
        let files = ["result.json", "report.html", "report.md", "trials.csv"];
        files.iter().any(|file| !entry.path().join(file).exists())
    });
    half.map(|entry| entry.path().display().to_string())
        .collect()
}

/// Shares of a session, the same for the same seed.
fn shares(seed: u64, number: usize) -> Vec<Moment> {
    let mut random = Random::new(seed);
    (0..number).map(|_| Moment::Share(random.share())).collect()
}

#[test]
fn kill_nine_at_a_few_moments_leaves_nothing_that_the_next_run_does_not_remove() {
    let sessions = Sessions::new();
    let mut moments = shares(1, 4);
    moments.push(Moment::Writing);
    let killed: Vec<Killed> = moments.into_iter().map(|m| sessions.kill(m)).collect();
    assert!(killed.iter().any(|one| one.processes > 1));
    assert!(killed.iter().any(|one| !one.left.is_empty()));
    let journals = killed.iter().flat_map(|one| &one.said);
    let mut journals = journals.filter(|line| line.contains(".killed.jsonl"));
    assert!(journals.next().is_some(), "what was measured is kept");
}

#[test]
#[ignore = "takes minutes; scripts/kill-supervisor.sh runs it and shows its table"]
#[allow(clippy::print_stdout, reason = "the table is what it is run for")]
fn kill_nine_at_twenty_random_moments() {
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    let sessions = Sessions::new();
    println!(
        "a whole session: {} ms; seed {seed}",
        sessions.whole.as_millis()
    );
    let moments = shares(seed, 20).into_iter().chain([Moment::Writing]);
    for (number, moment) in (1..).zip(moments) {
        let killed = sessions.kill(moment);
        println!(
            "{number:>2}  killed after {:>8} with {:>2} processes below it; none is left",
            killed.when, killed.processes
        );
        println!("      it had said last: {}", killed.doing);
        let root = sessions.project.root().display().to_string();
        for left in killed.left {
            println!("      lay around: {}", left.replace(&root, "."));
        }
        for said in killed.said {
            println!("      the next run: {said}");
        }
    }
}
