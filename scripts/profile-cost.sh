#!/usr/bin/env bash
# What a sampled heap profile costs: ortho's baseline with and without it in turns, each pair in the other order than
# the one before; CPU time, elapsed time and peak memory, as medians of the ratios of pairs. With heaptrack installed,
# the same search under it too, once, against the same binary without it.
# Usage: scripts/profile-cost.sh [SENTENCES [PAIRS [EVERY]]], 16000 (size `full`), 5 and 524288 where not said.
# Needs release builds: cargo build --release; cargo build --release -p plimsoll-ortho --example in_memory
set -euo pipefail
cd "$(dirname "$0")/.."
sentences=${1:-16000}
pairs=${2:-5}
every=${3:-524288}
dir=$(mktemp -d "$PWD/target/profile-cost.XXXXXX")
trap 'rm -rf "$dir"' EXIT
python3 - "$PWD" "$dir" "$sentences" "$pairs" "$every" <<'PY'
import json, math, os, shutil, statistics, sys, time
root, directory, sentences, pairs, every = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
plimsoll, plain = f"{root}/target/release/plimsoll", f"{root}/target/release/examples/in_memory"
null = os.open("/dev/null", os.O_WRONLY)

def run(argv, **environment):
    """CPU seconds, elapsed seconds, and peak resident bytes of the largest process."""
    begin = time.monotonic()
    pid = os.posix_spawnp(argv[0], argv, {"PATH": os.environ["PATH"], **environment},
                          file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{argv} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss * 1024

protocol = {
    "PLIMSOLL_WORKLOAD": "ortho", "PLIMSOLL_IMPLEMENTATION": "in-memory",
    "PLIMSOLL_PARAMS": json.dumps({"seed": 1, "vocabulary": 2000, "sentences": int(sentences)}),
    "PLIMSOLL_INPUTS": f"{directory}/inputs", "PLIMSOLL_SCRATCH": directory,
}
os.mkdir(f"{directory}/inputs")
run([plimsoll, "workload", "prepare"], **protocol)

def clock():
    return run([plimsoll, "workload", "run"], **protocol, PLIMSOLL_INSTRUMENT="clock")

def profile():
    output = f"{directory}/profile"
    open(output, "wb").close()
    return run([plimsoll, "workload", "run"], **protocol, PLIMSOLL_INSTRUMENT="profile",
               PLIMSOLL_PROFILE_OUTPUT=output, PLIMSOLL_PROFILE_EVERY=every)

def said(name, figures):
    cpu, wall, peak = figures
    print(f"{name}: CPU {cpu:.2f} s, elapsed {wall:.2f} s, peak {peak / 2**20:.0f} MiB", flush=True)

ratios = []
for pair in range(pairs):
    order = [("clock", clock), ("profile", profile)]
    figures = {name: job() for name, job in (order if pair % 2 == 0 else order[::-1])}
    for name in ("clock", "profile"):
        said(f"pair {pair + 1}, {name}", figures[name])
    ratios.append([p / c for c, p in zip(figures["clock"], figures["profile"])])
cpu, wall, peak = (statistics.median(r[i] for r in ratios) for i in range(3))
spread = sorted(r[0] for r in ratios)
print(f"profile / clock, median of {pairs} pairs: CPU {cpu:.3f} ({spread[0]:.3f} to {spread[-1]:.3f}), "
      f"elapsed {wall:.3f}, peak {peak:.3f}", flush=True)
# The ratios left out at either end of the median's 95 % interval: order statistics, as if pairs were independent.
beyond = max((k for k in range(pairs) if 2 * sum(math.comb(pairs, i) for i in range(k + 1)) <= 0.05 * 2**pairs), default=None)
if beyond is not None:
    print(f"95 % interval of the median: CPU {spread[beyond]:.3f} to {spread[-1 - beyond]:.3f}", flush=True)
if shutil.which("heaptrack") and os.path.exists(plain):
    alone = run([plain, "2000", sentences])
    said("without the harness", alone)
    # The profiled process and the compressing of what it writes; its reading of call sites runs beside it.
    under = run(["heaptrack", "-o", f"{directory}/heaptrack", plain, "2000", sentences])
    said("under heaptrack", under)
    print("heaptrack / without: CPU {:.2f}, elapsed {:.2f}, peak {:.2f}".format(*(u / a for a, u in zip(alone, under))))
PY
