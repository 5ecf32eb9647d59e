//! Level by level: golden results, resuming after any failure, and damaged files.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use plimsoll_ortho::level_wise::{self, Directory, Source, Store};
use plimsoll_ortho::{Options, Summary, Texts};
use plimsoll_workload::{Bytes, Context, Failure};
use tempfile::TempDir;

use crate::golden::{cases, check_golden};

#[test]
fn golden_results_with_ample_buffers() {
    check_golden(11_000_000, 16 << 20, level_wise::search);
}

#[test]
fn golden_results_with_buffers_that_force_many_runs() {
    check_golden(600_000, 64 << 10, level_wise::search);
}

#[test]
fn golden_results_with_buffers_too_small_for_anything() {
    check_golden(20_000, 100, level_wise::search);
}

/// A directory that takes so many bytes and no more, and remembers which files were created.
struct Limited {
    directory: Directory,
    room: Rc<Cell<u64>>,
    created: RefCell<Vec<String>>,
}

impl Limited {
    fn new(path: &Path, room: u64) -> Self {
        Self {
            directory: Directory::new(path),
            room: Rc::new(Cell::new(room)),
            created: RefCell::default(),
        }
    }

    fn has_created(&self, name: &str) -> bool {
        self.created.borrow().iter().any(|created| created == name)
    }
}

impl Store for Limited {
    fn create(&self, name: &str) -> io::Result<Box<dyn Write>> {
        self.created.borrow_mut().push(name.to_owned());
        Ok(Box::new(LimitedFile {
            file: self.directory.create(name)?,
            room: Rc::clone(&self.room),
        }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Source>> {
        self.directory.open(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.directory.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.directory.remove(name)
    }

    fn place(&self) -> String {
        self.directory.place()
    }
}

struct LimitedFile {
    file: Box<dyn Write>,
    room: Rc<Cell<u64>>,
}

impl Write for LimitedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room.get() as usize);
        if taken == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room.set(self.room.get() - taken as u64);
        self.file.write(&bytes[..taken])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The directory and the options of one search.
struct Bench {
    scratch: TempDir,
    options: Options,
    texts: Texts,
}

impl Bench {
    fn new(texts: Texts, options: Options) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        Self {
            scratch,
            options,
            texts,
        }
    }

    fn golden(case: &str, buffer: u64) -> (Self, Vec<Summary>) {
        let golden = cases(u64::MAX)
            .into_iter()
            .find(|golden| golden.case == case)
            .unwrap();
        (
            Self::new(golden.texts(), golden.options(buffer)),
            golden.stages,
        )
    }

    fn run(&self, store: &dyn Store) -> Result<Vec<Summary>, Failure> {
        self.run_until(store, &|| false)
    }

    fn run_until(
        &self,
        store: &dyn Store,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<Summary>, Failure> {
        let context = Context::detached(self.scratch.path());
        level_wise::search_in(store, &self.texts, &self.options, &context, cancelled)
    }

    /// The directory with room for `bytes` more.
    fn limited(&self, bytes: u64) -> Limited {
        Limited::new(self.scratch.path(), bytes)
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.scratch.path().join(name)
    }

    fn refusal(&self) -> String {
        self.run(&self.limited(u64::MAX)).unwrap_err().to_string()
    }
}

#[test]
fn a_full_disk_is_named_and_the_next_run_goes_on_from_the_last_level() {
    for case in ["m05_generated_parts", "g01_13k"] {
        let (whole, _) = Bench::golden(case, 2000);
        let store = whole.limited(1 << 40);
        whole.run(&store).unwrap();
        let written = (1 << 40) - store.room.get();
        for part in 1..12 {
            let (bench, expected) = Bench::golden(case, 2000);
            let failure = bench.run(&bench.limited(written * part / 12)).unwrap_err();
            let message = failure.to_string();
            assert!(message.contains("no space left"), "{message}");
            assert!(
                message.contains(bench.scratch.path().to_str().unwrap()),
                "{message}"
            );
            let again = bench.limited(u64::MAX);
            assert_eq!(bench.run(&again).unwrap(), expected, "{case} {part}/12");
            // Only a search that had not finished its first level begins at the beginning.
            assert_eq!(
                again.has_created("level.1.1"),
                part * written / 12 < 500,
                "{part}/12"
            );
        }
    }
}

#[test]
fn a_cancelled_search_says_where_it_stands_and_goes_on_from_there() {
    let (bench, expected) = Bench::golden("g02_88k", 64 << 10);
    let asked = Cell::new(0);
    let failure = bench
        .run_until(&bench.limited(u64::MAX), &|| {
            asked.set(asked.get() + 1);
            asked.get() > 40
        })
        .unwrap_err();
    let message = failure.to_string();
    assert!(message.contains("cancelled at level"), "{message}");
    let again = bench.limited(u64::MAX);
    assert_eq!(bench.run(&again).unwrap(), expected);
    assert!(!again.has_created("level.1.2"));
}

#[test]
fn a_finished_search_is_not_made_again_and_goes_on_with_more_texts() {
    let (mut bench, expected) = Bench::golden("m04_sherlock_parts", 1 << 20);
    let all: Vec<String> = (0..bench.texts.len())
        .map(|index| bench.texts.read(index).unwrap().into_owned())
        .collect();
    for count in [1, 1, 2, 3, 3] {
        bench.texts = Texts::in_memory(all[..count].to_vec());
        let store = bench.limited(u64::MAX);
        assert_eq!(bench.run(&store).unwrap(), expected[..count]);
        assert_eq!(
            store.has_created("level.1.2"),
            count == 1 && store.has_created("level.1.1")
        );
    }
    assert!(!bench.limited(0).has_created("level.1.1"));
}

#[test]
fn a_checkpoint_of_another_search_is_refused() {
    let options = Options {
        max_filled: Some(4),
        buffer: Bytes(1000),
    };
    let mut bench = Bench::new(Texts::in_memory(["a b. c d. a c. b d."]), options);
    bench.run(&bench.limited(u64::MAX)).unwrap();
    bench.texts = Texts::in_memory(["a b. c d. a c. b e."]);
    assert!(bench.refusal().contains("belongs to other texts"));
    bench.texts = Texts::in_memory(Vec::<String>::new());
    assert!(bench.refusal().contains("belongs to other texts"));
    bench.texts = Texts::in_memory(["a b. c d. a c. b d."]);
    bench.options.max_filled = None;
    assert!(bench.refusal().contains("another max_filled"));
}

#[test]
fn a_damaged_level_file_or_checkpoint_is_refused_wherever_the_damage_is() {
    // The third level is finished, the fourth has failed.
    let (bench, expected) = Bench::golden("e05_mix", 1000);
    let mut room = 0;
    while !bench.file("level.1.3").exists() || !bench.file("level.1.4").exists() {
        room += 50;
        bench.run(&bench.limited(room)).unwrap_err();
    }
    for name in ["level.1.3", "checkpoint.json"] {
        let sound = std::fs::read(bench.file(name)).unwrap();
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x10;
            std::fs::write(bench.file(name), &bytes).unwrap();
            let message = bench.refusal();
            let damaged = message.contains(name) && message.contains("damaged")
                || message.contains("cannot read checkpoint.json");
            assert!(damaged, "byte {at} of {name}: {message}");
            bytes.truncate(at);
            std::fs::write(bench.file(name), &bytes).unwrap();
            let message = bench.refusal();
            assert!(message.contains("damaged"), "{name} cut at {at}: {message}");
        }
        std::fs::write(bench.file(name), sound).unwrap();
    }
    std::fs::rename(bench.file("level.1.3"), bench.file("elsewhere")).unwrap();
    assert!(bench.refusal().contains("cannot open level.1.3"));
    std::fs::rename(bench.file("elsewhere"), bench.file("level.1.3")).unwrap();
    assert_eq!(bench.run(&bench.limited(u64::MAX)).unwrap(), expected);
}
