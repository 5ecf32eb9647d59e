//! Caps by the memory controller of cgroup version 1.

use std::path::{Path, PathBuf};

use super::leaf::{self, Backend, CapsError, Directory, Leaf, SessionName};
use crate::evidence::{CapEvidence, CapsKind};
use crate::run::thrash::Pressure;

/// A cgroup of the memory hierarchy below which leaves can be made.
#[derive(Debug)]
pub(super) struct V1 {
    parent: PathBuf,
}

impl V1 {
    /// Tries whether leaves can be made below `own`, the session's own cgroup.
    ///
    /// # Errors
    /// In words: what is missing.
    pub(super) fn prepare(own: &Path) -> Result<Self, String> {
        let v1 = V1 {
            parent: own.to_owned(),
        };
        match v1.leaf(&format!("{}-probe", SessionName::own()), 1 << 30) {
            Ok(_) => Ok(v1),
            Err(error) => Err(format!("cgroup v1 can't be used by this session ({error})")),
        }
    }
}

impl Backend for V1 {
    fn kind(&self) -> CapsKind {
        CapsKind::CgroupV1
    }

    fn leaf(&self, name: &str, limit: u64) -> Result<Box<dyn Leaf>, CapsError> {
        let directory = Directory::create(self.parent.join(name))?;
        let limit_text = limit.to_string();
        directory.write("memory.limit_in_bytes", &limit_text)?;
        // Memory and swap together, so never before memory alone.
        directory.write_if_there("memory.memsw.limit_in_bytes", &limit_text)?;
        if !directory.file("memory.memsw.limit_in_bytes").exists() {
            // Without swap accounting, not swapping at all keeps the limit one of memory.
            directory.write_if_there("memory.swappiness", "0")?;
        }
        Ok(Box::new(V1Leaf { directory, limit }))
    }

    fn sweep(&self) -> usize {
        leaf::sweep(&self.parent)
    }
}

#[derive(Debug)]
struct V1Leaf {
    directory: Directory,
    limit: u64,
}

impl Leaf for V1Leaf {
    fn procs(&self) -> Option<PathBuf> {
        Some(self.directory.file("cgroup.procs"))
    }

    fn oom_kills(&self) -> u64 {
        // Since Linux 4.13.
        self.directory
            .keyed("memory.oom_control", "oom_kill")
            .unwrap_or(0)
    }

    fn pressure(&self) -> Pressure {
        Pressure {
            refaults: self.directory.refaults(),
            stalled: leaf::machine_stalled(),
        }
    }

    fn evidence(&self) -> CapEvidence {
        CapEvidence {
            kind: "cgroup-v1".to_owned(),
            limit: self.limit,
            peak: self.directory.number("memory.max_usage_in_bytes"),
            oom_kills: self.oom_kills(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_leaf_is_limited_in_memory_and_swap_together() {
        let own = tempfile::tempdir().unwrap();
        let v1 = V1 {
            parent: own.path().to_owned(),
        };
        let leaf = v1.leaf("one", 4096).unwrap();
        let path = own.path().join("one");
        assert_eq!(
            fs::read_to_string(path.join("memory.limit_in_bytes")).unwrap(),
            "4096"
        );
        let control = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
        fs::write(path.join("memory.oom_control"), control).unwrap();
        fs::write(path.join("memory.max_usage_in_bytes"), "4096\n").unwrap();
        let evidence = leaf.evidence();
        assert_eq!(
            (evidence.peak, evidence.oom_kills, evidence.limit),
            (Some(4096), 3, 4096)
        );
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_hierarchy_that_may_not_be_written_is_told() {
        let why = V1::prepare(Path::new("/nonexistent/memory")).unwrap_err();
        assert!(why.contains("/nonexistent/memory/plimsoll-"), "{why}");
    }
}
