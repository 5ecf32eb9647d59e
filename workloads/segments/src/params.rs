//! Parameters, and which of them decide the archive.

use std::path::PathBuf;

use plimsoll_workload::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to compress, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The pangenome to generate.
    pub preset: Preset,
    /// Seed of the generated pangenome.
    pub seed: u64,
    /// Real genomes instead of generated ones: FASTA files, plain or gzip, one sample each; the first is the reference.
    pub input: Option<Vec<PathBuf>>,
    /// Bases of a splitter: 3 to 32.
    pub k: u32,
    /// Fewest bases between the splitters that are chosen from the reference.
    pub segment_size: u32,
    /// Fewest bases of a match: 16 to 32.
    pub min_match: u32,
    /// Deltas of a pack.
    pub pack: u32,
    /// zstd level of everything but references: 1 to 22. Nothing: 17 for `batch`, `moved` and `borrowed`, 15 for the
    /// others.
    pub level: Option<i32>,
    /// zstd level of references. Nothing: for `batch`, `moved` and `borrowed` that of everything else, 1 for the others.
    pub ref_level: Option<i32>,
    /// `batch` clones each segment that it hands on, as the program that it retells did.
    pub clone: bool,
    /// How `batch`, `moved` and `borrowed` call zstd.
    pub zstd: Zstd,
}

/// The pangenomes that can be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// 4 samples, 7 haplotypes, 0.55 million bases; wants a segment size of about 1,000.
    Tiny,
    /// 6 samples, 11 haplotypes, 13.5 million bases.
    Small,
    /// 10 samples, 19 haplotypes of 12.16 million bases: 233 million.
    Yeast10,
    /// 40 samples, 79 haplotypes: 970 million bases.
    Yeast40,
    /// 5 haploid samples of 100 million bases.
    Bigref,
}

/// How zstd is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Zstd {
    /// A fresh streaming encoder a block, which does not know how much is to come.
    Stream,
    /// One call a block, its size known, with a context that is used again.
    Oneshot,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            preset: Preset::Tiny,
            seed: 20_251_023,
            input: None,
            k: 21,
            segment_size: 10_000,
            min_match: 20,
            pack: 50,
            level: None,
            ref_level: None,
            clone: true,
            zstd: Zstd::Stream,
        }
    }
}

/// The zstd levels of an implementation, where the parameters name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// 17 for everything, as in the program that `batch` retells.
    AsFound,
    /// What pays: references are two-bit data that no level makes smaller, and above 15 packs hardly shrink.
    Lean,
}

/// The parameters that decide every byte of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Bases of a splitter: 3 to 32.
    pub k: u32,
    /// Fewest bases between chosen splitters; at least 1.
    pub segment_size: u32,
    /// Fewest bases of a match: 16 to 32.
    pub min_match: u32,
    /// Deltas of a pack; at least 1.
    pub pack: u32,
    /// zstd level of everything but references.
    pub level: i32,
    /// zstd level of references.
    pub ref_level: i32,
}

impl Params {
    /// The settings, each in its range.
    ///
    /// # Errors
    /// A parameter is out of its range; the message names it and the range.
    pub fn settings(&self, levels: Levels) -> Result<Settings, Failure> {
        let (level, ref_level) = match levels {
            Levels::AsFound => {
                let level = self.level.unwrap_or(17);
                (level, self.ref_level.unwrap_or(level))
            }
            Levels::Lean => (self.level.unwrap_or(15), self.ref_level.unwrap_or(1)),
        };
        Failure::unless_within("k", self.k, 3..=32)?;
        Failure::unless_within("segment_size", self.segment_size, 1..=1 << 30)?;
        Failure::unless_within("min_match", self.min_match, 16..=32)?;
        Failure::unless_within("pack", self.pack, 1..=1 << 16)?;
        Failure::unless_within("level", level, 1..=22)?;
        Failure::unless_within("ref_level", ref_level, 1..=22)?;
        Ok(Settings {
            k: self.k,
            segment_size: self.segment_size,
            min_match: self.min_match,
            pack: self.pack,
            level,
            ref_level,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_refused_by_name() {
        let refused = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.settings(Levels::Lean).unwrap_err().to_string()
        };
        assert_eq!(refused(|p| p.k = 2), "k is 2; it must be from 3 to 32");
        assert_eq!(refused(|p| p.k = 33), "k is 33; it must be from 3 to 32");
        assert!(refused(|p| p.segment_size = 0).starts_with("segment_size is 0"));
        assert!(refused(|p| p.min_match = 15).starts_with("min_match is 15"));
        assert!(refused(|p| p.pack = 0).starts_with("pack is 0"));
        assert!(refused(|p| p.level = Some(23)).starts_with("level is 23"));
        assert!(refused(|p| p.ref_level = Some(0)).starts_with("ref_level is 0"));
    }

    #[test]
    fn levels_are_the_implementations_unless_told() {
        let levels = |params: &Params, levels| {
            let settings = params.settings(levels).unwrap();
            (settings.level, settings.ref_level)
        };
        let mut params = Params::default();
        assert_eq!(levels(&params, Levels::AsFound), (17, 17));
        assert_eq!(levels(&params, Levels::Lean), (15, 1));
        params.level = Some(9);
        assert_eq!(levels(&params, Levels::AsFound), (9, 9));
        assert_eq!(levels(&params, Levels::Lean), (9, 1));
        params.ref_level = Some(3);
        assert_eq!(levels(&params, Levels::AsFound), (9, 3));
        assert_eq!(levels(&params, Levels::Lean), (9, 3));
    }
}
