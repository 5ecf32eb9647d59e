#!/usr/bin/env python3
"""The same gate by plimsoll, hyperfine and criterion, side by side: false alarms and slow-downs found.

A gate asks whether a shell's loop of about 20 ms is slower than itself, or with 5 % or 10 % more turns than without.
Each tool gets the same time a gate, and the tools take turns, gate by gate. Under "load" another process loads one core
on and off. A `fail` counts: where nothing is slower it is a false alarm, elsewhere a find.

plimsoll   at_most: 1.02 x baseline, which may also end inconclusive
hyperfine  has no verdict: half of the time for each command, one after the other, then Welch's t-test of the two means as
           in its own scripts/welch_ttest.py; slower with p < 0.05 is a fail
criterion  --save-baseline with the one, --baseline with the other, noise threshold 2 %, p < 0.05; "regressed" is a fail

usage: scripts/peers/side-by-side.py [--gates N] [--seconds S] [--case same|same-load|5|10]... [--tool NAME]...
Needs a release build (`cargo build --release`) or PLIMSOLL=PATH. A tool that is not there is said, and left out.
"""

import argparse
import json
import math
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = {"same": (0, False), "same-load": (0, True), "5": (5, False), "10": (10, False)}
ASSUMED = {
    "plimsoll": "random order within each pair; nothing on the distribution",
    "hyperfine": "no drift between the two halves; normal means",
    "criterion": "no drift between the two sessions; independent samples",
}


def script(turns):
    return f"i=0; while [ $i -lt {turns} ]; do i=$((i+1)); done"


def typical(turns):
    """What a run takes just now, in seconds: the median of five of the 20 ms ones."""
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run(["sh", "-c", script(turns)], check=True)
        times.append(time.perf_counter() - begin)
    return sorted(times)[2]


def quiet(argv, **more):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def calibrated():
    """Turns that take 20 ms; the quickest of ten tries says."""
    tried, quickest = 20_000, math.inf
    for _ in range(10):
        begin = time.perf_counter()
        subprocess.run(["sh", "-c", script(tried)], check=True)
        quickest = min(quickest, time.perf_counter() - begin)
    return max(1, int(tried * 0.020 / quickest))


def plimsoll(place, binary, base, more, seconds, seed):
    (place / "gate.yaml").write_text(
        "name: gate\n"
        "variants:\n"
        f"  - {{ id: a, baseline: true, output: none, command: [sh, -c, '{script(base)}'] }}\n"
        f"  - {{ id: b, output: none, command: [sh, -c, '{script(more)}'] }}\n"
        f"limits: {{ total: {seconds} s }}\n"
        f"measure: {{ warmup: 1, runs: {{ min: 6, max: 4000 }}, count: false, seed: {seed + 1} }}\n"
        "targets: [{ metric: wall, variant: b, at_most: 1.02 x baseline }]\n"
    )
    ended = quiet([binary, "run", "gate.yaml", "--progress", "none"], cwd=place)
    if ended.returncode not in (0, 1):
        sys.exit(f"plimsoll failed:\n{ended.stdout}")
    result = json.loads((place / "reports/gate.default/result.json").read_text())
    return result["verdicts"][0]["verdict"]


def hyperfine(place, binary, base, more, seconds, seed):
    times = []
    for name, turns in (("a", base), ("b", more)):
        (place / name).write_text(script(turns))
        # The first runs say how many there is time for.
        runs = 10
        for final in (False, True):
            begin = time.perf_counter()
            out = place / f"{name}.json"
            ended = quiet([binary, "-N", "--warmup", "1", "--runs", str(runs), "--export-json", out, f"sh {place / name}"])
            if ended.returncode != 0:
                sys.exit(f"hyperfine failed:\n{ended.stdout}")
            spent = time.perf_counter() - begin
            if not final:
                runs = max(10, int((seconds / 2 - spent) / (spent / (runs + 1))))
        times.append(json.loads(out.read_text())["results"][0]["times"])
    a, b = times
    p, slower = welch(a, b)
    return "fail" if slower and p < 0.05 else "pass"


def criterion(place, binary, base, more, seconds, seed):
    said = ""
    home = place / "criterion"
    shutil.rmtree(home, ignore_errors=True)
    for turns, how in ((base, "--save-baseline"), (more, "--baseline")):
        # Its analysis takes time, too.
        environment = os.environ | {
            "CRITERION_HOME": str(home),
            "PEER_SCRIPT": script(turns),
            "PEER_SECONDS": str(max(0.5, seconds / 2 - 0.5)),
            "PEER_TYPICAL": str(typical(base)),
        }
        ended = quiet([binary, "--bench", how, "base"], cwd=place, env=environment)
        if ended.returncode != 0:
            sys.exit(f"criterion failed:\n{ended.stdout}")
        said = ended.stdout
    return "fail" if "Performance has regressed" in said else "pass"


def welch(a, b):
    """Welch's t-test: the two-sided p, and whether b's mean is above a's."""
    mean = lambda values: sum(values) / len(values)
    square = lambda values: sum((value - mean(values)) ** 2 for value in values) / (len(values) - 1) / len(values)
    va, vb = square(a), square(b)
    if va + vb == 0:
        return (1.0 if mean(a) == mean(b) else 0.0), mean(b) > mean(a)
    t = (mean(b) - mean(a)) / math.sqrt(va + vb)
    freedom = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)), t > 0


def incomplete_beta(a, b, x):
    """The regularized incomplete beta function, by its continued fraction (Abramowitz and Stegun, 26.5.8)."""
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1 - x)) / a
    fraction = 1.0
    for m in range(300, 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        fraction = 1 + odd / (1 + even / fraction)
    return front / fraction


class Load:
    """One core busy for one to four seconds, then idle for as long."""

    def __enter__(self):
        loop = "while :; do timeout $((RANDOM % 4 + 1)) sh -c 'while :; do :; done'; sleep $((RANDOM % 4 + 1)); done"
        self.process = subprocess.Popen(["bash", "-c", loop], start_new_session=True, stderr=subprocess.DEVNULL)

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def criterion_bench():
    """The bench's executable, built now; or why there is none."""
    if not shutil.which("cargo"):
        return None, "cargo is not installed"
    ended = subprocess.run(
        ["cargo", "bench", "--no-run", "--quiet", "--message-format=json", "--target-dir", ROOT / "target/peers"],
        cwd=ROOT / "scripts/peers/criterion", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    if ended.returncode != 0:
        return None, f"its bench does not build: {ended.stderr.strip()[-300:]}"
    for line in ended.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and "bench" in message["target"]["kind"]:
            return message["executable"], None
    return None, "cargo names no executable"


def tools(wanted):
    found = {}
    binary = pathlib.Path(os.environ.get("PLIMSOLL", ROOT / "target/release/plimsoll"))
    for name, run, get in (
        ("plimsoll", plimsoll, lambda: (binary, None) if binary.exists() else (None, f"there is no {binary}")),
        ("hyperfine", hyperfine, lambda: (shutil.which("hyperfine"), "it is not installed")),
        ("criterion", criterion, criterion_bench),
    ):
        if wanted and name not in wanted:
            continue
        executable, why = get()
        if executable:
            found[name] = (run, executable)
        else:
            print(f"left out: {name}: {why}", file=sys.stderr)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gates", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--tool", action="append", choices=ASSUMED)
    asked = parser.parse_args()
    found = tools(asked.tool)
    base = calibrated()
    (ROOT / "target").mkdir(exist_ok=True)
    tallies = {}
    with tempfile.TemporaryDirectory(dir=ROOT / "target", prefix="peers-") as place:
        for case in asked.case or CASES:
            percent, load = CASES[case]
            more = base + base * percent // 100
            for gate in range(asked.gates):
                order = list(found)
                random.Random(gate).shuffle(order)
                for name in order:
                    run, executable = found[name]
                    begin = time.perf_counter()
                    if load:
                        with Load():
                            verdict = run(pathlib.Path(place), executable, base, more, asked.seconds, gate)
                    else:
                        verdict = run(pathlib.Path(place), executable, base, more, asked.seconds, gate)
                    tally = tallies.setdefault((name, case), {"fail": 0, "gates": 0, "undecided": 0, "seconds": 0.0})
                    tally["gates"] += 1
                    tally["fail"] += verdict == "fail"
                    tally["undecided"] += verdict == "inconclusive"
                    tally["seconds"] += time.perf_counter() - begin
                    print(f"{case:<10}{name:<11}{verdict}", file=sys.stderr, flush=True)
    print(f"\n{base} turns of a shell's loop, {asked.seconds:g} s a gate and tool")
    print(f"{'tool':<11}{'case':<22}{'fail':>10}{'undecided':>11}{'s a gate':>10}  assumes")
    titles = {
        "same": "same, quiet", "same-load": "same, under load", "5": "+5 % more work", "10": "+10 % more work",
    }
    for (name, case), tally in sorted(tallies.items(), key=lambda item: (list(CASES).index(item[0][1]), item[0][0])):
        fail = f"{tally['fail']} of {tally['gates']}"
        seconds = tally["seconds"] / tally["gates"]
        print(f"{name:<11}{titles[case]:<22}{fail:>10}{tally['undecided']:>11}{seconds:>10.1f}  {ASSUMED[name]}")


if __name__ == "__main__":
    main()
