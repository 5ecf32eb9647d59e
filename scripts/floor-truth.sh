#!/usr/bin/env bash
# Holds measured floors against programs that touch N MiB beyond a base that is measured too: the same
# program with N = 0. Needs memory caps enforced by the kernel (`plimsoll doctor`) and 2 GiB to spare.
#
#   scripts/floor-truth.sh [N...]      (default: 64 200 1000; PROFILE=dev for a debug build)
#
# A page that is touched costs more than its own 4 KiB: its entry in a page table takes 8 bytes of
# kernel memory, which the kernel charges to the same cap. So the true floor is N + N/512 + base. Both
# are held against the interval.
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
    for n in 0 "${sizes[@]}"; do
        echo "  - { id: n$n, command: [$fixture, hold, \"$((n << 20))\"], output: none }"
    done
} > floor-truth.yaml
"$plimsoll" floor floor-truth.yaml --progress none > summary.txt || { cat summary.txt; exit 1; }
python3 - <<'PY'
import json, sys

MIB = 1 << 20
floors = {v["id"]: v["floor"] for v in json.load(open("reports/floor-truth.default.floor/result.json"))["variants"]}
base = floors.pop("n0")
print(f"base (N = 0): fails at {base['fails_at'] / 1024:.0f} KiB, passes at {base['passes_at'] / 1024:.0f} KiB, "
      f"{base['caps']} caps in {len(base['attempts'])} trials")
print("     N     N + base  with page tables     fails at    passes at   width  caps  trials  N + base  true floor")
ok = True
for name, floor in floors.items():
    n = int(name[1:]) * MIB
    plain = [n + base["fails_at"], n + base["passes_at"]]
    true = [edge + n // 512 for edge in plain]
    fails, passes = floor["fails_at"], floor["passes_at"]
    width = (passes - fails) / passes
    inside = [fails < edges[0] and edges[1] <= passes for edges in (plain, true)]
    ok &= all(inside) and width <= 0.02 and floor["caps"] <= 15
    word = ["outside", "inside"]
    print(f"{name[1:]:>6} {plain[1] / MIB:>12.3f} {true[1] / MIB:>17.3f} {fails / MIB:>12.3f} {passes / MIB:>12.3f} "
          f"{100 * width:>5.2f} % {floor['caps']:>5} {len(floor['attempts']):>7}  {word[inside[0]]:>8}  {word[inside[1]]:>10}")
print("all sizes in MiB; inside: the whole of base's own interval, moved by N, lies in the floor's")
sys.exit(0 if ok else 1)
PY
