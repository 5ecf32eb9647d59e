//! The words that a step may try.

use crate::interner::{Node, Token, Trie};
use crate::pattern::{Cell, Pattern};

/// Most lines that meet in a cell: one per axis. A box with more axes would have 2^32 cells.
const MOST_LINES: usize = 32;

/// Appends the words that may fill the position of an ortho, ascending: those that follow all its
/// lines, less those on its diagonal.
#[inline]
pub(crate) fn candidates(trie: &Trie, pattern: &Pattern, cells: &[Token], out: &mut Vec<Token>) {
    let start = out.len();
    let at = |&cell: &Cell| cells[cell as usize];
    match &pattern.lines[..] {
        [line] => match trie.node(line.iter().map(at)) {
            Some(node) => out.extend_from_slice(trie.children(node)),
            None => return,
        },
        [a, b] => match (trie.node(a.iter().map(at)), trie.node(b.iter().map(at))) {
            (Some(a), Some(b)) => trie.intersect_pair(a, b, out),
            _ => return,
        },
        lines => {
            let mut nodes = [Node::of(0); MOST_LINES];
            for (node, line) in nodes.iter_mut().zip(lines) {
                match trie.node(line.iter().map(at)) {
                    Some(found) => *node = found,
                    None => return,
                }
            }
            trie.intersect(&mut nodes[..lines.len()], out);
        }
    }
    for &cell in &pattern.diagonal {
        let forbidden = cells[cell as usize];
        if let Ok(at) = out[start..].binary_search(&forbidden) {
            out.remove(start + at);
        }
    }
}
