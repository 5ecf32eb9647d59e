//! How much memory there is to give: never so much that the machine itself runs out.

use std::fs;
use std::path::Path;

use super::leaf::keyed;
use super::mounts::{Own, Place};

/// Left to everyone else, at least.
const LEAST_RESERVE: u64 = 256 << 20;
/// Left to everyone else: one part in so many of what is available.
const RESERVED_PART: u64 = 20;

/// What can be given to a trial, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Available to this session when it was asked.
    pub(crate) available: u64,
    /// The largest cap: what is available less a reserve.
    pub(crate) most: u64,
}

impl Budget {
    fn of(available: u64) -> Self {
        let reserve = (available / RESERVED_PART).max(LEAST_RESERVE);
        // On a machine that is almost full, half of the rest is still something to run in.
        Budget {
            available,
            most: available.saturating_sub(reserve).max(available / 2),
        }
    }
}

/// Asks the system at `root` (`/`, or a directory made for a test). The machine's available memory,
/// or less where this process is in a cgroup that has less.
pub(crate) fn budget(root: &Path) -> Budget {
    let meminfo = fs::read_to_string(root.join("proc/meminfo")).unwrap_or_default();
    let machine = keyed(&meminfo, "MemAvailable").map_or(u64::MAX, |kib| kib.saturating_mul(1024));
    let own = Own::read(root);
    let v2 = own.v2.map_or(u64::MAX, |place| {
        room(&place, "memory.max", "memory.current", "inactive_file")
    });
    let v1 = own.v1.map_or(u64::MAX, |place| {
        room(
            &place,
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        )
    });
    Budget::of(machine.min(v2).min(v1))
}

/// The room left in a cgroup and in all above it. Page cache that nobody uses makes room.
fn room(place: &Place, limit: &str, usage: &str, reclaimable: &str) -> u64 {
    let levels = place
        .directory
        .ancestors()
        .take_while(|level| level.starts_with(&place.mount));
    let room = levels.filter_map(|level| {
        let number = |name: &str| {
            fs::read_to_string(level.join(name))
                .ok()?
                .trim()
                .parse::<u64>()
                .ok()
        };
        let limit = number(limit)?;
        let stat = fs::read_to_string(level.join("memory.stat")).unwrap_or_default();
        let used = number(usage)?.saturating_sub(keyed(&stat, reclaimable).unwrap_or(0));
        Some(limit.saturating_sub(used))
    });
    room.min().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::mounts::tests::fake_root;
    use super::*;

    #[test]
    fn a_reserve_is_always_kept() {
        assert_eq!(Budget::of(20 << 30).most, 19 << 30);
        assert_eq!(Budget::of(1 << 30).most, 768 << 20);
        assert_eq!(Budget::of(100 << 20).most, 50 << 20);
    }

    #[test]
    fn a_container_has_what_its_cgroup_leaves() {
        let root = fake_root(
            "25 1 0:22 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n",
            "0::/pod/box\n",
        );
        fs::write(
            root.path().join("proc/meminfo"),
            "MemAvailable:   67108864 kB\n",
        )
        .unwrap();
        let pod = root.path().join("sys/fs/cgroup/pod");
        fs::create_dir_all(pod.join("box")).unwrap();
        for (dir, max, current) in [
            (pod.clone(), "4294967296", "1073741824"),
            (pod.join("box"), "max", "5"),
        ] {
            fs::write(dir.join("memory.max"), max).unwrap();
            fs::write(dir.join("memory.current"), current).unwrap();
            fs::write(dir.join("memory.stat"), "anon 1\ninactive_file 536870912\n").unwrap();
        }
        assert_eq!(budget(root.path()).available, (4 << 30) - (512 << 20));
    }
}
