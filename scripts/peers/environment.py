"""What scripts beside this one share: a virtual environment under `target/`, and examples of the project, built."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def said(message):
    print(message, file=sys.stderr, flush=True)


def end_of(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n  ".join(lines[-6:]) or "it says nothing"


def entered(environment, packages):
    """Goes on in the interpreter of this virtual environment, with these packages; makes it first."""
    python = environment / "bin/python"
    if pathlib.Path(sys.prefix).resolve() == environment.resolve():
        return
    if not python.exists() or subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode != 0:
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", environment], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if made.returncode != 0:
            sys.exit(
                f"no virtual environment with pip can be made in {environment}:\n  {end_of(made.stdout)}\n"
                "install your system's packages for `python3 -m venv` and pip (python3-venv, python3-pip)"
            )
    why = installed(python, packages)
    if why:
        sys.exit(why)
    os.execv(python, [python, *sys.argv])


def installed(python, packages):
    """Installs what is not there in these versions; the reason why it cannot be."""
    there = "import importlib.metadata as m, sys; [m.version(n) == v or sys.exit(1) for n, v in (a.split('==') for a in sys.argv[1:])]"
    if subprocess.run([python, "-c", there, *packages], capture_output=True).returncode == 0:
        return None
    said(f"installing {' '.join(packages)}")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    ended = subprocess.run(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode != 0:
        return f"{' '.join(packages)} cannot be installed (no wheel for this Python, no compiler, or no network):\n  {end_of(ended.stdout)}"
    return None


def example(package, name, variable):
    """The executable of a package's example, built now, unless the variable of the environment names it."""
    if variable in os.environ:
        return pathlib.Path(os.environ[variable])
    said(f"building the example `{name}`")
    build = ["cargo", "build", "--release", "--quiet", "-p", package, "--example", name, "--message-format=json"]
    try:
        ended = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        sys.exit(f"cargo is not installed; install Rust, or set {variable} to the example `{name}`, built elsewhere")
    for line in ended.stdout.splitlines() if ended.returncode == 0 else []:
        message = json.loads(line)
        if message.get("executable") and "example" in message["target"]["kind"]:
            return pathlib.Path(message["executable"])
    sys.exit(f"the example `{name}` does not build")
