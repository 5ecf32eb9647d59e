//! The cache of inputs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::entry::{Entry, remove};
use super::error::{InputsError, io};
use super::lock::{EntryLock, Hold};
use super::room::{self, Cleaned, MAKING};
use super::source::InputSource;

/// Tools that make backups leave directories alone that have this file
/// (<https://bford.info/cachedir/>).
const CACHEDIR_TAG: &str =
    "Signature: 8a477f597d28d172789f06886806bc55\n# Inputs made by plimsoll.\n";

/// A directory of inputs, each made once and used by any number of runs.
#[derive(Debug, Clone)]
pub struct InputCache {
    root: PathBuf,
    limit: u64,
}

/// Inputs in the cache. They stay there at least as long as this lives.
#[derive(Debug)]
pub struct Inputs {
    /// Their directory, not to be written to.
    pub directory: PathBuf,
    /// Bytes of all their files.
    pub bytes: u64,
    /// Whether they were made just now.
    pub made: bool,
    _lock: EntryLock,
}

impl InputCache {
    /// The user's cache: `$PLIMSOLL_CACHE`, else `$XDG_CACHE_HOME/plimsoll`, else
    /// `~/.cache/plimsoll`. It may take 20 GiB, or a tenth of its disk if that is less.
    ///
    /// # Errors
    /// None of them is set, or the directory cannot be made.
    pub fn of_user() -> Result<Self, InputsError> {
        Self::at(
            &place(|name| std::env::var_os(name).map(PathBuf::from))?,
            None,
        )
    }

    /// A cache below `directory`, which is made if it is not there, of at most `limit` bytes.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn at(directory: &Path, limit: Option<u64>) -> Result<Self, InputsError> {
        let root = directory.join("inputs");
        fs::create_dir_all(&root).map_err(io("creating", &root))?;
        let root = root.canonicalize().map_err(io("finding", &root))?;
        let tag = directory.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs::write(&tag, CACHEDIR_TAG).map_err(io("writing", &tag))?;
        }
        let limit = limit.unwrap_or_else(|| room::default_limit(&root));
        Ok(Self { root, limit })
    }

    /// Removes what killed runs left half made in the user's cache, where there is one; how many
    /// inputs that were.
    ///
    /// # Errors
    /// They could not be removed.
    pub fn sweep_of_user() -> Result<u32, InputsError> {
        let place = place(|name| std::env::var_os(name).map(PathBuf::from))?;
        let root = place.join("inputs");
        match root.is_dir() {
            true => room::sweep(&root),
            false => Ok(0),
        }
    }

    /// Where the inputs are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Free bytes on the cache's disk, where that can be told.
    pub fn free(&self) -> Option<u64> {
        room::free(&self.root)
    }

    /// Gets inputs, making them if they are not there. Two runs at once make them once: the other
    /// one waits. `tell` is told, in words, what takes long.
    ///
    /// # Errors
    /// They could not be made or kept. Nothing of them is left then.
    pub fn get(
        &self,
        source: &dyn InputSource,
        cancelled: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(String),
    ) -> Result<Inputs, InputsError> {
        let key = source.key()?;
        let name = entry_name(source.name(), &key);
        let entry = Entry::at(self.root.join(&name));
        let lock_path = room::lock_path(&self.root, &name);
        let mut made = false;
        loop {
            let mut lock = |hold| {
                let mut waiting = || {
                    tell(format!(
                        "another run is making the inputs of {}",
                        source.name()
                    ))
                };
                EntryLock::wait(&lock_path, hold, cancelled, &mut waiting)
            };
            let using = lock(Hold::Shared)?;
            if let Some(bytes) = entry.valid(&key) {
                entry.touch();
                room::keep_within(&self.root, self.limit, &name)?;
                return Ok(Inputs {
                    directory: entry.data(),
                    bytes,
                    made,
                    _lock: using,
                });
            }
            drop(using);
            let _making = lock(Hold::Alone)?;
            // Somebody else may have made them while we waited.
            if entry.valid(&key).is_none() {
                tell(format!("making the inputs of {}", source.name()));
                self.make(source, &key, &name, cancelled)?;
                made = true;
            }
        }
    }

    fn make(
        &self,
        source: &dyn InputSource,
        key: &Value,
        name: &str,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<u64, InputsError> {
        let place = self.root.join(name);
        // What a damaged entry took, its successor will take again.
        let known = Entry::at(place.clone())
            .manifest()
            .map(|manifest| manifest.bytes);
        remove(&place)?;
        room::require(&self.root, known)?;
        let making = Making(self.root.join(format!("{MAKING}{name}")));
        let entry = Entry::begin(&making.0)?;
        source.prepare(&entry.data(), cancelled)?;
        entry.complete(key, &place)
    }

    /// How many inputs there are, complete or not, and the bytes of the complete ones.
    ///
    /// # Errors
    /// The cache's directory cannot be read.
    pub fn contents(&self) -> Result<(u32, u64), InputsError> {
        room::contents(&self.root)
    }

    /// Removes all inputs that no run uses.
    ///
    /// # Errors
    /// Some could not be removed.
    pub fn clean(&self) -> Result<Cleaned, InputsError> {
        room::clean(&self.root)
    }
}

/// The directory that an entry is made in; whatever the ending, it is not left behind.
struct Making(PathBuf);

impl Drop for Making {
    fn drop(&mut self) {
        // What stays behind all the same is removed by the next run that wants this entry, or by
        // `clean`.
        let _ = remove(&self.0);
    }
}

fn place(variable: impl Fn(&'static str) -> Option<PathBuf>) -> Result<PathBuf, InputsError> {
    let set = |name| variable(name).filter(|path| !path.as_os_str().is_empty());
    set("PLIMSOLL_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("plimsoll")))
        .or_else(|| Some(set("HOME")?.join(".cache/plimsoll")))
        .ok_or(InputsError::NoPlace)
}

/// A readable part for people, and a hash of the key.
fn entry_name(source: &str, key: &Value) -> String {
    let readable: String = source
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .take(40)
        .collect();
    let mut hasher = blake3::Hasher::new();
    hash(key, &mut hasher);
    format!("{readable}-{}", &hasher.finalize().to_hex()[..32])
}

/// Hashes a value so that the order of an object's keys does not matter.
fn hash(value: &Value, hasher: &mut blake3::Hasher) {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            hasher.update(format!("{{{}:", fields.len()).as_bytes());
            for (name, value) in fields {
                hash(&Value::String(name.clone()), hasher);
                hash(value, hasher);
            }
        }
        Value::Array(values) => {
            hasher.update(format!("[{}:", values.len()).as_bytes());
            values.iter().for_each(|value| hash(value, hasher));
        }
        // Self-delimiting: JSON of a scalar, and an end that is in none.
        scalar => {
            hasher.update(scalar.to_string().as_bytes());
            hasher.update(b"\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_place_is_the_first_that_is_set() {
        let find = |set: &[(&str, &str)]| {
            let set: Vec<_> = set
                .iter()
                .map(|&(n, p)| (n.to_owned(), PathBuf::from(p)))
                .collect();
            place(|name| {
                set.iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, path)| path.clone())
            })
        };
        let all = [
            ("PLIMSOLL_CACHE", "/c"),
            ("XDG_CACHE_HOME", "/x"),
            ("HOME", "/h"),
        ];
        assert_eq!(find(&all).unwrap(), Path::new("/c"));
        assert_eq!(find(&all[1..]).unwrap(), Path::new("/x/plimsoll"));
        assert_eq!(find(&all[2..]).unwrap(), Path::new("/h/.cache/plimsoll"));
        assert_eq!(
            find(&[("PLIMSOLL_CACHE", ""), ("HOME", "/h")]).unwrap(),
            Path::new("/h/.cache/plimsoll")
        );
        assert!(matches!(find(&[]), Err(InputsError::NoPlace)));
    }

    #[test]
    fn names_are_safe_readable_and_told_apart_by_the_key() {
        let name = entry_name("a/../b c", &json!({}));
        assert!(
            name.starts_with("a____b_c-") || name.starts_with("a_"),
            "{name}"
        );
        assert!(!name.contains(['/', '.', ' ']));
        let same = [json!({"a": 1, "b": [1, 2]}), json!({"b": [1, 2], "a": 1})];
        assert_eq!(entry_name("w", &same[0]), entry_name("w", &same[1]));
        let different = [
            json!({"a": 1}),
            json!({"a": "1"}),
            json!({"a": [1]}),
            json!([["a"], 1]),
            json!(["a", [1]]),
            json!([["a", 1]]),
            json!(null),
        ];
        let names: std::collections::HashSet<_> =
            different.iter().map(|key| entry_name("w", key)).collect();
        assert_eq!(names.len(), different.len());
    }
}
