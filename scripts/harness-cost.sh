#!/usr/bin/env bash
# What the harness itself costs, next to hyperfine: elapsed time of 200 runs of a command that does
# nothing, the wall time each reports, and the sampler's CPU share. Needs hyperfine and a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
plimsoll=$PWD/target/release/plimsoll
dir=$(mktemp -d "$PWD/target/harness-cost.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > nothing.yaml <<'YAML'
name: nothing
variants:
  - { id: nothing, command: [/bin/true], output: none }
measure: { warmup: 0, runs: 200, count: false }
YAML
cat > second.yaml <<'YAML'
name: second
variants:
  - { id: second, command: [sh, -c, "i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done"] }
measure: { warmup: 0, runs: 1, count: false, sample_every: 10 ms }
YAML

ratios=()
for round in 1 2 3 4 5; do
  begin=$(date +%s%N)
  hyperfine -N --warmup 0 --runs 200 --export-json hyperfine.json /bin/true > /dev/null 2>&1
  middle=$(date +%s%N)
  "$plimsoll" run nothing.yaml --no-sampler --no-caps --progress none > /dev/null
  end=$(date +%s%N)
  python3 - "$begin" "$middle" "$end" <<'PY'
import json, sys
begin, middle, end = map(int, sys.argv[1:])
theirs = json.load(open("hyperfine.json"))["results"][0]
ours = json.load(open("reports/nothing.default/result.json"))["variants"][0]["metrics"]["wall"]
print(f"200 runs: hyperfine {(middle - begin) / 1e6:.0f} ms, plimsoll {(end - middle) / 1e6:.0f} ms, "
      f"ratio {(end - middle) / (middle - begin):.2f}; "
      f"median wall: hyperfine {theirs['median'] * 1e3:.3f} ms, plimsoll {ours['median'] * 1e3:.3f} ms")
PY
done
"$plimsoll" run second.yaml --progress none > /dev/null
python3 - <<'PY'
import json
trial = json.loads(open("reports/second.default/trials.jsonl").readline())
step = trial["steps"][0]
line = step["timeline"]
print(f"sampler at {line['interval'] * 1e3:.0f} ms: {len(line['samples'])} samples in {step['wall']:.2f} s, "
      f"{100 * line['cost'] / step['wall']:.2f} % of a core")
PY
