//! What the memory limits of this process's cgroups leave, in both versions of the hierarchy.

use std::fs;
use std::path::{Path, PathBuf};

/// What version 1 says where there is no limit is above this.
const NO_LIMIT: u64 = 1 << 60;

/// The names that a version of the hierarchy has for things.
#[derive(Debug, Clone, Copy)]
struct Version {
    limit: &'static str,
    usage: &'static str,
    /// In `memory.stat`: page cache that nobody uses, with that of all cgroups below.
    reclaimable: &'static str,
}

const V1: Version = Version {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
};
const V2: Version = Version {
    limit: "memory.max",
    usage: "memory.current",
    reclaimable: "inactive_file",
};

/// The bytes that are left in the process's cgroups and in all above them, by the system at `root` (`/`, or a
/// directory made for a test); none where there is no limit. Page cache that nobody uses counts as free.
#[must_use]
pub fn room(root: &Path) -> Option<u64> {
    let text = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
    let (mounts, memberships) = (text("proc/self/mountinfo"), text("proc/self/cgroup"));
    let rooms = memberships.lines().filter_map(|line| {
        // hierarchy:controllers:path
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let version = match controllers {
            "" => V2,
            list if list.split(',').any(|name| name == "memory") => V1,
            _ => return None,
        };
        let mounts = mounts.lines().filter_map(|line| mount(line, controllers));
        let rooms = mounts.filter_map(|(top, point)| version.room(root, top, point, path));
        rooms.min()
    });
    rooms.min()
}

/// Root and mount point of a line of `mountinfo`, if it mounts the hierarchy with these controllers (proc(5): after
/// ` - ` come type, source, options).
fn mount<'a>(line: &'a str, controllers: &str) -> Option<(&'a str, &'a str)> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(3);
    let (top, point) = (before.next()?, before.next()?);
    let mut after = after.split(' ');
    let (kind, options) = (after.next()?, after.nth(1)?);
    let fits = if controllers.is_empty() {
        kind == "cgroup2"
    } else {
        kind == "cgroup" && options.split(',').any(|option| option == "memory")
    };
    fits.then_some((top, point))
}

impl Version {
    /// The least room from the cgroup `path` up to the mount point.
    fn room(self, root: &Path, top: &str, point: &str, path: &str) -> Option<u64> {
        let point = root.join(unescape(point).trim_start_matches('/'));
        let below = Path::new(path).strip_prefix(unescape(top)).ok();
        let own = point.join(below.unwrap_or(Path::new("")));
        // Within a container the path may be the host's, and mean nothing here: the mount point is ours, then.
        let own: PathBuf = if own.is_dir() { own } else { point.clone() };
        let levels = own
            .ancestors()
            .take_while(|level| level.starts_with(&point));
        levels.filter_map(|level| self.room_in(level)).min()
    }

    fn room_in(self, level: &Path) -> Option<u64> {
        let text = |name: &str| fs::read_to_string(level.join(name)).ok();
        // `max` is no number; version 1 writes one beyond any machine.
        let limit: u64 = text(self.limit)?.trim().parse().ok()?;
        if limit >= NO_LIMIT {
            return None;
        }
        let used: u64 = text(self.usage)?.trim().parse().ok()?;
        let stat = text("memory.stat").unwrap_or_default();
        let reclaimable = stat.lines().find_map(|line| {
            let (name, value) = line.split_once(' ')?;
            (name == self.reclaimable).then(|| value.parse().ok())?
        });
        Some(limit.saturating_sub(used.saturating_sub(reclaimable.unwrap_or(0))))
    }
}

/// Spaces and the like are octal there.
fn unescape(point: &str) -> String {
    point
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\134", "\\")
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
    const CGROUPS: &str = "9:cpu,cpuacct:/\n4:memory:/a/b\n0::/docker/abc/leaf\nbroken\n";

    #[test]
    fn room_is_the_least_limit_of_both_hierarchies_less_what_is_in_use() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/self/mountinfo", MOUNTS);
        write("proc/self/cgroup", CGROUPS);
        assert_eq!(room(root.path()), None);
        let unified =
            |name: &str, text: &str| write(&format!("sys/fs/cgroup/unified/leaf/{name}"), text);
        unified("memory.max", "1000\n");
        unified("memory.current", "700\n");
        assert_eq!(room(root.path()), Some(300));
        unified("memory.stat", "anon 400\ninactive_file 250\n");
        assert_eq!(room(root.path()), Some(550));
        let first = |name: &str, text: &str| write(&format!("sys/fs/cgroup/memory/{name}"), text);
        first("a/b/memory.usage_in_bytes", "600\n");
        first("a/memory.limit_in_bytes", "900\n");
        first("a/memory.usage_in_bytes", "800\n");
        assert_eq!(room(root.path()), Some(100), "of a cgroup above ours");
        unified("memory.max", "max\n");
        first("a/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(room(root.path()), None);
    }
}
