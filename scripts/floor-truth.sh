#!/usr/bin/env bash
# Holds measured floors against programs that touch N MiB beyond a base that is measured too: the same
# program when it only reads the N MiB, so that every page table is there and none of the pages is.
# (Tables take 8 bytes of each page of 4 KiB, and the kernel charges them to the same cap.)
# Needs memory caps enforced by the kernel (`plimsoll doctor`) and 2 GiB to spare.
#
#   scripts/floor-truth.sh [N...]      (default: 64 200 1000; PROFILE=dev for a debug build)
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${PROFILE:-release}
cargo build --quiet --profile "$profile" -p plimsoll-cli -p plimsoll-fixture
built=$PWD/target/$([ "$profile" = dev ] && echo debug || echo "$profile")
plimsoll=$built/plimsoll
fixture=$built/plimsoll-fixture
dir=$(mktemp -d "$PWD/target/floor-truth.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sizes=("${@:-}")
[ -n "${sizes[0]}" ] || sizes=(64 200 1000)
{
    echo "name: floor-truth"
    echo "variants:"
    for n in "${sizes[@]}"; do
        echo "  - { id: n$n, command: [$fixture, hold, \"$((n << 20))\"], output: none }"
        echo "  - { id: base$n, command: [$fixture, view, \"$((n << 20))\"], output: none }"
    done
} > floor-truth.yaml
"$plimsoll" floor floor-truth.yaml --progress none > summary.txt || { cat summary.txt; exit 1; }
python3 - <<'PY'
import json, sys

MIB = 1 << 20
floors = {v["id"]: v["floor"] for v in json.load(open("reports/floor-truth.default.floor/result.json"))["variants"]}
print("     N   base fails at  passes at    N + base       fails at    passes at   width  caps  trials  true floor")
ok = True
for name, floor in floors.items():
    if not name.startswith("n"):
        continue
    n = int(name[1:]) * MIB
    base = floors["base" + name[1:]]
    true = [n + base["fails_at"], n + base["passes_at"]]
    fails, passes = floor["fails_at"], floor["passes_at"]
    width = (passes - fails) / passes
    inside = fails < true[0] and true[1] <= passes
    ok &= inside and width <= 0.02 and floor["caps"] <= 15
    print(f"{name[1:]:>6} {base['fails_at'] / MIB:>15.3f} {base['passes_at'] / MIB:>10.3f} {true[1] / MIB:>11.3f} "
          f"{fails / MIB:>14.3f} {passes / MIB:>12.3f} {100 * width:>5.2f} % {floor['caps']:>5} {len(floor['attempts']):>7}  "
          f"{'inside' if inside else 'outside':>10}")
print("all sizes in MiB; inside: the whole of the base's own interval, moved by N, lies in the floor's")
sys.exit(0 if ok else 1)
PY
