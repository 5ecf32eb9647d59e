//! The cache, with sources that make inputs by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::run::Programs;
use crate::scenario::{Params, WorkloadInfo, WorkloadRef, Workloads};

/// Makes `bytes` in one file and counts how often.
struct Fake {
    key: Value,
    bytes: usize,
    fails: bool,
    made: AtomicU32,
}

fn fake(key: u32, bytes: usize) -> Fake {
    Fake {
        key: json!({ "seed": key }),
        bytes,
        fails: false,
        made: AtomicU32::new(0),
    }
}

impl InputSource for Fake {
    fn key(&self) -> Result<Value, InputsError> {
        Ok(self.key.clone())
    }

    fn prepare(&self, directory: &Path, cancelled: &dyn Fn() -> bool) -> Result<(), InputsError> {
        self.made.fetch_add(1, Ordering::Relaxed);
        fs::create_dir(directory.join("parts")).unwrap();
        fs::write(directory.join("parts/one"), vec![7; self.bytes]).unwrap();
        // Long enough for another run to come by.
        thread::sleep(Duration::from_millis(20));
        if cancelled() {
            return Err(InputsError::Interrupted);
        }
        if self.fails {
            return Err(InputsError::Failed {
                command: "fake prepare".to_owned(),
                status: "exit status: 1".to_owned(),
                stderr: "no luck".to_owned(),
            });
        }
        Ok(())
    }

    fn name(&self) -> &str {
        "fake"
    }
}

fn cache(limit: u64) -> (tempfile::TempDir, InputCache) {
    let directory = tempfile::tempdir().unwrap();
    let cache = InputCache::at(directory.path(), Some(limit)).unwrap();
    (directory, cache)
}

fn get(cache: &InputCache, source: &Fake) -> Result<Inputs, InputsError> {
    cache.get(source, &|| false, &mut |_| {})
}

fn names(cache: &InputCache) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.root()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into())
        .collect();
    names.sort();
    names
}

#[test]
fn inputs_are_made_once_and_found_again() {
    let (_directory, cache) = cache(1 << 30);
    let source = fake(1, 1000);
    let first = get(&cache, &source).unwrap();
    assert!(first.made);
    assert_eq!(first.bytes, 1000);
    assert_eq!(
        fs::read(first.directory.join("parts/one")).unwrap().len(),
        1000
    );
    let again = get(&cache, &source).unwrap();
    assert!(!again.made);
    assert_eq!(again.directory, first.directory);
    assert_eq!(source.made.load(Ordering::Relaxed), 1);
    let other = get(&cache, &fake(2, 10)).unwrap();
    assert_ne!(other.directory, first.directory);
}

#[test]
fn two_runs_at_once_make_them_once() {
    let (_directory, cache) = cache(1 << 30);
    let source = fake(1, 1000);
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                assert_eq!(get(&cache, &source).unwrap().bytes, 1000);
            });
        }
    });
    assert_eq!(source.made.load(Ordering::Relaxed), 1);
}

#[test]
fn what_could_not_be_made_leaves_nothing_and_may_be_tried_again() {
    let (_directory, cache) = cache(1 << 30);
    let mut source = fake(1, 1000);
    source.fails = true;
    let message = get(&cache, &source).unwrap_err().to_string();
    assert_eq!(
        message,
        "`fake prepare` failed (exit status: 1). It said:\nno luck"
    );
    let left = names(&cache);
    assert!(
        left.iter()
            .all(|name| name.extension().is_some_and(|e| e == "lock")),
        "{left:?}"
    );
    source.fails = false;
    assert!(get(&cache, &source).unwrap().made);
}

#[test]
fn an_interruption_leaves_nothing() {
    let (_directory, cache) = cache(1 << 30);
    let ended = cache.get(&fake(1, 1000), &|| true, &mut |_| {});
    assert!(matches!(ended, Err(InputsError::Interrupted)));
    assert_eq!(names(&cache).len(), 1, "the lock");
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let damages: [fn(&Path); 6] = [
        |data| fs::remove_file(data.join("parts/one")).unwrap(),
        |data| fs::remove_dir_all(data).unwrap(),
        |data| fs::write(data.join("stranger"), "").unwrap(),
        |data| {
            fs::remove_file(data.join("parts/one")).unwrap();
            fs::write(data.join("parts/one"), vec![7; 999]).unwrap();
        },
        |data| fs::write(data.with_file_name("manifest.json"), "{").unwrap(),
        |data| fs::remove_file(data.with_file_name("manifest.json")).unwrap(),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let (_directory, cache) = cache(1 << 30);
        let source = fake(1, 1000);
        let directory = get(&cache, &source).unwrap().directory;
        damage(&directory);
        let again = get(&cache, &source).unwrap();
        assert!(again.made, "damage {number}");
        assert_eq!(
            fs::read(again.directory.join("parts/one")).unwrap().len(),
            1000
        );
    }
}

#[test]
fn what_a_killed_run_left_behind_is_replaced() {
    let (_directory, cache) = cache(1 << 30);
    let source = fake(1, 1000);
    let entry = get(&cache, &source).unwrap().directory;
    let entry = entry.parent().unwrap();
    let making = entry.with_file_name(format!(
        ".making-{}",
        entry.file_name().unwrap().to_str().unwrap()
    ));
    fs::rename(entry, &making).unwrap();
    fs::write(making.join("data/half"), "").unwrap();
    let again = get(&cache, &source).unwrap();
    assert!(again.made && !making.exists());
    assert!(!again.directory.join("half").exists());
}

#[test]
fn the_least_recently_used_goes_first_and_none_that_is_in_use() {
    let (_directory, cache) = cache(2500);
    let sources = [fake(1, 1000), fake(2, 1000), fake(3, 1000), fake(4, 1000)];
    let first = get(&cache, &sources[0]).unwrap();
    let second = get(&cache, &sources[1]).unwrap().directory;
    drop(get(&cache, &sources[0]).unwrap());
    let third = get(&cache, &sources[2]).unwrap().directory;
    assert!(!second.exists(), "used before the first");
    assert!(first.directory.exists());
    let fourth = get(&cache, &sources[3]).unwrap().directory;
    assert!(first.directory.exists(), "in use");
    assert!(!third.exists() && fourth.exists());
}

#[test]
fn cleaning_spares_what_is_in_use_and_what_is_not_ours() {
    let (_directory, cache) = cache(1 << 30);
    let used = get(&cache, &fake(1, 1000)).unwrap();
    let unused = get(&cache, &fake(2, 500)).unwrap().directory;
    fs::write(cache.root().join("notes.txt"), "mine").unwrap();
    fs::create_dir(cache.root().join("somebody")).unwrap();
    let cleaned = cache.clean().unwrap();
    assert_eq!(
        cleaned,
        Cleaned {
            entries: 1,
            bytes: 500,
            in_use: 1
        }
    );
    assert!(used.directory.exists() && !unused.exists());
    drop(used);
    assert_eq!(cache.clean().unwrap().entries, 1);
    assert_eq!(
        names(&cache),
        [Path::new("notes.txt"), Path::new("somebody")]
    );
}

#[test]
fn links_and_empty_directories_are_inputs_too() {
    struct Linked(PathBuf);
    impl InputSource for Linked {
        fn key(&self) -> Result<Value, InputsError> {
            Ok(Value::Null)
        }
        fn prepare(&self, directory: &Path, _: &dyn Fn() -> bool) -> Result<(), InputsError> {
            std::os::unix::fs::symlink(&self.0, directory.join("link")).unwrap();
            fs::create_dir(directory.join("empty")).unwrap();
            Ok(())
        }
        fn name(&self) -> &str {
            "linked"
        }
    }
    let (directory, cache) = cache(1 << 30);
    let target = directory.path().join("text");
    fs::write(&target, "1234").unwrap();
    let source = Linked(target.clone());
    let get = || cache.get(&source, &|| false, &mut |_| {}).unwrap();
    assert!(get().made);
    assert!(!get().made);
    assert!(
        !fs::metadata(&target).unwrap().permissions().readonly(),
        "the user's own file"
    );
    fs::write(&target, "12345").unwrap();
    assert!(get().made, "the file behind the link has changed");
}

#[test]
fn a_program_makes_its_inputs_through_the_protocol() {
    let script = r#"case $0 in
        describe) echo '{"protocol":1,"workloads":[{"name":"w","generator":1,"implementations":[],"schema":{}}]}';;
        key) echo '{"params":{},"input_key":{"n":1}}';;
        prepare) echo "$PLIMSOLL_WORKLOAD $PLIMSOLL_PARAMS" > "$PLIMSOLL_INPUTS/file";;
    esac"#;
    let workloads = Programs::new("sh".into(), vec!["-c".into(), script.into()]);
    let info = workloads
        .describe(&WorkloadRef::Builtin("w".into()))
        .unwrap();
    let mut params = Params::new();
    params.insert("n".to_owned(), 1.into());
    let source = ProgramSource {
        workload: &info,
        params: &params,
        cap: None,
    };
    let (_directory, cache) = cache(1 << 30);
    let inputs = cache.get(&source, &|| false, &mut |_| {}).unwrap();
    let text = fs::read_to_string(inputs.directory.join("file")).unwrap();
    assert_eq!(text, "w {\"n\":1}\n");

    let later = WorkloadInfo {
        generator: 2,
        ..info
    };
    let source = ProgramSource {
        workload: &later,
        params: &params,
        cap: None,
    };
    assert!(
        cache.get(&source, &|| false, &mut |_| {}).unwrap().made,
        "another generator"
    );
}
