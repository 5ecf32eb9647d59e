#!/usr/bin/env python3
"""The workload `umi` beside `fgumi group` and `umi_tools group`, on the same generated files.

fgumi: the same records and metrics are asked for, so their digests are compared (by the example `canonical`), and CPU time,
elapsed time and peak resident memory are set side by side. In each round all take turns, in another order. Level 1 of
compression for all; `fgumi` is run without `--threads` where one thread is asked for, as it then is quickest.

many    position groups of some eight templates, strategy identity
deep    nine tenths of the templates in one to four position groups, strategy identity
paired  UMIs of two halves, 40,000 templates at one position (for 80,000 records), strategy paired; and identity, for
        what the rest takes: what the strategy itself takes is the difference of the two

UMI-tools: the same sets are asked for, under the numbers of either. Both mean the same where
- both ends of a template lie where its position and template length say: UMI-tools takes read 1's position and strand, and
  with `--paired` the template length; `fgumi` and we both unclipped ends. The generated reads have no clips, and the shape
  `many` has templates of both orientations, which both tell apart;
- all templates pass our filters, which UMI-tools does not have: those with an N in the UMI or mapping quality 0 are taken out
  beforehand;
- sets are unions of equal UMIs (`unique`, identity) or of all that are linked (`cluster`, edit). UMI-tools' directional
  method has another threshold than the strategy adjacency.
UMI-tools gets the file sorted by coordinate and indexed, as it needs it; sorting is not counted.

usage: scripts/peers/umi.sh [--many N] [--deep N] [--paired N] [--umi-tools N] [--rounds R] [--threads T]... [--variant ID]...
N is a number of records, 0 leaves the part out. Files are generated into target/peers/umi-data, and stay there.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "target/peers/umi-data"
EXAMPLES = ROOT / "target/release/examples"
FGUMI = pathlib.Path(os.environ.get("FGUMI", ROOT / "target/peers/fgumi/bin/fgumi"))
UMI_TOOLS = pathlib.Path(sys.prefix) / "bin/umi_tools"
VARIANTS = ["per-group", "compact", "bounded"]
# With this seed the first position of the shape dual-paired has 40,000 templates.
SHAPES = {
    "many": {"shape": "many", "seed": 20261122},
    "deep": {"shape": "deep", "seed": 20261122},
    "paired": {"shape": "dual-paired", "seed": 1},
}
STRATEGIES = {"many": ["identity"], "deep": ["identity"], "paired": ["paired", "identity"]}
METHODS = {"unique": "identity", "cluster": "edit"}


def said(message):
    print(message, file=sys.stderr, flush=True)


def end_of(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n  ".join(lines[-6:]) or "it says nothing"


def generated(params):
    """The directory of a generated file, made once; by its name."""
    place = DATA / "-".join(str(params[key]) for key in ("shape", "records", "seed"))
    if not (place / "input.bam").exists():
        said(f"generating {params['records']} records of the shape {params['shape']}")
        subprocess.run([EXAMPLES / "group", "prepare", "1", place, json.dumps(params)], check=True, stdout=subprocess.DEVNULL)
    return place


def ours(variant, threads, place, params, output):
    return [EXAMPLES / "group", variant, threads, place, json.dumps(params), output]


def fgumi(threads, place, strategy, output):
    more = ["--threads", threads] if threads > 1 else []
    return [FGUMI, "group", "-i", place / "input.bam", "-o", output, "-M", output, "-s", strategy, "--compression-level", 1, *more]


def measured(command):
    """CPU seconds, elapsed seconds and peak MB of a command; or why it failed. GNU time starts it: a process begins with the
    peak of the one that it is forked from, and Python's is above that of what is measured."""
    with tempfile.TemporaryDirectory() as place:
        peak, errors = pathlib.Path(place, "peak"), pathlib.Path(place, "errors")
        with errors.open("w") as log:
            begin = time.perf_counter()
            command = ["time", "-q", "-f", "%M", "-o", peak, *command]
            # What failed is said in a line; backtraces would hide it.
            environment = os.environ | {"RUST_BACKTRACE": "0"}
            process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=log, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            return None, f"it ended with {process.returncode}:\n  {end_of(errors.read_text(errors='replace'))}"
        return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "peak": int(peak.read_text()) * 1024 / 1e6}, None


def canonical(output):
    """Header and records, and metrics, of a grouped file, which is removed."""
    ended = subprocess.run([EXAMPLES / "canonical", output], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for file in output.parent.glob(f"{output.name}*"):
        file.unlink()
    if ended.returncode != 0:
        return f"unreadable: {end_of(ended.stderr)}", ""
    records, _, metrics = ended.stdout.partition("family_sizes.txt\n")
    return records, metrics


def compared(asked, name, strategy, records):
    """All tools in turn on one file; of each, the medians, and what its output is."""
    params = SHAPES[name] | {"records": records}
    place = generated(params)
    runs = {}
    for threads in asked.threads:
        if FGUMI.exists():
            runs["fgumi", threads] = lambda output, threads=threads: fgumi(threads, place, strategy, output)
        for variant in asked.variant:
            given = params | {"strategy": strategy}
            runs[variant, threads] = lambda output, key=(variant, threads): ours(*key, place, given, output)
    figures, outputs = {key: [] for key in runs}, {}
    output = place / "grouped.bam"
    for at in range(asked.rounds):
        order = list(runs)
        random.Random(at).shuffle(order)
        for key in order:
            if key not in figures:
                continue
            figure, why = measured(runs[key](output))
            if why:
                said(f"left out: {key[0]} on {key[1]}: {why}")
                del figures[key]
                continue
            figures[key].append(figure)
            found = canonical(output)
            if outputs.setdefault(key, found) != found:
                said(f"{key[0]} on {key[1]} does not write the same twice")
            said(f"round {at + 1}: {name}, {strategy}: {key[0]} on {key[1]}: {figure['cpu']:.2f} CPU s, {figure['peak']:.0f} MB")
    return {key: {what: statistics.median(f[what] for f in all) for what in all[0]} for key, all in figures.items()}, outputs


def table(head, rows):
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths)]
        print("  ".join([row[0].ljust(widths[0]), *cells[1:]]))
    print()


def times(value, other):
    return f"{value / other:.3f}" if other else "-"


def against_fgumi(asked, name, records):
    took = {}
    for strategy in STRATEGIES[name]:
        figures, outputs = compared(asked, name, strategy, records)
        took[strategy] = figures
        print(f"{name}: {records} records, strategy {strategy}; medians of {asked.rounds}, and times fgumi's on as many threads")
        rows = []
        for (tool, threads), of in figures.items():
            base = figures.get(("fgumi", threads))
            reference, found = outputs.get(("fgumi", asked.threads[0])), outputs[tool, threads]
            same = ["-" if reference is None else "same" if a == b else "DIFFER" for a, b in zip(found, reference or found)]
            row = [tool, threads]
            for what, digits in (("cpu", 2), ("wall", 2), ("peak", 1)):
                row += [f"{of[what]:.{digits}f}", times(of[what], base and base[what])]
            rows.append([*row, *same])
        table(["tool", "threads", "CPU s", "x", "wall s", "x", "peak MB", "x", "header, records", "metrics"], rows)
    if name == "paired":
        print("paired: CPU s of the strategy itself: with it, less identity on the same file")
        rows = []
        for (tool, threads), of in took["paired"].items():
            if (tool, threads) in took["identity"]:
                rows.append([tool, threads, of["cpu"] - took["identity"][tool, threads]["cpu"]])
        base = {threads: cpu for tool, threads, cpu in rows if tool == "fgumi"}
        table(["tool", "threads", "CPU s", "x"], [[*row[:2], f"{row[2]:.3f}", times(row[2], base.get(row[1]))] for row in rows])


def without_filtered(records):
    """Directory of a generated file of the shape `many`, without what our filters take out, and the same sorted by coordinate."""
    import pysam

    params = SHAPES["many"] | {"records": records}
    place = DATA / f"unfiltered-{records}"
    if not (place / "by-coordinate.bam.bai").exists():
        source = generated(params)
        place.mkdir(parents=True, exist_ok=True)
        said("taking out what UMI-tools does not filter, and sorting")
        with pysam.AlignmentFile(source / "input.bam") as file:
            with pysam.AlignmentFile(place / "input.bam", "wb", template=file) as out:
                for record in file:
                    # Mates have the same UMI and mapping quality.
                    if record.mapping_quality > 0 and "N" not in record.get_tag("RX"):
                        out.write(record)
        pysam.sort("-o", str(place / "by-coordinate.bam"), str(place / "input.bam"))
        pysam.index(str(place / "by-coordinate.bam"))
    return place


def sets_of(pairs):
    """Sets of read names, whatever they are called."""
    sets = {}
    for name, molecule in pairs:
        sets.setdefault(molecule, []).append(name)
    return {tuple(sorted(names)) for names in sets.values()}


def sets_in(output):
    import pysam

    with pysam.AlignmentFile(output) as file:
        return sets_of((record.query_name, record.get_tag("MI")) for record in file if record.is_read1)


def sets_told(groups):
    with open(groups) as file:
        head = next(file).rstrip("\n").split("\t")
        name, molecule = head.index("read_id"), head.index("unique_id")
        rows = (line.rstrip("\n").split("\t") for line in file)
        return sets_of((row[name], row[molecule]) for row in rows)


def against_umi_tools(asked, records):
    if not UMI_TOOLS.exists():
        said(f"left out: UMI-tools: there is no {UMI_TOOLS}")
        return
    place = without_filtered(records)
    variant = asked.variant[-1]
    print(f"UMI-tools: {records} records of the shape many, less those that are filtered; one run each, on one thread")
    rows = []
    for method, strategy in METHODS.items():
        output, groups = place / "grouped.bam", place / "groups.tsv"
        command = [
            UMI_TOOLS, "group", "--stdin", place / "by-coordinate.bam", "--paired", "--extract-umi-method=tag", "--umi-tag=RX",
            f"--method={method}", "--edit-distance-threshold=1", "--no-sort-output", "--output-bam", "--stdout", output,
            "--group-out", groups, "--log", place / "log",
        ]
        theirs, why = measured(command)
        if why:
            said(f"left out: UMI-tools, {method}: {why}")
            continue
        expected = sets_told(groups)
        of_ours, why = measured(ours(variant, 1, place, {"strategy": strategy}, output))
        if why:
            sys.exit(f"{variant} failed on what UMI-tools has grouped: {why}")
        found = sets_in(output)
        canonical(output)
        common = len(expected & found)
        for tool, of, sets in ((f"umi_tools {method}", theirs, expected), (f"{variant} {strategy}", of_ours, found)):
            rows.append([
                tool, f"{of['cpu']:.2f}", times(of["cpu"], theirs["cpu"]), f"{of['wall']:.2f}", f"{of['peak']:.1f}",
                times(of["peak"], theirs["peak"]), len(sets), common, "same" if expected == found else "DIFFER",
            ])
    table(["tool", "CPU s", "x", "wall s", "peak MB", "x", "sets", "in common", "sets"], rows)


def natural(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("give 0 or more")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, records in {"many": 200_000, "deep": 200_000, "paired": 80_000, "umi-tools": 50_000}.items():
        parser.add_argument(f"--{name}", type=natural, default=records, metavar="N")
    parser.add_argument("--rounds", type=natural, default=3)
    parser.add_argument("--threads", type=natural, action="append")
    parser.add_argument("--variant", action="append", choices=VARIANTS)
    asked = parser.parse_args()
    asked.threads = asked.threads or [1, 2]
    asked.variant = asked.variant or ["per-group", "bounded"]
    if 0 in [asked.rounds, *asked.threads]:
        parser.error("rounds and threads are 1 or more")
    if not shutil.which("time"):
        sys.exit("peak memory is measured by GNU time, which is not installed; its package is `time`")
    if FGUMI.exists():
        version = subprocess.run([FGUMI, "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
        print(f"{version}; the records are those of 0.9.0\n")
    else:
        said(f"left out: fgumi: there is no {FGUMI}")
    for name in SHAPES:
        records = getattr(asked, name)
        if records:
            against_fgumi(asked, name, records)
    if asked.umi_tools:
        against_umi_tools(asked, asked.umi_tools)


if __name__ == "__main__":
    main()
