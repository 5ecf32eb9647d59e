#!/usr/bin/env python3
"""The index of the workload `vectors` beside hnswlib, usearch and faiss: built, asked, and compared at equal recall.

Everybody gets the same generated vectors (1,536 dimensions), M = 48, ef_construction = 200 and as many threads; in each round
the tools take turns, in another order, each in a process of its own. Queries are asked one by one on one thread. What was
found is judged here, for all of them alike: by exact distances, against the exact scan's.

plimsoll     codes of eight bits, answers from the 32-bit vectors in their file; saved and mapped before it is asked
hnswlib-f32  usearch-f32  faiss-flat (HNSW48)   32-bit vectors in memory
usearch-i8   faiss-sq8 (HNSW48, SQ8)            codes of eight bits, and answers from them

Memory is anonymous resident memory, looked at every 5 ms during the build: vectors are read from a mapped file, whose
pages do not count. What was there before is the interpreter's. "call" is what a call from Python takes of each query's time.

usage: scripts/peers/vectors.py [--n N] [--profile standard|hard] [--threads T] [--rounds R] [--queries Q] [--tool NAME]...
Builds the example `index`, unless PLIMSOLL_INDEX=PATH names it, and installs the peers into target/peers/vectors-env: a peer
that cannot be installed, or fails, is said, and left out. Vectors stay in target/peers/vectors-data. Linux only.
"""

import argparse
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from environment import ROOT, end_of, entered, example, installed, said

ENVIRONMENT = ROOT / "target/peers/vectors-env"
DATA = ROOT / "target/peers/vectors-data"
DIM, K = 1536, 10
EFS = [16, 24, 32, 48, 64, 100, 200]
RECALLS = [0.99, 0.999]
# usearch has its kernels from numkong.
NEEDS = {
    "plimsoll": [],
    "hnswlib-f32": ["hnswlib==0.8.0"],
    "usearch-f32": ["usearch==2.26.6", "numkong==7.8.6"],
    "usearch-i8": ["usearch==2.26.6", "numkong==7.8.6"],
    "faiss-flat": ["faiss-cpu==1.15.1"],
    "faiss-sq8": ["faiss-cpu==1.15.1"],
}
NUMPY = ["numpy==2.4.6"]


def prepared(index, asked):
    """The files of vectors, and each query's tenth nearest distance."""
    known = DATA / f"truth-{asked.n}-{asked.profile}-{asked.queries}.json"
    inputs = json.loads(known.read_text()) if known.exists() else {}
    if not all(os.path.exists(inputs.get(what, "")) for what in ("base", "queries")):
        said("generating vectors, and finding the truth")
        what = [index, DATA, asked.n, DIM, asked.profile, asked.threads, asked.queries, "--prepare"]
        ended = subprocess.run([str(part) for part in what], stdout=subprocess.PIPE, text=True)
        if ended.returncode != 0:
            sys.exit("the vectors cannot be generated")
        partial = known.with_suffix(".partial")
        partial.write_text(ended.stdout)
        partial.replace(known)
        inputs = json.loads(ended.stdout)
    return inputs["base"], inputs["queries"], inputs["tenth"]


class Memory(threading.Thread):
    """The most anonymous memory of a process while it builds, in MB, and its peak of all pages at the end of that."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status, self.building, self.ended = f"/proc/{pid}/status", False, False
        self.anonymous = self.resident = 0

    def look(self):
        try:
            with open(self.status) as file:
                fields = dict(line.split(":", 1) for line in file)
            self.anonymous = max(self.anonymous, int(fields["RssAnon"].split()[0]))
            self.resident = max(self.resident, int(fields["VmHWM"].split()[0]))
        except (OSError, KeyError):
            pass  # It has ended.

    def run(self):
        while not self.ended:
            if self.building:
                self.look()
            time.sleep(0.005)


def measured(command, base, queries, tenth):
    """What a run of a tool says and takes; or why it failed."""
    # Threads that wait do not spin: what they burn would count as the build's.
    environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        memory = Memory(process.pid)
        memory.start()
        run = {"call_ms": 0.0, "ef": {}}
        for line in process.stdout:
            if not line.startswith("{"):
                continue  # A library's own words.
            told = json.loads(line)
            if told.get("at") == "call":
                run["call_ms"] = told["ms"]
            elif told.get("at") == "building":
                run["before_mb"] = told["anon_kb"] / 1e3 * 1.024
                memory.building = True
            elif told.get("at") == "built":
                memory.building = False
                memory.look()
                run |= {"cpu_s": told["cpu_s"], "wall_s": told["wall_s"]}
                run |= {"anon_mb": memory.anonymous / 1e3 * 1.024, "peak_mb": memory.resident / 1e3 * 1.024}
            else:
                run["ef"][told["ef"]] = {"ids": told["ids"], "ms": sorted(told["ms"])}
        memory.ended = True
        if process.wait() != 0 or len(run["ef"]) != len(EFS):
            errors.seek(0)
            return None, f"it ended with {process.returncode}:\n  {end_of(errors.read())}"
    for found in run["ef"].values():
        ms = found.pop("ms")
        found["mean"], found["p95"] = statistics.fmean(ms), ms[math.ceil(len(ms) * 0.95) - 1]
        found["recall"] = recall(base, queries, found.pop("ids"), tenth)
    return run, None


def recall(base, queries, answers, tenth):
    """The share of answers that are no farther than the true tenth, each vector counted once. Distances are exact: in double
    precision, added from the first coordinate on, as the exact scan adds them."""
    import numpy as np

    right = 0
    for query, ids, most in zip(queries, answers, tenth):
        rows = base[sorted({id for id in ids[:K] if 0 <= id < len(base)})].astype(np.float64)
        distances = np.cumsum((rows - query.astype(np.float64)) ** 2, axis=1)[:, -1]
        right += int((distances <= most).sum())
    return right / (K * len(tenth))


def at_recall(curve, recall, what):
    """Latency where recall is reached, on the straight line between its two neighbours of ef; as text and number.
    "<=" where the least ef has more recall than that already."""
    last = None
    for ef in EFS:
        found = curve[ef]
        if found["recall"] >= recall:
            if last is None:
                return f"<={found[what]:.3f}", found[what]
            share = (recall - last["recall"]) / (found["recall"] - last["recall"])
            value = last[what] + share * (found[what] - last[what])
            return f"{value:.3f}", value
        last = found
    return "not reached", None


def medians(runs):
    """Of every figure, its median over the rounds."""
    first = runs[0]
    if isinstance(first, dict):
        return {key: medians([run[key] for run in runs]) for key in first}
    return statistics.median(runs)


def table(head, rows):
    rows = [head, *rows]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [str(cell).rjust(width) for cell, width in zip(row, widths)]
        print("  ".join([str(row[0]).ljust(widths[0]), *cells[1:]]))
    print()


def report(asked, results):
    print(
        f"{asked.n} x {DIM} vectors, profile {asked.profile}; {asked.threads} threads to build, 1 to ask; {asked.queries} queries; "
        f"medians of {asked.rounds} round{'s'[: asked.rounds > 1]}\n"
    )
    tools = {name: medians(runs) for name, runs in results.items()}
    print("Build, and the latency of a call from Python that is part of every query's")
    table(
        ["tool", "vectors/CPU-s", "CPU s", "wall s", "peak anon MB", "before it", "with file pages", "call ms"],
        [
            [name, f"{asked.n / of['cpu_s']:.0f}", f"{of['cpu_s']:.1f}", f"{of['wall_s']:.1f}", f"{of['anon_mb']:.0f}",
             f"{of['before_mb']:.0f}", f"{of['peak_mb']:.0f}", f"{of['call_ms']:.3f}" if of["call_ms"] else "-"]
            for name, of in tools.items()
        ],
    )
    for title, what, digits in (
        ("recall@10 by exact distance, at ef", "recall", 4),
        ("mean latency in ms, at ef", "mean", 3),
        ("p95 of latency in ms, at ef", "p95", 3),
    ):
        print(title)
        table(["tool", *EFS], [[name, *(f"{of['ef'][ef][what]:.{digits}f}" for ef in EFS)] for name, of in tools.items()])
    print("Latency in ms at equal recall, and as a multiple of plimsoll's")
    head, rows = ["tool"], {name: [name] for name in tools}
    for wanted in RECALLS:
        for what in ("mean", "p95"):
            head += [f"{what} at {wanted}", "x"]
            ours = at_recall(tools["plimsoll"]["ef"], wanted, what)[1] if "plimsoll" in tools else None
            for name, of in tools.items():
                text, value = at_recall(of["ef"], wanted, what)
                rows[name] += [text, f"{value / ours:.1f}" if value and ours else "-"]
    table(head, rows.values())


def natural(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=natural, default=20_000)
    parser.add_argument("--profile", choices=["standard", "hard"], default="standard")
    parser.add_argument("--threads", type=natural, default=2)
    parser.add_argument("--rounds", type=natural, default=3)
    parser.add_argument("--queries", type=natural, default=1000)
    parser.add_argument("--tool", action="append", choices=NEEDS)
    asked = parser.parse_args()
    if asked.n < K:
        parser.error(f"--n must be at least {K}: so many neighbours are asked for")
    DATA.mkdir(parents=True, exist_ok=True)
    entered(ENVIRONMENT, NUMPY)
    wanted = [name for name in NEEDS if not asked.tool or name in asked.tool]
    commands, reasons, index = {}, {}, example("plimsoll-vectors", "index", "PLIMSOLL_INDEX")
    base, queries, tenth = prepared(index, asked)
    for name in wanted:
        packages = tuple(NEEDS[name])
        if packages not in reasons:
            reasons[packages] = installed(sys.executable, packages)
        if reasons[packages]:
            said(f"left out: {name}: {reasons[packages]}")
        elif name == "plimsoll":
            what = [index, DATA, asked.n, DIM, asked.profile, asked.threads, asked.queries, "--json"]
            commands[name] = [str(part) for part in what]
        else:
            what = [sys.executable, ROOT / "scripts/peers/vectors_peer.py", name, base, queries, asked.threads, *EFS]
            commands[name] = [str(part) for part in what]
    sys.dont_write_bytecode = True
    from vectors_peer import mapped

    base, queries = mapped(base), mapped(queries)
    results = {name: [] for name in commands}
    for at in range(asked.rounds):
        order = list(commands)
        random.Random(at).shuffle(order)
        for name in order:
            if name not in results:
                continue
            run, why = measured(commands[name], base, queries, tenth)
            if why:
                said(f"left out: {name}: {why}")
                del results[name]
                continue
            results[name].append(run)
            said(f"round {at + 1}: {name}: {asked.n / run['cpu_s']:.0f} vectors per CPU-second, recall {run['ef'][64]['recall']:.4f} at ef 64")
    if not results:
        sys.exit("nothing could be measured")
    report(asked, results)


if __name__ == "__main__":
    main()
