//! What a program file says about how it is loaded: its kind, and its loader. Pure.

use std::path::PathBuf;

/// What begins a program file, as far as loading it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ELF program.
    Elf(Elf),
    /// A script: its interpreter, and what follows on that line.
    Script(PathBuf, Option<String>),
    /// Neither.
    Other,
}

/// What an ELF file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Elf {
    /// For 64-bit machines, in this machine's byte order.
    pub(super) wide: bool,
    /// For which processor, as the format numbers them.
    pub(super) machine: u16,
    /// Which program loads it; none loads a static one.
    pub(super) loader: Option<PathBuf>,
}

/// Bytes from the start of a file that [`kind`] needs at most, where the file is what compilers and linkers make.
pub(super) const HEAD: usize = 64 << 10;

const MAGIC: &[u8] = b"\x7fELF";
const CLASS_64: u8 = 2;
const PT_INTERP: u32 = 3;

/// Reads the first [`HEAD`] bytes of a file, or all of a shorter one.
pub(super) fn kind(head: &[u8]) -> Kind {
    if let Some(rest) = head.strip_prefix(b"#!") {
        return script(rest);
    }
    if !head.starts_with(MAGIC) {
        return Kind::Other;
    }
    elf(head).map_or(Kind::Other, Kind::Elf)
}

fn elf(head: &[u8]) -> Option<Elf> {
    let native = if cfg!(target_endian = "little") { 1 } else { 2 };
    let (class, order) = (*head.get(4)?, *head.get(5)?);
    let machine = u16::from_ne_bytes(bytes(head, 18)?);
    if (class, order) != (CLASS_64, native) {
        return Some(Elf {
            wide: false,
            machine,
            loader: None,
        });
    }
    let table = usize::try_from(u64::from_ne_bytes(bytes(head, 32)?)).ok()?;
    let size = usize::from(u16::from_ne_bytes(bytes(head, 54)?));
    let count = usize::from(u16::from_ne_bytes(bytes(head, 56)?));
    let mut loader = None;
    for index in 0..count {
        let at = table.checked_add(index.checked_mul(size)?)?;
        let segment = head.get(at..)?;
        if u32::from_ne_bytes(bytes(segment, 0)?) == PT_INTERP {
            let offset = usize::try_from(u64::from_ne_bytes(bytes(segment, 8)?)).ok()?;
            let length = usize::try_from(u64::from_ne_bytes(bytes(segment, 32)?)).ok()?;
            let text = head.get(offset..offset.checked_add(length)?)?;
            let text = text.split(|byte| *byte == 0).next()?;
            loader = Some(PathBuf::from(String::from_utf8_lossy(text).into_owned()));
        }
    }
    Some(Elf {
        wide: true,
        machine,
        loader,
    })
}

fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..)?.first_chunk().copied()
}

fn script(rest: &[u8]) -> Kind {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.trim().splitn(2, [' ', '\t']);
    match words.next() {
        None | Some("") => Kind::Other,
        Some(interpreter) => Kind::Script(
            PathBuf::from(interpreter),
            words.next().map(|rest| rest.trim().to_owned()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shell_is_loaded_and_says_by_what() {
        let file = std::fs::read("/bin/sh").unwrap();
        let Kind::Elf(elf) = kind(&file[..file.len().min(HEAD)]) else {
            panic!("no ELF file");
        };
        assert!(elf.wide);
        let loader = elf.loader.unwrap();
        assert!(loader.is_absolute() && loader.exists(), "{loader:?}");
    }

    #[test]
    fn scripts_name_their_interpreter() {
        for (text, interpreter, argument) in [
            ("#!/bin/sh\necho", "/bin/sh", None),
            (
                "#! /usr/bin/env -S perl -w\n",
                "/usr/bin/env",
                Some("-S perl -w"),
            ),
            ("#!/bin/awk -f", "/bin/awk", Some("-f")),
        ] {
            let expected = Kind::Script(interpreter.into(), argument.map(str::to_owned));
            assert_eq!(kind(text.as_bytes()), expected);
        }
        for text in ["", "#!", "#!\n", "echo", "\x7fEL", "\x7fELF"] {
            assert_eq!(kind(text.as_bytes()), Kind::Other, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(mut head in prop::collection::vec(any::<u8>(), 0..300), elf: bool) {
            if elf && head.len() > 8 {
                head[..6].copy_from_slice(b"\x7fELF\x02\x01");
                // Tables that may lie inside.
                head[7..].iter_mut().step_by(2).for_each(|byte| *byte &= 1);
            }
            kind(&head);
        }
    }
}
