//! Runs with a shard that only notes what comes, over all widths, and with every part failing in turn.

use plimsoll_workload::{Context, Failure};
use proptest::prelude::*;

use super::{Done, Feed, Shard, Width, run};
use crate::ordered::BlockSink;

/// Numbers the segments of each group; every third one makes a block, and the end of a group another.
#[derive(Debug, Default)]
struct Counting {
    members: std::collections::BTreeMap<u32, u32>,
    fails_at: Option<u64>,
    panics_at: Option<u64>,
}

impl Shard for Counting {
    type Work = u64;
    type Block = String;

    fn weigh(work: &u64) -> usize {
        *work as usize % 7
    }

    fn add(&mut self, group: u32, work: u64, blocks: &mut Vec<String>) -> Result<u32, Failure> {
        if self.fails_at == Some(work) {
            return Err(Failure::Other(format!("failed at {work}")));
        }
        assert_ne!(self.panics_at, Some(work), "panicked as told");
        let next = self.members.entry(group).or_default();
        let member = *next;
        *next += 1;
        if work.is_multiple_of(3) {
            blocks.push(format!("{work}:{group}.{member}"));
        }
        Ok(member)
    }

    fn close(&mut self, group: u32, blocks: &mut Vec<String>) -> Result<(), Failure> {
        if let Some(members) = self.members.get(&group) {
            blocks.push(format!("end of {group} with {members}"));
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Written {
    blocks: Vec<String>,
    room: Option<usize>,
}

impl BlockSink for Written {
    type Block = String;
    type Error = Failure;

    fn bytes(block: &String) -> usize {
        block.len()
    }

    fn take(&mut self, block: String) -> Result<(), Failure> {
        if self.room == Some(self.blocks.len()) {
            return Err(Failure::Other("the disk is full".to_owned()));
        }
        self.blocks.push(block);
        Ok(())
    }
}

fn context() -> Context {
    Context::detached(std::path::Path::new("unused"))
}

fn width(threads: usize) -> Width {
    Width {
        threads,
        on_the_way: 10,
        window: 64,
    }
}

fn feed_all<'a>(
    groups: &'a [u32],
) -> impl FnOnce(&mut Feed<'_, Counting, Written>) -> Result<usize, Failure> + 'a {
    move |feed| {
        for (work, group) in (0..).zip(groups) {
            feed.send(*group, work)?;
        }
        Ok(groups.len())
    }
}

/// Groups without gaps, in an order that sends neighbours to different workers.
fn groups(count: u32) -> Vec<u32> {
    (0..count).map(|i| i.min(i * i % 23)).collect()
}

fn failing(threads: usize, shard: fn() -> Counting, room: Option<usize>) -> String {
    let sink = Written {
        room,
        ..Written::default()
    };
    run(
        &context(),
        width(threads),
        sink,
        || Ok(shard()),
        feed_all(&groups(500)),
    )
    .unwrap_err()
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_width_writes_the_same(order in proptest::collection::vec(0_u32..12, 0..300), threads in 2_usize..8) {
        let one = run(&context(), width(1), Written::default(), || Ok(Counting::default()), feed_all(&order)).unwrap();
        let many = run(&context(), width(threads), Written::default(), || Ok(Counting::default()), feed_all(&order)).unwrap();
        let Done { fed, members, sink } = one;
        prop_assert_eq!(fed, order.len());
        prop_assert_eq!(&many.members, &members);
        prop_assert_eq!(&many.sink.blocks, &sink.blocks);
        for (place, member) in members.iter().enumerate() {
            let before = order[..place].iter().filter(|group| **group == order[place]).count();
            prop_assert_eq!(*member as usize, before);
        }
    }
}

#[test]
fn a_failing_shard_ends_the_run_with_its_reason() {
    for threads in [1, 2, 6] {
        let shard = || Counting {
            fails_at: Some(250),
            ..Counting::default()
        };
        assert_eq!(failing(threads, shard, None), "failed at 250");
    }
}

#[test]
fn a_full_disk_ends_the_run_with_its_reason() {
    for threads in [1, 2, 6] {
        assert_eq!(
            failing(threads, Counting::default, Some(20)),
            "the disk is full"
        );
    }
}

#[test]
fn a_feeder_that_gives_up_is_the_reason() {
    for threads in [1, 2, 6] {
        let done = run(
            &context(),
            width(threads),
            Written::default(),
            || Ok(Counting::default()),
            |feed| {
                feed.send(0, 1)?;
                Err::<(), _>(Failure::Input("no such file".to_owned()))
            },
        );
        assert_eq!(done.unwrap_err().to_string(), "no such file");
    }
}

#[test]
fn a_panic_in_a_worker_hangs_nobody() {
    for threads in [1, 2, 6] {
        let shard = || Counting {
            panics_at: Some(250),
            ..Counting::default()
        };
        let run = || {
            run(
                &context(),
                width(threads),
                Written::default(),
                || Ok(shard()),
                feed_all(&groups(500)),
            )
        };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        assert!(ended.is_err(), "the panic is passed on");
    }
}
