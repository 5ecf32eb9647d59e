#!/usr/bin/env bash
# Holds reported peaks against GNU time nested inside the measured command. Needs GNU time and a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
plimsoll=$PWD/target/release/plimsoll
dir=$(mktemp -d "$PWD/target/peak-truth.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
seq 1000000 | shuf --random-source=<(yes) > numbers.txt
cat > peak.yaml <<YAML
name: peak
variants:
  - id: sort
    command: [/usr/bin/time, -v, -o, "{output}", sort, --parallel=1, -S, 100M, $dir/numbers.txt, -o, /dev/null]
    output: { file: txt }
  - id: sort-small
    command: [/usr/bin/time, -v, -o, "{output}", sort, --parallel=1, -S, 5M, $dir/numbers.txt, -o, /dev/null]
    output: { file: txt }
measure: { warmup: 0, runs: 1, count: false }
YAML
"$plimsoll" run peak.yaml --keep-output kept --progress none > /dev/null
python3 - <<'PY'
import json, re
for variant in json.load(open("reports/peak.default/result.json"))["variants"]:
    said = open(f"kept/{variant['id']}.txt").read()
    theirs = int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", said).group(1)) * 1024
    ours = variant["metrics"]["peak_rss"]["max"]
    print(f"{variant['id']}: GNU time {theirs / 2**20:.2f} MiB, plimsoll {ours / 2**20:.2f} MiB, "
          f"difference {100 * (ours / theirs - 1):+.2f} %")
PY
