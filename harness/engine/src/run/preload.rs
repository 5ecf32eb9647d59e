//! What is loaded into programs from outside: the malloc layer into plain commands, to count their heap, and other
//! allocators into anybody's.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use plimsoll_workload::env::AllocatorChoice;

use super::environment::Environment;
use super::error::RunError;
use super::loading::{Elf, HEAD, Kind, kind};
use super::program;
use super::ready::{Ready, home};
use crate::plan::{Job, Plan, PlannedVariant};
use crate::scenario::Allocator;

/// Names the library, for one that is not where it is looked for.
const VARIABLE: &str = "PLIMSOLL_PRELOAD";
/// Its package.
const PACKAGE: &str = "plimsoll-preload";
/// Interpreters of interpreters of scripts: the kernel gives up earlier.
const DEEPEST: usize = 5;

/// The library that stands in for malloc, where there is one: what `PLIMSOLL_PRELOAD` names, else the youngest beside
/// this executable, in `deps` and `../lib` there.
///
/// # Errors
/// Why there is none, in words.
pub(crate) fn library() -> Result<PathBuf, String> {
    match named() {
        Some(named) => {
            let found = named.canonicalize();
            loadable(found.map_err(|error| format!("{VARIABLE}={}: {error}", named.display()))?)
        }
        None => beside(PACKAGE),
    }
}

fn named() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    named.map(PathBuf::from)
}

/// The library of a package, beside the one that is named or else this executable.
fn beside(package: &str) -> Result<PathBuf, String> {
    let file = format!("lib{}.so", package.replace('-', "_"));
    let place = named().map_or_else(std::env::current_exe, Ok);
    let place = place.and_then(|place| place.canonicalize());
    let directory = place.map_err(|error| format!("finding {file}: {error}"))?;
    let directory = directory.parent().unwrap_or(Path::new("/"));
    let built = |path: &PathBuf| path.metadata().and_then(|meta| meta.modified()).ok();
    let youngest = [".", "deps", "../lib"]
        .map(|place| directory.join(place).join(&file))
        .into_iter()
        .filter_map(|path| Some((built(&path)?, path)))
        .max();
    let found = youngest.and_then(|(_, path)| path.canonicalize().ok());
    loadable(found.ok_or_else(|| {
        format!(
            "{file} is not in {}: build it (`cargo build --release -p {package}`) and copy it there, or name {} in {VARIABLE} and have both in one directory",
            directory.display(),
            "libplimsoll_preload.so"
        )
    })?)
}

/// A library, if the loader can be told of it.
fn loadable(library: PathBuf) -> Result<PathBuf, String> {
    // The loader takes any of these for the end of a name, and knows no way around that.
    let ends = |byte: &u8| b" :\t\n".contains(byte);
    if library.as_os_str().as_bytes().iter().any(ends) {
        return Err(format!(
            "{} cannot be loaded: its path has a space or a colon in it",
            library.display()
        ));
    }
    Ok(library)
}

/// The allocator in the words of the protocol, where it is another than the C library's.
pub(super) fn other(allocator: Option<Allocator>) -> Option<AllocatorChoice> {
    match allocator? {
        Allocator::System => None,
        Allocator::Mimalloc => Some(AllocatorChoice::Mimalloc),
        Allocator::Jemalloc => Some(AllocatorChoice::Jemalloc),
    }
}

/// The library of the allocator that a variant of these programs runs on; none where that is the C library's. `path` is
/// where the programs are that scripts name.
///
/// # Errors
/// [`RunError::Allocator`] where it cannot.
pub(super) fn allocator(
    variant: &PlannedVariant,
    programs: &[PathBuf],
    path: &OsStr,
) -> Result<Option<PathBuf>, RunError> {
    let Some(choice) = other(variant.allocator) else {
        return Ok(None);
    };
    let found = || {
        for program in programs {
            obstacle(program, path)?;
        }
        if matches!(variant.job, Job::Command(_)) {
            library()?;
        }
        beside(&format!("plimsoll-{}", choice.name()))
    };
    found().map(Some).map_err(|why| RunError::Allocator {
        variant: variant.id.clone(),
        allocator: choice.name(),
        why,
    })
}

/// Says of each command of a plan whether its heap can be counted and sampled from outside, or why not.
pub fn look_at_commands(plan: &mut Plan) {
    let library = library();
    let environment = Environment::scrubbed(|name| std::env::var_os(name));
    let Ok(home) = home(&plan.scenario.path) else {
        return;
    };
    for variant in &mut plan.variants {
        if matches!(variant.job, Job::Workload { .. }) {
            continue;
        }
        variant.uncounted = match &library {
            Err(why) => Some(why.clone()),
            // What is wrong with a program is told before anything runs.
            Ok(_) => Ready::new(variant, None, &home, &environment)
                .ok()
                .and_then(|ready| {
                    let path = ready.environment.path();
                    let mut programs = ready.programs.iter();
                    programs.find_map(|program| obstacle(program, path).err())
                }),
        };
        if plan.measure.profile.is_some()
            && let Some(why) = &variant.uncounted
        {
            let note = format!("no heap profile of {}: {why}", variant.id);
            plan.notes.push(note);
        }
    }
}

/// Loads `library` into the program that gets this environment, behind whatever is loaded into it already.
pub(super) fn load(environment: &mut Environment, library: &Path) {
    const LOADED: &str = "LD_PRELOAD";
    let mut value = OsString::new();
    if let Some(before) = environment.get(LOADED).filter(|value| !value.is_empty()) {
        value.push(before);
        value.push(":");
    }
    value.push(library);
    environment.set(LOADED, value);
}

/// Why nothing can be loaded into a program, where that is to be seen from its file; `path` is where the programs are
/// that scripts name.
///
/// # Errors
/// The reason, in words.
fn obstacle(program: &Path, path: &OsStr) -> Result<(), String> {
    let mut program = program.to_owned();
    for _ in 0..DEEPEST {
        let head = head(&program).map_err(|error| format!("{}: {error}", program.display()))?;
        let elf = match kind(&head) {
            Kind::Elf(elf) => elf,
            Kind::Other => {
                return Err(format!("{} is no ELF program", program.display()));
            }
            Kind::Script(interpreter, argument) => {
                program = interpreted(&interpreter, argument.as_deref(), path)?;
                continue;
            }
        };
        let why = loads(&elf).or_else(|| privileged(&program));
        return why.map_or(Ok(()), |why| Err(format!("{} {why}", program.display())));
    }
    Err(format!(
        "{} is a script of a script of a script",
        program.display()
    ))
}

/// The program that runs a script: the interpreter, or what `env` finds.
fn interpreted(
    interpreter: &Path,
    argument: Option<&str>,
    path: &OsStr,
) -> Result<PathBuf, String> {
    if interpreter.file_name() != Some(OsStr::new("env")) {
        return Ok(interpreter.to_owned());
    }
    let words = argument.unwrap_or_default().split_ascii_whitespace();
    let name = words
        .into_iter()
        .find(|word| !word.starts_with('-') && !word.contains('='));
    let name = OsStr::new(name.unwrap_or_default());
    program::find(name, Path::new("/"), path).map_err(|error| error.to_string())
}

fn head(program: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(program)?
        .take(HEAD as u64)
        .read_to_end(&mut head)?;
    Ok(head)
}

/// Why the loader of an ELF program does not load our library.
fn loads(elf: &Elf) -> Option<&'static str> {
    let own = std::env::current_exe().and_then(|own| head(&own));
    let own = own.map_or(Kind::Other, |head| kind(&head));
    let machine = match own {
        Kind::Elf(own) => own.machine,
        _ => elf.machine,
    };
    if !elf.wide || elf.machine != machine {
        return Some("is of another architecture than this plimsoll");
    }
    let Some(loader) = &elf.loader else {
        return Some("is linked statically: it loads no library");
    };
    let name = loader.file_name().unwrap_or_default().to_string_lossy();
    // ld-linux-x86-64.so.2, ld-linux-aarch64.so.1, ld64.so.2 on two other architectures.
    if name.starts_with("ld-linux") || name.starts_with("ld64.so") {
        None
    } else if name.starts_with("ld-musl") {
        Some("is linked against musl, and the library against glibc")
    } else {
        Some("is not loaded by glibc's loader")
    }
}

/// Why the loader loads no library into a program that has more rights than its caller.
fn privileged(program: &Path) -> Option<&'static str> {
    let why =
        "has more rights than who starts it, and loads no library that is named by its caller";
    let meta = program.metadata().ok()?;
    let (user, group) = (
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    );
    let other_user = meta.mode() & libc::S_ISUID != 0 && meta.uid() != user;
    let other_group = meta.mode() & libc::S_ISGID != 0 && meta.gid() != group;
    let mut value = [0u8; 64];
    let capabilities = user != 0
        && rustix::fs::getxattr(program, "security.capability", &mut value[..])
            .is_ok_and(|length| length > 0);
    (other_user || other_group || capabilities).then_some(why)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn path() -> OsString {
        "/usr/bin:/bin".into()
    }

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        (dir, file)
    }

    /// The first bytes of this machine's shell, changed.
    fn shell(change: impl FnOnce(&mut Vec<u8>)) -> Result<(), String> {
        let mut bytes = head(Path::new("/bin/sh")).unwrap();
        change(&mut bytes);
        let (_dir, file) = written("program", &bytes);
        obstacle(&file, &path()).map_err(|why| {
            why.strip_prefix(&file.display().to_string())
                .map_or(why.clone(), |rest| rest.trim().to_owned())
        })
    }

    fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
        let at = bytes.windows(old.len()).position(|w| w == old).unwrap();
        bytes[at..at + new.len()].copy_from_slice(new);
    }

    #[test]
    #[cfg(all(target_env = "gnu", target_arch = "x86_64"))]
    fn programs_tell_why_nothing_can_be_loaded() {
        assert_eq!(shell(|_| {}), Ok(()));
        let why = |change: fn(&mut Vec<u8>)| shell(change).unwrap_err();
        let musl = why(|bytes| replace(bytes, b"ld-linux", b"ld-musl-"));
        assert_eq!(
            musl,
            "is linked against musl, and the library against glibc"
        );
        let other = why(|bytes| replace(bytes, b"ld-linux", b"my-lnker"));
        assert_eq!(other, "is not loaded by glibc's loader");
        let narrow = why(|bytes| bytes[4] = 1);
        assert_eq!(narrow, "is of another architecture than this plimsoll");
        let foreign = why(|bytes| bytes[18] = 183);
        assert_eq!(foreign, narrow);
        // Every segment that names a loader becomes a note.
        let unloaded = why(|bytes| {
            let count = usize::from(bytes[56]);
            for segment in bytes[64..].chunks_mut(56).take(count) {
                segment[0] = if segment[0] == 3 { 4 } else { segment[0] };
            }
        });
        assert_eq!(unloaded, "is linked statically: it loads no library");
    }

    #[test]
    fn a_script_is_what_interprets_it() {
        let (_dir, plain) = written("plain", b"#!/bin/sh\n");
        assert_eq!(obstacle(&plain, &path()), Ok(()));
        let (_dir, env) = written("env", b"#!/usr/bin/env -S sh -e\n");
        assert_eq!(obstacle(&env, &path()), Ok(()));
        let (_dir, gone) = written("gone", b"#!/nonexistent/sh\n");
        assert!(
            obstacle(&gone, &path())
                .unwrap_err()
                .starts_with("/nonexistent/sh: ")
        );
        let dir = tempfile::tempdir().unwrap();
        let circle = dir.path().join("circle");
        fs::write(&circle, format!("#!{}\n", circle.display())).unwrap();
        assert!(
            obstacle(&circle, &path())
                .unwrap_err()
                .contains("script of a script")
        );
        let (_dir, text) = written("text", b"echo hello\n");
        assert!(
            obstacle(&text, &path())
                .unwrap_err()
                .ends_with("is no ELF program")
        );
    }

    #[test]
    fn what_is_loaded_already_stays_in_front() {
        let mut environment = Environment::default();
        load(&mut environment, Path::new("/x/ours.so"));
        environment.set("A", "1");
        assert_eq!(environment.strings(), ["A=1", "LD_PRELOAD=/x/ours.so"]);
        environment.set("LD_PRELOAD", "/y/theirs.so");
        load(&mut environment, Path::new("/x/ours.so"));
        assert_eq!(
            environment.strings(),
            ["A=1", "LD_PRELOAD=/y/theirs.so:/x/ours.so"]
        );
    }
}
