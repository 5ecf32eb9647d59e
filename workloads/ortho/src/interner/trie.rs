//! The trie of all sentence suffixes, one sorted array per depth, deepened on demand.
//!
//! A node of depth `d` is a sequence of `d` words that occurs; its children are the sequence's
//! completions. Nodes of one depth are numbered in the order of their sequences, so the children
//! of a node lie side by side and a child's place in the array is its own number. Depth `d + 1`
//! is made from depth `d` by splitting each group of equal text positions by the next word, as in
//! the refinement of a suffix array by prefixes; a depth that nobody asks for is never made.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::Token;
use super::rows::{Row, Rows};

/// A sequence that occurs in the text: its length and its number among those of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    depth: u32,
    number: u32,
}

impl Node {
    /// The sequence of one word.
    #[inline]
    pub fn of(token: Token) -> Self {
        Self {
            depth: 1,
            number: token,
        }
    }
}

/// Which words may follow which sequences.
#[derive(Debug, Default)]
pub struct Trie {
    corpus: Vec<Token>,
    /// The children of nodes of depth 1.
    first: Level,
    /// The children of nodes of depth 2, 3, ...
    deeper: Vec<OnceLock<Level>>,
    frontier: Mutex<Frontier>,
    rows: Rows,
}

/// The children of all nodes of one depth.
#[derive(Debug, Default)]
struct Level {
    /// Where each node's children start; one more than there are nodes.
    starts: Vec<u32>,
    words: Vec<Token>,
}

impl Level {
    #[inline]
    fn children(&self, number: u32) -> &[Token] {
        let number = number as usize;
        &self.words[self.starts[number] as usize..self.starts[number + 1] as usize]
    }
}

/// Text positions grouped by the sequence of `depth` words that starts there.
#[derive(Debug, Default)]
struct Frontier {
    depth: usize,
    positions: Vec<u32>,
    /// Where each group starts; one more than there are groups.
    starts: Vec<u32>,
}

impl Trie {
    /// The trie of a corpus: tokens up to `words`, a 0 after each sentence.
    pub(super) fn new(mut corpus: Vec<Token>, words: usize) -> Self {
        corpus.shrink_to_fit();
        let longest = corpus.split(|&token| token == 0).map(<[_]>::len).max();
        let mut frontier = Frontier::of_words(&corpus, words);
        let first = frontier.refine(&corpus);
        let rows = Rows::new(words + 1, |token| first.children(token));
        Self {
            first,
            deeper: (2..longest.unwrap_or(0)).map(|_| OnceLock::new()).collect(),
            frontier: Mutex::new(frontier),
            rows,
            corpus,
        }
    }

    pub(super) fn corpus(&self) -> &[Token] {
        &self.corpus
    }

    pub(super) fn into_corpus(self) -> Vec<Token> {
        self.corpus
    }

    /// How many words there are; tokens run from 1 to this number.
    pub fn words(&self) -> usize {
        self.first.starts.len().saturating_sub(2)
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let levels = self.deeper.iter().filter_map(OnceLock::get);
        let levels: usize = std::iter::once(&self.first)
            .chain(levels)
            .map(|level| level.starts.capacity() + level.words.capacity())
            .sum();
        let frontier = self.frontier.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = self.corpus.capacity()
            + levels
            + frontier.positions.capacity()
            + frontier.starts.capacity();
        4 * numbers as u64 + self.rows.bytes()
    }

    /// The node of a sequence of at least one word, if the sequence occurs.
    #[inline]
    pub fn node(&self, sequence: impl IntoIterator<Item = Token>) -> Option<Node> {
        let mut sequence = sequence.into_iter();
        let first = Node::of(sequence.next()?);
        sequence.try_fold(first, |node, token| self.child(node, token))
    }

    /// The node of a sequence with one more word, if that occurs.
    #[inline]
    pub fn child(&self, node: Node, token: Token) -> Option<Node> {
        let level = self.level(node.depth)?;
        let at = level.children(node.number).binary_search(&token).ok()?;
        Some(Node {
            depth: node.depth + 1,
            number: level.starts[node.number as usize] + at as u32,
        })
    }

    /// The words that may follow, ascending.
    #[inline]
    pub fn children(&self, node: Node) -> &[Token] {
        match self.level(node.depth) {
            Some(level) => level.children(node.number),
            None => &[],
        }
    }

    /// Whether `token` may follow.
    #[inline]
    pub fn follows(&self, node: Node, token: Token) -> bool {
        match self.row(node) {
            Some(row) => row.contains(token),
            None => self.children(node).binary_search(&token).is_ok(),
        }
    }

    /// Appends the words that may follow both nodes, ascending.
    #[inline]
    pub fn intersect_pair(&self, a: Node, b: Node, out: &mut Vec<Token>) {
        let (mut short, mut long) = (a, b);
        if self.children(a).len() > self.children(b).len() {
            (short, long) = (b, a);
        }
        let words = self.children(short);
        match self.row(long) {
            Some(long) => match self.row(short) {
                Some(short) if short.words() < 2 * words.len() => short.and_into(long, out),
                _ => keep(words, |token| long.contains(token), out),
            },
            None => common(words, self.children(long), out),
        }
    }

    /// Appends the words that may follow all of `nodes`, which it sorts, ascending.
    pub fn intersect(&self, nodes: &mut [Node], out: &mut Vec<Token>) {
        nodes.sort_unstable_by_key(|&node| self.children(node).len());
        let start = out.len();
        let rest = match nodes {
            [] => return,
            [only] => return out.extend_from_slice(self.children(*only)),
            [a, b, rest @ ..] => {
                self.intersect_pair(*a, *b, out);
                rest
            }
        };
        for &node in &*rest {
            let mut kept = start;
            for at in start..out.len() {
                let token = out[at];
                out[kept] = token;
                kept += usize::from(self.follows(node, token));
            }
            out.truncate(kept);
        }
    }

    #[inline]
    fn row(&self, node: Node) -> Option<Row<'_>> {
        if node.depth == 1 {
            self.rows.get(node.number)
        } else {
            None
        }
    }

    #[inline]
    fn level(&self, depth: u32) -> Option<&Level> {
        if depth == 1 {
            return Some(&self.first);
        }
        let slot = self.deeper.get(depth as usize - 2)?;
        match slot.get() {
            Some(level) => Some(level),
            None => self.deepen(depth as usize),
        }
    }

    #[cold]
    fn deepen(&self, depth: usize) -> Option<&Level> {
        let mut frontier = self.frontier.lock().unwrap_or_else(PoisonError::into_inner);
        while frontier.depth <= depth {
            let slot = &self.deeper[frontier.depth - 2];
            let level = frontier.refine(&self.corpus);
            slot.get_or_init(|| level);
        }
        self.deeper[depth - 2].get()
    }
}

impl Frontier {
    /// All positions, grouped by word.
    fn of_words(corpus: &[Token], words: usize) -> Self {
        let mut starts = vec![0; words + 2];
        for &token in corpus.iter().filter(|&&token| token != 0) {
            starts[token as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut positions = vec![0; starts[words + 1] as usize];
        for (position, &token) in corpus.iter().enumerate().filter(|&(_, &token)| token != 0) {
            let next = &mut next[token as usize];
            positions[*next as usize] = position as u32;
            *next += 1;
        }
        Self {
            depth: 1,
            positions,
            starts,
        }
    }

    /// Splits each group by the next word and gives the words; positions at a sentence's end drop out.
    fn refine(&mut self, corpus: &[Token]) -> Level {
        let next = |position: u32| corpus[position as usize + self.depth];
        let mut level = Level {
            starts: vec![0],
            words: Vec::new(),
        };
        let mut starts = Vec::new();
        let mut kept = 0;
        for group in 0..self.starts.len() - 1 {
            let start = kept;
            for at in self.starts[group] as usize..self.starts[group + 1] as usize {
                let position = self.positions[at];
                if next(position) != 0 {
                    self.positions[kept] = position;
                    kept += 1;
                }
            }
            self.positions[start..kept].sort_unstable_by_key(|&position| next(position));
            for at in start..kept {
                let word = next(self.positions[at]);
                if at == start || word != next(self.positions[at - 1]) {
                    level.words.push(word);
                    starts.push(at as u32);
                }
            }
            level.starts.push(level.words.len() as u32);
        }
        starts.push(kept as u32);
        starts.shrink_to_fit();
        level.words.shrink_to_fit();
        level.starts.shrink_to_fit();
        self.positions.truncate(kept);
        self.positions.shrink_to_fit();
        self.starts = starts;
        self.depth += 1;
        level
    }
}

/// Appends those of `words` that `test` accepts, without a branch per word.
#[inline]
fn keep(words: &[Token], test: impl Fn(Token) -> bool, out: &mut Vec<Token>) {
    let start = out.len();
    out.resize(start + words.len(), 0);
    let mut kept = start;
    for &word in words {
        out[kept] = word;
        kept += usize::from(test(word));
    }
    out.truncate(kept);
}

/// Appends the common words of two ascending lists, the first being the shorter.
#[inline]
fn common(short: &[Token], long: &[Token], out: &mut Vec<Token>) {
    if long.len() / 16 > short.len() {
        out.extend(short.iter().filter(|word| long.binary_search(word).is_ok()));
        return;
    }
    let mut long = long.iter().copied().peekable();
    for &word in short {
        while long.next_if(|&other| other < word).is_some() {}
        if long.next_if_eq(&word).is_some() {
            out.push(word);
        }
    }
}
