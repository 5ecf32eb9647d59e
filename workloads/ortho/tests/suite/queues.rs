//! Every queue against a plain one, and the queues on disk on bad days.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use plimsoll_ortho::fifo::HeapOrtho;
use plimsoll_ortho::queue::{
    BufferedQueue, DiskStore, MemoryQueue, MmapStore, QueueError, RedbStore, SqliteStore, Store,
    WorkQueue,
};
use plimsoll_workload::Bytes;
use proptest::prelude::*;
use tempfile::TempDir;

/// An ortho to push, or nothing for a pop.
type Step = Option<HeapOrtho>;

fn ortho() -> impl Strategy<Value = HeapOrtho> {
    let dims = prop_oneof![
        8 => Just(vec![2, 2]),
        8 => Just(vec![3, 2]),
        8 => Just(vec![2, 2, 2]),
        1 => Just(vec![2; 9]),
    ];
    let word = || proptest::option::of(prop_oneof![0_usize..2000, any::<usize>()]);
    (1_usize..4, dims).prop_flat_map(move |(version, dims)| {
        let cells = dims.iter().product::<usize>();
        proptest::collection::vec(word(), cells)
            .prop_map(move |payload| HeapOrtho::new(version, dims.clone(), payload))
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Mostly pushes at first, so that the queue gets long, and mostly pops later.
    let phase = |pushes: u32, pops: u32| {
        let step = prop_oneof![pushes => ortho().prop_map(Some), pops => Just(None)];
        proptest::collection::vec(step, 0..300)
    };
    (phase(5, 1), phase(1, 1), phase(1, 5))
        .prop_map(|(first, second, third)| [first, second, third].concat())
}

/// Takes `steps` with `queue` and with a plain one, then empties both.
fn assert_first_in_first_out(mut queue: impl WorkQueue, steps: &[Step]) {
    let mut plain = VecDeque::new();
    for step in steps {
        match step {
            Some(ortho) => {
                queue.push(ortho.clone()).unwrap();
                plain.push_back(ortho.clone());
            }
            None => assert_eq!(queue.pop().unwrap(), plain.pop_front()),
        }
        assert_eq!(queue.len(), plain.len() as u64);
        assert_eq!(queue.is_empty(), plain.is_empty());
    }
    while let Some(expected) = plain.pop_front() {
        assert_eq!(queue.pop().unwrap(), Some(expected));
    }
    assert_eq!(queue.pop().unwrap(), None);
}

fn assert_empty(directory: &Path) {
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn orthos_leave_every_queue_in_the_order_they_came(steps in steps(), buffer in 0_u64..20_000) {
        let scratch = tempfile::tempdir().unwrap();
        let (path, buffer) = (scratch.path(), Bytes(buffer));
        assert_first_in_first_out(MemoryQueue::default(), &steps);
        assert_first_in_first_out(BufferedQueue::new(DiskStore::create(path).unwrap(), buffer), &steps);
        assert_first_in_first_out(BufferedQueue::new(MmapStore::create(path).unwrap(), buffer), &steps);
        let sqlite = SqliteStore::create(path, buffer).unwrap();
        assert_first_in_first_out(BufferedQueue::new(sqlite, buffer), &steps);
        let redb = RedbStore::create(path, buffer).unwrap();
        assert_first_in_first_out(BufferedQueue::new(redb, buffer), &steps);
        assert_empty(path);
    }
}

/// A small ortho that bears its number.
fn numbered(number: usize) -> HeapOrtho {
    HeapOrtho::new(1, vec![2, 2], vec![Some(number), None, None, None])
}

fn fill(queue: &mut impl WorkQueue, numbers: std::ops::Range<usize>) {
    for number in numbers {
        queue.push(numbered(number)).unwrap();
    }
}

#[test]
fn memory_stays_within_the_buffer_whatever_the_length() {
    const BUFFER: Bytes = Bytes(256 << 10);
    fn peak<S: Store>(mut queue: BufferedQueue<S>) -> u64 {
        let mut peak = 0;
        for number in 0..200_000 {
            queue.push(numbered(number)).unwrap();
            if number % 4 == 0 {
                queue.pop().unwrap();
            }
            peak = peak.max(queue.bytes_held());
        }
        peak
    }
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path();
    let peaks = [
        peak(BufferedQueue::new(DiskStore::create(path).unwrap(), BUFFER)),
        peak(BufferedQueue::new(MmapStore::create(path).unwrap(), BUFFER)),
        peak(BufferedQueue::new(
            SqliteStore::create(path, BUFFER).unwrap(),
            BUFFER,
        )),
        peak(BufferedQueue::new(
            RedbStore::create(path, BUFFER).unwrap(),
            BUFFER,
        )),
    ];
    for peak in peaks {
        assert!(peak <= BUFFER.0, "{peaks:?}");
    }
}

/// A writer to a real file that stops where the space shared with others ends.
struct Limited {
    file: File,
    space: Rc<Cell<u64>>,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.space.get() == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let fitting = bytes.len().min(self.space.get() as usize);
        let written = self.file.write(&bytes[..fitting])?;
        self.space.set(self.space.get() - written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A queue of tiny chunks that has `space` bytes of disk.
fn limited_queue(scratch: &Path, space: &Rc<Cell<u64>>) -> BufferedQueue<DiskStore> {
    let space = Rc::clone(space);
    let store = DiskStore::with_files(scratch, move |path| {
        let file = File::create_new(path)?;
        let space = Rc::clone(&space);
        Ok(Box::new(Limited { file, space }))
    });
    BufferedQueue::new(store.unwrap(), Bytes(400))
}

#[test]
fn a_full_disk_is_named_leaves_no_part_of_a_chunk_and_loses_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let space = Rc::new(Cell::new(1000));
    let mut queue = limited_queue(scratch.path(), &space);
    let mut pushed = 0;
    let error = loop {
        match queue.push(numbered(pushed)) {
            Ok(()) => pushed += 1,
            Err(error) => break error,
        }
    };
    let QueueError::DiskFull { path, needed } = &error else {
        panic!("{error}");
    };
    assert!(needed.0 > 100 && needed.0 < 400, "{needed:?}");
    assert!(!path.exists());
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    assert!(text.contains("free space there"), "{text}");

    // With space again, the search could go on where it stopped.
    space.set(1 << 20);
    fill(&mut queue, pushed..pushed + 500);
    for number in 0..pushed + 500 {
        assert_eq!(queue.pop().unwrap(), Some(numbered(number)));
    }
    drop(queue);
    assert_empty(scratch.path());
}

#[test]
fn chunks_go_as_they_are_read_and_all_of_them_with_the_queue() {
    let scratch = tempfile::tempdir().unwrap();
    let store = DiskStore::create(scratch.path()).unwrap();
    let mut queue = BufferedQueue::new(store, Bytes(400));
    fill(&mut queue, 0..2000);
    let before = queue.store().chunks().count();
    assert!(before > 50, "{before}");
    for _ in 0..1000 {
        queue.pop().unwrap();
    }
    let after: Vec<_> = queue.store().chunks().map(Path::to_path_buf).collect();
    assert!(after.len() < before / 2 + 5, "{} of {before}", after.len());
    let files = fs::read_dir(queue.store().path()).unwrap().count();
    assert_eq!(files, after.len());
    drop(queue);
    assert_empty(scratch.path());
}

/// A queue with many chunks on disk, and the oldest of them.
fn chunked_queue() -> (TempDir, BufferedQueue<DiskStore>, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let store = DiskStore::create(scratch.path()).unwrap();
    let mut queue = BufferedQueue::new(store, Bytes(400));
    fill(&mut queue, 0..500);
    let oldest = queue.store().chunks().next().unwrap().to_path_buf();
    (scratch, queue, oldest)
}

/// Pops until the queue fails and tells how; what comes before must be right.
fn failure_of(mut queue: BufferedQueue<DiskStore>) -> String {
    for number in 0.. {
        match queue.pop() {
            Ok(ortho) => assert_eq!(ortho, Some(numbered(number))),
            Err(error) => return error.to_string(),
        }
    }
    unreachable!("the numbers do not end");
}

#[test]
fn damage_to_a_chunk_is_found_whatever_it_is() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(Damage, &str); 6] = [
        (|chunk| chunk.truncate(chunk.len() - 1), "bytes instead of"),
        (|chunk| chunk.truncate(20), "less than a header"),
        (|chunk| chunk.clear(), "less than a header"),
        (|chunk| chunk.push(0), "bytes instead of"),
        (|chunk| chunk[0] ^= 1, "does not begin as a chunk"),
        (
            |chunk| *chunk.last_mut().unwrap() ^= 4,
            "checksum does not match",
        ),
    ];
    for (damage, told) in damages {
        let (scratch, queue, oldest) = chunked_queue();
        let mut chunk = fs::read(&oldest).unwrap();
        damage(&mut chunk);
        fs::write(&oldest, chunk).unwrap();
        let text = failure_of(queue);
        assert!(text.contains(told), "{text}");
        assert!(text.contains(oldest.to_str().unwrap()), "{text}");
        assert_empty(scratch.path());
    }
}

#[test]
fn a_chunk_that_is_gone_is_named() {
    let (scratch, queue, oldest) = chunked_queue();
    fs::remove_file(&oldest).unwrap();
    let text = failure_of(queue);
    assert!(
        text.starts_with(&format!("cannot read {}", oldest.display())),
        "{text}"
    );
    assert_empty(scratch.path());
}

#[test]
fn a_scratch_directory_that_is_missing_is_named() {
    let missing = Path::new("/nonexistent/scratch");
    let errors = [
        DiskStore::create(missing).map(drop).unwrap_err(),
        MmapStore::create(missing).map(drop).unwrap_err(),
        SqliteStore::create(missing, Bytes(0))
            .map(drop)
            .unwrap_err(),
        RedbStore::create(missing, Bytes(0)).map(drop).unwrap_err(),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(
            text.starts_with("cannot make a directory in /nonexistent/scratch"),
            "{text}"
        );
    }
}
