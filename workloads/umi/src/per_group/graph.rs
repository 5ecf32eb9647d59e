//! The graph of distinct UMIs: nodes with lists of children, and neighbours found by comparing texts pair by pair.

/// A distinct UMI.
#[derive(Debug)]
struct Node {
    umi: String,
    count: usize,
    children: Vec<usize>,
    taken: bool,
}

/// A molecule: its UMIs, the root first.
pub(super) type Cluster = Vec<String>;

/// Clusters of UMIs, which come with their counts in the order in which they may become roots. `counted`: a child is counted
/// at most half as often as its parent, and one more.
pub(super) fn clusters(
    sorted: Vec<(String, usize)>,
    edits: u32,
    counted: bool,
    differences: fn(&str, &str) -> Option<usize>,
) -> Vec<Cluster> {
    let mut nodes: Vec<Node> = sorted
        .into_iter()
        .map(|(umi, count)| Node {
            umi,
            count,
            children: Vec::new(),
            taken: false,
        })
        .collect();
    let mut roots = Vec::new();
    for root in 0..nodes.len() {
        if nodes[root].taken {
            continue;
        }
        nodes[root].taken = true;
        roots.push(root);
        if edits == 0 {
            continue;
        }
        let mut reached = vec![root];
        while let Some(parent) = reached.pop() {
            let most = nodes[parent].count / 2 + 1;
            // All before the root are taken.
            for child in root + 1..nodes.len() {
                if nodes[child].taken || (counted && nodes[child].count > most) {
                    continue;
                }
                let apart = differences(&nodes[parent].umi, &nodes[child].umi);
                if apart.is_some_and(|apart| apart <= edits as usize) {
                    nodes[child].taken = true;
                    nodes[parent].children.push(child);
                    reached.push(child);
                }
            }
        }
    }
    let family = |root: usize| {
        let mut members = vec![root];
        let mut at = 0;
        while let Some(member) = members.get(at) {
            members.extend(nodes[*member].children.clone());
            at += 1;
        }
        members
            .into_iter()
            .map(|member| nodes[member].umi.clone())
            .collect()
    };
    roots.into_iter().map(family).collect()
}

/// How many bytes differ; nothing for texts of unequal length.
pub(super) fn hamming(one: &str, other: &str) -> Option<usize> {
    (one.len() == other.len()).then(|| {
        one.bytes()
            .zip(other.bytes())
            .filter(|(a, b)| a != b)
            .count()
    })
}

/// The same over two halves, each of which must be as long as the other's.
pub(super) fn halves_hamming(one: &str, other: &str) -> Option<usize> {
    let (one, other) = (one.split_once('-')?, other.split_once('-')?);
    Some(hamming(one.0, other.0)? + hamming(one.1, other.1)?)
}
