#!/usr/bin/env bash
# Holds the sampled heap profile of ortho's baseline against dhat's, at a size that both can run: bytes at the peak of
# dhat's top 5 call sites, and what the samples say of them, over several seeds.
# Usage: scripts/profile-accuracy.sh [SENTENCES [EVERY [SEEDS]]], 9500 (size `default`), 64 KiB and 5 where not said.
# The error of a call site is about the root of (its bytes times EVERY): at `full`, which holds eight times as much,
# 512 KiB give the relative errors that 64 KiB give here. Needs a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
plimsoll=$PWD/target/release/plimsoll
sentences=${1:-9500}
every=${2:-64 KiB}
seeds=${3:-5}
dir=$(mktemp -d "$PWD/target/profile-accuracy.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
scenario() {
  cat > "$1.yaml" <<YAML
name: $1
workload: ortho
params: { seed: 1, vocabulary: 2000, sentences: $sentences }
variants: [{ id: in-memory }]
limits: { wall: 60 min }
measure: { warmup: 0, runs: 1, sample_every: false, count: false, $2 }
YAML
}
scenario exact "dhat: { size: default }"
scenario sampled "profile: { every: $every }"
"$plimsoll" run exact.yaml --progress none > /dev/null
for seed in $(seq "$seeds"); do
  "$plimsoll" run sampled.yaml --seed "$seed" --out "seed-$seed" --progress none > /dev/null
done
python3 - "$every" "$seeds" <<'PY'
import json, re, statistics, sys
every, seeds = sys.argv[1], int(sys.argv[2])

def profile(path):
    return json.load(open(path))["variants"][0]["profile"]

def function(site):
    """The program's own function that allocates, without its line: dhat keeps a block that grew where it began."""
    own = [f for f in site["frames"] if not re.search(r"\((alloc|raw|hash|src|vec_deque|vec|raw_vec|map)/[^)]*\)$", f)
           or re.search(r"\((fifo|queue|tally)/", f)] or site["frames"]
    return re.sub(r" \([^)]*\)$", "", re.sub(r"<[^<>]*>", "", re.sub(r"<[^<>]*>", "", own[0])))

def by_function(profile):
    sums = {}
    for site in profile["sites"]:
        if not site.get("c"):
            error = (site.get("sampled") or {}).get("at_peak_error", 0)
            held, variance = sums.get(function(site), (0, 0))
            sums[function(site)] = (held + site["at_peak"], variance + error ** 2)
    return sums

exact = profile("reports/exact.default/result.json")
sampled = [profile(f"seed-{seed + 1}/sampled.default/result.json") for seed in range(seeds)]
print(f"heap at its peak: dhat {exact['at_peak'] / 2**20:.1f} MiB; sampled every {every}, by seed: "
      + ", ".join(f"{p['at_peak'] / 2**20:.1f} ± {p['sampled']['at_peak_error'] / 2**20:.1f}" for p in sampled) + " MiB")
truth = sorted(by_function(exact).items(), key=lambda item: -item[1][0])[:5]
sums = [by_function(p) for p in sampled]
for name, (held, _) in truth:
    of_seeds = [s.get(name, (0, 0)) for s in sums]
    mean = statistics.mean(h for h, _ in of_seeds)
    each = ", ".join(f"{100 * (h / held - 1):+.1f} %" for h, _ in of_seeds)
    error = statistics.mean(v for _, v in of_seeds) ** 0.5
    print(f"{held / 2**20:9.2f} MiB by dhat, {mean / 2**20:9.2f} by samples ({100 * (mean / held - 1):+.1f} %; "
          f"one seed ± {100 * error / held:.1f} %: {each})  {name}")
PY
