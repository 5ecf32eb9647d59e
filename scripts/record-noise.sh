#!/usr/bin/env bash
# Records this machine's noise: 2,500 runs of one CPU-bound command against itself, in the order in which
# they ran. The simulations of the gate (examples/decision_errors) are calibrated by it. Takes two
# minutes; run it on a machine that does what it always does. Needs a release build and python3.
# usage: scripts/record-noise.sh [FILE]
set -euo pipefail
cd "$(dirname "$0")/.."
plimsoll=$PWD/target/release/plimsoll
file=$(realpath -m "${1:-harness/engine/tests/data/noise/shell-loop.csv}")
dir=$(mktemp -d "$PWD/target/record-noise.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > noise.yaml <<'YAML'
name: noise
about: One CPU-bound command against itself.
variants:
  - { id: a, baseline: true, command: [sh, -c, "i=0; while [ $i -lt 24000 ]; do i=$((i+1)); done"] }
  - { id: b, command: [sh, -c, "i=0; while [ $i -lt 24000 ]; do i=$((i+1)); done"] }
measure: { warmup: 2, runs: { min: 1000, max: 1000 }, count: false }
targets:
  - { metric: wall, variant: b, at_most: 1.02 x baseline, gate: false }
YAML
"$plimsoll" run noise.yaml --progress none > /dev/null
python3 - "$file" <<'PY'
import json, platform, sys
trials = [json.loads(line) for line in open("reports/noise.default/trials.jsonl")]
trials = [trial for trial in trials if trial["role"] in ("measured", "control")]
with open(sys.argv[1], "w") as out:
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    out.write("# elapsed and CPU time in microseconds of one command, run after run (scripts/record-noise.sh)\n")
    out.write("# sh -c 'i=0; while [ $i -lt 24000 ]; do i=$((i+1)); done'\n")
    out.write(f"# {cpu}, Linux {platform.release()}\n")
    out.write("wall,cpu\n")
    for trial in trials:
        step = trial["steps"][0]
        cpu = step["usage"]["user"] + step["usage"]["sys"]
        out.write(f"{round(step['wall'] * 1e6)},{round(cpu * 1e6)}\n")
print(f"{len(trials)} runs in {sys.argv[1]}")
PY
