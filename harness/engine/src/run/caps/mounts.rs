//! Where the cgroups of this process are: its own directory in each hierarchy.

use std::fs;
use std::path::{Path, PathBuf};

/// This process's own cgroups, as directories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Own {
    /// In the hierarchy of version 2.
    pub(super) v2: Option<Place>,
    /// In the memory hierarchy of version 1.
    pub(super) v1: Option<Place>,
}

/// A cgroup and the root of its hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Where the hierarchy is mounted.
    pub(super) mount: PathBuf,
    /// The process's cgroup in it.
    pub(super) directory: PathBuf,
}

impl Own {
    /// Reads `proc/self/mountinfo` and `proc/self/cgroup` below `root`.
    pub(super) fn read(root: &Path) -> Self {
        let text = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
        let mounts = text("proc/self/mountinfo");
        let memberships = text("proc/self/cgroup");
        let place = |mount: Option<PathBuf>, membership: Option<&str>| {
            let mount = root.join(mount?.strip_prefix("/").ok()?);
            let own = mount.join(membership?.trim_start_matches('/'));
            // Within a container the path may be the host's, and mean nothing here.
            let directory = if own.is_dir() { own } else { mount.clone() };
            directory.is_dir().then_some(Place { mount, directory })
        };
        Own {
            v2: place(
                mounted(&mounts, "cgroup2", None),
                membership(&memberships, ""),
            ),
            v1: place(
                mounted(&mounts, "cgroup", Some("memory")),
                membership(&memberships, "memory"),
            ),
        }
    }
}

/// The mount point of a file system of this type (proc(5): after ` - ` come type, source, options).
fn mounted(mountinfo: &str, kind: &str, option: Option<&str>) -> Option<PathBuf> {
    mountinfo.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut after = after.split(' ');
        let matches = after.next()? == kind
            && option.is_none_or(|option| {
                after
                    .nth(1)
                    .is_some_and(|options| options.split(',').any(|o| o == option))
            });
        matches.then(|| {
            before
                .split(' ')
                .nth(4)
                .map(|point| PathBuf::from(unescape(point)))
        })?
    })
}

/// Spaces and the like are octal there.
fn unescape(point: &str) -> String {
    point
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\134", "\\")
}

/// The path in the hierarchy that has this controller; version 2 is the one without any.
fn membership<'a>(text: &'a str, controller: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let controllers = parts.next()?;
        let path = parts.next()?;
        controllers
            .split(',')
            .any(|c| c == controller)
            .then_some(path)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file system root with the two cgroup hierarchies in it.
    pub(in super::super) fn fake_root(mountinfo: &str, cgroup: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc/self")).unwrap();
        fs::write(root.path().join("proc/self/mountinfo"), mountinfo).unwrap();
        fs::write(root.path().join("proc/self/cgroup"), cgroup).unwrap();
        root
    }

    const HYBRID: &str = "\
24 1 0:21 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
25 1 0:22 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
26 1 0:23 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
";

    #[test]
    fn both_hierarchies_are_found() {
        let root = fake_root(HYBRID, "4:memory:/job/7\n1:cpu:/\n0::/scope\n");
        let memory = root.path().join("sys/fs/cgroup/memory");
        let unified = root.path().join("sys/fs/cgroup/unified");
        fs::create_dir_all(memory.join("job/7")).unwrap();
        fs::create_dir_all(&unified).unwrap();
        let own = Own::read(root.path());
        let v1 = own.v1.unwrap();
        assert_eq!((v1.directory, v1.mount), (memory.join("job/7"), memory));
        assert_eq!(
            own.v2.unwrap().directory,
            unified,
            "the path is not visible here"
        );
    }

    #[test]
    fn a_machine_without_cgroups_has_none() {
        let root = fake_root("22 1 0:5 / /proc rw - proc proc rw\n", "");
        assert_eq!(Own::read(root.path()), Own::default());
    }
}
