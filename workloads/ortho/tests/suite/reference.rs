//! The specification word by word, without any regard for time or memory.

use std::collections::{BTreeSet, HashMap, HashSet};

use plimsoll_ortho::{Summary, Tally, text};

type Cells = Vec<Option<usize>>;

/// An ortho: dims and cells.
type Ortho = (Vec<usize>, Cells);

/// The completions of every sequence, by word index.
#[derive(Default)]
struct Completions {
    vocabulary: Vec<String>,
    next: HashMap<Vec<usize>, BTreeSet<usize>>,
}

impl Completions {
    fn add(&mut self, text: &str) {
        let sentences = text::owned_sentences(text);
        let known: HashSet<String> = self.vocabulary.iter().cloned().collect();
        let new: BTreeSet<String> = sentences
            .iter()
            .flatten()
            .filter(|word| !known.contains(*word))
            .cloned()
            .collect();
        self.vocabulary.extend(new);
        for sentence in sentences {
            let words: Vec<usize> = sentence
                .iter()
                .map(|word| {
                    self.vocabulary
                        .iter()
                        .position(|other| other == word)
                        .unwrap()
                })
                .collect();
            for start in 0..words.len() {
                for end in start + 1..words.len() {
                    let key = words[start..end].to_vec();
                    self.next.entry(key).or_default().insert(words[end]);
                }
            }
        }
    }

    fn intersect(&self, required: &[Vec<usize>], forbidden: &[usize]) -> BTreeSet<usize> {
        let empty = BTreeSet::new();
        let mut words: BTreeSet<usize> = (0..self.vocabulary.len()).collect();
        for line in required {
            let next = self.next.get(line).unwrap_or(&empty);
            words.retain(|word| next.contains(word));
        }
        words.retain(|word| !forbidden.contains(word));
        words
    }
}

/// Coordinates of all cells, in cell order.
fn cells(dims: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for &dim in dims {
        all = all
            .into_iter()
            .flat_map(|start: Vec<usize>| {
                (0..dim).map(move |last| [start.clone(), vec![last]].concat())
            })
            .collect();
    }
    all.sort_by_key(|cell| (cell.iter().sum::<usize>(), cell.clone()));
    all
}

/// Moves the filled cells to their new coordinates and puts `word` into the first empty cell.
fn grown(
    ortho: &Ortho,
    dims: Vec<usize>,
    coordinates: impl Fn(&[usize]) -> Vec<usize>,
    word: usize,
) -> Ortho {
    let new = cells(&dims);
    let mut filled = vec![None; new.len()];
    for (old, value) in cells(&ortho.0).iter().zip(&ortho.1) {
        if value.is_some() {
            let place = coordinates(old);
            filled[new.iter().position(|cell| *cell == place).unwrap()] = *value;
        }
    }
    let first = filled.iter().position(Option::is_none).unwrap();
    filled[first] = Some(word);
    (dims, filled)
}

/// All children of an ortho, in order.
fn children(ortho: &Ortho, completions: &Completions) -> Vec<Ortho> {
    let (dims, values) = ortho;
    let all = cells(dims);
    let position = values.iter().position(Option::is_none).unwrap();
    let at = &all[position];
    let value =
        |cell: &Vec<usize>| values[all.iter().position(|other| other == cell).unwrap()].unwrap();
    let required: Vec<Vec<usize>> = (0..dims.len())
        .filter(|&axis| at[axis] > 0)
        .map(|axis| {
            (0..at[axis])
                .map(|along| {
                    let mut cell = at.clone();
                    cell[axis] = along;
                    value(&cell)
                })
                .collect()
        })
        .collect();
    let shell: usize = at.iter().sum();
    let diagonal: Vec<usize> = all[..position]
        .iter()
        .filter(|cell| cell.iter().sum::<usize>() == shell)
        .map(value)
        .collect();
    let empty = values.iter().filter(|value| value.is_none()).count();
    let mut children = Vec::new();
    for word in completions.intersect(&required, &diagonal) {
        if empty > 1 {
            let mut values = values.clone();
            values[position] = Some(word);
            if *dims == [2, 2] && position == 2 && values[1] > values[2] {
                values.swap(1, 2);
            }
            children.push((dims.clone(), values));
            continue;
        }
        for axis in 0..dims.len() {
            if !dims[..axis].contains(&dims[axis]) {
                let mut longer = dims.clone();
                longer[axis] += 1;
                children.push(grown(ortho, longer, <[usize]>::to_vec, word));
            }
        }
        if dims.iter().all(|&dim| dim == 2) {
            let axes = dims.len();
            let place = (1..=axes)
                .take_while(|&cell| values[cell].unwrap() <= word)
                .count();
            let insert = |old: &[usize]| {
                let mut new = old.to_vec();
                new.insert(axes - place, 0);
                new
            };
            children.push(grown(ortho, vec![2; axes + 1], insert, word));
        }
    }
    children
}

/// Breadth-first search with a set of everything seen; nothing when it finds more than `most`.
pub(crate) fn search(
    texts: &[String],
    max_filled: Option<u32>,
    most: usize,
) -> Option<Vec<Summary>> {
    let mut completions = Completions::default();
    let mut summaries: Vec<Summary> = Vec::new();
    for text in texts {
        completions.add(text);
        let filled = |ortho: &Ortho| ortho.1.iter().flatten().count() as u32;
        let seed: Ortho = (vec![2, 2], vec![None; 4]);
        let mut seen = HashSet::from([seed.clone()]);
        let mut queue = vec![seed];
        let mut tally = Tally::default();
        while let Some(ortho) = queue.pop() {
            let tokens: Vec<u32> = ortho
                .1
                .iter()
                .map(|cell| cell.map_or(0, |word| word as u32 + 1))
                .collect();
            if filled(&ortho) > 0 {
                tally.record(&ortho.0, &tokens);
            }
            if Some(filled(&ortho)) == max_filled {
                tally.add_at_cap(1);
                continue;
            }
            let children = children(&ortho, &completions);
            tally.add_candidates(children.len() as u64);
            if children.is_empty() && filled(&ortho) > 0 {
                tally.add_leaves(1);
            }
            for child in children {
                if seen.insert(child.clone()) {
                    queue.push(child);
                }
            }
            if seen.len() > most {
                return None;
            }
        }
        let words = &completions.vocabulary;
        let word = |index: u32| words[index as usize].clone();
        let summary = Summary::new(&tally, words.len(), word, max_filled, summaries.last());
        summaries.push(summary);
    }
    Some(summaries)
}
