//! The three metrics files: sizes of families, sizes of position groups, and what was kept or left out.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::records::Discard;

/// How many there are of each size.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Sizes(BTreeMap<u64, u64>);

/// What a run has counted. Records are the primary ones.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// Records written.
    pub accepted: u64,
    /// Records of templates that failed the sequencer's own check.
    pub non_pf: u64,
    /// Records of templates that are poorly aligned, or have no UMI.
    pub poor_alignment: u64,
    /// Records of templates with an N in a UMI.
    pub ns_in_umi: u64,
    /// Records of templates with too short a UMI.
    pub short_umi: u64,
    families: Sizes,
    groups: Sizes,
}

impl Metrics {
    /// Counts a template of so many records that is left out.
    pub(crate) fn discard(&mut self, why: Discard, records: u64) {
        *match why {
            Discard::NonPf => &mut self.non_pf,
            Discard::PoorAlignment => &mut self.poor_alignment,
            Discard::NsInUmi => &mut self.ns_in_umi,
            Discard::ShortUmi => &mut self.short_umi,
        } += records;
    }

    /// Counts a position group of families of these sizes.
    pub(crate) fn group(&mut self, families: impl Iterator<Item = u64>) {
        let mut count = 0;
        for size in families {
            *self.families.0.entry(size).or_default() += 1;
            count += 1;
        }
        if count > 0 {
            *self.groups.0.entry(count).or_default() += 1;
        }
    }

    /// Adds what another part of the run has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.non_pf += other.non_pf;
        self.poor_alignment += other.poor_alignment;
        self.ns_in_umi += other.ns_in_umi;
        self.short_umi += other.short_umi;
        self.families.merge(&other.families);
        self.groups.merge(&other.groups);
    }

    /// Families of all position groups.
    #[must_use]
    pub fn families(&self) -> u64 {
        self.families.0.values().sum()
    }

    /// Position groups with a template that is kept.
    #[must_use]
    pub fn position_groups(&self) -> u64 {
        self.groups.0.values().sum()
    }

    /// Records read, secondary and supplementary ones not counted.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.accepted + self.non_pf + self.poor_alignment + self.ns_in_umi + self.short_umi
    }

    /// The files: the end of each one's name, and its text.
    #[must_use]
    pub fn files(&self) -> [(&'static str, String); 3] {
        let grouping = format!(
            "accepted_sam_records\tdiscarded_non_pf\tdiscarded_poor_alignment\tdiscarded_ns_in_umi\tdiscarded_umis_to_short\n\
             {}\t{}\t{}\t{}\t{}\n",
            self.accepted, self.non_pf, self.poor_alignment, self.ns_in_umi, self.short_umi
        );
        [
            ("family_sizes.txt", self.families.text("family_size")),
            ("grouping_metrics.txt", grouping),
            (
                "position_group_sizes.txt",
                self.groups.text("position_group_size"),
            ),
        ]
    }
}

impl Sizes {
    fn merge(&mut self, other: &Self) {
        for (size, count) in &other.0 {
            *self.0.entry(*size).or_default() += count;
        }
    }

    /// One row a size, ascending. The last column sums fractions from the largest size down.
    fn text(&self, name: &str) -> String {
        let total: u64 = self.0.values().sum();
        let mut at_least = 0.0;
        let mut rows: Vec<_> = (self.0.iter().rev())
            .map(|(size, count)| {
                let fraction = *count as f64 / total as f64;
                at_least += fraction;
                (size, count, fraction, at_least)
            })
            .collect();
        rows.reverse();
        let mut text = format!("{name}\tcount\tfraction\tfraction_gt_or_eq_{name}\n");
        for (size, count, fraction, at_least) in rows {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{size}\t{count}\t{fraction}\t{at_least}");
        }
        text
    }
}
