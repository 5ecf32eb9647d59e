//! Telling builds apart: a hash of the program files that a variant executes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// `blake3:` and 32 hexadecimal digits for the programs of each variant, in their order; none where one cannot be
/// read. A file that several variants execute is read once.
///
/// What a program loads or interprets besides (libraries, a script's modules) is not in it.
pub(super) fn of_all<'a>(variants: impl Iterator<Item = &'a [PathBuf]>) -> Vec<Option<String>> {
    let mut known: HashMap<&Path, Option<String>> = HashMap::new();
    variants
        .map(|programs| {
            let mut builds = Vec::new();
            for program in programs {
                let build = known.entry(program).or_insert_with(|| of(program));
                builds.push(build.clone()?);
            }
            builds.dedup();
            match &builds[..] {
                [] => None,
                [one] => Some(one.clone()),
                several => Some(named(&blake3::hash(several.join("\n").as_bytes()))),
            }
        })
        .collect()
}

fn of(program: &Path) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    let file = std::fs::File::open(program).ok()?;
    hasher.update_reader(file).ok()?;
    Some(named(&hasher.finalize()))
}

fn named(hash: &blake3::Hash) -> String {
    format!("blake3:{}", &hash.to_hex()[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_are_one_build_and_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (one, same, other) = (file("a", "one"), file("b", "one"), file("c", "two"));
        let variants = [
            vec![one.clone()],
            vec![same],
            vec![other.clone()],
            vec![one.clone(), one.clone()],
            vec![one.clone(), other],
            vec![one, dir.path().join("missing")],
        ];
        let builds = of_all(variants.iter().map(Vec::as_slice));
        assert!(builds[0].is_some());
        assert_eq!(builds[0], builds[1]);
        assert_ne!(builds[0], builds[2]);
        assert_eq!(builds[0], builds[3], "two steps of one program");
        assert!(builds[4].is_some() && builds[4] != builds[0] && builds[4] != builds[2]);
        assert_eq!(builds[5], None);
    }
}
