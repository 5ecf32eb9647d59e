#!/usr/bin/env bash
# Real gates on this machine: does a program fail against itself while another process loads one core on and
# off, and is more work found? Commands do exact work, not exact time. Prints a table; exits 1 where
# more gates erred than may. Needs a release build and python3; the whole takes about an hour at most.
# usage: scripts/gates.sh [--gates N] [--only KIND]     (20 of each kind; five times as many of memory)
set -euo pipefail
cd "$(dirname "$0")/.."
plimsoll=${PLIMSOLL:-$PWD/target/release/plimsoll}
gates=20
only=
while [ $# -gt 0 ]; do
  case $1 in
    --gates) gates=$2; shift 2 ;;
    --only) only=$2; shift 2 ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
  esac
done
mkdir -p target
dir=$(mktemp -d "$PWD/target/gates.XXXXXX")
load=
quiet() { [ -z "$load" ] || kill -- "-$load" 2>/dev/null || true; load=; }
trap 'quiet; rm -rf "$dir"' EXIT
cd "$dir"

# One core busy for one to four seconds, then idle for as long, in a process group of its own.
disturb() {
  setsid bash -c 'while :; do
    timeout $((RANDOM % 4 + 1)) sh -c "while :; do :; done" || true
    sleep $((RANDOM % 4 + 1))
  done' > /dev/null 2>&1 &
  load=$!
}

# loop COUNT: a shell's loop, 20 ms on a machine of 2026. touch KIBIBYTES [COUNT]: as much memory, filled so often.
loop() { printf '[sh, -c, "i=0; while [ $i -lt %s ]; do i=$((i+1)); done"]' "$1"; }
touched() { printf '[dd, if=/dev/zero, of=/dev/null, bs=%sK, count=%s, status=none]' "$1" "${2:-1}"; }

# kind KIND N WANTED ALLOWED METRIC BOUND RUNS BASELINE VARIANT: N gates; ALLOWED may not end as WANTED says.
kind() {
  local kind=$1 n=$2 wanted=$3 allowed=$4 metric=$5 bound=$6 runs=$7 a=$8 b=$9
  [ -z "$only" ] || [ "$only" = "$kind" ] || return 0
  for gate in $(seq "$n"); do
    cat > "$kind.yaml" <<YAML
name: $kind
variants:
  - { id: a, baseline: true, command: $a, output: none }
  - { id: b, command: $b, output: none }
measure: { warmup: 1, runs: $runs, count: false, seed: $gate }
limits: { total: 5 min }
targets:
  - { metric: $metric, variant: b, at_most: $bound x baseline }
YAML
    "$plimsoll" run "$kind.yaml" --progress none --out "out" > "$kind.txt" 2>&1 || [ $? -le 4 ] || { cat "$kind.txt" >&2; exit 2; }
    python3 - "$kind" "$wanted" "$allowed" "$metric" "out/$kind.default/result.json" >> gates.jsonl <<'PY'
import json, sys
kind, wanted, allowed, metric, path = sys.argv[1:]
result = json.load(open(path))
verdict = result["verdicts"][0]
runs = [v["metrics"][metric]["n"] for v in result["variants"]]
print(json.dumps({"kind": kind, "wanted": wanted, "allowed": int(allowed), "verdict": verdict["verdict"],
                  "evidence": verdict["evidence"], "pairs": min(runs), "seconds": result["elapsed"]}))
PY
    tail -n 1 gates.jsonl | python3 -c 'import json, sys
g = json.load(sys.stdin)
print("{kind:<16} {verdict:<12} {seconds:6.1f} s  {evidence}".format(**g), file=sys.stderr)'
  done
}

many='{ min: 6, max: 4000 }'
disturb
kind same-cpu "$gates" not-fail 0 wall 1.02 "$many" "$(loop 24000)" "$(loop 24000)"
kind same-memory "$gates" not-fail 0 wall 1.02 "$many" "$(touched 32768 6)" "$(touched 32768 6)"
quiet
kind more-work "$gates" fail $((gates / 20)) wall 1.02 "$many" "$(loop 24000)" "$(loop 26400)"
kind more-memory $((5 * gates)) fail 0 peak_rss 1.01 3 "$(touched 65536)" "$(touched 66847)"
kind same-peak $((5 * gates)) pass 0 peak_rss 1.01 3 "$(touched 65536)" "$(touched 65536)"

python3 - <<'PY'
import json, statistics, sys
gates = [json.loads(line) for line in open("gates.jsonl")]
print(f"{'gates':<14} {'wanted':<9} {'pass':>5} {'fail':>5} {'open':>5}   pairs (median, most)   seconds (median, most)")
erred = False
for kind in dict.fromkeys(g["kind"] for g in gates):
    own = [g for g in gates if g["kind"] == kind]
    n = {v: sum(g["verdict"] == v for g in own) for v in ("pass", "fail", "inconclusive")}
    wanted = own[0]["wanted"]
    bad = n["fail"] if wanted == "not-fail" else len(own) - n[wanted]
    erred |= bad > own[0]["allowed"]
    pairs, seconds = ([g[k] for g in own] for k in ("pairs", "seconds"))
    print(f"{kind:<14} {wanted:<9} {n['pass']:>5} {n['fail']:>5} {n['inconclusive']:>5}   "
          f"{statistics.median(pairs):>8.0f} {max(pairs):>8.0f}      {statistics.median(seconds):>8.1f} {max(seconds):>8.1f}")
sys.exit(erred)
PY
