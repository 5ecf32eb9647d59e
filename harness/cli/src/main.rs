//! The command `plimsoll`: the engine's commands and the built-in workloads behind one `main`.

use std::process::ExitCode;

use plimsoll_embeddings::{Embeddings, EmbeddingsCache, EmbeddingsPool};
use plimsoll_ortho::Ortho;
use plimsoll_segments::Segments;
use plimsoll_umi::Umi;
use plimsoll_vectors::Vectors;
use plimsoll_workload::Registry;

plimsoll_workload::install!();

fn main() -> ExitCode {
    plimsoll::cli::main(
        &Registry::new()
            .with::<Embeddings>()
            .with::<EmbeddingsCache>()
            .with::<EmbeddingsPool>()
            .with::<Ortho>()
            .with::<Segments>()
            .with::<Umi>()
            .with::<Vectors>(),
    )
}
