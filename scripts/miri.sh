#!/usr/bin/env bash
# Runs the unsafe code of the workload `embeddings` and what stands on it under Miri, which finds memory that is used against the rules,
# and races: mapped files with readers beside their writer, rows borrowed from records, chunks of a pool, lazy handles. Files are heap
# memory there, since Miri maps none; kernels for one kind of processor are left out, since it has none of their instructions.
# Usage: scripts/miri.sh [FLAG...], such as -Zmiri-tree-borrows or -Zmiri-many-seeds=0..8. Needs rustup's nightly toolchain, and
# installs its component miri. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
rustup +nightly component add miri rust-src
export MIRIFLAGS="-Zmiri-disable-isolation $*"
miri() {
  echo "== $*"
  cargo +nightly miri test -q -p plimsoll-embeddings "$@"
}
miri --lib -- store::mapping::tests store::tests::readers store::tests::golden::rows_are_borrowed_where_they_lie \
  store::tests::golden::a_damaged_later_header store::tests::append::what_is_committed_is_there
miri --test pool -- --exact shared_chunks_come_back_with_their_last_handle a_secure_pool_shows_nobody_what_was_there \
  what_another_thread_keeps_is_found_before_the_pool_is_called_dry chunks_go_to_other_threads_and_outlive_the_pool \
  empty_slabs_go_back_to_the_system
miri --test lazy -- --exact threads_that_read_and_unload_at_once_always_read_the_vector sixty_four_threads_load_once \
  a_vector_is_unloaded_when_nobody_holds_it_and_comes_back_the_same
