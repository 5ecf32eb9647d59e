#!/usr/bin/env bash
# What a sampled heap profile costs: ortho's baseline without it, without it again as a control, and with it, all three
# at once on one core. They take turns of milliseconds there, so that whatever slows one slows the others; in turns of
# whole runs they differ by a tenth from run to run. CPU time and peak memory, as medians of the ratios of rounds. With
# heaptrack installed, the same search under it too, once, against the same binary without it.
# Usage: scripts/profile-cost.sh [SENTENCES [ROUNDS [EVERY]]], 16000 (size `full`: 9 GiB together), 6 and 524288 where
# not said.
# Needs release builds: cargo build --release; cargo build --release -p plimsoll-ortho --example in_memory
set -euo pipefail
cd "$(dirname "$0")/.."
sentences=${1:-16000}
rounds=${2:-6}
every=${3:-524288}
dir=$(mktemp -d "$PWD/target/profile-cost.XXXXXX")
trap 'rm -rf "$dir"' EXIT
python3 - "$PWD" "$dir" "$sentences" "$rounds" "$every" <<'PY'
import contextlib, json, math, os, shutil, signal, statistics, sys, time
root, directory, sentences, rounds, every = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
plimsoll, plain = f"{root}/target/release/plimsoll", f"{root}/target/release/examples/in_memory"
null = os.open("/dev/null", os.O_WRONLY)

def start(argv, **environment):
    return os.posix_spawnp(argv[0], argv, {"PATH": os.environ["PATH"], **environment},
                           file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])

def ended(process=-1):
    """Which process ended, its CPU seconds, and the peak resident bytes of the largest process it had."""
    pid, status, usage = os.wait4(process, 0)
    if status != 0:
        sys.exit(f"process {pid} ended with {os.waitstatus_to_exitcode(status)}")
    return pid, (usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

def run(argv, **environment):
    """CPU seconds, peak resident bytes and elapsed seconds."""
    begin = time.monotonic()
    _, figures = ended(start(argv, **environment))
    return *figures, time.monotonic() - begin

protocol = {
    "PLIMSOLL_WORKLOAD": "ortho", "PLIMSOLL_IMPLEMENTATION": "in-memory",
    "PLIMSOLL_PARAMS": json.dumps({"seed": 1, "vocabulary": 2000, "sentences": int(sentences)}),
    "PLIMSOLL_INPUTS": f"{directory}/inputs", "PLIMSOLL_SCRATCH": directory,
}
os.mkdir(f"{directory}/inputs")
run([plimsoll, "workload", "prepare"], **protocol)

def measured(name):
    if name != "profile":
        return start([plimsoll, "workload", "run"], **protocol, PLIMSOLL_INSTRUMENT="clock")
    output = f"{directory}/profile"
    open(output, "wb").close()
    return start([plimsoll, "workload", "run"], **protocol, PLIMSOLL_INSTRUMENT="profile",
                 PLIMSOLL_PROFILE_OUTPUT=output, PLIMSOLL_PROFILE_EVERY=every)

def median(name, ratios):
    """Says the median with its 95 % interval: order statistics, as if rounds were independent."""
    ratios = sorted(ratios)
    n = len(ratios)
    beyond = max((k for k in range(n) if 2 * sum(math.comb(n, i) for i in range(k + 1)) <= 0.05 * 2**n), default=None)
    interval = "too few rounds for an interval" if beyond is None else f"95 %: {ratios[beyond]:.4f} to {ratios[-1 - beyond]:.4f}"
    print(f"{name}, median of {n}: {statistics.median(ratios):.4f} ({interval}; {ratios[0]:.4f} to {ratios[-1]:.4f})", flush=True)

everywhere = os.sched_getaffinity(0)
os.sched_setaffinity(0, {max(everywhere)})
names = ["clock", "control", "profile"]
cpu, control, peak = [], [], []
for round in range(rounds):
    # Who starts first changes: the first and the last have the core to themselves for a while.
    turn = round % len(names)
    running = {measured(name): name for name in names[turn:] + names[:turn]}
    figures = {}
    try:
        while running:
            pid, figure = ended()
            figures[running.pop(pid)] = figure
    finally:
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    said = ", ".join(f"{name} {figures[name][0]:.2f} s" for name in names)
    print(f"round {round + 1}, CPU: {said}; peak {figures['profile'][1] / 2**20:.0f} MiB", flush=True)
    control.append(figures["control"][0] / figures["clock"][0])
    # Against both, of which each is as good as the other.
    cpu.append(2 * figures["profile"][0] / (figures["clock"][0] + figures["control"][0]))
    peak.append(2 * figures["profile"][1] / (figures["clock"][1] + figures["control"][1]))
median("CPU, profile / clock", cpu)
median("CPU, control / clock", control)
median("peak, profile / clock", peak)
os.sched_setaffinity(0, everywhere)
if shutil.which("heaptrack") and os.path.exists(plain):
    alone = run([plain, "2000", sentences])
    # The profiled process and the compressing of what it writes; its reading of call sites runs beside it.
    under = run(["heaptrack", "-o", f"{directory}/heaptrack", plain, "2000", sentences])
    for name, (seconds, bytes, elapsed) in ("without the harness", alone), ("under heaptrack", under):
        print(f"{name}: CPU {seconds:.2f} s, elapsed {elapsed:.2f} s, peak {bytes / 2**20:.0f} MiB", flush=True)
    print("heaptrack / without: CPU {:.2f}, peak {:.2f}, elapsed {:.2f}".format(*(u / a for a, u in zip(alone, under))))
PY
