//! Names for the addresses of a program that is gone, from the files that its code was mapped from.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use addr2line::Loader;
use object::read::{ReadCache, ReadRef};
use object::{Object, ObjectSegment};

/// Where distributions put debug information that they cut off their libraries.
const DEBUG_FILES: &str = "/usr/lib/debug/.build-id";

/// Code of a process, by address.
pub(super) struct Symbols {
    mappings: Vec<Mapping>,
    files: HashMap<PathBuf, Option<Code>>,
}

/// A line of `/proc/PID/maps`.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    from: u64,
    to: u64,
    /// Of the first byte in the file.
    offset: u64,
    path: String,
}

/// A file with code.
struct Code {
    /// Where its parts lie in the file and, as linked, in memory: offset, length, address.
    segments: Vec<(u64, u64, u64)>,
    names: Loader,
}

impl Symbols {
    /// From the lines of `/proc/PID/maps` that have code.
    pub(super) fn new(maps: &str) -> Self {
        Self {
            mappings: maps.lines().filter_map(mapping).collect(),
            files: HashMap::new(),
        }
    }

    /// The frames at an address, the innermost of inlined ones first, as dhat writes them:
    /// `0x55d0: demo::run (/build/demo/src/run.rs:12:5)`. At least one.
    pub(super) fn frames(&mut self, address: u64) -> Vec<String> {
        let Some(mapping) = self
            .mappings
            .iter()
            .find(|m| (m.from..m.to).contains(&address))
        else {
            return vec![format!("{address:#x}: ???")];
        };
        let offset = address - mapping.from + mapping.offset;
        let path = Path::new(&mapping.path);
        let code = self
            .files
            .entry(path.to_owned())
            .or_insert_with(|| Code::load(path));
        let mut names = code
            .as_ref()
            .and_then(|code| code.names(offset))
            .unwrap_or_default();
        if names.is_empty() {
            names.push(format!("??? (in {})", mapping.path));
        }
        names
            .into_iter()
            .map(|name| format!("{address:#x}: {name}"))
            .collect()
    }
}

fn mapping(line: &str) -> Option<Mapping> {
    // Range, permissions, offset, device, inode, and a path that may have blanks in it.
    let (range, rest) = line.split_once(' ')?;
    let (_, rest) = rest.split_once(' ')?;
    let (offset, rest) = rest.split_once(' ')?;
    let (_, rest) = rest.split_once(' ')?;
    let (_, path) = rest.split_once(' ').unwrap_or((rest, ""));
    let (from, to) = range.split_once('-')?;
    let number = |digits| u64::from_str_radix(digits, 16).ok();
    Some(Mapping {
        from: number(from)?,
        to: number(to)?,
        offset: number(offset)?,
        path: path.trim_start().to_owned(),
    })
}

impl Code {
    /// None for what is no file (`[vdso]`, code made at run time, a file that was removed) or none
    /// that is understood: its frames then have no names.
    fn load(path: &Path) -> Option<Self> {
        if !path.is_absolute() {
            return None;
        }
        let cache = ReadCache::new(File::open(path).ok()?);
        let file = object::File::parse(&cache).ok()?;
        let segments = file.segments().map(|segment| {
            let (offset, length) = segment.file_range();
            (offset, length, segment.address())
        });
        Some(Self {
            segments: segments.collect(),
            names: debug_file(&file)
                .and_then(|debug| Loader::new(debug).ok())
                .or_else(|| Loader::new(path).ok())?,
        })
    }

    fn names(&self, offset: u64) -> Option<Vec<String>> {
        let within = |(from, length, _): &&(u64, u64, u64)| {
            offset.checked_sub(*from).is_some_and(|rest| rest < *length)
        };
        let (from, _, address) = self.segments.iter().find(within)?;
        let probe = address.checked_add(offset - from)?;
        let mut names = Vec::new();
        let mut frames = self.names.find_frames(probe).ok()?;
        while let Ok(Some(frame)) = frames.next() {
            let Some(function) = frame
                .function
                .and_then(|f| Some(f.demangle().ok()?.into_owned()))
            else {
                continue;
            };
            let place = frame.location.and_then(|at| {
                let line = at.line.map_or(String::new(), |line| format!(":{line}"));
                let column = at
                    .column
                    .map_or(String::new(), |column| format!(":{column}"));
                Some(format!(" ({}{line}{column})", at.file?))
            });
            names.push(format!("{function}{}", place.unwrap_or_default()));
        }
        if names.is_empty() {
            let symbol = self.names.find_symbol(probe)?;
            names.push(addr2line::demangle_auto(symbol.into(), None).into_owned());
        }
        Some(names)
    }
}

/// The file that holds what was cut off `file`, if that is installed.
fn debug_file<'data, R: ReadRef<'data>>(file: &object::File<'data, R>) -> Option<PathBuf> {
    if file.has_debug_symbols() {
        return None;
    }
    let id = file.build_id().ok()??;
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let (directory, name) = hex.split_at_checked(2)?;
    let path = Path::new(DEBUG_FILES)
        .join(directory)
        .join(format!("{name}.debug"));
    fs::exists(&path).is_ok_and(|there| there).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn here() -> u64 {
        // Some way into the function, past whatever the linker may have folded.
        here as fn() -> u64 as usize as u64 + 1
    }

    #[test]
    fn addresses_of_this_process_have_names() {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut symbols = Symbols::new(&maps);
        let frames = symbols.frames(here());
        assert!(
            frames.last().unwrap().contains("symbols::tests::here"),
            "{frames:?}"
        );
        let malloc =
            libc::malloc as unsafe extern "C" fn(usize) -> *mut libc::c_void as usize as u64;
        let frames = symbols.frames(malloc + 1);
        assert!(frames[0].contains("malloc"), "{frames:?}");
        assert_eq!(symbols.frames(16), ["0x10: ???"]);
    }

    #[test]
    fn lines_are_read_with_blanks_and_without_a_path() {
        let read = mapping("55f0a000-55f0b000 r-xp 00001000 fe:00 12      /tmp/a b").unwrap();
        assert_eq!(
            (read.from, read.to, read.offset),
            (0x55f0_a000, 0x55f0_b000, 0x1000)
        );
        assert_eq!(read.path, "/tmp/a b");
        assert_eq!(mapping("1-2 r-xp 0 0:0 0").unwrap().path, "");
        for line in ["", "1-2", "x-2 r-xp 0 0:0 0 /a", "1 r-xp 0 0:0 0"] {
            assert_eq!(mapping(line), None, "{line}");
        }
        assert_eq!(
            Symbols::new("1-9 r-xp 0 0:0 0 /gone").frames(3),
            ["0x3: ??? (in /gone)"]
        );
    }
}
