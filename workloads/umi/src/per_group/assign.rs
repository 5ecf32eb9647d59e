//! Texts of molecules for the UMIs of one position group, with a hash map for every question.

use std::collections::HashMap;

use super::graph::{clusters, halves_hamming, hamming};
use crate::bam::RecordProblem;
use crate::settings::{Settings, Strategy};

/// A template as far as its molecule depends on it.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) umi: String,
    pub(super) orientation: u8,
    pub(super) r1_first: bool,
}

/// A template whose UMI is not as the strategy needs it.
pub(super) type Wrong = (usize, RecordProblem);

/// The text of each template's molecule, and how many numbers were used.
pub(super) fn assign(
    templates: &[Template],
    settings: &Settings,
) -> Result<(Vec<String>, u64), Wrong> {
    let mut texts = vec![String::new(); templates.len()];
    let mut next = 0;
    if settings.strategy == Strategy::Paired {
        paired(templates, settings.edits, &mut texts, &mut next)?;
        return Ok((texts, next));
    }
    for orientation in 0..4 {
        let members: Vec<(usize, String)> = (templates.iter().enumerate())
            .filter(|(_, template)| template.orientation == orientation)
            .map(|(member, template)| (member, template.umi.clone()))
            .collect();
        for members in splits(members, settings) {
            strategy(&members, settings, &mut texts, &mut next)?;
        }
    }
    Ok((texts, next))
}

/// Where UMIs have a least length: cut to that of the shortest, and without edits split by their beginning first.
fn splits(members: Vec<(usize, String)>, settings: &Settings) -> Vec<Vec<(usize, String)>> {
    let Some(least) = settings.min_umi_length else {
        return vec![members];
    };
    let mut splits: HashMap<String, Vec<(usize, String)>> = HashMap::new();
    for (member, umi) in members {
        let letters: String = umi
            .chars()
            .filter(|letter| "ACGT".contains(*letter))
            .collect();
        let split = match settings.edits {
            0 => letters[..least as usize].to_owned(),
            _ => String::new(),
        };
        splits.entry(split).or_default().push((member, letters));
    }
    let mut splits: Vec<_> = splits.into_iter().collect();
    splits.sort();
    let mut cut = Vec::new();
    for (_, mut members) in splits {
        let shortest = members
            .iter()
            .map(|(_, letters)| letters.len())
            .min()
            .unwrap_or(0);
        members
            .iter_mut()
            .for_each(|(_, letters)| letters.truncate(shortest));
        cut.push(members);
    }
    cut
}

fn encodable(umi: &str) -> bool {
    let letters = umi.replace('-', "");
    letters.len() <= 32 && letters.chars().all(|letter| "ACGT".contains(letter))
}

fn strategy(
    members: &[(usize, String)],
    settings: &Settings,
    texts: &mut [String],
    next: &mut u64,
) -> Result<(), Wrong> {
    if settings.strategy == Strategy::Identity {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (_, umi) in members {
            *counts.entry(umi.clone()).or_default() += 1;
        }
        let mut sorted: Vec<_> = counts.into_iter().collect();
        sorted.sort();
        let umis = sorted.into_iter().map(|(umi, _)| vec![umi]).collect();
        number(members, |umi| umi.clone(), umis, texts, next);
        return Ok(());
    }
    let valid: Vec<_> = members
        .iter()
        .filter(|(_, umi)| encodable(umi))
        .cloned()
        .collect();
    let letters = |umi: &String| umi.replace('-', "");
    if let [(_, first), ..] = &valid[..] {
        let length = letters(first).len();
        if let Some((member, _)) = valid.iter().find(|(_, umi)| letters(umi).len() != length) {
            return Err((*member, RecordProblem::UmiLengths));
        }
    }
    let counted = settings.strategy == Strategy::Adjacency;
    let key = |umi: &String| if counted { letters(umi) } else { umi.clone() };
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut first_seen: HashMap<String, String> = HashMap::new();
    for (_, umi) in &valid {
        *counts.entry(key(umi)).or_default() += 1;
        first_seen.entry(key(umi)).or_insert_with(|| umi.clone());
    }
    let mut sorted: Vec<(String, usize)> = counts.into_iter().collect();
    sorted.sort_by(|one, other| {
        let by_count = if counted {
            other.1.cmp(&one.1)
        } else {
            std::cmp::Ordering::Equal
        };
        by_count.then_with(|| first_seen[&one.0].cmp(&first_seen[&other.0]))
    });
    let clusters = clusters(sorted, settings.edits, counted, hamming);
    number(&valid, key, clusters, texts, next);
    odd(
        members.iter().filter(|(_, umi)| !encodable(umi)),
        texts,
        next,
    );
    Ok(())
}

/// Gives every cluster a number, and every member the text of its cluster's.
fn number(
    members: &[(usize, String)],
    key: impl Fn(&String) -> String,
    clusters: Vec<Vec<String>>,
    texts: &mut [String],
    next: &mut u64,
) {
    let mut ids: HashMap<String, u64> = HashMap::new();
    for cluster in clusters {
        for umi in cluster {
            ids.insert(umi, *next);
        }
        *next += 1;
    }
    for (member, umi) in members {
        texts[*member] = format!("{}", ids[&key(umi)]);
    }
}

/// Each distinct one a number of its own, in the order in which they come.
fn odd<'a>(
    members: impl Iterator<Item = &'a (usize, String)>,
    texts: &mut [String],
    next: &mut u64,
) {
    let mut ids: HashMap<String, u64> = HashMap::new();
    for (member, umi) in members {
        let id = *ids.entry(umi.clone()).or_insert_with(|| {
            *next += 1;
            *next - 1
        });
        texts[*member] = format!("{id}");
    }
}

fn paired(
    templates: &[Template],
    edits: u32,
    texts: &mut [String],
    next: &mut u64,
) -> Result<(), Wrong> {
    let mut valid = Vec::new();
    let mut others = Vec::new();
    for (member, template) in templates.iter().enumerate() {
        let halves: Vec<&str> = template.umi.split('-').collect();
        let [first, second] = halves[..] else {
            return Err((member, RecordProblem::UmiHalves));
        };
        let (lower, higher) = if template.r1_first {
            (first, second)
        } else {
            (second, first)
        };
        let umi = format!("{lower}-{higher}");
        if encodable(lower) && encodable(higher) {
            valid.push((member, umi));
        } else {
            others.push((member, format!("{umi} {}", template.r1_first)));
        }
    }
    if let [(_, first), ..] = &valid[..] {
        let length = first.len();
        if let Some((member, _)) = valid.iter().find(|(_, umi)| umi.len() != length) {
            return Err((*member, RecordProblem::UmiLengths));
        }
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (_, umi) in &valid {
        *counts.entry(umi.clone()).or_default() += 1;
    }
    let mut sorted: Vec<(String, usize)> = counts.into_iter().collect();
    sorted.sort_by(|one, other| (other.1.cmp(&one.1)).then_with(|| one.0.cmp(&other.0)));
    // The texts of each UMI's templates that lie as they are, and of those that are turned round.
    let mut strands: HashMap<String, [String; 2]> = HashMap::new();
    for cluster in clusters(sorted, edits, true, halves_hamming) {
        let root = cluster[0].clone();
        for umi in cluster {
            let mut names = [format!("{next}/A"), format!("{next}/B")];
            if exchanged(&root, &umi, edits) {
                names.swap(0, 1);
            }
            strands.insert(umi, names);
        }
        *next += 1;
    }
    for (member, umi) in &valid {
        let side = usize::from(!templates[*member].r1_first);
        texts[*member] = strands[umi][side].clone();
    }
    odd(others.iter(), texts, next);
    Ok(())
}

/// Whether a member is nearer to its root when turned round, by texts that have the strand's letter before each half.
fn exchanged(root: &str, umi: &str, edits: u32) -> bool {
    let told = |letters: [&str; 2], (one, other): (&str, &str)| {
        let mark = |letter: &str| letter.repeat(edits as usize + 1);
        format!("{}:{one}-{}:{other}", mark(letters[0]), mark(letters[1]))
    };
    let (Some(root), Some((lower, higher))) = (root.split_once('-'), umi.split_once('-')) else {
        return false;
    };
    let root = told(["A", "B"], root);
    let apart = hamming(&root, &told(["A", "B"], (lower, higher)));
    apart >= hamming(&root, &told(["B", "A"], (higher, lower)))
}
