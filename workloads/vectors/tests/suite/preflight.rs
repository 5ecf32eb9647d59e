//! What is available, asked of trees of files that look like a system's.

use std::fs;
use std::path::Path;

use plimsoll_vectors::preflight::{Available, Surroundings};
use tempfile::TempDir;

const MIB: u64 = 1 << 20;

/// A system with 20 GiB available, a process that has 10 MiB resident and 30 MiB mapped, and these cgroups.
fn system(mounts: &str, cgroups: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "proc/meminfo",
        "MemTotal: 99999999 kB\nMemAvailable:   20971520 kB\n",
    );
    write(
        "proc/self/status",
        "VmSize:\t   30720 kB\nVmRSS:\t   10240 kB\n",
    );
    write("proc/self/mountinfo", mounts);
    write("proc/self/cgroup", cgroups);
    root
}

fn group(root: &Path, path: &str, files: &[(&str, &str)]) {
    let directory = root.join(path);
    fs::create_dir_all(&directory).unwrap();
    for (name, text) in files {
        fs::write(directory.join(name), text).unwrap();
    }
}

fn available(root: &Path, address_space: Option<u64>, budget: Option<u64>) -> Available {
    let surroundings = Surroundings {
        root,
        address_space,
        budget,
        threads: 2,
    };
    surroundings.available()
}

#[test]
fn a_machine_without_caps_keeps_a_twentieth_and_a_quarter_gibibyte_at_least() {
    let root = system("", "");
    let of_machine = |bytes| Available {
        bytes,
        missing: 0,
        limit: "the machine's memory",
    };
    assert_eq!(available(root.path(), None, None), of_machine(19 << 30));
    for (kilobytes, left) in [(1 << 20, 768 * MIB), (100 << 10, 50 * MIB)] {
        let text = format!("MemAvailable: {kilobytes} kB\n");
        fs::write(root.path().join("proc/meminfo"), text).unwrap();
        assert_eq!(available(root.path(), None, None), of_machine(left));
    }
}

#[test]
fn a_system_that_tells_nothing_has_what_is_told_otherwise() {
    let root = tempfile::tempdir().unwrap();
    assert!(available(root.path(), None, None).bytes > 1 << 60);
    assert_eq!(
        available(root.path(), None, Some(100 * MIB)).bytes,
        95 * MIB
    );
}

#[test]
fn the_tightest_of_a_cgroup_and_those_above_it_counts_in_version_2() {
    let mounts = "25 1 0:22 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n";
    let root = system(mounts, "0::/pod/box\n");
    let stat = "anon 1\ninactive_file 524288\n";
    for (path, max, current) in [
        ("sys/fs/cgroup/pod", "209715200\n", "105381888\n"),
        ("sys/fs/cgroup/pod/box", "max\n", "5\n"),
    ] {
        let files = [
            ("memory.max", max),
            ("memory.current", current),
            ("memory.stat", stat),
        ];
        group(root.path(), path, &files);
    }
    // 200 MiB, of which 100.5 are used, half a MiB of it page cache that nobody needs; less a twentieth.
    let expected = Available {
        bytes: 95 * MIB,
        missing: 0,
        limit: "the memory cap",
    };
    assert_eq!(available(root.path(), None, None), expected);
    group(
        root.path(),
        "sys/fs/cgroup/pod/box",
        &[("memory.max", "10485765")],
    );
    // A MiB is kept at least, and what was not read is not made up.
    let half = 512 << 10;
    assert_eq!(
        available(root.path(), None, None).bytes,
        9 * MIB + 5.min(half)
    );
}

#[test]
fn limits_of_version_1_count_as_well_and_none_is_none() {
    let mounts = "\
24 1 0:21 / /sys/fs/cgroup/my\\040memory rw,relatime shared:9 - cgroup cgroup rw,memory
25 1 0:22 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
26 1 0:23 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
broken line
";
    let root = system(mounts, "4:memory:/job/7\n1:cpu:/\n0::/\nbroken\n");
    let top = "sys/fs/cgroup/my memory";
    let files = |limit| {
        [
            ("memory.limit_in_bytes", limit),
            ("memory.usage_in_bytes", "0\n"),
        ]
    };
    group(root.path(), top, &files("9223372036854771712\n"));
    group(
        root.path(),
        &format!("{top}/job/7"),
        &files("9223372036854771712\n"),
    );
    assert_eq!(available(root.path(), None, None).bytes, 19 << 30);
    group(root.path(), &format!("{top}/job"), &files("104857600\n"));
    assert_eq!(available(root.path(), None, None).bytes, 95 * MIB);
}

#[test]
fn a_path_of_the_host_is_taken_from_the_mount_point_in_a_container() {
    let mounts = "25 1 0:22 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
    for membership in ["0::/docker/abc\n", "0::/elsewhere\n"] {
        let root = system(mounts, membership);
        let files = [("memory.max", "41943040"), ("memory.current", "20971520")];
        group(root.path(), "sys/fs/cgroup", &files);
        assert_eq!(available(root.path(), None, None).bytes, 19 * MIB);
    }
}

#[test]
fn budget_and_address_space_are_less_what_the_process_has_of_them() {
    let root = system("", "");
    let budget = available(root.path(), None, Some(50 * MIB));
    assert_eq!(
        (budget.bytes, budget.limit),
        (38 * MIB, "the memory budget")
    );
    // Stacks of the threads to be are taken off.
    let addresses = available(root.path(), Some(74 * MIB), Some(1 << 40));
    assert_eq!(
        (addresses.bytes, addresses.limit),
        (38 * MIB, "the limit on the address space")
    );
    // It has 10 of 5, and a MiB is kept.
    let none = available(root.path(), None, Some(5 * MIB));
    assert_eq!((none.bytes, none.missing), (0, 6 * MIB));
}
