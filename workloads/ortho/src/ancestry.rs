//! Whether an ortho could also have come from another parent: the check of a reverse search.
//!
//! Source: D. Avis, K. Fukuda, "Reverse search for enumeration" (1996). Of all edges into an
//! ortho's pattern, in the graph's order, the first that leads back to a reachable parent is the
//! canonical one; an ortho met through any later edge is a duplicate. So each is visited once,
//! and nothing need be remembered.

use crate::interner::{Token, Trie};
use crate::pattern::{Edge, Graph, PatternId, SEED};

/// The check's working memory, kept between checks. It walks back on a stack of its own, so that
/// deep orthos cannot exhaust the thread's.
#[derive(Debug, Default)]
pub(crate) struct Ancestry {
    cells: Vec<Token>,
    steps: Vec<Step>,
}

/// An ancestor, and the edges into it that are still to try.
#[derive(Debug)]
struct Step {
    pattern: PatternId,
    cells: usize,
    tried: usize,
}

impl Ancestry {
    /// Whether the ortho `cells`, reached through `edge`, is also reached through an earlier one.
    #[inline]
    pub(crate) fn is_duplicate(
        &mut self,
        graph: &Graph,
        trie: &Trie,
        edge: &Edge,
        cells: &[Token],
    ) -> bool {
        let incoming = &graph.pattern(edge.target).incoming;
        edge.duplicate
            || incoming[..edge.order].iter().any(|&earlier| {
                let earlier = graph.edge(earlier);
                is_step(trie, earlier, cells) && self.is_reachable(graph, trie, earlier, cells)
            })
    }

    /// Whether the parent of `child` along `edge` can be reached from the seed.
    fn is_reachable(&mut self, graph: &Graph, trie: &Trie, edge: &Edge, child: &[Token]) -> bool {
        self.cells.clear();
        self.steps.clear();
        self.cells.extend_from_slice(child);
        self.push_parent(graph, edge, 0);
        while let Some(step) = self.steps.last_mut() {
            if step.pattern == SEED {
                return true;
            }
            let incoming = &graph.pattern(step.pattern).incoming;
            let Some(&edge) = incoming.get(step.tried) else {
                self.cells.truncate(step.cells);
                self.steps.pop();
                continue;
            };
            step.tried += 1;
            let (edge, child) = (graph.edge(edge), step.cells);
            if is_step(trie, edge, &self.cells[child..]) {
                self.push_parent(graph, edge, child);
            }
        }
        false
    }

    /// Puts the parent of the ortho that starts at `child` on top.
    fn push_parent(&mut self, graph: &Graph, edge: &Edge, child: usize) {
        let start = self.cells.len();
        let size = graph.pattern(edge.source).shape.len();
        self.cells.resize(start + size, 0);
        for &(old, new) in &edge.moves {
            self.cells[start + old as usize] = self.cells[child + new as usize];
        }
        self.steps.push(Step {
            pattern: edge.source,
            cells: start,
            tried: 0,
        });
    }
}

/// Whether the step along `edge` to the ortho `cells` is one that the text and the ranks allow,
/// whatever its parent.
#[inline]
fn is_step(trie: &Trie, edge: &Edge, cells: &[Token]) -> bool {
    let word = cells[edge.landing as usize];
    let at = |&cell: &u32| cells[cell as usize];
    if let Some(rank) = &edge.rank {
        let passed = rank.axes.iter().take_while(|cell| at(cell) <= word);
        if passed.count() != rank.place {
            return false;
        }
    }
    edge.lines.iter().all(|line| {
        trie.node(line.iter().map(at))
            .is_some_and(|node| trie.follows(node, word))
    }) && edge.diagonal.iter().all(|cell| at(cell) != word)
}
