#!/usr/bin/env bash
# Kills plimsoll with SIGKILL at 20 random moments of a session (and once while a report is written), and
# shows for each what was running, what lay around, and what the next run said as it removed it. Fails
# where a process, a cgroup, a scratch directory or a half-written file is left.
#
#   SEED=1 scripts/kill-supervisor.sh
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --quiet -p plimsoll-cli --test e2e -- --ignored --nocapture --exact killed::kill_nine_at_twenty_random_moments
