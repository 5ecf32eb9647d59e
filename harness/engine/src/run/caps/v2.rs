//! Caps by cgroup version 2.

use std::fs;
use std::path::{Path, PathBuf};

use super::leaf::{self, Backend, CapsError, Directory, Leaf};
use crate::evidence::{CapEvidence, CapsKind};
use crate::run::caps::leaf::SessionName;
use crate::run::thrash::Pressure;

/// What to do where the session may not make cgroups.
const DELEGATE: &str = "run it as `systemd-run --user --scope -p Delegate=yes plimsoll ...`";

/// A cgroup below which leaves can be made.
#[derive(Debug)]
pub(super) struct V2 {
    parent: PathBuf,
    /// Where this process moved, because a cgroup with processes of its own can't have children
    /// with controllers.
    moved_to: Option<PathBuf>,
}

impl V2 {
    /// Prepares the session's own cgroup for leaves. `own` is its directory.
    ///
    /// # Errors
    /// In words: what is missing, and what to do.
    pub(super) fn prepare(own: &Path) -> Result<Self, String> {
        let word = |name: &str| fs::read_to_string(own.join(name)).unwrap_or_default();
        let has = |name: &str| {
            word(name)
                .split_whitespace()
                .any(|controller| controller == "memory")
        };
        if !has("cgroup.controllers") {
            return Err(format!(
                "cgroup v2 gives {} no memory controller; {DELEGATE}",
                own.display()
            ));
        }
        let mut v2 = V2 {
            parent: own.to_owned(),
            moved_to: None,
        };
        if !has("cgroup.subtree_control") && v2.enable().is_err() {
            v2.step_aside()
                .and_then(|()| v2.enable())
                .map_err(|error| {
                    format!("cgroup v2 is not delegated to this session ({error}); {DELEGATE}")
                })?;
        }
        let probe = v2.leaf(&format!("{}-probe", SessionName::own()), 1 << 30);
        probe.map_err(|error| format!("{error}; {DELEGATE}"))?;
        Ok(v2)
    }

    fn enable(&self) -> Result<(), CapsError> {
        let path = self.parent.join("cgroup.subtree_control");
        fs::write(&path, "+memory").map_err(|source| CapsError {
            doing: "writing",
            path,
            source,
        })
    }

    /// Moves this process into a leaf of its own.
    fn step_aside(&mut self) -> Result<(), CapsError> {
        let aside = self
            .parent
            .join(format!("{}-supervisor", SessionName::own()));
        let directory = Directory::create(aside.clone())?;
        directory.write("cgroup.procs", &std::process::id().to_string())?;
        self.moved_to = Some(aside);
        // Removed by `drop`, after the process has moved back.
        std::mem::forget(directory);
        Ok(())
    }
}

impl Drop for V2 {
    fn drop(&mut self) {
        if let Some(aside) = self.moved_to.take() {
            // Processes may return only once no controller is given to children.
            let _ = fs::write(self.parent.join("cgroup.subtree_control"), "-memory");
            let own = std::process::id().to_string();
            if fs::write(self.parent.join("cgroup.procs"), own).is_ok() {
                let _ = fs::remove_dir(aside);
            }
        }
    }
}

impl Backend for V2 {
    fn kind(&self) -> CapsKind {
        CapsKind::CgroupV2
    }

    fn leaf(&self, name: &str, limit: u64) -> Result<Box<dyn Leaf>, CapsError> {
        let directory = Directory::create(self.parent.join(name))?;
        directory.write("memory.max", &limit.to_string())?;
        // Kernels without swap accounting have no such file.
        directory.write_if_there("memory.swap.max", "0")?;
        directory.write("memory.oom.group", "1")?;
        Ok(Box::new(V2Leaf { directory, limit }))
    }

    fn sweep(&self) -> usize {
        leaf::sweep(&self.parent)
    }
}

#[derive(Debug)]
struct V2Leaf {
    directory: Directory,
    limit: u64,
}

impl Leaf for V2Leaf {
    fn procs(&self) -> Option<PathBuf> {
        Some(self.directory.file("cgroup.procs"))
    }

    fn oom_kills(&self) -> u64 {
        self.directory
            .keyed("memory.events", "oom_kill")
            .unwrap_or(0)
    }

    fn pressure(&self) -> Pressure {
        Pressure {
            refaults: self.directory.refaults(),
            stalled: leaf::stalled(&self.directory.file("memory.pressure")),
        }
    }

    fn evidence(&self) -> CapEvidence {
        CapEvidence {
            kind: "cgroup-v2".to_owned(),
            limit: self.limit,
            // Since Linux 5.19.
            peak: self.directory.number("memory.peak"),
            oom_kills: self.oom_kills(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cgroup as the kernel shows it, made of plain files.
    fn fake(controllers: &str, subtree: &str) -> tempfile::TempDir {
        let own = tempfile::tempdir().unwrap();
        fs::write(own.path().join("cgroup.controllers"), controllers).unwrap();
        fs::write(own.path().join("cgroup.subtree_control"), subtree).unwrap();
        own
    }

    /// What the kernel would add to a new leaf, and what it counted there.
    fn count(leaf: &Path, peak: &str, events: &str) {
        fs::write(leaf.join("memory.peak"), peak).unwrap();
        fs::write(leaf.join("memory.events"), events).unwrap();
    }

    fn read(path: PathBuf) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_leaf_has_its_limit_and_dies_as_a_whole() {
        let own = fake("cpu memory pids\n", "memory\n");
        let v2 = V2 {
            parent: own.path().to_owned(),
            moved_to: None,
        };
        let path = own.path().join("one");
        let leaf = v2.leaf("one", 100 << 20).unwrap();
        assert_eq!(read(path.join("memory.max")), "104857600");
        assert_eq!(read(path.join("memory.oom.group")), "1");
        assert!(
            !path.join("memory.swap.max").exists(),
            "only where the kernel has it"
        );
        assert_eq!(leaf.procs(), Some(path.join("cgroup.procs")));
        count(
            &path,
            "104857600\n",
            "low 0\nhigh 0\nmax 31\noom 1\noom_kill 2\noom_group_kill 1\n",
        );
        let evidence = leaf.evidence();
        assert_eq!((evidence.peak, evidence.oom_kills), (Some(104_857_600), 2));
        assert_eq!(evidence.kind, "cgroup-v2");
        // A directory of plain files can't be removed the way a cgroup is.
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn without_the_controller_the_remedy_is_named() {
        let own = fake("cpu\n", "");
        let why = V2::prepare(own.path()).unwrap_err();
        assert!(
            why.contains("no memory controller") && why.contains("Delegate=yes"),
            "{why}"
        );
    }

    #[test]
    fn without_permission_the_remedy_is_named() {
        let own = fake("memory\n", "");
        // A directory in its place refuses the write whoever asks, root included.
        fs::remove_file(own.path().join("cgroup.subtree_control")).unwrap();
        fs::create_dir(own.path().join("cgroup.subtree_control")).unwrap();
        let why = V2::prepare(own.path()).unwrap_err();
        assert!(
            why.contains("not delegated") && why.contains("Delegate=yes"),
            "{why}"
        );
    }

    #[test]
    fn the_controller_is_given_to_children_where_it_was_not() {
        let own = fake("memory\n", "cpu\n");
        let v2 = V2 {
            parent: own.path().to_owned(),
            moved_to: None,
        };
        v2.enable().unwrap();
        assert_eq!(read(own.path().join("cgroup.subtree_control")), "+memory");
    }

    #[test]
    fn the_supervisor_steps_aside_and_comes_back() {
        let own = fake("memory\n", "");
        let pid = std::process::id().to_string();
        let mut v2 = V2 {
            parent: own.path().to_owned(),
            moved_to: None,
        };
        v2.step_aside().unwrap();
        let aside = v2.moved_to.clone().unwrap();
        assert_eq!(read(aside.join("cgroup.procs")), pid);
        fs::remove_file(aside.join("cgroup.procs")).unwrap();
        drop(v2);
        assert_eq!(read(own.path().join("cgroup.procs")), pid);
        assert_eq!(read(own.path().join("cgroup.subtree_control")), "-memory");
        assert!(!aside.exists());
    }

    #[test]
    fn leaves_of_dead_sessions_are_swept_and_those_of_living_ones_kept() {
        let own = fake("memory\n", "memory\n");
        let living = format!("{}-3", SessionName::own());
        fs::create_dir(own.path().join(&living)).unwrap();
        fs::create_dir(own.path().join("plimsoll-1-99999999999-0")).unwrap();
        fs::create_dir(own.path().join("somebody-elses")).unwrap();
        let v2 = V2 {
            parent: own.path().to_owned(),
            moved_to: None,
        };
        assert_eq!(v2.sweep(), 1);
        assert!(own.path().join(living).exists() && own.path().join("somebody-elses").exists());
        assert!(!own.path().join("plimsoll-1-99999999999-0").exists());
    }
}
