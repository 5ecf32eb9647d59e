//! What a call site is called: the frames of it that are the program's own.

use crate::evidence::CallSite;

/// What a call site is called: the innermost frame that is the program's own, and its caller,
/// without their generic arguments.
pub(crate) fn call_site(site: &CallSite) -> (String, Option<String>) {
    let mut frames = own_frames(site).iter();
    let own = frames.next().map(|frame| without_generics(frame));
    let caller = frames.next().map(|frame| without_generics(frame));
    (own.unwrap_or_else(|| "(no frames)".into()), caller)
}

/// The frames of a call site from the innermost that is the program's own; all where none is.
pub(crate) fn own_frames(site: &CallSite) -> &[String] {
    let own = site.frames.iter().position(|frame| !is_library(frame));
    &site.frames[own.unwrap_or(0)..]
}

/// Who allocates at a call site, and who calls that: as [`call_site`], by function alone.
pub(crate) fn site_functions(site: &CallSite) -> (String, Option<String>) {
    let name = |called: &str| function(called);
    let (own, caller) = call_site(site);
    (name(&own), caller.as_deref().map(name))
}

/// A frame's function without its place in the source and its generic arguments: lines move, and variants differ
/// in types.
pub(crate) fn function(frame: &str) -> String {
    let name = match frame.rsplit_once(" (") {
        Some((name, place)) if place.ends_with(')') => name,
        _ => frame,
    };
    // Of `a::<impl b>::c` the middle is gone.
    without_generics(name).replace("::::", "::")
}

/// `insert<K, V> (src/map.rs:1:2)` as `insert (src/map.rs:1:2)`. What begins with a bracket
/// (`<T as Trait>::call`) would lose its meaning, and stays.
fn without_generics(frame: &str) -> String {
    let mut depth = 0u32;
    let mut out = String::new();
    for c in frame.chars() {
        match c {
            '<' if !out.is_empty() || depth > 0 => depth += 1,
            '>' if depth > 0 && !out.ends_with('-') => depth -= 1,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    if depth == 0 { out } else { frame.to_owned() }
}

/// True for frames of the standard library, of containers and of the allocator, which say how but
/// not why. Frames with a path are told by it; those without, by the last two parts of their file.
pub(crate) fn is_library(frame: &str) -> bool {
    const CRATES: [&str; 5] = ["alloc::", "core::", "std::", "hashbrown::", "smallvec::"];
    const FOLDERS: [&str; 11] = [
        "alloc",
        "collections",
        "hash",
        "iter",
        "adapters",
        "ops",
        "raw",
        "raw_vec",
        "slice",
        "traits",
        "vec",
    ];
    const FILES: [&str; 14] = [
        "src/alloc.rs",
        "src/boxed.rs",
        "src/lib.rs",
        "src/map.rs",
        "src/rc.rs",
        "src/rt.rs",
        "src/set.rs",
        "src/slice.rs",
        "src/string.rs",
        "src/sync.rs",
        "src/table.rs",
        "src/vec.rs",
        "src/raw_vec.rs",
        "heap/allocator.rs",
    ];
    let path = frame.trim_start_matches('<');
    if CRATES.iter().any(|name| path.starts_with(name)) {
        return true;
    }
    let Some((_, place)) = frame.rsplit_once(" (") else {
        return false;
    };
    let file = place.split(':').next().unwrap_or_default();
    let folder = file.split('/').next().unwrap_or_default();
    FILES.contains(&file) || FOLDERS.contains(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_sites_are_named_by_the_program_s_own_frames() {
        let site = CallSite {
            frames: vec![
                "alloc (src/alloc.rs:95:9)".into(),
                "reserve_rehash<(u64, Ortho), Global> (raw/mod.rs:1013:24)".into(),
                "insert<u64, fn(u64) -> u64> (hash/map.rs:1296:19)".into(),
                "insert (fifo/frontier.rs:65:30)".into(),
                "search_text<Queue<u8>, Kept> (fifo/search.rs:89:22)".into(),
            ],
            at_peak: 1,
            ..CallSite::default()
        };
        let (own, caller) = call_site(&site);
        assert_eq!(own, "insert (fifo/frontier.rs:65:30)");
        assert_eq!(
            caller.as_deref(),
            Some("search_text (fifo/search.rs:89:22)")
        );
        assert_eq!(without_generics("<T as U>::call"), "<T as U>::call");
        assert_eq!(without_generics("broken<T"), "broken<T");
    }
}
