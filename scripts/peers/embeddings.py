#!/usr/bin/env python3
"""The codes of the workload `embeddings` beside those of faiss, over the same vectors: bytes, recall, processor time.

Everybody gets the same generated vectors, trains and encodes them, and is asked query by query on one thread, by inner product
and without rescoring. In each round the codes take turns, in another order, each in a process of its own; figures are medians.
Recall is the share of the exact ten nearest that are among the ten found.

code      plimsoll                             faiss
sq8       a byte a value, range of a dimension IndexScalarQuantizer, QT_8bit
pq96      a byte for eight values              IndexPQ, 96 x 8 bits
pq192     a byte for four values               IndexPQ, 192 x 8 bits
signs     signs, asked with signs              IndexBinaryFlat: the same
binary    signs, asked with values             IndexRaBitQ: the same, and eight bytes of corrections

usage: scripts/peers/embeddings.py [--n N] [--queries Q] [--rounds R] [--code NAME]...
Builds the example `codes`, unless PLIMSOLL_CODES=PATH names it, and installs faiss into target/peers/embeddings-env. Vectors stay
in target/peers/embeddings-data. Ends with 1 where a code needs more bytes than faiss, finds less by more than 0.005, or takes more than
1.05 times the processor time of a query.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time

from environment import ROOT, end_of, entered, example, said

ENVIRONMENT = ROOT / "target/peers/embeddings-env"
DATA = ROOT / "target/peers/embeddings-data"
DIM, K = 768, 10
CODES = ["sq8", "pq96", "pq192", "signs", "binary"]
NEEDS = ["numpy==2.4.6", "faiss-cpu==1.15.1"]


def faiss_codes(code, directory, count):
    """What the example prints, of faiss."""
    import faiss
    import numpy as np

    base = np.fromfile(directory / "base.f32", np.float32).reshape(-1, DIM)
    queries = np.fromfile(directory / "queries.f32", np.float32).reshape(-1, DIM)[:count]
    if code == "signs":
        index = faiss.IndexBinaryFlat(DIM)
        base, queries = (np.packbits(rows >= 0, axis=1, bitorder="little") for rows in (base, queries))
        size = DIM // 8
    elif code == "binary":
        index = faiss.IndexRaBitQ(DIM, faiss.METRIC_INNER_PRODUCT)
        size = index.code_size
    elif code == "sq8":
        index = faiss.IndexScalarQuantizer(DIM, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        size = index.code_size
    else:
        index = faiss.IndexPQ(DIM, int(code[2:]), 8, faiss.METRIC_INNER_PRODUCT)
        size = index.pq.code_size
    began = time.process_time()
    if code != "signs":
        index.train(base)
    trained = time.process_time()
    index.add(base)
    encoded = time.process_time()
    faiss.omp_set_num_threads(1)
    index.search(queries[:1], K)
    began_search = time.process_time()
    found = [index.search(queries[at : at + 1], K)[1][0].tolist() for at in range(len(queries))]
    per_query = (time.process_time() - began_search) / len(queries)
    print(json.dumps({"bytes": size, "train": trained - began, "encode": encoded - trained, "query": per_query, "ids": found}))


def measured(command):
    # Threads that wait do not spin: what they burn would count.
    environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {ended.returncode}:\n  {end_of(ended.stderr)}")
    return json.loads(ended.stdout)


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join([row[0].ljust(widths[0]), row[1].ljust(widths[1]), *(cell.rjust(width) for cell, width in zip(row[2:], widths[2:]))]))


def natural(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=natural, default=100_000)
    parser.add_argument("--queries", type=natural, default=500)
    parser.add_argument("--rounds", type=natural, default=3)
    parser.add_argument("--code", action="append", choices=CODES)
    parser.add_argument("--faiss", choices=CODES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    entered(ENVIRONMENT, NEEDS)
    directory = DATA / f"{asked.n}-{asked.queries}"
    if asked.faiss:
        faiss_codes(asked.faiss, directory, asked.queries)
        return
    codes = example("plimsoll-embeddings", "codes", "PLIMSOLL_CODES")
    what = [codes, directory, str(asked.n), str(DIM), str(asked.queries)]
    if not (directory / "truth.u32").exists():
        said("generating vectors, and finding the truth")
        subprocess.run([*what, "vectors"], check=True)
    import numpy as np

    truth = np.fromfile(directory / "truth.u32", np.uint32).reshape(-1, K)
    runs = {(code, tool): [] for code in asked.code or CODES for tool in ("plimsoll", "faiss")}
    again = [sys.executable, __file__, "--n", str(asked.n), "--queries", str(asked.queries), "--faiss"]
    for at in range(asked.rounds):
        order = list(runs)
        random.Random(at).shuffle(order)
        for code, tool in order:
            run = measured([*what, code] if tool == "plimsoll" else [*again, code])
            found = run.pop("ids")
            run["recall"] = sum(len(set(ids) & set(true)) for ids, true in zip(found, truth.tolist())) / truth.size
            runs[code, tool].append(run)
            said(f"round {at + 1}: {code} of {tool}: {run['query'] * 1e3:.2f} ms a query, recall {run['recall']:.4f}")
    medians = {key: {name: statistics.median(run[name] for run in of) for name in of[0]} for key, of in runs.items()}
    print(f"{asked.n} x {DIM} vectors, {asked.queries} queries, medians of {asked.rounds} rounds\n")
    rows, worse = [["code", "tool", "bytes", "recall@10", "CPU ms a query", "x faiss", "train CPU s", "encode CPU s"]], []
    for (code, tool), of in medians.items():
        peer = medians[code, "faiss"]
        ratio = of["query"] / peer["query"]
        rows.append([code, tool, f"{of['bytes']:.0f}", f"{of['recall']:.4f}", f"{of['query'] * 1e3:.3f}", f"{ratio:.2f}", f"{of['train']:.2f}", f"{of['encode']:.2f}"])
        if tool == "plimsoll" and (of["bytes"] > peer["bytes"] or of["recall"] < peer["recall"] - 0.005 or ratio > 1.05):
            worse.append(code)
    table(rows)
    if worse:
        sys.exit(f"\nbehind faiss: {', '.join(worse)}")


if __name__ == "__main__":
    main()
