#!/usr/bin/env bash
# How often the gate on instruction counts finds 1 % more work, and how often it alarms where there is none. Each gate
# is one `plimsoll run` of three variants: a program with so much work, the same again, and 1 % more. Prints both
# rates, and how far counts of the same work lie apart, which is the smallest bound that holds.
# Usage: scripts/instruction-gates.sh [GATES] [TRIALS A VARIANT]. Needs valgrind or perf events, and release builds:
#   cargo build --release -p plimsoll-cli -p plimsoll-fixture
set -euo pipefail
cd "$(dirname "$0")/.."
gates=${1:-100} runs=${2:-1} rounds=5000000
bin=${PLIMSOLL_BIN:-$PWD/target/release}
dir=$(mktemp -d "$PWD/target/instruction-gates.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > gate.yaml <<YAML
name: gate
sizes: { smoke: {} }
variants:
  - { id: base, baseline: true, output: none, command: [$bin/plimsoll-fixture, work, "$rounds"] }
  - { id: same, output: none, command: [$bin/plimsoll-fixture, work, "$rounds"] }
  - { id: more, output: none, command: [$bin/plimsoll-fixture, work, "$((rounds + rounds / 100))"] }
measure: { instructions: { size: smoke, runs: $runs } }
targets:
  - { metric: instructions, variant: same, at_most: 1.005 x baseline }
  - { metric: instructions, variant: more, at_most: 1.005 x baseline }
YAML
for ((gate = 0; gate < gates; gate++)); do
  "$bin/plimsoll" run gate.yaml --size smoke --progress none > /dev/null || [ $? = 1 ] || {
    "$bin/plimsoll" run gate.yaml --size smoke; exit 1
  }
  cat reports/gate.smoke/result.json
done | python3 <(cat <<'PY'
import json, sys
decoder, text, at = json.JSONDecoder(), sys.stdin.read(), 0
same, more, counts, ratios, source = {}, {}, [], [], ""
while at < len(text.rstrip()):
    result, at = decoder.raw_decode(text, at)
    while at < len(text) and text[at].isspace():
        at += 1
    for verdict, tally in zip(result["verdicts"], (same, more)):
        tally[verdict["verdict"]] = tally.get(verdict["verdict"], 0) + 1
    figures = {v["id"]: v["metrics"]["instructions"] for v in result["variants"]}
    source = figures["base"]["source"]
    counts += figures["base"]["values"] + figures["same"]["values"]
    ratios += [figures["more"]["min"] / figures["base"]["max"], figures["more"]["max"] / figures["base"]["min"]]
gates = sum(more.values())
print(f"{gates} gates against at_most: 1.005 x baseline, counted by {source}")
print(f"1 % more work: fail in {more.get('fail', 0)} of {gates}; ratios {min(ratios):.6f} to {max(ratios):.6f}")
print(f"the same work: {same}")
apart = max(counts) / min(counts) - 1
print(f"{len(counts)} counts of the same work: {min(counts):.0f} to {max(counts):.0f}, {100 * apart:.5f} % apart")
PY
)
