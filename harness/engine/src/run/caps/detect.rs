//! Which caps this machine and this session permit, the strongest first.

use std::path::Path;

use super::leaf::Backend;
use super::mounts::Own;
use super::sampled::Sampled;
use super::v1::V1;
use super::v2::V2;
use crate::evidence::CapsKind;

/// How caps are enforced here.
#[derive(Debug)]
pub struct Detected {
    pub(crate) backend: Box<dyn Backend>,
    /// Why nothing stronger is used, and what to do; empty where the strongest is.
    pub reasons: Vec<String>,
}

impl Detected {
    /// What enforces caps.
    pub fn kind(&self) -> CapsKind {
        self.backend.kind()
    }
}

/// Finds the strongest caps that the system at `root` permits (`/`, or a directory made for a
/// test). Each is tried by making a cgroup and removing it again.
pub fn detect(root: &Path) -> Detected {
    let own = Own::read(root);
    let mut reasons = Vec::new();
    let attempts: [Option<Result<Box<dyn Backend>, String>>; 2] = [
        own.v2
            .map(|place| V2::prepare(&place.directory).map(|v2| Box::new(v2) as Box<dyn Backend>)),
        own.v1
            .map(|place| V1::prepare(&place.directory).map(|v1| Box::new(v1) as Box<dyn Backend>)),
    ];
    for attempt in attempts.into_iter().flatten() {
        match attempt {
            Ok(backend) => {
                // A weaker kind that is what the machine has is nothing to explain.
                return Detected {
                    backend,
                    reasons: Vec::new(),
                };
            }
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() {
        reasons.push("no cgroup hierarchy is mounted".to_owned());
    }
    Detected {
        backend: Box::new(Sampled),
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::mounts::tests::fake_root;
    use super::*;

    #[test]
    fn without_cgroups_the_cap_is_watched_over() {
        let root = fake_root("", "");
        let detected = detect(root.path());
        assert_eq!(detected.kind(), CapsKind::Sampled);
        assert_eq!(detected.reasons, ["no cgroup hierarchy is mounted"]);
    }

    #[test]
    fn version_two_without_delegation_says_what_to_do() {
        let mounts = "25 1 0:22 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n";
        let root = fake_root(mounts, "0::/user.slice\n");
        let own = root.path().join("sys/fs/cgroup/user.slice");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("cgroup.controllers"), "cpu pids\n").unwrap();
        let detected = detect(root.path());
        assert_eq!(detected.kind(), CapsKind::Sampled);
        assert!(detected.reasons[0].contains("systemd-run --user --scope -p Delegate=yes"));
    }

    #[test]
    fn version_two_is_taken_where_it_is_delegated() {
        let mounts = "25 1 0:22 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n";
        let root = fake_root(mounts, "0::/mine\n");
        let own = root.path().join("sys/fs/cgroup/mine");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("cgroup.controllers"), "memory\n").unwrap();
        fs::write(own.join("cgroup.subtree_control"), "memory\n").unwrap();
        assert_eq!(detect(root.path()).kind(), CapsKind::CgroupV2);
    }
}
