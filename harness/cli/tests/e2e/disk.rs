//! Disks that are full, and places that cannot be written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Project, names_in, skipped, variant};

/// A file system of its own, 24 MiB large; unmounted when dropped.
struct SmallDisk {
    root: PathBuf,
}

impl SmallDisk {
    /// Mounts it below the project, or says why that cannot be done here.
    fn mount(project: &Project) -> Option<Self> {
        let image = project.path("disk.img");
        let root = project.path("disk");
        File::create(&image).unwrap().set_len(24 << 20).unwrap();
        std::fs::create_dir(&root).unwrap();
        let image = image.to_str().unwrap();
        let place = root.to_str().unwrap();
        // Nothing reserved for root: full is full for everyone.
        let made = administer(&["mkfs.ext4", "-q", "-F", "-m", "0", image])
            && administer(&["mount", "-o", "loop", image, place]);
        if !made {
            skipped("a file system cannot be made and mounted here");
        }
        made.then_some(Self { root })
    }

    /// Names in it, but for what every ext4 file system has.
    fn names(&self) -> Vec<String> {
        let mut names = names_in(&self.root);
        names.retain(|name| name != "lost+found");
        names
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let place = self.root.to_str().unwrap();
        if !administer(&["umount", place]) {
            administer(&["umount", "-l", place]);
        }
    }
}

/// Runs a command of the administrator's, and tells whether it went well.
fn administer(argv: &[&str]) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(argv[0])
        .args(&argv[1..])
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A scenario whose command leaves a trace when it runs.
fn traced(project: &Project) -> String {
    project.scenario(
        "traced",
        "name: traced\nvariants:\n  - { id: it, command: [touch, ran] }\nmeasure: { warmup: 0, runs: 1 }\n",
    )
}

#[test]
fn a_full_scratch_disk_is_the_commands_failure() {
    let project = Project::new();
    let Some(disk) = SmallDisk::mount(&project) else {
        return;
    };
    let yaml = "name: full\nvariants:\n  - id: it\n    \
        command: [dd, if=/dev/zero, \"of={scratch}/fill\", bs=64k, status=none]\n    \
        env: { LC_ALL: C }\nmeasure: { warmup: 0, runs: 1 }\n";
    let file = project.scenario("full", yaml);
    project
        .run(&["run", &file, "--scratch", "disk"])
        .expect_code(3);
    let result = project.result("full.default");
    let it = variant(&result, "it");
    assert_eq!(it["outcome"], "failed");
    let said = it["stderr_tail"].as_str().unwrap();
    assert!(said.contains("No space left on device"), "{said}");
    for file in ["report.html", "report.md", "trials.csv", "trials.jsonl"] {
        let path = project.path(&format!("reports/full.default/{file}"));
        assert!(path.is_file(), "{file}");
    }
    assert_eq!(disk.names(), Vec::<String>::new());
}

#[test]
fn a_reports_disk_that_fills_up_is_named_and_what_was_measured_is_kept() {
    let project = Project::new();
    let Some(disk) = SmallDisk::mount(&project) else {
        return;
    };
    // The first run leaves the disk alone; the second fills it to the last byte.
    let script = "if [ -e again ]; then\n  \
        dd if=/dev/zero of=disk/fill bs=64k\n  dd if=/dev/zero of=disk/rest bs=512\nfi\n: > again\n";
    std::fs::write(project.path("fill.sh"), script).unwrap();
    let yaml = "name: full\nvariants:\n  - { id: it, command: [sh, fill.sh] }\n\
        measure: { warmup: 0, runs: 2 }\n";
    let file = project.scenario("full", yaml);
    let ended = project
        .run(&["run", &file, "--out", "disk/reports", "--scratch", "."])
        .expect_code(3);
    ended.expect_error(&["disk/reports", "No space left on device"]);
    assert!(
        !disk.root.join("reports/full.default").exists(),
        "half a report"
    );
    let left = names_in(&disk.root.join("reports"));
    assert!(
        matches!(&left[..], [name] if name.starts_with(".session-full.default")),
        "{left:?}"
    );
    ended.expect_error(&[&left[0]]);
    let trials = disk
        .root
        .join("reports")
        .join(&left[0])
        .join("trials.jsonl");
    let trials = std::fs::read_to_string(trials).unwrap();
    let first = trials.lines().next().unwrap_or_default();
    let first: serde_json::Value = serde_json::from_str(first).unwrap();
    assert_eq!(first["outcome"], "completed");
}

#[test]
fn a_reports_disk_that_is_full_is_found_out_first() {
    let project = Project::new();
    let Some(disk) = SmallDisk::mount(&project) else {
        return;
    };
    for (name, block) in [("fill", "bs=64k"), ("rest", "bs=512")] {
        let to = format!("of={}", disk.root.join(name).display());
        administer(&["dd", "if=/dev/zero", &to, block]);
    }
    let file = traced(&project);
    let ended = project.run(&["run", &file, "--out", "disk/reports"]);
    assert!(matches!(ended.code, Some(2 | 3)), "{}", ended.all());
    ended.expect_error(&["disk/reports", "--out", "No space left on device"]);
    assert!(!project.path("ran").exists(), "something ran");
    assert_eq!(disk.names(), ["fill", "rest"]);
}

#[test]
fn a_place_where_reports_cannot_be_written_is_named_before_anything_runs() {
    let project = Project::new();
    let file = traced(&project);
    // Not even root makes directories there.
    let place = "/proc/self/x";
    let ended = project.run(&["run", &file, "--out", place]);
    assert!(matches!(ended.code, Some(2 | 3)), "{}", ended.all());
    ended.expect_error(&[place, "--out"]);
    assert!(!project.path("ran").exists(), "something ran");
    assert!(!Path::new(place).exists());
}

#[test]
fn a_scratch_directory_that_cannot_be_made_is_named_before_anything_runs() {
    let project = Project::new();
    let file = traced(&project);
    let ended = project.run(&["run", &file, "--scratch", "/proc/self/x"]);
    assert!(matches!(ended.code, Some(2 | 3)), "{}", ended.all());
    ended.expect_error(&["/proc/self/x", "--scratch"]);
    assert!(!project.path("ran").exists(), "something ran");
    assert_eq!(project.reports(), Vec::<String>::new());
}
