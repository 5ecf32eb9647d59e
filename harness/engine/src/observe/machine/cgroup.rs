//! The memory limits of the cgroups that the harness itself lives in.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes that may still be allocated under the tightest of our own cgroups' limits; `None` where
/// there is no limit. Page cache that can be dropped counts as free.
pub(super) fn headroom() -> Option<u64> {
    let cgroups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mut least = None;
    for (directory, top, files) in directories(&cgroups, &mounts) {
        for directory in directory.ancestors().take_while(|d| d.starts_with(&top)) {
            let room = files.headroom(directory);
            least = match (least, room) {
                (Some(least), Some(room)) => Some(u64::min(least, room)),
                (least, room) => least.or(room),
            };
        }
    }
    least
}

/// Names of the files of a memory controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Files {
    limit: &'static str,
    usage: &'static str,
    /// The field of `memory.stat` that counts droppable page cache of the whole subtree.
    droppable: &'static str,
}

const V1: Files = Files {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    droppable: "total_inactive_file",
};
const V2: Files = Files {
    limit: "memory.max",
    usage: "memory.current",
    droppable: "inactive_file",
};

impl Files {
    fn headroom(self, directory: &Path) -> Option<u64> {
        let read = |name| fs::read_to_string(directory.join(name)).ok();
        // `max` (v2) is no number; v1 writes a number beyond any machine.
        let limit: u64 = read(self.limit)?.trim().parse().ok()?;
        if limit >= 1 << 60 {
            return None;
        }
        let usage: u64 = read(self.usage)?.trim().parse().ok()?;
        let stat = read("memory.stat").unwrap_or_default();
        let droppable: u64 = stat
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(' ')?;
                (name == self.droppable).then(|| value.parse().ok())?
            })
            .unwrap_or(0);
        Some(limit.saturating_sub(usage.saturating_sub(droppable)))
    }
}

/// For each hierarchy with a memory controller: our directory, its mount point, its files.
fn directories(cgroups: &str, mounts: &str) -> Vec<(PathBuf, PathBuf, Files)> {
    let mut found = Vec::new();
    for line in cgroups.lines() {
        // hierarchy:controllers:path
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let files = match controllers {
            "" => V2,
            list if list.split(',').any(|name| name == "memory") => V1,
            _ => continue,
        };
        for mount in mounts.lines() {
            if let Some((root, point)) = mount_of(mount, files)
                && let Ok(below) = Path::new(path).strip_prefix(root)
            {
                found.push((Path::new(point).join(below), PathBuf::from(point), files));
            }
        }
    }
    found
}

/// Root and mount point of a line of `mountinfo` that mounts the hierarchy with these files.
fn mount_of(line: &str, files: Files) -> Option<(&str, &str)> {
    let (mount, kind) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(3);
    let (root, point) = (mount.next()?, mount.next()?);
    let mut kind = kind.split(' ');
    let (fstype, options) = (kind.next()?, kind.nth(1)?);
    let fits = if files == V2 {
        fstype == "cgroup2"
    } else {
        fstype == "cgroup" && options.split(',').any(|option| option == "memory")
    };
    fits.then_some((root, point))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
30 23 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs rw,mode=755
31 30 0:27 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
32 30 0:28 /docker/abc /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
broken line
";

    #[test]
    fn our_directory_is_found_in_each_hierarchy() {
        let cgroups = "9:cpu,cpuacct:/\n4:memory:/a/b\n0::/docker/abc/leaf\nbroken\n";
        let found = directories(cgroups, MOUNTS);
        let paths: Vec<_> = found
            .iter()
            .map(|(path, _, _)| path.to_str().unwrap())
            .collect();
        assert_eq!(
            paths,
            ["/sys/fs/cgroup/memory/a/b", "/sys/fs/cgroup/unified/leaf"]
        );
        assert_eq!((found[0].2, found[1].2), (V1, V2));
    }

    #[test]
    fn headroom_is_the_limit_less_what_cannot_be_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write("memory.max", "1000\n");
        write("memory.current", "700\n");
        assert_eq!(V2.headroom(directory.path()), Some(300));
        write("memory.stat", "anon 400\ninactive_file 250\n");
        assert_eq!(V2.headroom(directory.path()), Some(550));
        write("memory.max", "max\n");
        assert_eq!(V2.headroom(directory.path()), None);
        write("memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(V1.headroom(directory.path()), None);
    }
}
