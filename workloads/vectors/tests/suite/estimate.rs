//! The estimate against what a build takes, measured in processes of their own.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use plimsoll_vectors::index::{
    Account, Builder, Estimate, Index, Means, Params, Resources, Shape, Width,
};
use plimsoll_vectors::{Rows, RowsError};

const CHILD: &str = "VECTORS_ESTIMATE_CHILD";
const THREADS: usize = 2;
const EF: usize = 24;

/// Vectors made up where they are asked for, so that none are in memory.
struct Made {
    len: usize,
    dim: usize,
}

impl Rows for Made {
    fn len(&self) -> usize {
        self.len
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError> {
        for (value, at) in out.iter_mut().zip((first * self.dim) as u64..) {
            let hash = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            *value = ((hash ^ hash >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32;
        }
        Ok(())
    }
}

/// A line of this process's status, in bytes.
pub(crate) fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kilobytes.parse::<u64>().unwrap() * 1024
}

/// What the others start: builds one index, and tells the anonymous memory that it took at most, and what of it was
/// told by name.
#[test]
#[ignore = "it is started by another test, in a process of its own"]
fn child() {
    let Ok(numbers) = std::env::var(CHILD) else {
        return;
    };
    let mut numbers = numbers.split(' ').map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap();
    let (len, dim, m, block) = (next(), next(), next(), next());
    let width = if next() == 4 {
        Width::Four
    } else {
        Width::Eight
    };
    let params = Params {
        m,
        ef_construction: EF,
        width,
        ..Params::default()
    };
    let resources = Resources {
        threads: THREADS,
        block,
    };
    let (now, most) = (AtomicI64::new(0), Arc::new(AtomicI64::new(0)));
    let account = Account::new({
        let most = Arc::clone(&most);
        move |_, change| {
            let before = now.fetch_add(change, Relaxed);
            most.fetch_max(before + change, Relaxed);
        }
    });
    let means = Means {
        account,
        ..resources.into()
    };
    let before = status("RssAnon:");
    let made = Made { len, dim };
    let index = match next() {
        0 => Index::build_with(&made, params, means, None, &mut |_| ()),
        _ => Index::build_in_bulk(&made, params, means, &mut |_| ()),
    };
    let index = index.unwrap();
    let at_its_end = status("RssAnon:");
    // The kernel's own mark misses nothing. What is mapped of the program only grows.
    let peak = (status("VmHWM:") - status("RssFile:")).max(at_its_end);
    assert_eq!(index.len(), len);
    println!("took {}", peak - before);
    println!("named {}", most.load(Relaxed));
}

#[test]
fn a_build_takes_what_was_estimated_and_little_less() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let (batches, leaves) = (Builder::Batches, Builder::Leaves);
    let (eight, four) = (Width::Eight, Width::Four);
    for (builder, len, dim, m, block, width) in [
        (batches, 2500, 1536, 16, Resources::USUAL_BLOCK, eight),
        (batches, 2500, 1536, 48, Resources::LEAST_BLOCK, four),
        (batches, 20_000, 64, 24, Resources::USUAL_BLOCK, eight),
        // Batches of their full size.
        (batches, 140_000, 8, 6, Resources::USUAL_BLOCK, eight),
        (leaves, 800, 1536, 16, Resources::LEAST_BLOCK, eight),
        (leaves, 5000, 1536, 48, Resources::USUAL_BLOCK, eight),
        (leaves, 20_000, 64, 24, Resources::USUAL_BLOCK, eight),
        (leaves, 100_000, 8, 6, Resources::USUAL_BLOCK, eight),
    ] {
        let shape = Shape {
            len,
            dim,
            m,
            ef_construction: EF,
            builder,
            width,
        };
        let resources = Resources {
            threads: THREADS,
            block,
        };
        let told = Estimate::of_build(shape, resources).unwrap();
        let bits = width.bits();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "estimate::child", "--ignored", "--nocapture"])
            .env(
                CHILD,
                format!("{len} {dim} {m} {block} {bits} {}", builder as u8),
            )
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&child.stdout);
        let after = |what| {
            let rest = words.split(what).nth(1);
            let rest = rest.unwrap_or_else(|| panic!("{child:?}"));
            rest.lines().next().unwrap().parse::<u64>().unwrap()
        };
        let (took, named) = (after("took "), after("named "));
        println!(
            "{builder:?} {len} x {dim}, m {m}: {} told, {took} taken, {named} of it named",
            told.peak
        );
        // Stacks and what the allocator keeps have no name; nor has what is mapped and not touched yet any memory.
        assert!(named + took / 10 + 2_000_000 >= took, "{named} of {took}");
        assert!(named <= told.peak, "{named} > {told:?}");
        assert!(took <= told.peak, "{took} > {told:?}");
        let most = took + took * 15 / 100 + 16_000_000;
        assert!(told.peak <= most, "{took} is far below {told:?}");
    }
}
