//! The workloads `embeddings-pool` and `embeddings-cache` as a program of the protocol.

use plimsoll_embeddings::{EmbeddingsCache, EmbeddingsPool};

plimsoll_workload::main!(EmbeddingsPool, EmbeddingsCache);
