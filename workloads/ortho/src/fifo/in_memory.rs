//! Everything in memory: the queue, the ids seen, and a clone of each ortho on the frontier.

use plimsoll_workload::{Context, Failure};

use super::frontier::KeptFrontier;
use super::search::search;
use crate::queue::MemoryQueue;
use crate::{Options, Summary, Texts};

/// Breadth-first search with nothing on disk. Each ortho waits in the queue and, cloned, in the
/// frontier map until it has a new child; ids stay for good. Measured at about 250 to 400 bytes an
/// ortho.
pub fn in_memory(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    let mut frontier = KeptFrontier::default();
    search(texts, options, context, &mut frontier, || {
        Ok(MemoryQueue::default())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plimsoll_workload::Bytes;
    use serde_json::Value;

    use super::*;

    /// Orthos, without the empty one, that are on the frontier after `texts`.
    fn frontier_after(texts: &[String]) -> u64 {
        let scratch = tempfile::tempdir().unwrap();
        let context = Context::detached(scratch.path());
        let options = Options {
            max_filled: None,
            buffer: Bytes(0),
        };
        let texts = Texts::in_memory(texts.to_vec());
        let mut frontier = KeptFrontier::default();
        search(&texts, &options, &context, &mut frontier, || {
            Ok(MemoryQueue::default())
        })
        .unwrap();
        frontier.saved().filter(|kept| kept.filled() > 0).count() as u64
    }

    #[test]
    fn the_frontier_is_as_large_as_that_of_the_original() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let read = |name: &str| std::fs::read_to_string(golden.join(name)).unwrap();
        for name in [
            "e08_repeats",
            "g01_13k",
            "m04_sherlock_parts",
            "r01_sherlock_6k",
        ] {
            let case: Value = serde_json::from_str(&read(&format!("{name}.json"))).unwrap();
            let [texts, stages] = [&case["texts"], &case["stages"]].map(|v| v.as_array().unwrap());
            let mut so_far = Vec::new();
            for (text, stage) in texts.iter().zip(stages) {
                so_far.push(read(text["file"].as_str().unwrap()));
                let original = stage["fold_observed"]["fold_fifo_frontier"]
                    .as_u64()
                    .unwrap();
                assert_eq!(frontier_after(&so_far), original, "{name}");
            }
        }
    }
}
