//! Frames of a backtrace, as a reader wants to see them.

/// Crates whose frames say how memory is allocated or how a program is started, not who asked.
const MACHINERY: [&str; 9] = [
    "alloc",
    "core",
    "std",
    "dhat",
    "backtrace",
    "__rustc",
    "plimsoll",
    "plimsoll_cli",
    "plimsoll_workload",
];
/// Functions of the same kind that are in no crate.
const GLUE: [&str; 12] = [
    "[root]",
    "main",
    "_start",
    "_init",
    "malloc",
    "calloc",
    "realloc",
    "start_thread",
    "clone",
    "clone3",
    "__clone3",
    "_dl_start_user",
];
const GLUE_PREFIXES: [&str; 4] = ["__rust_", "__rg_", "__rdl_", "__libc_start"];

/// What a frame is to the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// A function of the program or one of its libraries: its name and place.
    Own(String),
    /// Allocator, runtime or harness.
    Machinery(String),
    /// No name: the binary is stripped.
    Nameless,
}

/// Reads a frame such as `0x55d0: demo::run (/build/demo/src/run.rs:12:5)`: without the address,
/// and with no more of the path than its last two parts.
pub(super) fn frame(text: &str) -> Frame {
    let text = without_address(text).trim();
    let (name, place) = match text.rsplit_once(" (") {
        Some((name, place)) => (name, place.strip_suffix(')').unwrap_or(place)),
        None => (text, ""),
    };
    let name = without_hash(name.trim());
    if name.is_empty() || name == "???" {
        return Frame::Nameless;
    }
    let shown = match short(place) {
        "" => name.to_owned(),
        place => format!("{name} ({place})"),
    };
    if is_machinery(name) {
        Frame::Machinery(shown)
    } else {
        Frame::Own(shown)
    }
}

fn without_address(text: &str) -> &str {
    text.strip_prefix("0x")
        .and_then(|rest| rest.split_once(": "))
        .filter(|(address, _)| address.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .map_or(text, |(_, rest)| rest)
}

/// Cuts the hash that old symbol names end in: `::h0123456789abcdef`.
fn without_hash(name: &str) -> &str {
    name.rsplit_once("::h")
        .filter(|(_, hash)| hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .map_or(name, |(name, _)| name)
}

fn short(place: &str) -> &str {
    let mut slashes = place.rmatch_indices('/').map(|(at, _)| at);
    slashes.nth(1).map_or(place, |at| &place[at + 1..])
}

fn is_machinery(name: &str) -> bool {
    if GLUE.contains(&name) || GLUE_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return true;
    }
    // `<demo::Name as core::clone::Clone>::clone` is of the type's crate, `<&mut T as ..>` of none.
    let path = name.trim_start_matches(['<', '&', '*', '[', '(']);
    let path = ["mut ", "dyn ", "const "]
        .iter()
        .fold(path, |path, word| path.strip_prefix(word).unwrap_or(path));
    let crate_name = path.split_once("::").map_or("", |(first, _)| first);
    MACHINERY.contains(&crate_name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own(text: &str) -> Option<String> {
        match frame(text) {
            Frame::Own(shown) => Some(shown),
            Frame::Machinery(_) | Frame::Nameless => None,
        }
    }

    #[test]
    fn names_are_shown_without_address_hash_and_the_builders_home() {
        assert_eq!(
            own("0x55d0: demo::run::h0123456789abcdef (/home/me/demo/src/run.rs:12:5)").unwrap(),
            "demo::run (src/run.rs:12:5)"
        );
        assert_eq!(own("demo::run").unwrap(), "demo::run");
        assert_eq!(
            own("0x1: <demo::A as core::clone::Clone>::clone (a.rs:1:1)").unwrap(),
            "<demo::A as core::clone::Clone>::clone (a.rs:1:1)"
        );
        assert_eq!(
            own("0x1: ZSTD_createCCtx (in /usr/lib/libzstd.so.1)").unwrap(),
            "ZSTD_createCCtx (lib/libzstd.so.1)"
        );
    }

    #[test]
    fn machinery_is_recognized() {
        for text in [
            "[root]",
            "0x1: main",
            "0x1: alloc::vec::Vec<T,A>::push (alloc/src/vec/mod.rs:1:1)",
            "0x1: <alloc::string::String as core::clone::Clone>::clone (x)",
            "0x1: <&mut core::slice::Iter<T> as demo::Trait>::next",
            "0x1: core::ops::function::FnOnce::call_once",
            "0x1: plimsoll_workload::registry::run",
            "0x1: __rust_alloc",
            "0x1: __libc_start_main@@GLIBC_2.34",
        ] {
            assert!(matches!(frame(text), Frame::Machinery(_)), "{text}");
        }
        for text in ["0x1: ???", "", "0x1: "] {
            assert_eq!(frame(text), Frame::Nameless, "{text:?}");
        }
        assert!(own("plimsoll_ortho::search::run").is_some());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}|0x[0-9a-f]{0,4}:? ?[<&:a-z (/)é]{0,40}") {
            frame(&text);
        }
    }
}
